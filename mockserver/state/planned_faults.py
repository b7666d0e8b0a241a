"""The faults that were planned for a world, and how often each was played."""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

Kind = Literal["delay", "status", "lose-request", "lose-response", "truncate", "malformed", "slow-body", "item"]


OPTIONS: Mapping[Kind, frozenset[str]] = {  # that each kind needs to be played
    "delay": frozenset({"before", "seconds"}),
    "status": frozenset({"status"}),
    "lose-request": frozenset({"cut"}),
    "lose-response": frozenset({"cut"}),
    "truncate": frozenset({"bytes"}),
    "malformed": frozenset(),
    "slow-body": frozenset({"seconds"}),
    "item": frozenset({"index"}),
}
_HAVE_ITEMS = ("/passports/batch", "/products/batch")


class PlannedFault(msgspec.Struct):
    """One fault: passes over `skip` calls that match, then is played `times` times. `options` are its kind's own."""

    id: int
    kind: Kind
    times: int
    skip: int
    match: Mapping[str, str]  # method, path, key: each must be equal where it is named
    options: Mapping[str, Any]
    passed_over: int = 0
    fired: int = 0

    @property
    def consumed(self) -> bool:
        return self.fired >= self.times


class FaultQueue:
    """The planned faults of a world in the order of their planning: the first that matches a call is played."""

    def __init__(self) -> None:
        self.planned: list[PlannedFault] = []
        self.ids_given = 0

    def plan(
        self, kind: Kind, times: int, skip: int, match: Mapping[str, str], options: Mapping[str, Any]
    ) -> PlannedFault:
        self.ids_given += 1
        fault = PlannedFault(self.ids_given, kind, times, skip, match, options)
        self.planned.append(fault)
        return fault

    def take(self, call: Mapping[str, str]) -> PlannedFault | None:
        """The fault for this call, counted as played; or None."""
        for fault in self.planned:
            if fault.consumed or any(call.get(name) != value for name, value in fault.match.items()):
                continue
            if fault.kind == "item" and not call["path"].endswith(_HAVE_ITEMS):
                continue
            if fault.passed_over < fault.skip:
                fault.passed_over += 1
                continue
            fault.fired += 1
            return fault
        return None
