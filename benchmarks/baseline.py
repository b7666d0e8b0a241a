"""The ratios that were reached once, in benchmarks/baseline.json, and what fell since."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

BASELINE = Path(__file__).with_name("baseline.json")
FALL_MAX = 0.15  # of a ratio


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
    ratios: dict[str, float] = json.loads(path.read_text(encoding="utf-8"))
    return ratios


def write(ratios: Mapping[str, float], path: Path) -> None:
    path.write_text(f"{json.dumps(ratios, indent=2)}\n", encoding="utf-8")
