"""The documented operations: from a call to a decision, and from the decision to the books and the wire.

A handler is a plain function, called on the event loop: nothing can come between what it decides and what it commits,
so a request is atomic without a lock.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import blake2b

import orjson

from tracepass_contract.mockserver.faults import BREAK_OFF, FAILING_ITEM
from tracepass_contract.mockserver.http import problems, wire
from tracepass_contract.mockserver.http.body import Body
from tracepass_contract.mockserver.http.exchange import Call, Reply
from tracepass_contract.mockserver.http.log import Log, LogEntry
from tracepass_contract.mockserver.http.turns import CREATABLE_AT_ARRIVAL, Turns
from tracepass_contract.mockserver.semantics.accounts import Account
from tracepass_contract.mockserver.semantics.answers import (
    NO_EFFECTS,
    BatchResult,
    Check,
    Decision,
    Refusal,
    Replay,
)
from tracepass_contract.mockserver.semantics.broken_off import break_off
from tracepass_contract.mockserver.semantics.create_batch import create_batch
from tracepass_contract.mockserver.semantics.readings import Fingerprint, Readings
from tracepass_contract.mockserver.semantics.replay import key_name
from tracepass_contract.mockserver.semantics.request import BatchRequest, Problem
from tracepass_contract.mockserver.state import Sent, State
from tracepass_contract.mockserver.state.journal import Entry, outcome_of

logger = logging.getLogger(__name__)
_KEY = b"idempotency-key"
_NONE: frozenset[int] = frozenset()


class UndocumentedAnswer(RuntimeError):
    """The mock was about to break its own document: a bug in the mock. Nothing was committed."""


class Operations:
    """The handlers by operationId, over one set of books."""

    def __init__(self, state: State, readings: Readings, deviations: Mapping[str, str], log: Log) -> None:
        self._state = state
        self._readings = readings
        self._deviations = deviations  # from the default readings, for the journal
        self._log = log

    def turns(self) -> Mapping[str, Turns]:
        """What a call waits for, by operationId."""
        return {"createPassportBatch": Turns(self._foresee, self._readings)}

    def _foresee(self, call: Call) -> tuple[Decision, tuple[str, ...] | None]:
        """How a call would be decided now, and what its key is known by."""
        decision, request, _ = self._decide(call, call.caller.workspace.clock.now())
        return decision, key_name(request, self._readings) if request else None

    def _decide(self, call: Call, now: datetime) -> tuple[Decision, BatchRequest | None, Account]:
        view = self._state.view(call.caller.workspace, now)
        if not isinstance(call.body, Body):
            return _never_json(call.body), None, view.account
        request = _batch_request(call, call.body, self._readings)
        return create_batch(request, view, self._readings, now), request, view.account

    def create_passport_batch(self, call: Call) -> Reply:
        workspace = call.caller.workspace
        now = workspace.clock.now()
        decision, request, account = self._decide(call, now)
        reply = _reply(call, decision, now)
        sent = Sent(reply.status, reply.headers, reply.body)
        if break_at := call.scope["extensions"].get(BREAK_OFF):
            decision = break_off(decision, account, break_at, self._readings)
            reply = _reply(call, decision, now)
        self._state.commit(workspace, decision, sent, now)  # what is kept for a retry is the whole answer
        number, after = workspace.journal.next_number(), self._state.view(workspace, now).account
        checks, outcome = decision.because, outcome_of(decision)
        sent = Sent(reply.status, reply.headers, reply.body)
        entry = Entry(number, now, call.asked(), sent, checks, outcome, account, after, self._deviations)
        workspace.journal.write(entry, decision.effects)
        self._tell(LogEntry.of(decision, account, request, reply.status))
        return reply

    def _tell(self, entry: LogEntry) -> None:
        """The call is in the books by now: a log that can't be written must not turn its answer into a failure."""
        try:
            self._log(entry)
        except Exception:
            logger.exception("A call was answered, and its log line could not be written.")


def _batch_request(call: Call, body: Body, readings: Readings) -> BatchRequest:
    assert call.operation.body is not None  # noqa: S101  the document shows one
    found: list[Problem] = list(problems.of_body(call.operation.body, body.value))
    items = wire.items_of(body.value, valid=not found)
    key = None
    for parameter in call.operation.headers:
        values = call.header(parameter.wire_name)
        found += problems.of_header(parameter, values)
        if values and parameter.wire_name == _KEY:
            key = values[0].decode("latin-1")
    consent = wire.consent_in(body.value)
    fingerprint, extensions = fingerprint_of(body, readings), call.scope["extensions"]
    return BatchRequest(
        items,
        consent,
        found,
        call.caller.api_key,
        key,
        fingerprint,
        call.caller.arrived_at,
        failing_item=extensions.get(FAILING_ITEM),
        creatable_at_arrival=extensions.get(CREATABLE_AT_ARRIVAL, _NONE),
    )


def fingerprint_of(body: Body, readings: Readings) -> bytes:
    """Reading idempotency.fingerprint: when two bodies are the same."""
    match readings.fingerprint:
        case Fingerprint.CANONICAL_JSON:
            compared = body.canonical
        case Fingerprint.PARSED_JSON:
            compared = orjson.dumps(body.value)
        case Fingerprint.RAW_BYTES:
            compared = body.raw
    return blake2b(compared, digest_size=16).digest()


def _never_json(refused: Refusal | None) -> Decision:
    assert refused is not None  # noqa: S101  an operation with a body reads one
    return Decision(refused, NO_EFFECTS, (Check(refused.rule, "refused", {}),))


def _reply(call: Call, decision: Decision, now: datetime) -> Reply:
    """The answer as it will be sent, held against the document before anything is committed."""
    headers: tuple[tuple[str, str], ...] = (("Mock-Rule", decision.rule),)
    match decision.answer:
        case Replay(original=original, same_bytes=same_bytes, headers=marker):
            body = original.body if same_bytes else _same_json(original.body)
            return Reply(original.status, (*headers, *_without_rule(original.headers), *marker), body)
        case BatchResult() as result:
            status, json = result.status, wire.batch_result(result, now)
        case Refusal() as refused:
            status, json, headers = refused.status, wire.refusal(refused), (*headers, *refused.headers)
    if not call.operation.allows(status, json):
        raise UndocumentedAnswer(f"{call.operation.operation_id}: {status} with this body is not in the document")
    return Reply(status, headers, orjson.dumps(json))


def _without_rule(headers: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
    return [header for header in headers if header[0] != "Mock-Rule"]


def _same_json(body: bytes) -> bytes:
    """Equal JSON in other bytes: members sorted."""
    return orjson.dumps(orjson.loads(body), option=orjson.OPT_SORT_KEYS)
