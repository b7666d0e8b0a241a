"""Whose turn it is: calls that are held on their way to a decision, and those that wait for them.

A decision is made and committed in one step, so that by itself no call is ever in flight beside another. A planned
delay makes one: it is known to the server from its arrival, and holds its key if its answer would be kept under it.
"""

from asyncio import Event
from collections.abc import Awaitable, Callable

from ...semantics.types.answers import BatchResult, Decision, NewPassport, Replay
from ...semantics.types.readings import InFlight, Readings
from ..call.exchange import Call
from ..faults import CREATABLE_AT_ARRIVAL, HOLD, Hold

KeyName = tuple[str, ...]
Turn = Callable[[Call], Awaitable[None] | None]
Foresee = Callable[[Call], tuple[Decision, KeyName | None]]


def held(call: Call) -> Awaitable[None] | None:
    """What a call that holds no key waits for before it is decided."""
    hold: Hold | None = call.scope["extensions"].get(HOLD)
    return None if hold is None or hold.over else hold.wait()


class Turns:
    """Says of a call what is to be awaited before it is decided: mostly nothing.

    `foresee` tells how a call would be decided now, and what its key is known by.
    """

    def __init__(self, foresee: Foresee, readings: Readings) -> None:
        self._foresee = foresee
        self._waits = readings.in_flight is InFlight.WAITS

    def __call__(self, call: Call) -> Awaitable[None] | None:
        hold: Hold | None = call.scope["extensions"].get(HOLD)
        if hold is None and not call.caller.workspace.in_flight:
            return None
        return self._turn_of(call, hold)

    async def _turn_of(self, call: Call, hold: Hold | None) -> None:
        in_flight = call.caller.workspace.in_flight
        _, name = self._foresee(call)
        while self._waits and name in in_flight:
            await in_flight[name].wait()
        if hold is None or hold.over:
            return
        decision, name = self._foresee(call)
        if isinstance(decision.answer, BatchResult):
            created = frozenset(each.position for each in decision.answer.results if isinstance(each, NewPassport))
            call.scope["extensions"][CREATABLE_AT_ARRIVAL] = created
        if name is None or decision.effects.remember is None or isinstance(decision.answer, Replay):
            await hold.wait()
            return
        over = in_flight[name] = Event()
        try:
            await hold.wait()
        finally:
            del in_flight[name]
            over.set()
