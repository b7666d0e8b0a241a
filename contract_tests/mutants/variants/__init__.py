"""Conforming variants: the mock, each with one difference that the documentation allows.

They are made like mutants, and can be combined with each other and with a fault: `tracepass-mock --variant CV-46
--variant CV-09 --mutant IDM-01`. The suite must report a violation for none of them.
"""

from collections.abc import Mapping
from functools import cache

from . import answers, decisions, network
from .variant import Variant

__all__ = ["Variant", "variants"]


@cache
def variants() -> Mapping[str, Variant]:
    """All conforming variants by id."""
    return {each.id: each for module in (answers, decisions, network) for each in module.family.variants}
