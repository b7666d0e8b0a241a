"""A failure in plain words, for a terminal and for CI."""

from collections.abc import Iterator
from textwrap import indent

from ..model.history import Exchange
from ..model.verdicts import Spend, Verdict
from .curl import outcome
from .view import Failure, ReadingLine, RuleLine

BODY_CHARACTERS_SHOWN = 160
SCRIPT_CHARACTERS_SHOWN = 6_000


def printable(text: str) -> str:
    """The text with what a terminal would obey spelled out: an answer can't move the cursor or colour the screen."""
    return "".join(c if c.isprintable() or c in "\n\t" else c.encode("unicode_escape").decode() for c in text)


def facts(failure: Failure) -> Iterator[tuple[str, str]]:
    """What there is to know of a failure, each with its label, in the order in which a person asks."""
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
    """A failure as lines, with its script."""
    lines = [headline(failure), *(_labelled(label, text) for label, text in facts(failure))]
    if failure.curl:
        lines += ["  curl", *(f"    {line}" for line in script_shown(failure).splitlines())]
    return "\n".join(lines)


def headline(failure: Failure) -> str:
    verdict = f"warning: {failure.finding.verdict}" if failure.warning else str(failure.finding.verdict)
    return f"{failure.number}. {failure.rule.id} {verdict}"


def script_shown(failure: Failure) -> str:
    """The script, unless it would fill the screen."""
    if len(failure.curl) <= SCRIPT_CHARACTERS_SHOWN:
        return printable(failure.curl)
    return f"(a script of {len(failure.curl):,} characters: the JSON and HTML reports have it)"


def in_short(line: RuleLine) -> str:
    """A rule and the checks of it, a line each."""
    checks = [f"{f.check}: {f.verdict}{f': {f.because}' if f.because else ''}" for f in line.findings]
    return "\n".join([f"{line.rule.sentence} ({line.rule.source})", *checks])


def in_lines(exchange: Exchange) -> str:
    """What was asked, by which key, and what came of it: at most three lines."""
    keyed = f", Idempotency-Key {key}" if (key := exchange.idempotency_key) is not None else ""
    said = f"{exchange.purpose}: " if exchange.purpose else ""
    sent = f"\nsent {_abridged(exchange.body)}" if exchange.body else ""
    answer = f" {_abridged(exchange.answer)}" if exchange.answer else ""
    key_name = f"key {exchange.credential}" if exchange.credential else "no key"
    return f"{said}{exchange.method} {exchange.path} ({key_name}{keyed}){sent}\n{outcome(exchange)}{answer}"


def answers(line: ReadingLine) -> str:
    """The answers of a reading that can still be true."""
    found = line.observation.answers
    return " or ".join(found) if found else "none of the known answers"


def remark(line: ReadingLine) -> str:
    """How an observed reading stands to the card and to the mock."""
    required = line.observation.required
    if line.broken:
        return f"the card asks for {required}"
    default = line.reading.default if line.reading else None
    if required is not None:
        return "as the card asks" if line.known else f"the card's {required} is still possible"
    if line.differs_from_mock:
        return f"the mock's default is {default}"
    return "as the mock by default" if line.known else ""


def spent(spend: Spend) -> Iterator[tuple[str, str]]:
    yield "requests", str(spend.requests)
    yield "writes", of_ceiling(spend.writes, spend.max_writes)
    yield "slots", of_ceiling(spend.slots, spend.max_slots)
    yield "cents charged", of_ceiling(spend.charge_cents, spend.max_charge_cents)


def perhaps_spent(spend: Spend) -> str:
    """What the ceiling counts beside, in a sentence; empty where that is nothing."""
    if spend.max_writes is None or not spend.writes_perhaps:
        return ""
    return (
        f"The ceiling counts {spend.writes_perhaps} writes more: a deployment may take them for calls that it refuses."
    )


def of_ceiling(count: int, ceiling: int | None) -> str:
    return f"{count} of {ceiling}" if ceiling is not None else f"{count} (no ceiling)"


def is_trouble(verdict: Verdict) -> bool:
    return verdict in {Verdict.SUITE_ERROR, Verdict.VIOLATES}


def _labelled(label: str, text: str) -> str:
    return f"  {label:9} {indent(printable(text), ' ' * 12).lstrip()}"


def _abridged(body: bytes) -> str:
    text = " ".join(printable(body.decode(errors="replace")).split())
    if len(text) <= BODY_CHARACTERS_SHOWN:
        return text
    return f"{text[:BODY_CHARACTERS_SHOWN]}… ({len(body):,} bytes)"
