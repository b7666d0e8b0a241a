"""From rounds to figures: medians, their spread, and the ratios that the targets speak of."""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

Cells = Mapping[str, Mapping[str, Sequence[Mapping[str, float]]]]  # as in the JSON


def cells_of(data: Mapping[str, Any]) -> Cells:
    """Nothing where the rates were not measured, or could not be."""
    cells: Cells = data.get("rounds", {}).get("cells", {})
    return cells


def middle(cells: Cells, contender: str, case: str, member: str = "per_second") -> float | None:
    """The median over the rounds; None for what was not measured."""
    results = cells.get(contender, {}).get(case)
    return median(each[member] for each in results) if results else None


def ends(cells: Cells, contender: str, case: str, member: str) -> tuple[float, float] | None:
    """The least and the most of the rounds."""
    values = [each[member] for each in cells.get(contender, {}).get(case, ())]
    return (min(values), max(values)) if values else None


def spread(cells: Cells, contender: str, case: str) -> float:
    """The distance of the best round to the worst, as a part of the median."""
    values = [each["per_second"] for each in cells[contender][case]]
    return (max(values) - min(values)) / median(values)


def paired(cells: Cells, one: tuple[str, str], other: tuple[str, str], member: str = "per_second") -> float | None:
    """The median over the rounds of the ratio within each: what slows a whole round down is in neither."""
    each = _by_round(cells, one, other, member)
    return median(each) if each else None


def p99_to_p50(cells: Cells, contender: str, case: str) -> float | None:
    results = cells.get(contender, {}).get(case)
    return median(each["p99_ms"] / each["p50_ms"] for each in results) if results else None


def _by_round(cells: Cells, one: tuple[str, str], other: tuple[str, str], member: str = "per_second") -> list[float]:
    left, right = (cells.get(contender, {}).get(case, ()) for contender, case in (one, other))
    return [a[member] / b[member] for a, b in zip(left, right, strict=False)]
