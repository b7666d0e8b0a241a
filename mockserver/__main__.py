"""The process of `tracepass-mock`. Its commands are in `commands`."""

import gc
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

_UNUSED = ("charset_normalizer", "flask", "httpx._main")
"""What Connexion, requests and httpx import where it is installed, and do without where it is not. A server of an ASGI
application guesses no character set, has no Flask, and no command line of httpx: a tenth of the start.
"""


def main() -> None:
    """Run the command line. A start makes much that stays, so that the cyclic collector would look at it in vain:
    it rests until calls are served (`serving`).
    """
    gc.disable()
    with _as_if_not_installed(_UNUSED):
        from .cli import commands

    commands.main()


@contextmanager
def _as_if_not_installed(modules: Sequence[str]) -> Iterator[None]:
    """For this process only, whose libraries nobody else uses: in-process, a caller's own may need them."""
    warnings.filterwarnings("ignore", message="Unable to find acceptable character detection dependency")
    hidden = [each for each in modules if each not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # None: an import of it fails
    try:
        yield
    finally:
        for each in hidden:
            del sys.modules[each]


if __name__ == "__main__":
    main()
