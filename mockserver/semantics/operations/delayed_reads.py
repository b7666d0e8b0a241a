"""Reading items.read-your-writes: the books as a read sees them, where it sees them late."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from ..types.readings import Readings, ReadYourWrites
from ..types.records import KnownPassport
from ..types.state_view import ListQuery, StateView

READ_LAG = timedelta(seconds=3)  # by the clock of the workspace


def view_for_reads(state: StateView, readings: Readings, now: datetime) -> StateView:
    """What reads are asked of. Writes are always decided on the books as they are."""
    if readings.read_your_writes is ReadYourWrites.IMMEDIATE:
        return state
    return cast("StateView", _Late(state, now - READ_LAG))


class _Late:
    """The books without the passports that are younger than a moment."""

    def __init__(self, state: StateView, until: datetime) -> None:
        self._state = state
        self._until = until

    def __getattr__(self, name: str) -> Any:
        return getattr(self._state, name)

    def passport(self, passport_id: str) -> KnownPassport | None:
        found = self._state.passport(passport_id)
        return found if found and found.created_at <= self._until else None

    def passports_with_serial(self, serial_identity: str, gtin: str | None) -> Sequence[KnownPassport]:
        found = self._state.passports_with_serial(serial_identity, gtin)
        return [each for each in found if each.created_at <= self._until]

    def passports_page(self, wanted: ListQuery) -> tuple[Sequence[KnownPassport], int]:
        return self._state.passports_page(wanted._replace(created_by=self._until))
