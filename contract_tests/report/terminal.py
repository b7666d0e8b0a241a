"""The report on a terminal: a line for each rule, each failure in detail, the observed readings, the spend."""

import os
import re
from io import StringIO
from typing import IO, TextIO, cast

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ..model.capabilities import in_words
from ..model.verdicts import Verdict
from . import text
from .conclusion import GAPS
from .view import Failure, Report, RuleLine

WIDTH_OF_A_FILE = 160

_STYLES = {
    Verdict.SUITE_ERROR: "bold red",
    Verdict.VIOLATES: "bold red",
    Verdict.INCONCLUSIVE: "magenta",
    Verdict.UNTESTED: "yellow",
    Verdict.PARTLY_TESTED: "yellow",
    Verdict.CONFORMS: "green",
    Verdict.NOT_APPLICABLE: "dim",
}


def console_on(stream: TextIO) -> Console:
    """Colours only on a terminal, and not where NO_COLOR is set or the terminal is dumb."""
    tty = stream.isatty()
    colours = tty and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return Console(
        file=stream if tty else cast("IO[str]", _Trimmed(stream)),
        force_terminal=tty,
        color_system="auto" if colours else None,
        width=None if tty else WIDTH_OF_A_FILE,
        markup=False,
        highlight=False,
        emoji=False,
        legacy_windows=False,
    )


class _Trimmed:
    """A file without spaces at the ends of lines, which rich adds to tables."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        self._stream.write(re.sub(" +(?=\n)", "", text))

    def flush(self) -> None:
        self._stream.flush()


def text_of(report: Report) -> str:
    """The report as `print_report` prints it."""
    stream = StringIO()
    print_report(report, stream)
    return stream.getvalue()


def print_report(report: Report, stream: TextIO) -> None:
    """Print the whole report."""
    console = console_on(stream)
    result = report.result
    console.print(Text(f"{text.printable(result.target)}   run {result.run}   seed {result.seed}"))
    console.print()
    _print_rules(console, report)
    for failure in report.failures:
        _print_failure(console, failure, report)
        if failure.curl:
            console.print(Text("   curl", "dim"))
            # Without rich, which would fold and trim it: people copy it.
            stream.write(text.script_shown(failure).rstrip("\n") + "\n")
    _print_card(console, report)
    _print_spend(console, report)
    _print_needs(console, report)
    if result.failures:
        said = "\n".join(map(text.printable, result.failures))
        _print_indented(console, f"{said}\n{text.REPORT_IT}", title="The suite failed")
    if result.notes:
        _print_indented(console, "\n".join(map(text.printable, result.notes)), title="Notes")
    console.print()
    console.print(Text(report.conclusion, _style_of(report)), soft_wrap=True)


def _print_rules(console: Console, report: Report) -> None:
    """A line for each rule, in columns. A reason that is too long is cut: failures and needs stand below in full."""
    rows = [
        (_verdict(line), *map(Text, (line.rule.level, text.printable(line.rule.id), line.coverage.in_short)))
        for line in report.lines
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row, line in zip(rows, report.lines, strict=True):
        for cell, width in zip(row, widths, strict=True):
            cell.align("left", width)
        shown = Text("  ").join([*row, Text(" ".join(text.printable(line.in_a_line).split()))])
        shown.truncate(console.width, overflow="ellipsis")
        console.print(shown, no_wrap=True)


def _verdict(line: RuleLine) -> Text:
    if line.warning:
        return Text("warning", "yellow")
    accepted = " (accepted)" if line.accepted else ""
    return Text(f"{line.verdict}{accepted}", _STYLES[line.verdict])


def _print_failure(console: Console, failure: Failure, report: Report) -> None:
    console.print()
    console.print(Text(text.headline(failure), "yellow" if failure.warning else _STYLES[failure.finding.verdict]))
    table = Table.grid(padding=(0, 2), pad_edge=False)
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    for label, fact in text.facts(failure):
        table.add_row(label, Text(text.printable(fact)))
    table.add_row("seed", str(report.result.seed))
    console.print(Padding(table, (0, 0, 0, 3)))


def _print_card(console: Console, report: Report) -> None:
    if not report.card:
        return
    console.print("\nObserved readings")
    table = Table.grid(padding=(0, 2), pad_edge=False)
    for _ in range(3):
        table.add_column(overflow="fold")
    for line in report.card:
        table.add_row(
            f"  {line.observation.reading}",
            Text(text.answers(line), "bold red" if line.broken else ""),
            Text(text.remark(line), "bold red" if line.broken else "dim"),
        )
    console.print(table)


def _print_spend(console: Console, report: Report) -> None:
    spend = report.result.spend
    if report.result.is_judged:
        sentence = f"{spend.requests} calls of the history, without the checks of the tests"
        _print_indented(console, sentence, "Judged")
        return
    said = ", ".join(f"{name} {amount}" for name, amount in text.spent(spend))
    seconds = round(report.seconds)
    took = f"{seconds} second{'' if seconds == 1 else 's'}"
    _print_indented(console, f"{said}; {took}\n{text.perhaps_spent(spend)}".rstrip(), "Spent")
    if said := text.cleaned_up(spend):
        later = f"\n{text.DELETE_LATER} The report in JSON names them." if spend.left_behind else ""
        _print_indented(console, text.printable(said) + later, "Clean-up")


def _print_needs(console: Console, report: Report) -> None:
    if report.result.capabilities:
        _print_indented(console, "; ".join(map(in_words, report.result.capabilities)), "The run had")
    if not report.needs:
        return
    console.print("\nTo test more")
    table = Table.grid(padding=(0, 2), pad_edge=False)
    for _ in range(3):
        table.add_column(overflow="fold")
    for need in report.needs:
        added = text.printable(need.add or "(nothing to add)").replace("\n", "\n  ")
        table.add_row(Text(f"  {added}"), Text(need.gain), Text(text.printable(need.means)))
    console.print(table)
    console.print(Text(f"  {text.WHERE_TO_ADD}", "dim"))


def _print_indented(console: Console, said: str, title: str) -> None:
    console.print()
    console.print(title)
    console.print(Padding(Text(said), (0, 0, 0, 2)))


def _style_of(report: Report) -> str:
    gaps = any(report.counts[verdict] for verdict in GAPS)
    return {0: "yellow" if gaps else "green", 4: "yellow"}.get(report.exit_code, "bold red")
