"""The answers of the operations beside the batch, each against spec/openapi.yaml.

A success must have its required members: a deployment may leave out the others, or have more. A read does not succeed
with the status of a write. A refusal must have the envelope of errors. An answer that no page shows is not judged, and
neither is one that may come from a router or a gateway.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import jsonschema_rs

from tracepass_contract import spec

from ..model.gateways import not_of_the_api
from ..model.history import BATCH, Exchange, History
from ..model.operations import operation_of
from ..model.time_is_up import BECAUSE, IsUp, never
from ..model.verdicts import Finding, Verdict
from .document import refusal_errors

MEMBERS, ENVELOPE, SUCCEED = "calls.required-members", "errors.envelope", "calls.valid-calls-succeed"
_CHECK = "document"
_NOT_SHOWN = frozenset(  # by our copies of the vendor's pages (reading calls.answer-to-changes)
    {
        "PATCH /passports/{id}/fields/{key}",
        "PATCH /passports/by-serial/{serial}/fields/{key}",
        "PATCH /passports/{id}/parties/{role}",
        "DELETE /passports/{id}/parties/{role}",
        "POST /products",
        "POST /products/{id}/archive",
        "GET /templates/{category}",  # only that it has `fields`
    }
)
_OF_WRITES = frozenset({201, 202, 204, 205})  # no read is answered so
_KEPT = frozenset({"type", "const", "enum", "minimum"})


def findings_of_related_answers(history: History, is_up: IsUp = never) -> Sequence[Finding]:
    """A violation for each operation whose answers break a rule, and `conforms` for a rule that all answers keep. Where
    the time is up, both rules are inconclusive.
    """
    judged = [(each, operation) for each in history.exchanges if (operation := _judged(each)) is not None]
    served = {operation for exchange, operation in judged if exchange.succeeded}
    wrong: dict[tuple[str, str], Finding] = {}
    seen: set[str] = set()
    for exchange, operation in judged:
        if is_up():
            late = [Finding(rule, Verdict.INCONCLUSIVE, _CHECK, BECAUSE) for rule in (MEMBERS, ENVELOPE)]
            return [*wrong.values(), *late]
        problem: str | None
        if exchange.succeeded and exchange.method == "GET" and exchange.status in _OF_WRITES:
            rule, problem = SUCCEED, f"{exchange.status}"
        elif exchange.succeeded and operation not in _NOT_SHOWN:
            rule, problem = MEMBERS, next(_problems(operation, exchange), None)
        elif operation in served and _is_refusal(exchange):
            rule, problem = ENVELOPE, next(iter(refusal_errors(exchange)), None)
        else:
            continue
        seen.add(rule)
        if problem is not None:
            wrong.setdefault((rule, operation), _finding(rule, operation, exchange, problem))
    right = seen - {rule for rule, _ in wrong}
    return [
        *wrong.values(),
        *(Finding(rule, Verdict.CONFORMS, _CHECK, "as the document describes it") for rule in right),
    ]


def _judged(exchange: Exchange) -> str | None:
    """The operation of an answer that is judged. A batch has rules of its own; pictures and pages of HTML have none."""
    if exchange.lost is not None or exchange.path == BATCH or not_of_the_api(exchange):
        return None
    if "json" not in (exchange.media_type or "json"):
        return None
    return operation_of(exchange.method, exchange.path)


def _is_refusal(exchange: Exchange) -> bool:
    """A batch of products of which all failed may have a status of 4xx (batch.all-failed-status), and is none."""
    answer = exchange.answer_json
    has_results = isinstance(answer, dict) and isinstance(answer.get("results"), list)
    return exchange.status is not None and 400 <= exchange.status < 500 and not has_results


def _finding(rule: str, operation: str, exchange: Exchange, problem: str) -> Finding:
    because = {
        MEMBERS: "lacks a required member, or has it with another type",
        ENVELOPE: "is no refusal of the API",
        SUCCEED: "has a status that only a write has",
    }[rule]
    return Finding(
        rule,
        Verdict.VIOLATES,
        _CHECK,
        f"the answer {exchange.status} to {operation} {because}",
        expected="the shape of the document",
        actual=problem[:300],
        witnesses=[exchange.number],
    )


def _problems(operation: str, exchange: Exchange) -> Iterator[str]:
    validator = _validator(operation)
    if validator is None:
        return
    answer = exchange.answer_json
    wrapped = answer.get("data") if isinstance(answer, dict) else None
    if isinstance(wrapped, dict) and validator.is_valid(wrapped):
        return  # one resource in `data`
    for error in validator.iter_errors(answer):
        yield f"{'/'.join(map(str, error.instance_path))}: {error.message}"


@cache
def _document() -> Mapping[str, Any]:
    return spec.openapi_document()


@cache
def _validator(operation: str) -> Any:
    """Of the answer to a success; None where the document shows no JSON."""
    document = _document()
    method, _, path = operation.partition(" ")
    responses = document["paths"][path][method.lower()]["responses"]
    success = next(answer for status, answer in responses.items() if status.startswith("2"))
    media = _resolved(document, success).get("content", {}).get("application/json", {})
    return jsonschema_rs.validator_for(_required_of(document, media["schema"])) if "schema" in media else None


def _required_of(document: Mapping[str, Any], schema: Any) -> dict[str, Any]:
    """The schema without members that are not required, and without what it says of values beyond their types."""
    whole = _whole(document, schema)
    required = list(whole.get("required", ()))
    found = {name: value for name, value in whole.items() if name in _KEPT}
    found["required"] = required
    found["properties"] = {name: _required_of(document, whole["properties"].get(name, {})) for name in required}
    if "items" in whole:
        found["items"] = _required_of(document, whole["items"])
    return found


def _whole(document: Mapping[str, Any], schema: Any) -> dict[str, Any]:
    """The schema with the parts of its `allOf` in it."""
    schema = _resolved(document, schema)
    whole: dict[str, Any] = {"properties": {}, "required": []}
    for part in (*(_whole(document, each) for each in schema.get("allOf", ())), schema):
        properties = {**whole["properties"]}
        for name, described in part.get("properties", {}).items():
            properties[name] = {**_resolved(document, properties.get(name)), **_resolved(document, described)}
        required = [*dict.fromkeys((*whole["required"], *part.get("required", ())))]
        whole = {**whole, **part, "properties": properties, "required": required}
    return whole


def _resolved(document: Mapping[str, Any], part: Any) -> Mapping[str, Any]:
    found: Any = part
    while isinstance(found, dict) and "$ref" in found:
        names = found["$ref"].removeprefix("#/").split("/")
        found = document
        for name in names:
            found = found[name]
    return found if isinstance(found, dict) else {}
