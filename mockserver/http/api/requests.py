"""From a call to what the semantics judge: the body, the names in the path, the query, the idempotency key."""

from collections.abc import Callable
from hashlib import blake2b
from typing import Any

import orjson

from ...semantics.types.answers import Refusal
from ...semantics.types.readings import Fingerprint, Readings
from ...semantics.types.request import BatchRequest, Kind, NamedCall, Problem
from ...state.planned_faults import PlannedFault
from ..call import problems
from ..call.body import Body
from ..call.exchange import Call
from ..faults import CREATABLE_AT_ARRIVAL, FAULT
from . import batch_json

_KEY = b"idempotency-key"
_NONE: frozenset[int] = frozenset()
_BATCHES = frozenset({"createPassportBatch", "createProductBatch"})
Build = Callable[[Any], Any] | None


def batch_request(_body: Any) -> None:
    """Marks the operations that create passports: theirs is a request of its own."""


def request_from(call: Call, build: Build, readings: Readings) -> BatchRequest | NamedCall | Refusal:
    """The request; or the refusal that its body is when it never became JSON."""
    if isinstance(call.body, Refusal):
        return call.body
    found = _body_problems(call)
    if build is batch_request:
        assert call.body is not None  # noqa: S101  the document requires one
        return _batch_request(call, call.body, found, readings)
    return _named_call(call, build, found, readings)


def _batch_request(call: Call, body: Body, found: list[Problem], readings: Readings) -> BatchRequest:
    single = call.operation.operation_id not in _BATCHES
    elements = [body.value] if single else problems.items_in(body.value, "passports")
    key, of_headers = _key(call)
    caller = call.caller
    return BatchRequest(
        batch_json.items_of(elements, valid=not found),
        batch_json.consent_in(body.value),
        _of_related_endpoints(found, single=single) + of_headers,
        caller.api_key,
        key,
        b"" if key is None else fingerprint_of(body, readings),
        caller.arrived_at,
        call.operation.operation_id,
        single,
        None if single else _failing_item(call),
        call.scope["extensions"].get(CREATABLE_AT_ARRIVAL, _NONE),
    )


def _named_call(call: Call, build: Build, found: list[Problem], readings: Readings) -> NamedCall:
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
        build(content.value if content else None) if build and (is_batch or not found) else None,
        key,
        b"" if key is None else _fingerprint_of_named(operation, [names, query], content, readings),
        _failing_item(call) if is_batch else None,
    )


def _failing_item(call: Call) -> int | None:
    """The position of the item that a planned fault lets fail. Another call may have come to its own before."""
    fault: PlannedFault | None = call.scope["extensions"].get(FAULT)
    return None if fault is None or fault.kind != "item" or fault.consumed else fault.item


def _body_problems(call: Call) -> list[Problem]:
    if call.operation.body is None or not isinstance(call.body, Body):
        return []
    return list(problems.of_body(call.operation.body, call.body.value))


def _of_related_endpoints(found: list[Problem], *, single: bool) -> list[Problem]:
    return [problem._replace(kind=Kind.RELATED, item=None) for problem in found] if single else found


def _key(call: Call) -> tuple[str | None, list[Problem]]:
    """The idempotency key, and what is wrong with the documented headers."""
    key: str | None = None
    found: list[Problem] = []
    for parameter in call.operation.headers:
        values = call.header(parameter.wire_name)
        found += problems.of_header(parameter, values)
        if values and parameter.wire_name == _KEY:
            key = values[0].decode("latin-1")
    return key, found


def fingerprint_of(body: Body, readings: Readings) -> bytes:
    """Reading idempotency.fingerprint: when two bodies are the same."""
    return _digest(_compared(body, readings))


def _fingerprint_of_named(operation: str, names: Any, body: Body | None, readings: Readings) -> bytes:
    """A key that comes back with equal bodies for two passports, or for two changes of one, was used for two calls."""
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
