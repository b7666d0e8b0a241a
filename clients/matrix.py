"""Each client through each scenario, with a mock of its own."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from tracepass_contract.mockserver.testing import MockServer

from .programs import ClientEnded, Program
from .scenarios import SCENARIOS, WORKS, Case, Differs

AT_ONCE = 8  # most of the time they wait
NOTHING = "-"  # there is nothing to try


@dataclass(frozen=True)
class Row:
    """A client, its version, and a word for each scenario. `version` tells what is missing where `cells` is empty."""

    name: str
    version: str
    cells: Mapping[str, str]

    def failures(self) -> Mapping[str, str]:
        return {name: cell for name, cell in self.cells.items() if not cell.startswith((WORKS, NOTHING))}


def rows(programs: Sequence[Program], idle_seconds: float, say: Callable[[str], None]) -> Sequence[Row]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [*pool.map(partial(_row, idle_seconds, say), programs)]


def _row(idle_seconds: float, say: Callable[[str], None], program: Program) -> Row:
    if lacking := program.missing():
        return Row(program.name, f"not run: {lacking} is missing", {})
    with MockServer() as mock, program.started() as client:
        case = Case(mock, client, idle_seconds if program.keeps_connections else 0)
        row = Row(program.name, program.found_version(), {name: _cell(name, case) for name in SCENARIOS})
    say(f"{row.name} ({row.version}): {'; '.join(f'{name}: {cell}' for name, cell in row.failures().items()) or 'all'}")
    return row


def _cell(name: str, case: Case) -> str:
    try:
        return SCENARIOS[name](case)
    except (Differs, ClientEnded) as why:
        return f"differs: {why}"
