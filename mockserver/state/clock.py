"""Time as a value: the only module that reads the system's clock."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache
from typing import Protocol

_FIRST_YEAR, _LAST_YEAR = 1970, 9998


class Clock(Protocol):
    """Tells the time: aware, UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The time of this machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(slots=True)
class FrozenClock:
    """A time that stands still until it is set or moved on."""

    at: datetime

    def now(self) -> datetime:
        return self.at

    def advance(self, by: timedelta) -> None:
        self.at += by


def is_in_calendar(at: datetime) -> bool:
    """Whether a clock may be at this moment: not too near the ends of the calendar to count a day on from it."""
    return _FIRST_YEAR <= at.year <= _LAST_YEAR


class WorkspaceClock:
    """The time of one workspace: that of the clock behind it, shifted, or standing still."""

    def __init__(self, behind: Clock) -> None:
        self._behind = behind
        self.ahead = timedelta()
        self.frozen_at: datetime | None = None

    @property
    def frozen(self) -> bool:
        return self.frozen_at is not None

    def now(self) -> datetime:
        return self.frozen_at or self._behind.now() + self.ahead

    def freeze(self) -> None:
        """Stand still at the present moment."""
        self.frozen_at = self.now()

    def freeze_at(self, at: datetime) -> None:
        """Stand still at another moment, to the microsecond. Raises as `set`, and then nothing has changed."""
        self.set(at)
        self.frozen_at = at.astimezone(UTC)

    def run(self) -> None:
        """Go on from the present moment."""
        if self.frozen_at is not None:
            at, self.frozen_at = self.frozen_at, None
            self.set(at)

    def set(self, at: datetime) -> None:
        """Be at another moment, running or standing still as before. `at` is aware.

        Raises `OverflowError` for a moment that is too near the ends of the calendar to count a day on from it.
        """
        at = at.astimezone(UTC)
        if not is_in_calendar(at):
            raise OverflowError(f"expected a moment in the years {_FIRST_YEAR} to {_LAST_YEAR} UTC, found {at.year}")
        if self.frozen:
            self.frozen_at = at
        else:
            self.ahead = at - self._behind.now()

    def advance(self, by: timedelta) -> None:
        self.set(self.now() + by)

    def restore(self, ahead: timedelta, frozen_at: datetime | None) -> None:
        """Be as another clock was, over the same time."""
        self.ahead, self.frozen_at = ahead, frozen_at


def http_date(moment: datetime) -> bytes:
    """The value of a `Date` header (RFC 9110, 5.6.7)."""
    return _of_second(int(moment.timestamp()))


@lru_cache(maxsize=256)
def _of_second(second: int) -> bytes:
    return format_datetime(datetime.fromtimestamp(second, UTC), usegmt=True).encode()
