"""From a call to the request that the semantics decide: body, path, query and idempotency key."""

from collections.abc import Callable, Iterator, Sequence
from hashlib import blake2b
from typing import Any

import orjson

from ...semantics.types.answers import Refusal
from ...semantics.types.readings import Fingerprint, Identifier, Readings
from ...semantics.types.request import BatchRequest, Kind, NamedCall, Problem
from ..call import problems
from ..call.body import Body
from ..call.exchange import Call
from . import batch_json
from .not_served import items_not_served, picture_not_served

_KEY = b"idempotency-key"
_BATCHES = frozenset({"createPassportBatch", "createProductBatch"})
Request = BatchRequest | NamedCall | Refusal
Build = Callable[[Call, list[Problem], Readings], Request]


def request_from(call: Call, build: Build, readings: Readings) -> Request:
    """The request of a call, or the refusal of a body that is not valid JSON or of a part that is not served."""
    return call.body if isinstance(call.body, Refusal) else build(call, _body_problems(call), readings)


def batch_request(call: Call, found: list[Problem], readings: Readings) -> BatchRequest | Refusal:
    """The request of an operation that creates passports. `found` are the problems of its body."""
    body, valid = call.body, not found
    assert isinstance(body, Body)  # noqa: S101  the document requires one
    single = call.operation.operation_id not in _BATCHES
    elements = [body.value] if single else problems.items_in(body.value, "passports")
    members = problems.members_of(elements)
    if refused := items_not_served(elements, members, readings, single=single):
        return refused
    if "identifier" in members:
        found = [*found, *_contradictions(elements, readings, single=single)]
    key, of_headers = _key(call)
    caller = call.caller
    return BatchRequest(
        batch_json.items_of(elements, members if valid else None),
        batch_json.consent_in(body.value),
        _of_related_endpoints(found, single=single) + of_headers,
        caller.api_key,
        key,
        b"" if key is None else fingerprint_of(body, readings),
        caller.arrived_at,
        call.operation.operation_id,
        single,
        None if single else _failing_item(call),
        call.context.creatable_at_arrival,
    )


def _contradictions(elements: Sequence[Any], readings: Readings, *, single: bool) -> Iterator[Problem]:
    """Items with a `gs1` and an `identifier` that name two passports (reading items.identifier)."""
    for n, item in enumerate(elements):
        if isinstance(item, dict) and "identifier" in item and "gs1" in item:
            if readings.identifier is Identifier.IGNORED:
                return
            named, again = batch_json.pair_in(item["gs1"]), batch_json.pair_in(item["identifier"])
            if named and again and named != again:
                where = "/identifier" if single else f"/passports/{n}/identifier"
                yield Problem(Kind.VALUE, where, "the GTIN and serial number of gs1", " and ".join(again), n)


def named_call(
    call: Call, found: list[Problem], readings: Readings, parse_body: Callable[[Any], Any] | None = None
) -> NamedCall | Refusal:
    """The request of any other operation. `found` are the problems of its body."""
    if refused := picture_not_served(call):
        return refused
    operation, body = call.operation.operation_id, call.body
    names, of_names = problems.of_texts(call.operation.path, list(call.path_params.items()))
    query, of_query = problems.of_texts(call.operation.query, call.query)
    is_batch = operation in _BATCHES
    found = _of_related_endpoints([*found, *of_names, *of_query], single=not is_batch)
    key, of_headers = _key(call)
    content = body if isinstance(body, Body) else None
    return NamedCall(
        operation,
        found + of_headers,
        names,
        query,
        call.caller.api_key,
        call.caller.arrived_at,
        parse_body(content.value if content else None) if parse_body and (is_batch or not found) else None,
        key,
        b"" if key is None else _fingerprint_of_named(operation, [names, query], content, readings),
        _failing_item(call) if is_batch else None,
    )


def _failing_item(call: Call) -> int | None:
    """The position of the item that a planned fault fails. An earlier call may have consumed the fault."""
    fault = call.context.fault
    return None if fault is None or fault.kind != "item" or fault.consumed else fault.item


def _body_problems(call: Call) -> list[Problem]:
    if call.operation.body is None or not isinstance(call.body, Body):
        return []
    return list(problems.of_body(call.operation.body, call.body.value))


def _of_related_endpoints(found: list[Problem], *, single: bool) -> list[Problem]:
    return [problem._replace(kind=Kind.RELATED, item=None) for problem in found] if single else found


def _key(call: Call) -> tuple[str | None, list[Problem]]:
    """The idempotency key, and the problems of the documented headers."""
    key: str | None = None
    found: list[Problem] = []
    for parameter in call.operation.headers:
        values = call.header(parameter.wire_name)
        found += problems.of_header(parameter, values)
        if values and parameter.wire_name == _KEY:
            key = values[0].decode("latin-1")
    return key, found


def fingerprint_of(body: Body, readings: Readings) -> bytes:
    """A hash that is equal for equal bodies. The reading idempotency.fingerprint says which bodies are equal."""
    return _digest(_compared(body, readings))


def _fingerprint_of_named(operation: str, names: Any, body: Body | None, readings: Readings) -> bytes:
    """The fingerprint of the path, the query and the body. Equal bodies for two passports are two different calls."""
    return _digest(orjson.dumps([operation, *names]) + (_compared(body, readings) if body else b""))


def _compared(body: Body, readings: Readings) -> bytes:
    match readings.fingerprint:
        case Fingerprint.CANONICAL_JSON:
            return body.canonical
        case Fingerprint.PARSED_JSON:
            return orjson.dumps(body.value)
        case Fingerprint.RAW_BYTES:
            return body.raw


def _digest(compared: bytes) -> bytes:
    return blake2b(compared, digest_size=16).digest()
