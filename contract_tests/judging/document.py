"""Each exchange against spec/openapi.yaml, at the end of a run. openapi-core is a second, independent validator.

The document shows the default readings. So a status that it does not list is no violation, and neither is a body that
was sent to be refused. The check is about the shape of a result and of a refusal.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Any
from urllib.parse import urlsplit

import orjson

from ..model.gateways import not_of_the_api
from ..model.history import BATCH, Exchange, History
from ..model.time_is_up import BECAUSE, IsUp, never
from ..model.verdicts import Finding, Verdict
from .document_shapes import Shown, body_errors, header_errors

_CHECK = "document"
NOTES_MAX = 12
_NOT_SHOWN = ("PathNotFound", "OperationNotFound")  # openapi-core: an operation that the document does not have
_RESULT = "items.one-result-each"
_REFUSAL = "errors.envelope"
_COUNTS = ("created", "errors", "total")
_NAMED = {"_id": None, "status": None, "gs1": {"gtin": None, "serialNumber": None}}  # of the data of a created item


def findings_of_document(history: History, is_up: IsUp = never) -> Sequence[Finding]:
    """At most one violation for each exchange, and `conforms` for shapes that were seen and are right.

    Where the time is up, the rules are inconclusive.
    """
    found: list[Finding] = []
    seen: set[str] = set()
    for exchange in history.exchanges:
        rule = _rule_of(exchange)
        if rule is None:
            continue
        seen.add(rule)
        if is_up():
            return [*found, *(Finding(each, Verdict.INCONCLUSIVE, _CHECK, BECAUSE) for each in (_RESULT, _REFUSAL))]
        if message := not_of_the_api(exchange):
            because = f"call #{exchange.number} got {message}"
            found.append(Finding(rule, Verdict.INCONCLUSIVE, _CHECK, because, witnesses=[exchange.number]))
        else:
            found += _wrong(exchange, rule)
    wrong = {finding.rule for finding in found}
    return [*found, *(Finding(rule, Verdict.CONFORMS, _CHECK, "as the document describes it") for rule in seen - wrong)]


def notes_of_document(history: History, is_up: IsUp = never) -> Sequence[str]:
    """Other differences to the document: answers of other operations, and refusals with other statuses. These are no
    violations by themselves, so they are notes.
    """
    notes: dict[str, list[int]] = {}
    others = (each for each in takewhile(lambda _: not is_up(), history.exchanges) if _rule_of(each) != _RESULT)
    for exchange, line in _otherwise(others):
        where = f"{exchange.method} {_without_names(exchange.path)}"
        note = f"{where} answered {exchange.status}, not as the document describes it: {line[:160]}"
        notes.setdefault(note, []).append(exchange.number)
    return [f"{note} (#{numbers[0]}{_and_more(len(numbers))})" for note, numbers in [*notes.items()][:NOTES_MAX]]


def unlike_the_document(history: History) -> Iterator[str]:
    """Each answer with a status or shape that the document does not show: all that a schema can find."""
    for exchange, line in _otherwise(history.exchanges):
        yield f"#{exchange.number} answered {exchange.status}: {_said(exchange, line)[:160]}"


def _said(exchange: Exchange, error: str) -> str:
    """The error, after the reason for it where that is an encoding: without it nobody sees a byte order mark."""
    flaw = exchange.flaw_of_encoding if exchange.answer_json is None else ""
    return f"{flaw}: {error}" if flaw else error


def _otherwise(exchanges: Iterable[Exchange]) -> Iterator[tuple[Exchange, str]]:
    for exchange in exchanges:
        if exchange.status is None or exchange.lost is not None or not_of_the_api(exchange):
            continue
        for line in _shown_errors(exchange):
            if not line.startswith(_NOT_SHOWN):
                yield exchange, line


def _and_more(count: int) -> str:
    return f" and {count - 1} more" if count > 1 else ""


def _without_names(path: str) -> str:
    """The path with ids and serial numbers left out, so that equal answers are reported once."""
    parts = urlsplit(path).path.split("/")
    return "/".join("…" if any(character.isdigit() for character in part[2:]) else part for part in parts)


def _rule_of(exchange: Exchange) -> str | None:
    """The rule about the shape of this answer."""
    if exchange.lost is not None or exchange.status is None or exchange.path != BATCH or exchange.method != "POST":
        return None
    members = exchange.answer_json if isinstance(exchange.answer_json, dict) else {}
    if exchange.succeeded or "results" in members:
        return _RESULT
    return _REFUSAL if 400 <= exchange.status < 500 else None


def _wrong(exchange: Exchange, rule: str) -> Iterator[Finding]:
    errors = refusal_errors(exchange) if rule == _REFUSAL else _result_errors(exchange)
    if errors:
        shape = "a refusal" if rule == _REFUSAL else "a result"
        yield Finding(
            _blamed(exchange, rule),
            Verdict.VIOLATES,
            _CHECK,
            f"the answer does not have the shape {shape}",
            expected=f"the shape {shape} of the document",
            actual=_said(exchange, errors[0])[:300],
            witnesses=[exchange.number],
        )


def refusal_errors(exchange: Exchange) -> Sequence[str]:
    """`error` may be a problem's title (RFC 9457). A body that is no JSON object is always wrong."""
    if not isinstance(exchange.answer_json, dict):
        return ["the body is no JSON object"]
    if exchange.media_type == "application/problem+json" and {"type", "title", "code"} & set(exchange.answer_json):
        return []
    error = exchange.answer_json.get("error")
    return [] if isinstance(error, str) and error else [f"`error` is {error!r}, not a text"]


def _blamed(exchange: Exchange, rule: str) -> str:
    """A result of which only the summary is wrong violates the rule of the summary; so do the data of its items."""
    members = exchange.answer_json if isinstance(exchange.answer_json, dict) else {}
    if rule != _RESULT or not isinstance(members.get("results"), list) or _entries_are_wrong(members["results"]):
        return rule
    summary = members.get("summary")
    is_whole = isinstance(summary, dict) and all(type(summary.get(name)) is int for name in _COUNTS)
    return "items.created-carries-data" if is_whole else "summary.adds-up"


def _entries_are_wrong(entries: Sequence[Any]) -> bool:
    return any(
        not isinstance(entry, dict)
        or not isinstance(entry.get("index"), int)
        or (entry.get("status") == "created") != isinstance(entry.get("data"), dict)
        or (entry.get("status") == "error") != isinstance(entry.get("error"), str)
        for entry in entries
    )


def _result_errors(exchange: Exchange) -> Sequence[str]:
    """Against the result of the document, with status 200 and only the members of items that the contract names."""
    result = orjson.dumps(_as_named(exchange.answer_json))
    return body_errors(Shown(*_operation(exchange), 200, "application/json", result))


def _shown_errors(exchange: Exchange) -> Sequence[str]:
    """Against the document, unchanged."""
    shown = Shown(*_operation(exchange), exchange.status or 0, exchange.media_type, exchange.answer or b"")
    of_body = body_errors(shown)
    return [*of_body, *(line for line in header_errors(shown, exchange.answer_headers) if line not in of_body)]


def _operation(exchange: Exchange) -> tuple[str, str]:
    return exchange.method.lower(), _without_names(exchange.path)


def _as_named(result: Any) -> Any:
    """The result without parts that a deployment may add or leave out: other members of `data`, and `"error": null`."""
    if not isinstance(result, dict) or not isinstance(result.get("results"), list):
        return result
    entries = [_entry_as_named(entry) if isinstance(entry, dict) else entry for entry in result["results"]]
    return {**result, "results": entries}


def _entry_as_named(entry: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in entry.items() if value is not None or name not in ("data", "error")}
    return {name: _only(value, _NAMED) if name == "data" else value for name, value in kept.items()}


def _only(value: Any, named: Mapping[str, Any]) -> Any:
    """The named members of an object, recursively."""
    if not isinstance(value, dict):
        return value
    return {
        name: _only(value[name], within) if within else value[name] for name, within in named.items() if name in value
    }
