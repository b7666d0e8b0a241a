"""POST /api/v1/passports/batch, and the part that a single create shares with it. `checks.write` has the checks.

Each question of interpretation has one named function. Only those functions look at the readings.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from ..checks.budget import writes_needed, writes_taken
from ..checks.items import JudgedItems, success_status, whole_data
from ..checks.quota import (
    consent_used,
    passports_charged,
    passports_compared,
    quota_refusal,
)
from ..checks.shape import by_item, problems_of, shape_refusal
from ..checks.write import Outcome, Write, decide
from ..types.answers import BatchResult, Decision, Effects, NewPassport, Refusal
from ..types.readings import Readings
from ..types.request import BatchRequest
from ..types.state_view import StateView


class CreateBatch(Write):
    """A batch of N items takes N writes, and a slot for each created passport."""

    shape_rule = "batch.same-shape-as-single"
    rule = "items.fail-independently"

    def __init__(self, request: BatchRequest, state: StateView, readings: Readings) -> None:
        super().__init__(request, state, readings)
        self.request = request
        self.requested = len(request.items)
        self._problems = problems_of(request, readings)
        self.items = JudgedItems(request, by_item(self._problems), state, readings)

    def shape_refusal(self) -> Refusal | None:
        return shape_refusal(self._problems, self.readings)

    def writes_needed(self) -> int:
        return writes_needed(self.requested, self.items, self.readings)

    def quota_check(self) -> tuple[int, Refusal | None, Mapping[str, str]]:
        request, account, readings = self.request, self.state.account, self.readings
        wanted = passports_compared(self.requested, self.items, readings)
        if refused := quota_refusal(request, account, wanted, readings):
            return wanted, refused, {}
        return wanted, None, consent_used(request, account, wanted, readings)

    def outcome(self, now: datetime) -> Outcome | Refusal:
        results = self.items.results(now)
        if self.items.whole_refusal:
            return self.items.whole_refusal
        effects = self.effects([each for each in results if type(each) is NewPassport])
        created = len(effects.passports)
        status = success_status(created, self.requested, self.readings)
        return BatchResult(status, results, created, whole_data(self.readings)), effects

    def effects(self, created: Sequence[NewPassport]) -> Effects:
        """The writes, slots and charges of these passports."""
        writes = writes_taken(self.writes_needed(), self.items, self.readings)
        compared = passports_compared(self.requested, self.items, self.readings)
        charged = passports_charged(self.state.account, self.requested, compared, len(created), self.readings)
        cents = charged * self.state.account.plan.overage_cents_each
        return Effects(writes, created, charged, cents)

    def numbers(self, effects: Effects) -> Mapping[str, int | str | None]:
        created = len(effects.passports)
        return {"created": created, "errors": self.requested - created, "charged": effects.overage_count}


def create_batch(request: BatchRequest, state: StateView, readings: Readings, now: datetime) -> Decision:
    """Decide one batch at `now` (aware, UTC). Only `State.commit` changes the state."""
    return decide(CreateBatch(request, state, readings), now)
