"""Calls that wait before their decision: held calls, and calls whose idempotency key another call is using.

The server decides and commits a call in one step, so by itself it never handles two calls at once. A planned delay
changes that: the server knows a held call from its arrival on. The call reserves its key where the server would store
its answer under the key.
"""

from asyncio import Event
from collections.abc import Awaitable, Callable

from ...semantics.types.answers import BatchResult, Decision, NewPassport, Replay
from ...semantics.types.readings import InFlight, Readings
from ..call.exchange import Call
from ..call.scope import Hold

KeyName = tuple[str, ...]
Wait = Callable[[Call], Awaitable[None] | None]
Preview = Callable[[Call], tuple[Decision, KeyName | None]]


def wait_for_hold(call: Call) -> Awaitable[None] | None:
    """What a call waits for that uses no key."""
    hold = call.context.hold
    return None if hold is None or hold.over else hold.wait()


class WaitForKey:
    """Says what a call waits for before its decision. For most calls that is nothing.

    `preview` returns the decision that the call would get now, and the name of its key.
    """

    def __init__(self, preview: Preview, readings: Readings) -> None:
        self._preview = preview
        self._waits = readings.in_flight is InFlight.WAITS

    def __call__(self, call: Call) -> Awaitable[None] | None:
        hold = call.context.hold
        if hold is None and not call.caller.workspace.in_flight:
            return None
        return self._wait(call, hold)

    async def _wait(self, call: Call, hold: Hold | None) -> None:
        in_flight = call.caller.workspace.in_flight
        _, name = self._preview(call)
        while self._waits and name in in_flight:
            await in_flight[name].wait()
        if hold is None or hold.over:
            return
        decision, name = self._preview(call)
        if isinstance(decision.answer, BatchResult):
            created = frozenset(each.position for each in decision.answer.results if isinstance(each, NewPassport))
            call.context.creatable_at_arrival = created
        if name is None or decision.effects.remember is None or isinstance(decision.answer, Replay):
            await hold.wait()
            return
        over = in_flight[name] = Event()
        try:
            await hold.wait()
        finally:
            del in_flight[name]
            over.set()
