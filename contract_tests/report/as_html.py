"""The report as one HTML page. Its content security policy lets it load nothing."""

import base64
import re
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from tracepass_contract.spec import readings
from tracepass_contract.spec.page_parts import SCRIPT, STYLES, text_of

from ..model.capabilities import in_words
from ..model.history import Exchange
from ..model.verdicts import Verdict
from . import text
from .conclusion import GAPS
from .curl import outcome
from .view import Report

BODY_CHARACTERS_SHOWN, BODY_CHARACTERS_WITHOUT_SCRIPT = 50_000, 4_000
CALLS_SHOWN_PER_READING = 3
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
    style = "".join([*map(text_of, STYLES), _part("page.css")])
    script = text_of(SCRIPT) + _part("page.js")
    evidence = _evidence(report)
    witnesses = [each for failure in report.failures for each in failure.exchanges]
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
            evidence=evidence,
            calls={each.number: as_data(each) for each in [*witnesses, *evidence.values()]},
            unobserved=[each for each in readings().values() if each.id not in observed],
            failures_of={
                line.rule.id: [f for f in report.failures if f.rule.id == line.rule.id] for line in report.lines
            },
        )
    )


def as_data(exchange: Exchange) -> Mapping[str, Any]:
    """A call as the script of the page shows it (spec/pages/exchange.js)."""
    request = _message(f"{exchange.method} {exchange.path}", exchange.headers, exchange.body or b"")
    if exchange.status is None:
        return {"request": request, "answer": outcome(exchange)}
    return {"request": request, "answer": _message(str(exchange.status), exchange.answer_headers, exchange.answer)}


def _message(first: str, headers: Mapping[str, str], body: bytes) -> Mapping[str, Any]:
    whole = body.decode(errors="replace")
    kept = whole[:BODY_CHARACTERS_SHOWN]
    named = [{"name": name, "value": value} for name, value in headers.items()]
    return {"first": first, "headers": named, "body": kept, "left_out": len(whole) - len(kept)}


def as_text(exchange: Exchange) -> str:
    """A call for a browser that runs no script."""
    call = as_data(exchange)
    return "\n\n".join(text.printable(_in_lines(call[each])) for each in ("request", "answer"))


def _in_lines(message: Mapping[str, Any] | str) -> str:
    if isinstance(message, str):
        return message
    body = message["body"][:BODY_CHARACTERS_WITHOUT_SCRIPT]
    left_out = len(message["body"]) - len(body) + message["left_out"]
    end = [f"… {left_out:,} more characters are not shown"] if left_out else []
    headers = [f"{each['name']}: {each['value']}" for each in message["headers"]]
    return "\n".join([message["first"], *headers, *(["", body] if body else []), *end])


def prose(sentence: str) -> Markup:
    """A sentence with text in backticks as code."""
    return Markup(re.sub("`([^`]+)`", r"<code>\1</code>", str(escape(sentence))))


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
        "as_text": as_text,
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
