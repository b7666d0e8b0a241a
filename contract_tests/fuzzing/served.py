"""A mock as a child process, right or wrong on purpose."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def served(*options: str, mutant: str | None = None) -> Iterator[str]:
    """Its base URL. `options` are those of the command line; `mutant` names one of `tracepass-mock mutants`."""
    wrong = ("--mutant", mutant) if mutant else ()
    command = [sys.executable, "-m", "tracepass_contract.mockserver", "--port", "0", *wrong, *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())["base_url"]
        finally:
            process.terminate()
