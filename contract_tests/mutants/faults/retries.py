"""Faults of retries: keys of other operations, clients that disconnected, passports that changed meanwhile."""

import asyncio
import os
import socket
from asyncio import Event
from dataclasses import replace
from datetime import timedelta
from typing import Any

import orjson

from tracepass_contract.mockserver.http import faults
from tracepass_contract.mockserver.http.api import operations
from tracepass_contract.mockserver.http.call.scope import context_of
from tracepass_contract.mockserver.http.middleware import CallOperation
from tracepass_contract.mockserver.semantics.checks import write
from tracepass_contract.mockserver.semantics.checks.replay import key_name
from tracepass_contract.mockserver.semantics.operations.create_batch import CreateBatch
from tracepass_contract.mockserver.semantics.types.answers import NewPassport, Refusal, Replay
from tracepass_contract.mockserver.semantics.types.gs1 import gtin14, serial_identity
from tracepass_contract.mockserver.state.stored_answers import StoredAnswers

from ..mutant import Family, handled_by

family = Family()
_BATCH = b'{"results":'  # how the answer to a batch begins that was executed
_GONE_SECONDS = 0.03  # after which it is looked whether the caller is still there; busy callers need some time to go
_CACHED = timedelta(minutes=1)


@family.around(write, "stored_answer", "IDM-15", rule="idempotency.covers-whole-batch", severity="N", needs="S")
def answers_with_a_single_create(stored_answer: Any, request: Any, state: Any, readings: Any, now: Any) -> Any:
    """A batch gets the stored answer of a single create with the same key."""
    found = stored_answer(request, state, readings, now)
    if request.operation != "createPassportBatch" or request.idempotency_key is None:
        return found
    of_any_call = [kept for name, kept in state._workspace.answers.items() if name[-1] == request.idempotency_key]
    single = [kept for kept in of_any_call if not kept.body.startswith(_BATCH) and kept.status == 201]
    if not single or (found and found not in single):
        return found
    taken = replace(single[0], fingerprint=request.fingerprint)
    state._workspace.answers.put(key_name(request, readings), taken)
    return taken


@family.around(
    faults.FaultyCall,
    "cut",
    "IDM-18",
    rule="idempotency.replays-original",
    hidden_by="idempotency.in-flight=waits",
    severity="N",
    needs="PT",
)
async def stays_locked(cut: Any, self: Any, **options: Any) -> None:
    """After a lost answer the key stays in flight forever."""
    owner = self.context.workspace
    key = dict(self.scope["headers"]).get(b"idempotency-key", b"").decode("latin-1")
    for name, _ in owner.answers.items():
        if key and name[-1] == key:
            owner.in_flight[name] = Event()
    await cut(self, **options)


@family.around(
    operations,
    "decide",
    "IDM-31",
    rule="idempotency.replays-original",
    hidden_by="idempotency.in-flight=waits",
    severity="N",
    needs="Q",
)
def holds_the_key_of_a_refused_call(decide: Any, its: Any, now: Any) -> Any:
    """The key of a call that is refused for its quota stays in flight forever."""
    decision = decide(its, now)
    name = key_name(its.call, its.readings)
    if isinstance(decision.answer, Refusal) and decision.answer.status == 402 and name is not None:
        its.state._workspace.in_flight.setdefault(name, Event())
    return decision


@family.around(operations, "decide", "IDM-27", rule="idempotency.replays-original", needs="L")
def replays_what_is_there_now(decide: Any, its: Any, now: Any) -> Any:
    """A replay shows the passports as they are now."""
    decision = decide(its, now)
    if not isinstance(decision.answer, Replay) or not decision.answer.original.body.startswith(_BATCH):
        return decision
    shown = orjson.loads(decision.answer.original.body)
    for entry in shown["results"]:
        data = entry.get("data")
        passport = its.state.passport(data["_id"]) if data else None
        if passport is not None:
            data.update({name: getattr(passport, name) for name in ("status", "parties") if name in data})
    original = replace(decision.answer.original, body=orjson.dumps(shown))
    return decision._replace(answer=replace(decision.answer, original=original))


@family.around(operations, "decide", "IDM-28", rule="idempotency.replay-changes-nothing", needs="L")
def creates_what_was_deleted(decide: Any, its: Any, now: Any) -> Any:
    """A replay creates deleted passports again, with new ids."""
    decision = decide(its, now)
    if not isinstance(decision.answer, Replay) or type(its) is not CreateBatch:
        return decision
    shown = [entry for entry in orjson.loads(decision.answer.original.body)["results"] if "data" in entry]
    gone = [entry["index"] for entry in shown if its.state.passport(entry["data"]["_id"]) is None]
    again = []
    for new_id, index in zip(its.state.passport_ids(len(gone)), gone, strict=True):
        item = its.request.items[index]
        identity = serial_identity(item.serial_number, its.readings)
        gtin, serial = gtin14(item.gtin), item.serial_number
        again.append(NewPassport(new_id, item.product_id, gtin, serial, identity, None, now, index))
    return decision._replace(effects=decision.effects._replace(passports=again))


def _has_closed(receive: Any) -> bool:
    """Whether the client has closed its side of the connection. The mock itself waits for its answer all the same."""
    connection = getattr(getattr(receive, "__self__", None), "transport", None)
    if connection is None:
        return False
    with socket.socket(fileno=os.dup(connection.get_extra_info("socket").fileno())) as same:
        try:
            return not same.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False


@family.around(CallOperation, "__call__", "HTP-06", rule="idempotency.replays-original")
async def forgets_who_went_away(call: Any, self: Any, scope: Any, receive: Any, send: Any) -> None:
    """If the client disconnects before the answer, the passports exist, but the key is not stored."""
    if context_of(scope).caller is None or scope["method"] != "POST":
        await call(self, scope, receive, send)
        return
    chunks, more = [], True
    while more:
        chunks.append(await receive())
        more = chunks[-1].get("more_body", False)
    await asyncio.sleep(_GONE_SECONDS)

    async def once_more() -> Any:
        return chunks.pop(0) if chunks else await receive()

    gone = _has_closed(receive)
    workspace: Any = context_of(scope).workspace
    known = StoredAnswers()
    for name, remembered in workspace.answers.items():
        known.put(name, remembered)
    await call(self, scope, once_more, send)
    if gone:
        workspace.answers = known


@family.around(
    CallOperation, "__call__", "HTP-07", rule="idempotency.key-is-optional budget.counts-every-item", severity="N"
)
async def answers_from_a_cache(call: Any, self: Any, scope: Any, receive: Any, send: Any) -> None:
    """A cache answers a call without a key with the answer to an equal call of the last minute."""

    def handle(later: Any) -> Any:
        caller = later.caller
        name = caller.workspace, scope["path"], caller.api_key, later.raw
        now, (kept, until) = caller.workspace.clock.now(), _cache.get(name, (None, None))
        if until is not None and until > now:
            return kept
        reply = self._handler(later)
        if reply.status < 300:
            _cache[name] = reply, now + _CACHED
        return reply

    keyless = not any(name == b"idempotency-key" for name, _ in scope["headers"])
    if context_of(scope).caller and scope["method"] == "POST" and keyless:
        await call(handled_by(self, handle), scope, receive, send)
    else:
        await call(self, scope, receive, send)


_cache: dict[Any, Any] = {}
