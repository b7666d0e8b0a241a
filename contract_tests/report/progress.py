"""The progress of a run, on stderr."""

from types import TracebackType
from typing import Self, TextIO

from rich.progress import BarColumn, TextColumn
from rich.progress import Progress as Bar
from rich.text import Text

from ..model.redaction import Redactor
from ..model.verdicts import Spend, Verdict
from .terminal import console_on
from .text import printable


class Progress:
    """A bar on a terminal, a line for each rule elsewhere, nothing when `quiet`. A context manager and a `Watcher`.

    `rules` is the number of rules that will be judged.
    """

    def __init__(self, stream: TextIO, rules: int, redactor: Redactor | None = None, *, quiet: bool = False) -> None:
        self._console = console_on(stream)
        self._redactor = redactor or Redactor()
        self._quiet = quiet
        self._live = self._console.is_terminal and not quiet
        self._spend = Spend()
        columns = (TextColumn("{task.description}", markup=False), BarColumn(bar_width=20))
        self._bar = Bar(
            *columns,
            TextColumn("{task.fields[news]}", markup=False),
            console=self._console,
            transient=True,
            disable=not self._live,
        )
        self._task = self._bar.add_task("starting", total=max(rules, 1), news="")

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def rule_done(self, rule: str, verdict: Verdict) -> None:
        self._bar.update(self._task, advance=1)
        self._bar.update(self._task, news=self.news)
        if not self._live:
            self.say(f"{rule}: {verdict}   ({self.news})")

    def test_done(self, spend: Spend, findings: int) -> None:  # noqa: ARG002 - of a `Watcher`
        self._spend = spend
        self._bar.update(self._task, news=self.news)

    def say(self, said: str) -> None:
        """Print a line above the bar."""
        if not self._quiet:
            self._console.print(Text(printable(self._redactor.text(said))), soft_wrap=True)

    @property
    def news(self) -> str:
        """Rules done, requests sent, writes and slots spent, time left, in one line."""
        task, spend = self._bar.tasks[0], self._spend
        done, total = int(task.completed), int(task.total or 0)
        parts = [
            f"{done}/{total} rules",
            f"{spend.requests} requests",
            f"{_of(spend.writes, spend.max_writes)} writes",
            f"{_of(spend.slots, spend.max_slots)} slots",
        ]
        if spend.charge_cents:
            parts.append(f"{_of(spend.charge_cents, spend.max_charge_cents)} cents")
        if 0 < done < total and task.elapsed is not None:
            minutes, seconds = divmod(round(task.elapsed / done * (total - done)), 60)
            parts.append(f"about {minutes}:{seconds:02} left")
        return ", ".join(parts)


def _of(count: int, ceiling: int | None) -> str:
    return str(count) if ceiling is None else f"{count}/{ceiling}"
