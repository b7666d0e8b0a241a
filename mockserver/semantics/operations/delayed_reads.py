"""Reading items.read-your-writes: reads may see new passports only after a delay."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from ..types.readings import Readings, ReadYourWrites
from ..types.records import KnownPassport
from ..types.state_view import ListQuery, StateView

READ_LAG = timedelta(seconds=3)  # by the clock of the workspace


def view_for_reads(state: StateView, readings: Readings, now: datetime) -> StateView:
    """The state that a read sees. A write always sees the current state."""
    if readings.read_your_writes is ReadYourWrites.IMMEDIATE:
        return state
    return cast("StateView", _Delayed(state, now - READ_LAG))


class _Delayed:
    """The state without the passports that are newer than `until`."""

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
