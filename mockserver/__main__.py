"""The process of `tracepass-mock`. `cli.commands` has its commands."""

import gc
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

_UNUSED = ("charset_normalizer", "flask", "httpx._main")
"""Optional modules of Connexion, requests and httpx. The mock does not need them, and they are a tenth of its start."""


def main() -> None:
    """Run the command line. The cyclic collector is off until the mock serves (`cli.serving`), because a start makes
    many objects that stay.
    """
    gc.disable()
    with _as_if_not_installed(_UNUSED):
        from .cli import commands
        from .cli.streams import standard_streams

    with standard_streams():
        commands.main()


@contextmanager
def _as_if_not_installed(modules: Sequence[str]) -> Iterator[None]:
    """Hide the modules. Only in this process: a program that imports the mock may need them."""
    warnings.filterwarnings("ignore", message="Unable to find acceptable character detection dependency")
    hidden = [each for each in modules if each not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # None makes an import fail
    try:
        yield
    finally:
        for each in hidden:
            del sys.modules[each]


if __name__ == "__main__":
    main()
