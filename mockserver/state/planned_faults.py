"""The planned faults of a workspace, and how often each has fired."""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

Kind = Literal["delay", "status", "lose-request", "lose-response", "truncate", "malformed", "slow-body", "item"]


OPTIONS: Mapping[Kind, frozenset[str]] = {  # the options that each kind needs
    "delay": frozenset({"before", "seconds"}),
    "status": frozenset({"status"}),
    "lose-request": frozenset({"cut"}),
    "lose-response": frozenset({"cut"}),
    "truncate": frozenset({"bytes"}),
    "malformed": frozenset(),
    "slow-body": frozenset({"seconds"}),
    "item": frozenset({"index"}),
}
_BATCH_PATHS = ("/passports/batch", "/products/batch")


class PlannedFault(msgspec.Struct):
    """One fault: it skips `skip` matching calls, then fires `times` times. `options` depend on its kind."""

    id: int
    kind: Kind
    times: int
    skip: int
    match: Mapping[str, str]  # method, path, key: each given member must be equal
    options: Mapping[str, Any]
    passed_over: int = 0
    fired: int = 0

    @property
    def consumed(self) -> bool:
        return self.fired >= self.times

    @property
    def item(self) -> int | None:
        """The position of the item that fails. Only the decision of a call shows whether the call has this item."""
        return self.options.get("index")

    def fire_at_item(self, executed: int) -> bool:
        """Whether the call executes the item. If so, the fault fires."""
        fires = not self.consumed and self.item is not None and self.item < executed
        self.fired += fires
        return fires


class FaultQueue:
    """The planned faults of a workspace in order. The first that matches a call fires."""

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
        """The fault for this call, or None. It fires, unless it is the fault of an item: that one may fire later."""
        for fault in self.planned:
            if fault.consumed or any(call.get(name) != value for name, value in fault.match.items()):
                continue
            if fault.item is not None and not call["path"].endswith(_BATCH_PATHS):
                continue
            if fault.passed_over < fault.skip:
                fault.passed_over += 1
                continue
            fault.fired += fault.item is None
            return fault
        return None
