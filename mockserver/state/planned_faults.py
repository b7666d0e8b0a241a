"""The faults that were planned for a workspace, and how often each was played."""

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

    @property
    def item(self) -> int | None:
        """The position of the item that it is about. Whether a call comes to that item is known when it is decided."""
        return self.options.get("index")

    def fire_at_item(self, executed: int) -> bool:
        """Whether the item is among those that were executed; then it counts as played."""
        comes_to_it = not self.consumed and self.item is not None and self.item < executed
        self.fired += comes_to_it
        return comes_to_it


class FaultQueue:
    """The planned faults of a workspace in the order of their planning: the first that matches a call is played."""

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
        """The fault for this call, or None. It counts as played, but for one about an item, which only may be."""
        for fault in self.planned:
            if fault.consumed or any(call.get(name) != value for name, value in fault.match.items()):
                continue
            if fault.item is not None and not call["path"].endswith(_HAVE_ITEMS):
                continue
            if fault.passed_over < fault.skip:
                fault.passed_over += 1
                continue
            fault.fired += fault.item is None
            return fault
        return None
