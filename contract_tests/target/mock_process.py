"""The mock as a child process, for runs without a URL. The suite only uses its commands."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

from ..model.outcomes import Unreachable

PATIENCE_SECONDS = 10
_NEEDED_LATER = ("biip.checksums", "hypothesis.stateful", "openapi_core.validation.response")
COMMAND = [sys.executable, "-m", "tracepass_contract.mockserver"]


@contextmanager
def running_mock(options: Sequence[str] = (), log: Path | None = None) -> Iterator[str]:
    """The base URL of a mock that serves until the end of the block. Its stderr goes to `log`."""
    command = [*COMMAND, "--port", "0", *options]
    with (
        Path(os.devnull if log is None else log).open("ab") as said,
        subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said, text=True) as process,
    ):
        assert process.stdout is not None
        try:
            for each in _NEEDED_LATER:  # while the mock starts; both take about as long
                import_module(each)
            yield base_url_of(process.stdout.readline())
            if (code := process.poll()) is not None:
                said.write(exited_early(code))
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def exited_early(code: int | None) -> bytes:
    """The log line for a mock that exited early."""
    return f"CRITICAL the mock exited early with code {code}\n".encode()


def base_url_of(line: str) -> str:
    """The base URL in the first line of a mock's output. Raises `Unreachable` where there is no line."""
    if not line:
        raise Unreachable("the mock did not start; run `tracepass-mock` to see why")
    found: str = json.loads(line)["base_url"]
    return found


@contextmanager
def served(*options: str, mutant: str | None = None, log: Path | None = None) -> Iterator[str]:
    """The base URL of a mock with these command-line options, and with a fault of `tracepass-mock mutants`."""
    wrong = ("--mutant", mutant) if mutant else ()
    with running_mock((*wrong, *options), log) as base_url:
        yield base_url
