"""The readings of two deployments side by side, on a terminal and as JSON."""

from collections.abc import Sequence
from typing import Any, TextIO

from rich.table import Table
from rich.text import Text

from ..judging.cards import Compared
from .terminal import console_on
from .text import printable


def as_data(one: str, other: str, rows: Sequence[Compared]) -> dict[str, Any]:
    """`differ`, `same` and `open` map a reading to the possible answers of each deployment."""

    def by_reading(chosen: Sequence[Compared]) -> dict[str, Any]:
        return {
            row.reading.id: {"question": row.reading.question, "one": [*row.one], "other": [*row.other]}
            for row in chosen
        }

    differ, same, still_open = _sorted(rows)
    return {
        "one": one,
        "other": other,
        "differ": by_reading(differ),
        "same": by_reading(same),
        "open": by_reading(still_open),
    }


def print_comparison(one: str, other: str, rows: Sequence[Compared], stream: TextIO) -> None:
    """Print the readings that differ, those that are only partly known, and the number of the others."""
    console = console_on(stream)
    console.print(Text(f"A  {printable(one)}\nB  {printable(other)}"), soft_wrap=True)
    differ, same, still_open = _sorted(rows)
    half_known = [row for row in still_open if row.one_is_known or row.other_is_known]
    for title, chosen in (("They differ", differ), ("Only partly known", half_known)):
        if chosen:
            console.print(f"\n{title}")
            console.print(_table(chosen))
    count = f"{_readings(same)} the same, {_readings(differ)} different, {_readings(still_open)} not known"
    console.print(f"\n{count}.", soft_wrap=True)


def _table(rows: Sequence[Compared]) -> Table:
    table = Table("", "A", "B", "", box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for row in rows:
        question = Text(row.reading.question, "dim")
        one, other = _answers(row.one, row.one_is_known), _answers(row.other, row.other_is_known)
        table.add_row(f"  {row.reading.id}", one, other, question)
    return table


def _answers(answers: Sequence[str], is_known: bool) -> str:
    return " or ".join(answers) if is_known else "not observed"


def _sorted(rows: Sequence[Compared]) -> tuple[list[Compared], list[Compared], list[Compared]]:
    """The readings that differ, those that are the same, and the others."""
    differ, same = [row for row in rows if row.differs], [row for row in rows if row.is_same]
    return differ, same, [row for row in rows if not row.differs and not row.is_same]


def _readings(rows: Sequence[Compared]) -> str:
    return f"{len(rows)} reading{'' if len(rows) == 1 else 's'}"
