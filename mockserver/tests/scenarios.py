"""Scenarios for the tests of readings: one or two calls to a small state, and what a client sees of them."""

from collections.abc import Callable
from dataclasses import fields
from datetime import timedelta
from typing import Any, cast

from tracepass_contract.mockserver.semantics.operations.create_batch import create_batch
from tracepass_contract.mockserver.semantics.operations.interrupted_batch import FailAt, interrupt
from tracepass_contract.mockserver.semantics.types.answers import BatchResult, Decision, NewPassport, Refusal, Replay
from tracepass_contract.mockserver.semantics.types.readings import Readings
from tracepass_contract.mockserver.semantics.types.request import BatchRequest, Consent, Item
from tracepass_contract.mockserver.semantics.types.state_view import StateView
from tracepass_contract.mockserver.tests.builders import (
    GTIN,
    NOW,
    SmallState,
    batch,
    items,
    run,
    small_state,
)

Scenario = Callable[[Readings], object]


def seen(decision: Decision) -> object:
    """What a client sees: the status, the error, or the statuses of the items."""
    match decision.answer:
        case BatchResult(status, results):
            return status, "".join("c" if isinstance(each, NewPassport) else "e" for each in results)
        case Refusal(status=status, error=error):
            return status, error
        case Replay(original=original, same_bytes=same_bytes, headers=headers):
            return "replay", original.status, same_bytes, tuple(headers)
    raise AssertionError(decision.answer)


def once(state: Callable[[], SmallState], *of: Item, **call: Any) -> Scenario:
    """One call to a new state."""
    return lambda readings: seen(_run(state(), batch(*of, **call), readings))


def balance(state: Callable[[], SmallState], request: BatchRequest, what: str) -> Scenario:
    """One call, then a balance."""

    def play(readings: Readings) -> object:
        fresh = state()
        _run(fresh, request, readings)
        return getattr(fresh.account, what)

    return play


def twice(
    first: BatchRequest, second: BatchRequest, state: Callable[[], SmallState] = small_state, **later: float
) -> Scenario:
    """The answer to the second of two calls."""

    def play(readings: Readings) -> object:
        fresh = state()
        _run(fresh, first, readings)
        return seen(_run(fresh, second, readings, timedelta(**later)))

    return play


def _run(state: SmallState, request: BatchRequest, readings: Readings, later: timedelta = timedelta()) -> Decision:
    return run(state, request, NOW + later, **{each.name: getattr(readings, each.name) for each in fields(readings)})


def known() -> SmallState:
    """A state in which S-0 exists, with one slot and many writes left."""
    state = small_state(writes_left=100, slots_left=1)
    state.pairs.add((GTIN, "S-0"))
    return state


def executing() -> SmallState:
    """A state with a call in flight."""
    state = small_state()
    state.executing.add(("createPassportBatch", "k"))
    return state


def interrupted_batch(at: int) -> Scenario:
    """A batch of three during which the server fails, and its retry: the balances and both answers."""

    def play(readings: Readings) -> object:
        state, request = full(), batch(*items(3), key="k", consent=Consent.GIVEN)
        whole = create_batch(request, cast("StateView", state), readings, NOW)
        broken = interrupt(whole, state.account, FailAt(at, 500), readings)
        assert seen(broken) == (500, "Internal Server Error")
        state.apply(broken, answer=whole)
        taken = state.account
        again = seen(_run(state, request, readings))
        return (state.account.writes_used, taken.passports_used, taken.overage_count), again

    return play


def full() -> SmallState:
    return small_state(writes_left=100, slots_left=0)


def full_and_none_sold() -> SmallState:
    return small_state(slots_left=0, price=None)


def lapsed() -> SmallState:
    return small_state(subscription_active=False)
