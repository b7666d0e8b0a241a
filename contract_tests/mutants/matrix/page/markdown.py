"""Tables and texts of the page."""

from collections.abc import Iterable, Sequence
from statistics import median
from typing import Any

Data = dict[str, Any]


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [[*head], ["---"] * len(head), *([_cell(value) for value in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def section(title: str, *parts: str) -> str:
    return "\n\n".join([f"## {title}", *parts])


def counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


def first_line(text: str) -> str:
    """The finding without the calls after it."""
    return text.partition("\n")[0]


def middle_and_most(values: Sequence[float]) -> tuple[float, float] | tuple[str, str]:
    return (median(values), max(values)) if values else ("-", "-")


def profile_in_short(profile: str) -> str:
    """The profile; for a long one, its number of readings and its variants."""
    parts = profile.split()
    answers = [part for part in parts if "=" in part]
    if len(answers) <= 3:
        return f"`{profile}`"
    variants = "".join(f" {part}" for part in parts if "=" not in part)
    return f"{len(answers)} readings" + (f" and `{variants.strip()}`" if variants else "")


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.0f}" if value >= 10 or value.is_integer() else f"{value:.1f}"
    return str(value).replace("|", "\\|")
