"""Mocks that are forked from a process with their code in memory: reading the code takes most of a start.

Each mock is a process of its own. The process that they are forked from has imported the mock and run nothing, so no
fault or card is left for the next one. It ends with the process that asked for the first mock.
"""

import os
import runpy
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from pathlib import Path

from ...target.mock_process import PATIENCE_SECONDS, base_url_of, exited_early

_MOCK = "tracepass_contract.mockserver"
PRELOADED = (__name__, f"{_MOCK}.cli.commands", "tracepass_contract.contract_tests.mutants.variants")
_STDOUT, _STDERR = 1, 2


@cache
def preloaded() -> ForkServerContext:
    """What forks; one for each process, whoever asks first says what it has imported."""
    context = get_context("forkserver")
    context.set_forkserver_preload([*PRELOADED])
    return context


@contextmanager
def forked_mock(
    options: Sequence[str] = (), log: Path | None = None, prepare: Callable[[], None] | None = None
) -> Iterator[str]:
    """The base URL of a mock that serves until the end of the block. Its stderr goes to `log`.

    Its process calls `prepare` first, which has to be picklable.
    """
    said = Path(os.devnull) if log is None else log
    announced, telling = preloaded().Pipe(duplex=False)
    process = preloaded().Process(target=_be_the_mock, args=(telling, said, options, prepare), daemon=True)
    process.start()
    telling.close()
    with open(announced.fileno(), encoding="utf-8", closefd=False) as lines:
        try:
            yield base_url_of(lines.readline())
            if not process.is_alive():
                with said.open("ab") as log_of_it:
                    log_of_it.write(exited_early(process.exitcode))
        finally:
            process.terminate()
            process.join(PATIENCE_SECONDS)
            if process.is_alive():
                process.kill()
            process.join()
            process.close()
            announced.close()


def _be_the_mock(telling: Connection, said: Path, options: Sequence[str], prepare: Callable[[], None] | None) -> None:
    """Run the command in this process. Its first line goes to the parent, its stderr to the log."""
    with said.open("ab") as log:
        os.dup2(log.fileno(), _STDERR)
    os.dup2(telling.fileno(), _STDOUT)
    telling.close()
    if prepare is not None:
        prepare()
    sys.argv = ["tracepass-mock", "--port", "0", *options]
    runpy.run_module(_MOCK, run_name="__main__", alter_sys=True)
