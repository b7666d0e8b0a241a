"""The time. No other module reads the system's clock."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache, partial
from typing import Protocol

_FIRST_YEAR, _LAST_YEAR = 1970, 9998
_FIRST = datetime(_FIRST_YEAR, 1, 1, tzinfo=UTC)
_LAST = datetime(_LAST_YEAR + 1, 1, 1, tzinfo=UTC) - timedelta(microseconds=1)


class Clock(Protocol):
    """A source of the time: aware, UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The time of this machine."""

    now = staticmethod(partial(datetime.now, UTC))


@dataclass(slots=True)
class FrozenClock:
    """A time that changes only by `advance`."""

    at: datetime

    def now(self) -> datetime:
        return self.at

    def advance(self, by: timedelta) -> None:
        self.at += by


def is_in_calendar(at: datetime) -> bool:
    """Whether a clock may show this time. Near the ends of the calendar a day cannot be added."""
    return _FIRST_YEAR <= at.year <= _LAST_YEAR


class WorkspaceClock:
    """The clock of one workspace: another clock with an offset, or a frozen time."""

    def __init__(self, behind: Clock) -> None:
        self._behind = behind
        self.ahead = timedelta()
        self.frozen_at: datetime | None = None

    @property
    def frozen(self) -> bool:
        return self.frozen_at is not None

    def now(self) -> datetime:
        """The time. A running clock stops at the end of its calendar."""
        if self.frozen_at is not None:
            return self.frozen_at
        try:
            at = self._behind.now() + self.ahead
        except OverflowError:
            return _LAST if self.ahead > timedelta() else _FIRST
        return at if _FIRST <= at <= _LAST else min(max(at, _FIRST), _LAST)

    def freeze(self) -> None:
        """Stop at the current time."""
        self.frozen_at = self.now()

    def freeze_at(self, at: datetime) -> None:
        """Stop at this time, exact to the microsecond. Raises like `set`, and changes nothing then."""
        self.set(at)
        self.frozen_at = at.astimezone(UTC)

    def run(self) -> None:
        """Run from the current time on."""
        if self.frozen_at is not None:
            at, self.frozen_at = self.frozen_at, None
            self.set(at)

    def set(self, at: datetime) -> None:
        """Show this aware time, and stay running or frozen.

        Raises `OverflowError` for a time outside the calendar (`is_in_calendar`).
        """
        at = at.astimezone(UTC)
        if not is_in_calendar(at):
            raise OverflowError(f"the year {at.year} is not in {_FIRST_YEAR} to {_LAST_YEAR}")
        if self.frozen:
            self.frozen_at = at
        else:
            self.ahead = at - self._behind.now()

    def advance(self, by: timedelta) -> None:
        self.set(self.now() + by)

    def restore(self, ahead: timedelta, frozen_at: datetime | None) -> None:
        """Take the values of a saved clock."""
        self.ahead, self.frozen_at = ahead, frozen_at


def http_date(moment: datetime) -> bytes:
    """The value of a `Date` header (RFC 9110, 5.6.7)."""
    return _of_second(int(moment.timestamp()))


@lru_cache(maxsize=256)
def _of_second(second: int) -> bytes:
    return format_datetime(datetime.fromtimestamp(second, UTC), usegmt=True).encode()
