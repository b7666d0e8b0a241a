"""Wrong budgets and quotas."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from threading import Event, local
from typing import Any

from tracepass_contract.contract_tests.tests.independent.server.allowance import Allowance
from tracepass_contract.contract_tests.tests.independent.server.creation import Creation, Draft
from tracepass_contract.contract_tests.tests.independent.server.messages import Answered, Refused
from tracepass_contract.contract_tests.tests.independent.server.plans import Space
from tracepass_contract.contract_tests.tests.independent.server.writes import Caller, Write, Writes

MOMENT = 0.02  # seconds in which another call can come between


class LocalDay(Allowance):
    """The day of the budget is that of a zone two hours ahead of UTC."""

    def day(self, now: datetime) -> str:
        return super().day(now + timedelta(hours=2))


class LastWriteRefused(Allowance):
    """It has `<` where `<=` is meant."""

    def fits(self, used: int, wanted: int, most: int) -> bool:
        return used + wanted < most


class OneWriteTooMany(Allowance):
    def fits(self, used: int, wanted: int, most: int) -> bool:
        return super().fits(used, wanted - 1, most)


class BudgetOfKey(Allowance):
    """Each API key has a budget of its own."""

    def owner(self, space: Space, key: str) -> str:  # noqa: ARG002  named by the base class
        return key


class FailedItemsTakeSlots(Allowance):
    def take_slots(self, space: Space, created: int, failed: int) -> None:
        super().take_slots(space, created, failed)
        self.rows.write("UPDATE spaces SET slots = slots + ? WHERE name = ?", failed, space.name)


class TruthyConsent(Allowance):
    """What JavaScript takes for true is consent."""

    def consents(self, found: object) -> bool:
        return bool(found)


class RememberedConsent(Allowance):
    """Once accepted, overage stays accepted."""

    accepted = False

    def consents(self, found: object) -> bool:
        self.accepted = self.accepted or super().consents(found)
        return self.accepted


class SlotKeptAfterDeletion(Allowance):
    """The deletion says `dppsActiveDelta: -1`, but the counter stays."""

    def give_slot_back(self, space: Space) -> None:
        """Nothing is given back."""


class UncountedSingles(Writes):
    """A single create takes no write."""

    def price(self, write: Write) -> int:
        return 0 if write.kind == "single" else super().price(write)


class PartStays(Creation):
    """The first item of a batch over the quota is created before the quota is looked at, and stays."""

    def create_all(self, caller: Caller, items: Sequence[Any], consent: Any) -> Answered:
        try:
            return super().create_all(caller, items, consent)
        except Refused as refused:
            self.insert(caller, next(each for each in self.plan(caller.space, items) if isinstance(each, Draft)))
            return refused.answer


class StaleBudget(Allowance):
    """It looks at what was used before the transaction began, and writes the sum of that and the call."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.seen = local()

    def used(self, owner: str, now: datetime) -> int:
        found: int | None = getattr(self.seen, "writes", None)
        return super().used(owner, now) if found is None else found

    def take_writes(self, space: Space, key: str, writes: int, now: datetime) -> None:
        super().take_writes(space, key, writes, now)
        if space.plan.writes_per_day is not None:
            self.set_left(space, key, space.plan.writes_per_day - self.used(self.owner(space, key), now) - writes, now)


class LooksBefore(Writes):
    """Reads what was used before the transaction. For a `StaleBudget`."""

    def perform(self, caller: Caller, examine: Callable[[], Write]) -> Answered:
        assert isinstance(self.allowance, StaleBudget)
        seen = self.allowance.seen
        seen.writes = None
        seen.writes = self.allowance.used(self.allowance.owner(caller.space, caller.key), caller.now)
        Event().wait(MOMENT)
        return super().perform(caller, examine)
