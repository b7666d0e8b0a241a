"""Tables of Markdown."""

from collections.abc import Iterable, Sequence

NOTHING = "—"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, numbers_from: int = 1) -> str:
    """The columns from `numbers_from` on are set to the right."""
    rule = ["---" if n < numbers_from else "--:" for n in range(len(head))]
    lines = [head, rule, *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def count(value: float | None) -> str:
    return NOTHING if value is None else f"{value:,.0f}"


def ratio(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.2f}"


def milliseconds(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.2f}"


def share(value: float) -> str:
    return f"{value:.1%}"


def megabytes(size: float) -> str:
    return f"{size / 1e6:,.0f} MB"
