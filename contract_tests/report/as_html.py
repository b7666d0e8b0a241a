"""The report as one HTML page. Its content security policy lets it load nothing."""

import base64
import re
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files

import orjson
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from tracepass_contract.spec import readings
from tracepass_contract.spec.styles import SHARED

from ..model.capabilities import in_words
from ..model.history import Exchange
from ..model.verdicts import Verdict
from . import text
from .conclusion import GAPS
from .curl import outcome
from .view import Report

BODY_CHARACTERS_SHOWN = 4_000
CALLS_SHOWN_PER_READING = 3
BYTES_LAID_OUT = 200_000

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}:,]|[^\s"\[\]{}:,]+')
_SYMBOLS = {
    Verdict.SUITE_ERROR: "‼",
    Verdict.VIOLATES: "✕",
    Verdict.INCONCLUSIVE: "~",
    Verdict.UNTESTED: "?",
    Verdict.PARTLY_TESTED: "◐",
    Verdict.CONFORMS: "✓",
    Verdict.NOT_APPLICABLE: "–",  # noqa: RUF001 - a dash
}


def to_html(report: Report) -> str:
    style, script = "".join([*SHARED.values(), _part("page.css")]), _part("page.js")
    observed = {line.observation.reading for line in report.card}
    return text.without_controls(
        _environment()
        .get_template("page.html")
        .render(
            report=report,
            result=report.result,
            report_it=text.REPORT_IT,
            where_to_add=text.WHERE_TO_ADD,
            delete_later=text.DELETE_LATER,
            has_gaps=any(report.counts[gap] for gap in GAPS),
            style=Markup(style),
            script=Markup(script),
            style_digest=_digest(style),
            script_digest=_digest(script),
            evidence=_evidence(report),
            unobserved=[each for each in readings().values() if each.id not in observed],
            failures_of={
                line.rule.id: [f for f in report.failures if f.rule.id == line.rule.id] for line in report.lines
            },
        )
    )


def shown(content: bytes | None) -> Mapping[str, str]:
    """A body as `text`, with JSON in lines, and a `note` on its length and on what is not shown."""
    if not content:
        return {"text": "", "note": "no body"}
    try:
        if len(content) > BYTES_LAID_OUT:
            raise ValueError("it would take long, and only its beginning is shown")
        orjson.loads(content)
        whole = laid_out(content.decode())
    except ValueError:  # of orjson, too
        whole = content.decode(errors="replace")
    kind = "" if _is_text(content) else ", not UTF-8: some bytes are replaced"
    if len(whole) <= BODY_CHARACTERS_SHOWN:
        return {"text": text.printable(whole), "note": f"{len(content):,} bytes{kind}"}
    cut = len(whole) - BODY_CHARACTERS_SHOWN
    note = f"{len(content):,} bytes{kind}; the last {cut:,} of {len(whole):,} characters are not shown"
    return {"text": text.printable(whole[:BODY_CHARACTERS_SHOWN]) + "…", "note": note}


def laid_out(document: str) -> str:
    """A JSON document in lines. Every token stays as it is, even a repeated member."""
    lines, depth = [""], 0
    tokens = _TOKEN.findall(document)
    for token, following in zip(tokens, [*tokens[1:], ""], strict=True):
        if token in "[{":
            depth += 1
        lines[-1] += f"{token} " if token == ":" else token
        if following in ("]", "}"):
            depth -= 1
        if (token in "[{," or following in ("]", "}")) and token + following not in ("[]", "{}"):
            lines.append("  " * depth)
    return "\n".join(lines)


def prose(sentence: str) -> Markup:
    """A sentence with text in backticks as code."""
    return Markup(re.sub("`([^`]+)`", r"<code>\1</code>", str(escape(sentence))))


def _is_text(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def _evidence(report: Report) -> Mapping[int, Exchange]:
    """The first witnesses of each reading, by number."""
    named = {n for line in report.card for n in line.observation.witnesses[:CALLS_SHOWN_PER_READING]}
    return {number: report.exchanges[number] for number in sorted(named & set(report.exchanges))}


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader(__package__, "page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "shown": shown,
        "outcome": outcome,
        "prose": prose,
        "in_words": in_words,
        "answers": text.answers,
        "remark": text.remark,
        "printable": text.printable,
        "of_ceiling": text.of_ceiling,
        "perhaps_spent": text.perhaps_spent,
        "cleaned_up": text.cleaned_up,
        "symbol": _SYMBOLS.__getitem__,
        "slug": lambda words: words.replace(" ", "-"),
    }
    return environment


def _part(name: str) -> str:
    return files(__package__).joinpath("page", name).read_text(encoding="utf-8")


def _digest(part: str) -> str:
    """The source expression of an inline part for a content security policy."""
    return "sha256-" + base64.b64encode(sha256(part.encode()).digest()).decode()
