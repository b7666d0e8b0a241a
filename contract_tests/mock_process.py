"""The mock as a child process, for runs that are given no deployment. The suite knows it by its commands only."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tracepass_contract.contract_tests.outcomes import Unreachable

PATIENCE_SECONDS = 10


@contextmanager
def running_mock(options: Sequence[str] = ()) -> Iterator[str]:
    """The base URL of a mock that serves for as long as the block lasts."""
    command = [sys.executable, "-m", "tracepass_contract.mockserver", "--port", "0", *options]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield base_url_of(process.stdout.readline())
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def base_url_of(line: str) -> str:
    """Of the line that a mock prints when it is ready. Raises `Unreachable` where it ended before."""
    if not line:
        raise Unreachable("the mock did not start; `tracepass-mock` by itself says why")
    found: str = json.loads(line)["base_url"]
    return found
