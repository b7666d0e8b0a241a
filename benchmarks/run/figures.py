"""From rounds to figures: medians, their spread, and the ratios that the targets and the baseline speak of."""

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


def ratios_by_round(cells: Cells) -> dict[str, list[float]]:
    """Those that the baseline keeps, round by round. The larger the better, each of them."""
    found: dict[str, list[float]] = {}
    for case in ("1", "100", "replay", "429"):
        to_floor = _by_round(cells, ("ours", case), ("floor", case))
        found[f"requests/s of the mock to those of the floor: {case}"] = to_floor
    for case in ("1", "100"):
        to_plain = _by_round(cells, ("ours", case), ("connexion", case))
        found[f"requests/s of the mock to those of plain Connexion: {case}"] = to_plain
    for case in ("1", "100", "search"):
        full = _by_round(cells, ("full", case), ("ours", case))
        found[f"requests/s with the full store to those with the empty one: {case}"] = full
    for case in ("1-alone", "100-alone"):
        tail = [each["p50_ms"] / each["p99_ms"] for each in cells.get("ours", {}).get(case, ())]
        found[f"p50 to p99 at one connection: {case.removesuffix('-alone')}"] = tail
    return {name: [round(each, 4) for each in values] for name, values in found.items() if values}


def _by_round(cells: Cells, one: tuple[str, str], other: tuple[str, str], member: str = "per_second") -> list[float]:
    left, right = (cells.get(contender, {}).get(case, ()) for contender, case in (one, other))
    return [a[member] / b[member] for a, b in zip(left, right, strict=False)]
