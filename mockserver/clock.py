"""Time as a value: the only module that reads the system's clock."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


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


class WorldClock:
    """The time of one world: that of the clock behind it, shifted, or standing still."""

    def __init__(self, behind: Clock) -> None:
        self._behind = behind
        self._ahead = timedelta()
        self._frozen_at: datetime | None = None

    @property
    def frozen(self) -> bool:
        return self._frozen_at is not None

    def now(self) -> datetime:
        return self._frozen_at or self._behind.now() + self._ahead

    def freeze(self) -> None:
        """Stand still at the present moment."""
        self._frozen_at = self.now()

    def run(self) -> None:
        """Go on from the present moment."""
        if self._frozen_at is not None:
            at, self._frozen_at = self._frozen_at, None
            self.set(at)

    def set(self, at: datetime) -> None:
        """Be at another moment, running or standing still as before. `at` is aware."""
        at = at.astimezone(UTC)
        if self.frozen:
            self._frozen_at = at
        else:
            self._ahead = at - self._behind.now()

    def advance(self, by: timedelta) -> None:
        self.set(self.now() + by)
