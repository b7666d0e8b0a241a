"""Odd servers that conform: the mock, each different in something that the documentation leaves to it.

They are made as the wrong ones are, and can stand together, with each other and with a fault:
`tracepass-mock --variant CV-46 --variant CV-09 --mutant IDM-01`. The suite must flag none of them.
"""

from collections.abc import Mapping
from functools import cache

from . import answers, decisions, network
from .variant import Variant

__all__ = ["Variant", "variants"]


@cache
def variants() -> Mapping[str, Variant]:
    """All odd servers by id."""
    return {each.id: each for module in (answers, decisions, network) for each in module.family.variants}
