"""From rounds to figures: medians, their spread, and the ratios that the targets and the baseline speak of."""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

Cells = Mapping[str, Mapping[str, Sequence[Mapping[str, float]]]]  # as in the JSON


def middle(cells: Cells, contender: str, case: str, member: str = "per_second") -> float | None:
    """The median over the rounds; None for what was not measured."""
    results = cells.get(contender, {}).get(case)
    return median(each[member] for each in results) if results else None


def spread(cells: Cells, contender: str, case: str) -> float:
    """The distance of the best round to the worst, as a part of the median."""
    values = [each["per_second"] for each in cells[contender][case]]
    return (max(values) - min(values)) / median(values)


def paired(cells: Cells, one: tuple[str, str], other: tuple[str, str], member: str = "per_second") -> float | None:
    """The median over the rounds of the ratio within each: what slows a whole round down is in neither."""
    left, right = (cells.get(contender, {}).get(case, ()) for contender, case in (one, other))
    if not left or not right:
        return None
    return median(a[member] / b[member] for a, b in zip(left, right, strict=False))


def p99_to_p50(cells: Cells, contender: str, case: str) -> float | None:
    results = cells.get(contender, {}).get(case)
    return median(each["p99_ms"] / each["p50_ms"] for each in results) if results else None


def ratios(cells: Cells) -> dict[str, float]:
    """Those that the baseline keeps. The larger the better, each of them."""
    found: dict[str, float | None] = {}
    for case in ("1", "100", "replay", "429"):
        found[f"requests/s of the mock to those of the floor: {case}"] = paired(cells, ("ours", case), ("floor", case))
    for case in ("1", "100"):
        of_plain = paired(cells, ("ours", case), ("connexion", case))
        found[f"requests/s of the mock to those of plain Connexion: {case}"] = of_plain
    for case in ("1", "100", "search"):
        full = paired(cells, ("full", case), ("ours", case))
        found[f"requests/s with the full store to those with the empty one: {case}"] = full
    for case in ("1-alone", "100-alone"):
        ratio = p99_to_p50(cells, "ours", case)
        found[f"p50 to p99 at one connection: {case.removesuffix('-alone')}"] = 1 / ratio if ratio else None
    return {name: round(value, 4) for name, value in found.items() if value is not None}


def as_json(cells: Cells) -> dict[str, Any]:
    """Medians by contender and case."""
    return {
        contender: {
            case: {
                "per_second": middle(cells, contender, case),
                "spread": round(spread(cells, contender, case), 3),
                "p50_ms": middle(cells, contender, case, "p50_ms"),
                "p99_ms": middle(cells, contender, case, "p99_ms"),
            }
            for case in cases
        }
        for contender, cases in cells.items()
    }
