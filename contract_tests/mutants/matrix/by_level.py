"""What each level of knowledge can kill, and the price of a run there."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from .cell import Cell, Outcome, Price
from .kills import Failure, Fault, Found, Row, failures_of, rules_of
from .levels import EVERYTHING, LEVELS, SMALL, STOCK

Runs = Callable[[Sequence[Cell]], Found]


@dataclass(frozen=True, slots=True)
class Rung:
    """A level with the faults that it is the first to kill, and the run there against the mock without a fault."""

    level: str
    killed: Sequence[str]
    right: Outcome
    prices: Sequence[Price] = field(default_factory=list)  # to each of these kills
    failures: Sequence[Failure] = ()


@dataclass(frozen=True, slots=True)
class Climb:
    """All levels from the least to the most, the smallest plan, and stock Schemathesis."""

    rungs: Sequence[Rung]
    small: Rung
    stock: Rung | None  # None without --stock


def climbed(faults: Sequence[Fault], rows: Sequence[Row], seed: int, run: Runs, *, stock: bool) -> Climb:
    """A fault that a level kills is not tried at higher levels. `rows` are the kills with everything given. Each fault
    runs under its first profile.
    """
    rungs: list[Rung] = []
    left = list(faults)
    for level in LEVELS[:-1]:
        rungs.append(_rung(level, left, seed, run))
        left = [fault for fault in left if fault.id not in rungs[-1].killed]
    rungs.append(_of_everything(left, rows, seed, run))
    return Climb(rungs, _rung(SMALL, faults, seed, run), _stock(faults, seed, run) if stock else None)


def _rung(level: str, faults: Sequence[Fault], seed: int, run: Runs) -> Rung:
    right, *found = _in_order(run, [Cell(None, seed=seed, level=level), *_cells(faults, seed, level)])
    kills = {cell.mutant or "": outcome.at for cell, outcome in found if outcome.at is not None}
    return Rung(level, [*kills], right[1], [*kills.values()], failures_of([right, *found]))


def _of_everything(faults: Sequence[Fault], rows: Sequence[Row], seed: int, run: Runs) -> Rung:
    right = _in_order(run, [Cell(None, seed=seed)])[0]
    kills: dict[str, Price] = {}
    for row in rows:
        first = row.outcomes[0]
        if row.fault in faults and row.killed and first.at is not None:
            kills.setdefault(row.fault.id, first.at)
    return Rung(EVERYTHING, [*kills], right[1], [*kills.values()], failures_of([right]))


def _stock(faults: Sequence[Fault], seed: int, run: Runs) -> Rung:
    right, *found = _in_order(run, [Cell(None, seed=seed, level=STOCK), *_cells(faults, seed, STOCK)])
    more = [cell.mutant or "" for cell, each in found if not each.broken and each.wrong.keys() - right[1].wrong]
    return Rung(STOCK, more, right[1], failures=failures_of([right, *found]))


def _cells(faults: Sequence[Fault], seed: int, level: str) -> Sequence[Cell]:
    return [
        Cell(fault.id, dict(fault.profiles[0]), seed, rules_of(fault), until_killed=True, level=level)
        for fault in faults
    ]


def _in_order(run: Runs, cells: Sequence[Cell]) -> Found:
    found = {cell_key(cell): (cell, outcome) for cell, outcome in run(cells)}
    return [found[cell_key(cell)] for cell in cells]


def cell_key(cell: Cell) -> tuple[str | None, str]:
    return cell.mutant, cell.profile
