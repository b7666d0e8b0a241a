"""The checks of every write in their order. The first that applies answers.

`decide` checks shape, idempotency key, budget and quota in the same way for a batch and for the change of one member.
Each operation adds its own request, outcome and effects. Authorisation comes before. A refusal changes nothing, except
for the effects that a reading gives to it.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import datetime

from ..types.answers import BatchResult, Decision, Effects, Refusal
from ..types.readings import Readings
from ..types.request import WriteCall
from ..types.results import Shown
from ..types.state_view import StateView
from .budget import writes_of_quota_refusal, writes_of_refused_shape
from .refusals import (
    key_in_flight,
    key_reused,
    malformed,
    over_the_budget,
)
from .replay import is_in_flight, may_replay, stored_answer
from .trace import Trace

Outcome = tuple[BatchResult | Shown, Effects]


class Write(ABC):
    """One call of an operation that writes. The defaults fit the change of one record.

    `shape_rule` is the rule of the shape check, `rule` the rule of the execution. `requested` is the number of writes:
    one for each item (budget.counts-every-item).
    """

    shape_rule = "calls.documented-shape"
    rule = "calls.name-what-exists"
    requested = 1

    def __init__(self, call: WriteCall, state: StateView, readings: Readings) -> None:
        self.call = call
        self.state = state
        self.readings = readings

    def shape_refusal(self) -> Refusal | None:
        return malformed(self.call.problems, self.readings) if self.call.problems else None

    def writes_needed(self) -> int:
        return self.requested

    def quota_check(self) -> tuple[int, Refusal | None, Mapping[str, str]] | None:
        """The number of passports, the refusal if there is one, and the place of the consent. None for an operation
        that creates no passports.
        """
        return None

    @abstractmethod
    def outcome(self, now: datetime) -> Outcome | Refusal:
        """The answer and the effects of an admitted call, or its refusal."""

    def numbers(self, effects: Effects) -> Mapping[str, int | str | None]:  # noqa: ARG002
        """The numbers of the execution for the journal."""
        return {}


def decide(write: Write, now: datetime) -> Decision:
    """Decide one call at `now` (aware, UTC). Only `State.commit` changes the state."""
    call, readings, account = write.call, write.readings, write.state.account
    trace = Trace(call, readings, now)

    # batch.holds-1-to-100-items, batch.same-shape-as-single, calls.documented-shape
    if refused := write.shape_refusal():
        return trace.refuse(refused, {}, writes_of_refused_shape(account, write.requested, readings))
    trace.passed(write.shape_rule, {"items": write.requested})

    # idempotency.executes-once
    if is_in_flight(call, write.state, readings):
        return trace.refuse(key_in_flight(readings), {}, keep=False)

    # idempotency.refuses-another-body, idempotency.replays-original
    if original := stored_answer(call, write.state, readings, now):
        if original.fingerprint != call.fingerprint:
            return trace.refuse(key_reused(readings), {}, keep=False)
        trace.passed("idempotency.refuses-another-body", {})
        if not may_replay(account, write.requested, readings):
            return trace.refuse(over_the_budget(account, write.requested, now, readings), {}, keep=False)
        return trace.replay(original)

    # budget.refuses-whole-batch, budget.is-shared
    writes = write.writes_needed()
    budget = {"needed": writes, "left": account.writes_left}
    if not account.can_write(writes):
        return trace.refuse(over_the_budget(account, writes, now, readings), budget)
    trace.passed("budget.refuses-whole-batch", budget)

    # quota.asks-for-consent
    if check := write.quota_check():
        wanted, over, consent = check
        quota = {"wanted": wanted, "left": account.passports_left, **consent}
        if over:
            return trace.refuse(over, quota, writes_of_quota_refusal(over.status, writes, readings))
        trace.passed("quota.asks-for-consent", quota)

    # the operation's own checks: items.fail-independently, or the record that it names
    outcome = write.outcome(now)
    if isinstance(outcome, Refusal):
        return trace.refuse(outcome, {})
    answer, effects = outcome
    return trace.execute(answer, effects, write.rule, write.numbers(effects))
