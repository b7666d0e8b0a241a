"""Faults of parallel calls. A call reads the balances when it arrives, and commits its decision later."""

import asyncio
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from starlette.types import Receive, Scope, Send

from tracepass_contract.mockserver.http.call.scope import context_of
from tracepass_contract.mockserver.http.middleware import CallOperation
from tracepass_contract.mockserver.state.stored_answers import StoredAnswers

from ..mutant import Family

family = Family("idempotency.in-flight=waits items.race-loser=whole-409")
_SECONDS = 0.02  # between looking and entering


@family.around(CallOperation, "__call__", "CON-01", rule="idempotency.executes-once", needs="C")
async def executes_both(_call: Any, self: Any, scope: Scope, receive: Receive, send: Send) -> None:
    """Two parallel calls with one key are both executed."""

    def swap(workspace: Any) -> Any:
        stale = StoredAnswers()
        for name, remembered in workspace.answers.items():
            stale.put(name, remembered)
        return lambda: _with(workspace, "answers", stale, _take_over)

    await _decide_late(self, scope, receive, send, swap)


@family.around(CallOperation, "__call__", "CON-03", rule="items.serial-unique-per-gtin", needs="C")
async def creates_both(_call: Any, self: Any, scope: Scope, receive: Receive, send: Send) -> None:
    """Two parallel calls with one pair both create it."""

    def swap(workspace: Any) -> Any:
        stale = deepcopy(workspace.pairs)
        return lambda: _with(workspace, "pairs", stale, lambda live, late: live.update(late) or live)

    await _decide_late(self, scope, receive, send, swap)


@family.around(CallOperation, "__call__", "CON-05", rule="limits.hold-under-concurrency", needs="CW")
async def gives_the_writes_twice(_call: Any, self: Any, scope: Scope, receive: Receive, send: Send) -> None:
    """Parallel calls each get the same last writes."""

    def swap(workspace: Any) -> Any:
        stale = workspace.writes_used
        return lambda: _with(workspace, "writes_used", stale, lambda live, late: live + late - stale)

    await _decide_late(self, scope, receive, send, swap)


@family.around(CallOperation, "__call__", "CON-06", rule="limits.hold-under-concurrency", needs="CQ")
async def gives_the_slots_twice(_call: Any, self: Any, scope: Scope, receive: Receive, send: Send) -> None:
    """Parallel calls each get the same last slots."""

    def swap(workspace: Any) -> Any:
        stale = workspace.passports_used
        return lambda: _with(workspace, "passports_used", stale, lambda live, late: live + late - stale)

    await _decide_late(self, scope, receive, send, swap)


Restore = Callable[[], None]
Swap = Callable[[Any], Callable[[], Restore]]


async def _decide_late(operation: Any, scope: Scope, receive: Receive, send: Send, swap: Swap) -> None:
    """The operation, with a part of the state as it was when the call arrived."""
    if context_of(scope).caller is None:  # of the control plane
        await _original(operation, scope, receive, send)
        return
    as_it_was = swap(context_of(scope).workspace)
    await asyncio.sleep(_SECONDS)

    def handle(call: Any) -> Any:
        restore = as_it_was()
        try:
            return operation._handler(call)
        finally:
            restore()

    late = object.__new__(CallOperation)
    late.__dict__.update(operation.__dict__, _handler=handle)
    await _original(late, scope, receive, send)


_original = CallOperation.__call__


def _with(workspace: Any, member: str, stale: Any, joined: Callable[[Any, Any], Any]) -> Restore:
    """Put the stale part in. The returned function merges the result with the current part."""
    live = getattr(workspace, member)
    setattr(workspace, member, stale)
    return lambda: setattr(workspace, member, joined(live, getattr(workspace, member)))


def _take_over(live: Any, late: Any) -> Any:
    for name, remembered in late.items():
        if live.get(name) is None:
            live.put(name, remembered)
    return live
