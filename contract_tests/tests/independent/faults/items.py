"""Wrong items and their entries."""

from collections.abc import Sequence
from threading import Event, local
from typing import Any

from tracepass_contract.contract_tests.tests.independent.faults.limits import MOMENT
from tracepass_contract.contract_tests.tests.independent.server.creation import TAKEN, Creation, Draft, Planned, Unable
from tracepass_contract.contract_tests.tests.independent.server.messages import Answered
from tracepass_contract.contract_tests.tests.independent.server.plans import Space
from tracepass_contract.contract_tests.tests.independent.server.writes import Caller


class CheckedBefore(Creation):
    """It looks for existing pairs before the transaction, and nothing in the table forbids a second one."""

    _seen = local()

    def batch(self, caller: Caller) -> Answered:
        self._seen.pairs = set(map(tuple, self.rows.all("SELECT gtin, serial FROM passports")))
        Event().wait(MOMENT)
        return super().batch(caller)

    def exists(self, gtin: str, serial: str) -> bool:
        return (gtin, serial) in self._seen.pairs


class SerialTrimmed(Creation):
    """The column trims. The answer still shows what was sent."""

    def insert(self, caller: Caller, draft: Draft) -> None:
        gs1 = {**draft.item["gs1"], "serialNumber": draft.pair[1].strip()}
        super().insert(caller, Draft(draft.id, {**draft.item, "gs1": gs1}))


class SerialUpperCased(Creation):
    def stored(self, item: dict[str, Any]) -> dict[str, Any]:
        gs1 = item["gs1"]
        return {**item, "gs1": {**gs1, "serialNumber": gs1["serialNumber"].upper()}}


class GtinAsNumber(Creation):
    """The answer takes the GTIN from a column of numbers."""

    def shown(self, caller: Caller, draft: Draft) -> dict[str, Any]:
        shown = super().shown(caller, draft)
        return {**shown, "gs1": {**shown["gs1"], "gtin": str(int(draft.pair[0]))}}


class IndexFromOne(Creation):
    def entry(self, caller: Caller, index: int, planned: Planned) -> dict[str, Any]:
        return {**super().entry(caller, index, planned), "index": index + 1}


class CountedBeforeDuplicates(Creation):
    """The summary counts an item that repeats a pair of its batch as created."""

    def summary(self, planned: Sequence[Planned]) -> dict[str, Any]:
        repeated = sum(isinstance(each, Unable) and each.why == f"{TAKEN}, here" for each in planned)
        right = super().summary(planned)
        return {**right, "created": right["created"] + repeated, "errors": right["errors"] - repeated}

    def look_at(self, space: Space, item: Any, before: Sequence[Planned]) -> Planned:
        found = super().look_at(space, item, before)
        is_repeated = isinstance(found, Unable) and isinstance(super().look_at(space, item, ()), Draft)
        return Unable(409, f"{TAKEN}, here") if is_repeated else found


class StopsAtFailure(Creation):
    """Nothing behind an item that fails is created."""

    def plan(self, space: Space, items: Sequence[Any]) -> Sequence[Planned]:
        planned = super().plan(space, items)
        end = next((index for index, each in enumerate(planned) if isinstance(each, Unable)), len(planned))
        return [
            *planned[:end],
            *(each if isinstance(each, Unable) else Unable(409, "not tried") for each in planned[end:]),
        ]
