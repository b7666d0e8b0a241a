"""The other entries of a timeline: what becomes known, and when budget and quota renew."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from math import inf

from ....model.history import Exchange, Given
from .demands import Demand, State

CLOCKS_DIFFER = timedelta(minutes=2)  # between the clock of a deployment that we do not set and ours


@dataclass(frozen=True, slots=True)
class Start:
    """What is left from now on."""

    state: State


@dataclass(frozen=True, slots=True)
class Midnight:
    """The budget renews to `writes` at least and `writes_max` at most. `sure`: at this moment for certain."""

    writes: float
    writes_max: float
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Moved:
    """The clock was set forward."""


@dataclass(frozen=True, slots=True)
class SlotsOpen:
    """A slot may have come back, or all of them (reading quota.slot-returns)."""

    slots: float


Entry = Start | Midnight | Moved | SlotsOpen | Demand


class Days:
    """The days of one workspace, call by call."""

    def __init__(self) -> None:
        self.clock_is_ours = False
        self._given: Given | None = None
        self._at: datetime | None = None

    def given(self, given: Given) -> Start:
        self._given, self._at = given, given.at
        writes, slots = given.writes_left, given.slots_left
        low, high = (0, given.writes_per_day) if writes is None else (writes, writes)
        least, most = (0, None) if slots is None else (slots, slots)
        state = State(low, inf if high is None else high, least, inf if most is None else most)
        if given.unlimited_writes:
            state = state._replace(writes=inf, writes_max=inf)
        return Start(state._replace(slots=inf, slots_max=inf) if given.unlimited_slots else state)

    def before(self, exchange: Exchange) -> tuple[list[Entry], list[Entry]]:
        """The entries before and after the call: the budget renews where a day has begun.

        Where the day of the call is uncertain, the budget may renew before or after it.
        """
        doubt = timedelta() if self.clock_is_ours else CLOCKS_DIFFER
        sent, ended = exchange.sent_at - doubt, (exchange.answered_at or exchange.sent_at) + doubt
        blurred = _day(sent) != _day(ended)
        last, self._at = self._at, exchange.answered_at or exchange.sent_at
        entries: list[Entry] = []
        if blurred or (last is not None and _day(last) < _day(exchange.sent_at)):
            entries.append(self._midnight(sure=not blurred))
        if last is not None and _month(last) != _month(ended):
            entries.append(SlotsOpen(inf))
        return entries, [self._midnight(sure=False)] if blurred else []

    def _midnight(self, *, sure: bool) -> Midnight:
        given = self._given
        if given is not None and given.unlimited_writes:
            return Midnight(inf, inf, sure)
        per_day = given.writes_per_day if given is not None else None
        return Midnight(0, inf, sure) if per_day is None else Midnight(per_day if sure else 0, per_day, sure)


def _day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()


def _month(moment: datetime) -> date:
    return _day(moment).replace(day=1)
