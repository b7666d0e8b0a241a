"""Faults for the loser of a race. Each call waits a moment, so that others overlap with it."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import orjson
from msgspec.structs import replace

from tracepass_contract.mockserver.http.call import problems
from tracepass_contract.mockserver.http.call.exchange import Call, Reply
from tracepass_contract.mockserver.http.call.scope import context_of
from tracepass_contract.mockserver.http.middleware import CallOperation

from ..mutant import Family, handled_by

family = Family()
_SECONDS = 0.03  # duration of a call
_WHO_DECIDE = "CV-17 CV-17a CV-17b"  # variants that answer the loser themselves


@family.around(
    CallOperation,
    "__call__",
    "CON-02",
    rule="idempotency.executes-once",
    hidden_by=_WHO_DECIDE,
    severity="N",
    needs="C",
)
async def breaks_for_the_loser(call: Any, self: Any, scope: Any, receive: Any, send: Any) -> None:
    """A call whose key is in flight gets 500."""
    await raced(call, self, (scope, receive, send), same_key, lambda _later: _BROKEN)


@family.around(
    CallOperation,
    "__call__",
    "CON-08",
    rule="items.serial-unique-per-gtin",
    hidden_by=_WHO_DECIDE,
    severity="N",
    needs="C",
)
async def falls_into_a_deadlock(call: Any, self: Any, scope: Any, receive: Any, send: Any) -> None:
    """Of two parallel batches that name the same pairs in opposite order, one gets 500."""
    await raced(call, self, (scope, receive, send), _opposite_order, lambda _later: _BROKEN)


@family.around(
    CallOperation,
    "__call__",
    "CON-09",
    rule="idempotency.executes-once budget.counts-every-item",
    hidden_by=_WHO_DECIDE,
    severity="N",
    needs="CW",
)
async def charges_the_loser(call: Any, self: Any, scope: Any, receive: Any, send: Any) -> None:
    """A call whose key is in flight gets 409 and is charged for its items."""

    def lose(later: Call) -> Reply:
        workspace = later.caller.workspace
        today = workspace.clock.now().date()
        workspace.writes_used = workspace.writes_used_on(today) + len(_items(later))
        workspace.writes_day = today
        return Reply(409, (), b'{"error":"A request with this key is in progress"}')

    await raced(call, self, (scope, receive, send), same_key, lose)


@family.around(
    CallOperation,
    "__call__",
    "CON-10",
    rule="idempotency.executes-once idempotency.replays-original",
    hidden_by=_WHO_DECIDE,
    needs="C",
)
async def answers_half_to_the_loser(call: Any, self: Any, scope: Any, receive: Any, send: Any) -> None:
    """A call whose key is in flight gets the results that exist so far."""

    def lose(later: Call) -> Reply:
        reply: Reply = self._handler(later)
        if not reply.body.startswith(b'{"results":'):
            return reply
        answer = orjson.loads(reply.body)
        answer["results"] = answer["results"][: len(answer["results"]) // 2]
        created = sum(entry["status"] == "created" for entry in answer["results"])
        total = len(answer["results"])
        answer["summary"] = {"created": created, "errors": total - created, "total": total}
        return reply._replace(body=orjson.dumps(answer))

    await raced(call, self, (scope, receive, send), same_key, lose)


@family.around(
    CallOperation,
    "__call__",
    "CON-12",
    rule="idempotency.executes-once idempotency.refuses-another-body",
    hidden_by=_WHO_DECIDE,
    needs="C",
)
async def executes_every_body(call: Any, self: Any, scope: Any, receive: Any, send: Any) -> None:
    """Parallel calls with one key and different bodies are all executed."""

    def another_body(one: Call, other: Call) -> bool:
        return same_key(one, other) and one.raw != other.raw

    def lose(later: Call) -> Reply:
        headers = [header for header in later.headers if header[0] != b"idempotency-key"]
        reply: Reply = self._handler(replace(later, scope={**later.scope, "headers": headers}))
        return reply

    await raced(call, self, (scope, receive, send), another_body, lose)


_BROKEN = Reply(500, (), b'{"error":"Internal Server Error"}')
_under_way: dict[Any, list[Call]] = defaultdict(list)


async def raced(
    original: Any, operation: Any, call: Any, lost_to: Callable[[Call, Call], bool], lose: Callable[[Call], Reply]
) -> None:
    """The operation after a moment; `lose` answers instead where another call is in flight that it lost to."""
    if context_of(call[0]).caller is None:  # of the control plane
        await original(operation, *call)
        return
    lost = False
    earlier: list[Call] = []

    async def turn(later: Call) -> None:
        nonlocal lost
        others = _under_way[later.caller.workspace]
        lost = any(lost_to(later, other) for other in others)
        others.append(later)
        earlier.append(later)
        await asyncio.sleep(_SECONDS * (1 + lost))  # the loser is answered when the winner is done

    def handle(later: Call) -> Reply:
        reply: Reply = lose(later) if lost else operation._handler(later)
        return reply

    raced = handled_by(operation, handle)
    raced._wait = turn
    try:
        await original(raced, *call)
    finally:
        for later in earlier:
            _under_way[later.caller.workspace].remove(later)


def same_key(one: Call, other: Call) -> bool:
    key = one.header(b"idempotency-key")
    return bool(key) and key == other.header(b"idempotency-key") and one.scope["path"] == other.scope["path"]


def _opposite_order(one: Call, other: Call) -> bool:
    items, others = (_pairs(call) for call in (one, other))
    common = [pair for pair in items if pair in others]
    return len(common) > 1 and common != [pair for pair in others if pair in items]


def _pairs(call: Call) -> list[Any]:
    pairs = [item.get("gs1") for item in _items(call) if isinstance(item, dict)]
    return [(gs1.get("gtin"), gs1.get("serialNumber")) for gs1 in pairs if isinstance(gs1, dict)]


def _items(call: Call) -> Any:
    return problems.items_in(getattr(call.body, "value", None), "passports")
