"""Many cells in parallel, each with its own server and port. Finished cells are kept and not run again."""

import hashlib
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import asdict
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Thread
from typing import TypeVar

from ...model import clock
from .cell import Cell, Outcome, Price, run_cell

Tell = Callable[[str], None]
_Task = TypeVar("_Task")
_Result = TypeVar("_Result")
_PACKAGE = Path(__file__).resolve().parents[3]
_FOLDERS = ("contract_tests", "mockserver", "spec")
_TOOLS = {"tests", "matrix", "black_box"}  # no outcome depends on them
_TASKS_A_PROCESS = 60  # pytest keeps some memory of each run; a new process must import everything again


class Kept:
    """Outcomes in a file, one per line, with the digest of the code that they were found with."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self.code = code_digest()
        self._known: dict[str, Outcome] = {}
        self._seconds: dict[str, float] = {}
        if file is not None and file.exists():
            for line in file.read_text(encoding="utf-8").splitlines():
                entry = json.loads(line)
                self._known[entry["cell"]] = _outcome(entry["outcome"])
                self._seconds[entry["cell"]] = entry["seconds"]

    def get(self, cell: Cell) -> Outcome | None:
        return self._known.get(self._name(cell))

    def keep(self, cell: Cell, outcome: Outcome, seconds: float) -> None:
        """`seconds` is the share of the cell in the time of all cells."""
        name = self._name(cell)
        self._known[name], self._seconds[name] = outcome, seconds
        if self._file is not None:
            with self._file.open("a", encoding="utf-8") as lines:
                entry = {"cell": name, "outcome": asdict(outcome), "seconds": round(seconds, 2)}
                lines.write(json.dumps(entry) + "\n")

    @property
    def minutes(self) -> float:
        """The time of all known cells for this state of the code."""
        ours = json.dumps([self.code])[:-1]
        return sum(seconds for name, seconds in self._seconds.items() if name.startswith(ours)) / 60

    def _name(self, cell: Cell) -> str:
        return json.dumps([self.code, asdict(cell)], sort_keys=True)


def run_cells(cells: Sequence[Cell], kept: Kept, *, jobs: int, tell: Tell) -> Iterator[tuple[Cell, Outcome]]:
    """Each cell with its outcome, as they finish. `tell` gets a line for each, with the remaining time."""
    missing = []
    for cell in cells:
        known = kept.get(cell)
        if known is None:
            missing.append(cell)
        else:
            yield cell, known
    if len(missing) < len(cells):
        tell(f"{len(cells) - len(missing)} of {len(cells)} were run before")
    began = before = clock.monotonic()
    for done, (cell, outcome) in enumerate(_run(missing, jobs), start=1):
        before, last = clock.monotonic(), before
        if not outcome.error:
            kept.keep(cell, outcome, before - last)
        seconds = (before - began) / done * (len(missing) - done)
        tell(f"{done}/{len(missing)}  {_line(cell, outcome)}   about {_minutes(seconds)} left")
        yield cell, outcome


def _run(cells: Sequence[Cell], jobs: int) -> Iterator[tuple[Cell, Outcome]]:
    return in_processes(run_cell, cells, jobs)


def in_processes(run: Callable[[_Task], _Result], tasks: Sequence[_Task], jobs: int) -> Iterator[tuple[_Task, _Result]]:
    """Each task with its result, as they finish.

    The processes are replaced now and then (`max_tasks_per_child` has a deadlock in Python 3.11).
    """
    at_a_time = jobs * _TASKS_A_PROCESS
    for start in range(0, len(tasks), at_a_time):
        context = get_context("spawn")
        heard, held = context.Pipe(duplex=False)
        with heard, held, ProcessPoolExecutor(jobs, context, end_with, (heard,)) as pool:
            try:
                running = {pool.submit(run, task): task for task in tasks[start : start + at_a_time]}
                yield from ((running[future], future.result()) for future in as_completed(running))
            except BaseException:  # nobody waits for the running tasks
                held.close()
                raise


def code_digest() -> str:
    """The digest of all that an outcome depends on: the suite, the mock, the rules."""
    digest = hashlib.sha256()
    files = (file for folder in _FOLDERS for file in (_PACKAGE / folder).rglob("*"))
    for file in sorted(files):
        if file.suffix in {".py", ".yaml", ".ini"} and not _TOOLS & set(file.parts):
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _outcome(entry: dict[str, object]) -> Outcome:
    prices = {name: Price(**entry[name]) if entry[name] else None for name in ("at", "whole")}  # type: ignore[arg-type]
    text: dict[str, tuple[str, ...]] = {name: tuple(entry[name]) for name in ("unsure", "crashes")}  # type: ignore[arg-type]
    return Outcome(**{**entry, **prices, **text})  # type: ignore[arg-type]


def _line(cell: Cell, outcome: Outcome) -> str:
    what = f"{cell.mutant or 'variant'}, seed {cell.seed}, {_short(cell)}: "
    if cell.mutant is None and outcome.described == "survived":
        return what + "no alarm"
    if outcome.at is None:
        return what + f"{outcome.described} {outcome.broken or outcome.error or ', '.join(outcome.wrong)}"
    return what + f"killed by {outcome.killed_by}, {outcome.at.requests} requests"


def _short(cell: Cell) -> str:
    return cell.profile if len(cell.readings) <= 3 else f"{len(cell.readings)} readings"


def _minutes(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"


def end_with(heard: Connection) -> None:
    """In a worker: exit with all child processes when the other end of the pipe is closed."""
    if sys.platform != "win32":
        os.setsid()  # the servers are in the group that this makes
    Thread(target=_end_when_closed, args=(heard,), daemon=True).start()


def _end_when_closed(heard: Connection) -> None:
    with suppress(EOFError, OSError):
        heard.recv_bytes()
    if sys.platform != "win32":
        os.killpg(0, signal.SIGKILL)
    os._exit(1)
