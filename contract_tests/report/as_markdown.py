"""The report as Markdown, short enough for the summary of a CI job: what failed, what is not proven, and why."""

import re
from collections.abc import Iterator
from html import escape

from .conclusion import is_unproven
from .text import answers, is_trouble, of_ceiling, printable, remark
from .view import Report, RuleLine

_CHARACTERS_SHOWN = 300
_MARKUP = re.compile(r"([\\`*_\[\]|~#$@!])")


def to_markdown(report: Report) -> str:
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    result, spend = report.result, report.result.spend
    yield from ("### tracepass-check", "", f"**{_plain(report.conclusion)}**", "")
    yield from (f"Deployment {_plain(result.target)}, run {_plain(result.run)}, seed {result.seed}.", "")
    yield from ("| verdict | rules |", "|---|--:|")
    yield from (f"| {verdict} | {count} |" for verdict, count in report.counts.items() if count)
    unproven = [line for line in report.lines if is_unproven(line.rule, line.verdict) and not line.accepted]
    yield from _rules("Violated", [line for line in report.lines if is_trouble(line.verdict)])
    if broken := [line for line in report.card if line.broken]:
        yield from ("", "#### Not as the card requires", "", "| reading | observed | |", "|---|---|---|")
        for line in broken:
            yield f"| {_plain(line.observation.reading)} | {_plain(answers(line))} | {_plain(remark(line))} |"
    yield from _rules("Must-rules that are not proven", unproven)
    yield from ("", "#### Spent", "")
    if not result.is_judged:
        yield f"- writes {of_ceiling(spend.writes, spend.max_writes)}, slots {of_ceiling(spend.slots, spend.max_slots)}"
    yield f"- requests {spend.requests}, passports not deleted {len(spend.left_behind)}"
    said = [*(f"The suite failed: {each}" for each in result.failures), *result.notes]
    yield from (f"- {_plain(each)}" for each in said)


def _rules(title: str, lines: list[RuleLine]) -> Iterator[str]:
    if not lines:
        return
    yield from ("", f"#### {title}", "", "| rule | level | verdict | why |", "|---|---|---|---|")
    for line in lines:
        verdict = f"warning: {line.verdict}" if line.warning else line.verdict
        yield f"| {_plain(line.rule.id)} | {line.rule.level} | {verdict} | {_plain(line.in_a_line)} |"


def _plain(text: str) -> str:
    """The text in one line and a cell, whatever is in it: no markup, no link, no picture."""
    said = " ".join(printable(text).split())
    said = f"{said[:_CHARACTERS_SHOWN]}…" if len(said) > _CHARACTERS_SHOWN else said
    return _MARKUP.sub(r"\\\1", escape(said, quote=False)).replace("://", "&#58;//")
