"""Variants that decide differently where the documentation allows it."""

from datetime import timedelta
from itertools import count
from typing import Any

from tracepass_contract.mockserver.http import faults
from tracepass_contract.mockserver.http.api import operations
from tracepass_contract.mockserver.http.call import body
from tracepass_contract.mockserver.http.call.exchange import Call, Reply
from tracepass_contract.mockserver.http.middleware import CallOperation
from tracepass_contract.mockserver.semantics.checks import replay as semantics_of_replay
from tracepass_contract.mockserver.semantics.checks import trace
from tracepass_contract.mockserver.semantics.checks.items import JudgedItems
from tracepass_contract.mockserver.semantics.types.answers import Replay

from ..faults.lost_races import raced, same_key
from .variant import VariantFamily

family = VariantFamily()
_turns = count()


@family.around(CallOperation, "__call__", "CV-17", because="425 may report that a key is in flight")
async def comes_too_early(call: Any, self: Any, scope: Any, receive: Any, send: Any) -> None:
    """A call whose key is in flight gets 425 with `Retry-After`."""
    early = Reply(425, (("Retry-After", "1"),), b'{"error":"Too Early"}')
    await raced(call, self, (scope, receive, send), same_key, lambda _later: early)


@family.around(CallOperation, "__call__", "CV-17a", because="the second of two equal calls may wait for the first")
async def waits_for_the_first(call: Any, self: Any, scope: Any, receive: Any, send: Any) -> None:
    """A call whose key is in flight waits and gets the replay."""

    def after_it(later: Call) -> Reply:
        reply: Reply = self._handler(later)
        return reply

    await raced(call, self, (scope, receive, send), same_key, after_it)


@family.around(CallOperation, "__call__", "CV-17b", because="a gateway may report 503 for a call in flight")
async def is_busy(call: Any, self: Any, scope: Any, receive: Any, send: Any) -> None:
    """A call whose key is in flight gets 503 with `Retry-After`."""
    busy = Reply(503, (("Retry-After", "1"),), b'{"error":"Service Unavailable"}')
    await raced(call, self, (scope, receive, send), same_key, lambda _later: busy)


@family.around(operations, "reply_to", "CV-18", because="the documentation does not say how a replay is marked")
def marks_replays(reply_to: Any, call: Any, decision: Any, now: Any) -> Any:
    """A replay has the header `X-Cache-Status: idempotent`."""
    reply = reply_to(call, decision, now)
    marked = (*reply.headers, ("X-Cache-Status", "idempotent"))
    return reply._replace(headers=marked) if isinstance(decision.answer, Replay) else reply


@family.around(
    semantics_of_replay,
    "key_in_force",
    "CV-25",
    because="the IETF draft puts keys in quotes, and common practice does not",
)
def drops_the_quotes(key_in_force: Any, key: Any, readings: Any) -> Any:
    """A key in quotes is the same as the key without quotes."""
    return key_in_force(key[1:-1] if key and len(key) > 2 and key[0] == key[-1] == '"' else key, readings)


@family.around(trace, "remember", "CV-27", because="24 hours are the minimum that is promised")
def remembers_for_two_days(remember: Any, request: Any, readings: Any, now: Any) -> Any:
    """A key is good for 48 hours."""
    kept = remember(request, readings, now)
    return kept and kept._replace(expires_at=kept.expires_at + timedelta(hours=24))


@family.around(
    JudgedItems, "_order", "CV-38", because="the documentation does not say which of two equal items is created"
)
def lets_one_win(order: Any, self: Any) -> Any:
    """Of two equal items, sometimes the first is created and sometimes the last."""
    indexes = order(self)
    return indexes if next(_turns) % 2 else indexes[::-1]


@family.around(faults, "_bearer_token", "CV-51", because="many servers compare the scheme case-sensitively")
def knows_one_spelling_of_bearer(bearer_token: Any, scope: Any) -> Any:
    """The scheme of the Authorization must be spelled `Bearer`."""
    is_known = any(name == b"authorization" and value.startswith(b"Bearer ") for name, value in scope["headers"])
    return bearer_token(scope) if is_known else ""


@family.around(
    body, "_wrong_type", "CV-90", because="the documentation does not mention media types, and a server may be lenient"
)
def reads_any_media_type(_wrong_type: Any, _found: Any) -> None:
    """JSON is accepted with any media type."""
