"""`python -m clients`, which `make clients` calls."""

import sys
from pathlib import Path

import click

from . import generators, matrix
from .page import page
from .programs import programs

PAGE = Path(__file__).parents[1] / "docs" / "compatibility.md"


@click.command()
@click.option("--only", multiple=True, help="A part of the name of a client or tool. Writes no page.")
@click.option("--idle", type=float, default=80.0, show_default=True, help="Seconds of the pause on a connection.")
def main(*, only: tuple[str, ...], idle: float) -> None:
    """Meet the mock with real clients, linters and generators, and write docs/compatibility.md."""
    chosen = [each for each in programs(None if only else PAGE.with_suffix(".png")) if _wanted(each.name, only)]
    clients = matrix.rows(chosen, idle, click.echo)
    tools = generators.rows([each for each in generators.TOOLS if _wanted(each.name, only)], click.echo)
    if not only:
        PAGE.write_text(page(clients, tools, idle), encoding="utf-8")
    sys.exit(any(row.failures() for row in (*clients, *tools)))


def _wanted(name: str, only: tuple[str, ...]) -> bool:
    return not only or any(part in name for part in only)


if __name__ == "__main__":
    main()
