"""Idempotency keys: what a key names, which answers are stored under it, and when they are replayed."""

from datetime import datetime, timedelta

from ..types.accounts import Account
from ..types.answers import Remember, Remembered, Replay
from ..types.readings import (
    InFlight,
    KeyIdentity,
    KeyOutOfRange,
    LifetimeFrom,
    Readings,
    RememberedOutcomes,
    ReplayEquality,
    ReplayMarker,
    ReplayWhenBudgetSpent,
)
from ..types.request import KEY_LENGTH_MAX, WriteCall
from ..types.state_view import StateView

KEY_LIFETIME = timedelta(hours=24)  # idempotency.kept-24-hours
KeyName = tuple[str, ...]


def key_in_force(key: str | None, readings: Readings) -> str | None:
    """The key, or None for a call that runs without a key (idempotency.key-is-optional)."""
    if key is None or (not _fits(key) and readings.key_out_of_range is KeyOutOfRange.IGNORED):
        return None
    return key


def key_name(request: WriteCall, readings: Readings) -> KeyName | None:
    """Reading idempotency.key-identity: the name under which the workspace stores an answer."""
    key = key_in_force(request.idempotency_key, readings)
    if key is None:
        return None
    match readings.key_identity:
        case KeyIdentity.WORKSPACE_AND_ENDPOINT:
            return (request.operation, key)
        case KeyIdentity.WORKSPACE:
            return (key,)
        case KeyIdentity.API_KEY:
            return (request.api_key, request.operation, key)


def stored_answer(request: WriteCall, state: StateView, readings: Readings, now: datetime) -> Remembered | None:
    """The answer that is stored under the call's key, unless it has expired."""
    name = key_name(request, readings)
    if name is None:
        return None
    remembered = state.remembered(name)
    return remembered if remembered is not None and now < remembered.expires_at else None


def is_in_flight(request: WriteCall, state: StateView, readings: Readings) -> bool:
    """Reading idempotency.in-flight: whether the call is refused because its key is in flight."""
    name = key_name(request, readings)
    return name is not None and state.in_flight(name) and readings.in_flight is InFlight.STATUS_409


def may_replay(account: Account, requested: int, readings: Readings) -> bool:
    """Reading idempotency.replay-when-budget-spent: whether a replay needs the writes in the budget."""
    return account.can_write(requested) or readings.replay_when_budget_spent is ReplayWhenBudgetSpent.SERVED


def replay(original: Remembered, readings: Readings) -> Replay:
    """The original full result, in the same status class (idempotency.replays-original)."""
    marker = () if readings.replay_marker is ReplayMarker.NONE else (("Idempotent-Replayed", "true"),)
    return Replay(original, readings.replay_equality is ReplayEquality.SAME_BYTES, marker)


def renewed(name: KeyName | None, original: Remembered, now: datetime, readings: Readings) -> Remember | None:
    """Reading idempotency.lifetime-from: whether a replay extends the life of the key."""
    if name is None or readings.lifetime_from is not LifetimeFrom.LAST_REPLAY:
        return None
    return Remember(name, original.fingerprint, now + KEY_LIFETIME)


def remember(request: WriteCall, readings: Readings, now: datetime) -> Remember | None:
    """Store the answer under the call's key for 24 hours. Reading idempotency.lifetime-from gives the start."""
    name = key_name(request, readings)
    if name is None:
        return None
    start = request.received_at if readings.lifetime_from is LifetimeFrom.REQUEST else now
    return Remember(name, request.fingerprint, start + KEY_LIFETIME)


def is_remembered(status: int, readings: Readings, *, executed: bool) -> bool:
    """Reading idempotency.remembered-outcomes: whether an answer with this status is stored."""
    match readings.remembered_outcomes:
        case RememberedOutcomes.SUCCESS_2XX:
            return 200 <= status < 300
        case RememberedOutcomes.EXECUTED:
            return executed
        case RememberedOutcomes.ALL_BUT_429_AND_5XX:
            return status != 429 and status < 500
        case RememberedOutcomes.ALL:
            return True


def _fits(key: str) -> bool:
    return 1 <= len(key) <= KEY_LENGTH_MAX
