"""calls.required-members: each successful answer beside the batch has the members that its page requires.

Only required members are looked at: a deployment may leave out the others, or have more. An answer that no page shows
is not judged.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import jsonschema_rs

from tracepass_contract import spec

from ..model.gateways import not_of_the_api
from ..model.history import Exchange, History
from ..model.operations import operation_of
from ..model.time_is_up import BECAUSE, IsUp, never
from ..model.verdicts import Finding, Verdict

RULE = "calls.required-members"
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
        "POST /passports/batch",  # has rules of its own
    }
)
_KEPT = frozenset({"type", "const", "enum", "minimum"})


def findings_of_required_members(history: History, is_up: IsUp = never) -> Sequence[Finding]:
    """A violation for each operation whose answers lack a member or have it with another type; else `conforms`. Where
    the time is up, the rule is inconclusive.
    """
    wrong: dict[str, Finding] = {}
    seen = False
    for exchange in history.exchanges:
        if is_up():
            return [*wrong.values(), Finding(RULE, Verdict.INCONCLUSIVE, _CHECK, BECAUSE)]
        operation = operation_of(exchange.method, exchange.path)
        if operation is None or operation in _NOT_SHOWN or not exchange.succeeded:
            continue
        if exchange.lost is not None or not_of_the_api(exchange):
            continue
        if "json" not in exchange.answer_headers.get("content-type", "json"):
            continue  # a picture
        seen = True
        if operation not in wrong and (problem := next(_problems(operation, exchange), None)):
            wrong[operation] = _finding(operation, exchange, problem)
    right = [Finding(RULE, Verdict.CONFORMS, _CHECK, "all required members are there")] if seen and not wrong else []
    return [*wrong.values(), *right]


def _finding(operation: str, exchange: Exchange, problem: str) -> Finding:
    return Finding(
        RULE,
        Verdict.VIOLATES,
        _CHECK,
        f"the answer to {operation} lacks a required member, or has it with another type",
        expected="the required members of the document",
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
def _validator(operation: str) -> Any:
    """Of the answer to a success; None where the document shows no JSON."""
    document = spec.openapi_document()
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
