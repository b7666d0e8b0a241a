"""The standard streams, which may be closed, full, or a pipe that nobody reads."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import StringIO

_MODES = {"stdin": "r", "stdout": "w", "stderr": "w"}  # in the order of their descriptors


@contextmanager
def standard_streams() -> Iterator[None]:
    """Open those that are closed, so that no file or socket gets their descriptors. An error of stdout that nobody
    handles is reported on stderr in one sentence, with exit code 1.
    """
    for descriptor, (name, mode) in enumerate(_MODES.items()):
        if getattr(sys, name) is None:
            _open_if_closed(descriptor)
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115, PTH123  until the end
    try:
        yield
        sys.stdout.flush()
    except OSError as error:
        say(f"Error: cannot write to stdout: {error.strerror}.")
        sys.exit(1)
    finally:
        for name in ("stdout", "stderr"):
            _give_up_if_broken(name)


def _open_if_closed(descriptor: int) -> None:
    try:
        os.fstat(descriptor)
    except OSError:
        opened = os.open(os.devnull, os.O_RDWR)
        if opened != descriptor:
            os.dup2(opened, descriptor)
            os.close(opened)


def say(text: str) -> None:
    """Write a line to stderr. The mock goes on if nobody can read it."""
    with suppress(OSError):
        print(text, file=sys.stderr, flush=True)


def _give_up_if_broken(name: str) -> None:
    """Drop what a stream could not write. Python would try again at its end, and change the exit code."""
    stream = getattr(sys, name)
    try:
        stream.flush()
    except OSError:
        setattr(sys, name, StringIO())
