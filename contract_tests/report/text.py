"""Texts that several reports share: failures, readings, spend."""

import re
from collections.abc import Iterator, Sequence
from textwrap import indent

from ..model.history import Exchange
from ..model.verdicts import Spend, Verdict
from .curl import outcome
from .view import Failure, ReadingLine, RuleLine

BODY_CHARACTERS_SHOWN = 160
SCRIPT_CHARACTERS_SHOWN = 6_000
WHERE_TO_ADD = "Options begin with --. The other lines belong in the deployment file (--deployment)."
DELETE_LATER = "`tracepass-check clean --history FILE` deletes them later, with the file that `--history` wrote."
_CONTROLS = re.compile("[\x7f-\x9f]")
_CONTROLS_IN_UTF8 = re.compile(b"\x7f|\xc2[\x80-\x9f]")
REPORT_IT = "This is a bug in tracepass-check, not in the deployment. Please report it with the file of --history."


def printable(text: str) -> str:
    """The text with control characters escaped, so that an answer can't move the cursor or colour the screen."""
    return "".join(c if c.isprintable() or c in "\n\t" else c.encode("unicode_escape").decode() for c in text)


def without_controls(text: str) -> str:
    """A finished document with DEL and the C1 control characters spelled out: a terminal may obey them."""
    return _CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def json_without_controls(document: bytes) -> bytes:
    """As above for JSON in UTF-8, where the spelling means the same character."""
    return _CONTROLS_IN_UTF8.sub(lambda found: b"\\u00%02x" % found[0][-1], document)


def facts(failure: Failure) -> Iterator[tuple[str, str]]:
    """The facts of a failure with their labels, the most important first."""
    finding = failure.finding
    yield "rule", failure.rule.sentence
    yield "source", f"{failure.rule.source} ({failure.rule.level}{', security' if failure.rule.security else ''})"
    yield "check", f"{finding.check}: {finding.shows}" if finding.shows else finding.check
    if finding.expected:
        yield "expected", finding.expected
    if finding.actual:
        yield "actual", finding.actual
    if finding.because and not finding.shows:  # else it is what was expected and found
        yield "because", finding.because
    for exchange in failure.exchanges:
        yield f"#{exchange.number}", in_lines(exchange)


def described(failure: Failure) -> str:
    """A failure with its script, as lines."""
    lines = [headline(failure), *(_labelled(label, text) for label, text in facts(failure))]
    if failure.curl:
        lines += ["  curl", *(f"    {line}" for line in script_shown(failure).splitlines())]
    return "\n".join(lines)


def headline(failure: Failure) -> str:
    verdict = f"warning: {failure.finding.verdict}" if failure.warning else str(failure.finding.verdict)
    return f"{failure.number}. {failure.rule.id} {verdict}"


def script_shown(failure: Failure) -> str:
    """The script, or where to find it if it is long."""
    if len(failure.curl) <= SCRIPT_CHARACTERS_SHOWN:
        return printable(failure.curl)
    return f"(a script of {len(failure.curl):,} characters; see the JSON or HTML report)"


def in_short(line: RuleLine) -> str:
    """A rule and its checks, one per line."""
    checks = [f"{f.check}: {f.verdict}{f': {f.because}' if f.because else ''}" for f in line.findings]
    return "\n".join([f"{line.rule.sentence} ({line.rule.source})", line.coverage.in_words, *checks])


def in_lines(exchange: Exchange) -> str:
    """The request, its key, and the answer, in at most three lines."""
    keyed = f", Idempotency-Key {key}" if (key := exchange.idempotency_key) is not None else ""
    said = f"{exchange.purpose}: " if exchange.purpose else ""
    sent = f"\nsent {_abridged(exchange.body)}" if exchange.body else ""
    answer = f" {_abridged(exchange.answer)}" if exchange.answer else ""
    key_name = f"key {exchange.credential}" if exchange.credential else "no key"
    return f"{said}{exchange.method} {exchange.path} ({key_name}{keyed}){sent}\n{outcome(exchange)}{answer}"


def answers(line: ReadingLine) -> str:
    """The answers of a reading that are still possible."""
    found = line.observation.answers
    return " or ".join(found) if found else "none of the known answers"


def remark(line: ReadingLine) -> str:
    """How an observed reading compares to the card and to the mock."""
    required = line.observation.required
    if line.broken:
        return f"the card requires {required}"
    default = line.reading.default if line.reading else None
    if required is not None:
        return "as the card requires" if line.known else f"{required} of the card is still possible"
    if line.differs_from_mock:
        return f"the mock's default is {default}"
    return "the mock's default" if line.known else ""


def spent(spend: Spend) -> Iterator[tuple[str, str]]:
    yield "requests", str(spend.requests)
    yield "writes", of_ceiling(spend.writes, spend.max_writes)
    yield "slots", of_ceiling(spend.slots, spend.max_slots)
    yield "cents charged", of_ceiling(spend.charge_cents, spend.max_charge_cents)


def perhaps_spent(spend: Spend) -> str:
    """A sentence on the writes that count against the limit without being known; empty if there are none."""
    if spend.max_writes is None or not spend.writes_perhaps:
        return ""
    return (
        f"Up to {spend.writes_perhaps} more writes count against --max-writes, "
        "because the deployment may charge refused calls."
    )


def left_over(spend: Spend) -> Sequence[tuple[str, str, Sequence[str]]]:
    """The passports that were not deleted, by outcome and reason: those whose deletion was refused come last."""
    found: dict[tuple[str, str], list[str]] = {}
    for each in sorted(spend.left_behind, key=lambda each: each.is_refused):
        found.setdefault(("refused" if each.is_refused else "not attempted", each.why), []).append(each.passport)
    return [(*how, passports) for how, passports in found.items()]


def left_over_as_data(spend: Spend) -> Sequence[dict[str, object]]:
    return [{"outcome": outcome, "why": why, "passports": ids} for outcome, why, ids in left_over(spend)]


def cleaned_up(spend: Spend) -> str:
    """How many passports the clean-up deleted, and how many stay and why; empty where there were none."""
    deleted = f"{spend.deleted} passport{'' if spend.deleted == 1 else 's'} deleted" if spend.deleted else ""
    left = [f"{len(ids)} not deleted: {outcome} ({why})" for outcome, why, ids in left_over(spend)]
    return "; ".join(filter(None, [deleted, *left]))


def of_ceiling(count: int, ceiling: int | None) -> str:
    return f"{count} of {ceiling}" if ceiling is not None else f"{count} (no limit)"


def is_trouble(verdict: Verdict) -> bool:
    return verdict in {Verdict.SUITE_ERROR, Verdict.VIOLATES}


def _labelled(label: str, text: str) -> str:
    return f"  {label:9} {indent(printable(text), ' ' * 12).lstrip()}"


def _abridged(body: bytes) -> str:
    text = " ".join(printable(body.decode(errors="replace")).split())
    if len(text) <= BODY_CHARACTERS_SHOWN:
        return text
    return f"{text[:BODY_CHARACTERS_SHOWN]}… ({len(body):,} bytes)"
