"""The ratios of a whole run, in benchmarks/baseline.json, and what fell since.

A ratio whose rounds are far apart is not kept: what swings by itself can't say that something fell.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

BASELINE = Path(__file__).resolve().parents[1] / "baseline.json"
FALL_MAX = 0.15  # of a ratio
_APART_MAX = FALL_MAX / 2  # of the median; half of the rounds have to be as near as that
ByRound = Mapping[str, Sequence[float]]


def middles(by_round: ByRound) -> dict[str, float]:
    return {name: median(values) for name, values in by_round.items()}


def is_steady(values: Sequence[float]) -> bool:
    middle = median(values)
    return median(abs(each - middle) for each in values) <= _APART_MAX * middle


def fallen(now: Mapping[str, float], before: Mapping[str, float]) -> Sequence[str]:
    """A line for each ratio that fell by more than it may, or that is not measured any more."""
    lines = []
    for name, reached in before.items():
        if name not in now:
            lines.append(f"{name}: {reached:.2f} before, not measured now")
        elif now[name] < reached * (1 - FALL_MAX):
            lines.append(f"{name}: {reached:.2f} before, {now[name]:.2f} now ({now[name] / reached - 1:+.0%})")
    return lines


def read(path: Path) -> dict[str, float]:
    ratios: dict[str, float] = json.loads(path.read_text(encoding="utf-8"))["ratios"]
    return ratios


def write(by_round: ByRound, run: Mapping[str, Any], path: Path) -> None:
    """`run` says where they are from."""
    steady = {name: values for name, values in by_round.items() if is_steady(values)}
    kept = {**run, "ratios": middles(steady), "not steady": sorted(by_round.keys() - steady.keys())}
    path.write_text(f"{json.dumps(kept, indent=2)}\n", encoding="utf-8")
