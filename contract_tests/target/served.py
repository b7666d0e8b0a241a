"""A mock as a child process, right or wrong on purpose."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .mock_process import running_mock


@contextmanager
def served(*options: str, mutant: str | None = None, log: Path | None = None) -> Iterator[str]:
    """Its base URL. `options` are those of the command line; `mutant` names one of `tracepass-mock mutants`."""
    wrong = ("--mutant", mutant) if mutant else ()
    with running_mock((*wrong, *options), log) as base_url:
        yield base_url
