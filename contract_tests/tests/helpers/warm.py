"""Programs that are forked from a process which has imported the suite and the mock: a start is mostly imports."""

import os
import runpy
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from multiprocessing.context import ForkServerContext
from pathlib import Path
from tempfile import TemporaryDirectory

from tracepass_contract.contract_tests.mutants.matrix.forked_mock import PRELOADED, preloaded
from tracepass_contract.contract_tests.tests.helpers import noon  # noqa: F401  to import it moves the clocks

SECONDS_MAX = 300
_PRELOADED = (
    "tracepass_contract.contract_tests.cli.commands",
    "tracepass_contract.contract_tests.run.pytest_plugin",
    "tracepass_contract.contract_tests.tests.helpers.noon",
)
_STDOUT, _STDERR = 1, 2


@dataclass(frozen=True)
class Ended:
    """How a program ended, and what it wrote."""

    code: int
    stdout: str
    stderr: str


def run_module(module: str, *arguments: str, environment: Mapping[str, str] | None = None) -> Ended:
    """As `python -m module arguments`, with these variables beside those of this process. Raises `TimeoutError`."""
    with TemporaryDirectory() as folder:
        out, err = Path(folder) / "out", Path(folder) / "err"
        variables = {**os.environ, **(environment or {})}
        process = warm_context().Process(target=_be, args=(module, arguments, variables, out, err))
        process.start()
        process.join(SECONDS_MAX)
        code = process.exitcode
        if code is None:
            process.kill()
            process.join()
        process.close()
        ended = Ended(-1 if code is None else code, *(each.read_text() for each in (out, err)))
    if code is None:
        raise TimeoutError(f"{module} {' '.join(arguments)}: no end after {SECONDS_MAX} s: {ended}")
    return ended


@cache
def warm_context() -> ForkServerContext:
    """Shared with the mocks that are forked. It has to be asked for before the first of them starts."""
    context = preloaded()
    context.set_forkserver_preload([*PRELOADED, *_PRELOADED])
    return context


def _be(module: str, arguments: Sequence[str], variables: Mapping[str, str], out: Path, err: Path) -> None:
    for path, descriptor in ((out, _STDOUT), (err, _STDERR)):
        with path.open("wb") as file:
            os.dup2(file.fileno(), descriptor)
    os.environ.clear()
    os.environ.update(variables)
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
