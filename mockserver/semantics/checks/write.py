"""What every write goes through: one order of checks, in which the first that applies answers.

An operation brings what is its own: what it asks for, what it would become, what it changes. Shape, memory, budget and
quota are decided here, for a batch of a hundred as for the change of one member. (Authorisation comes before:
without a workspace there are no books.) A refusal leaves no trace, but for what a reading gives to it.
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
    """One call of an operation that writes. What is not abstract is what the change of one thing asks for.

    `shape_rule` is the rule that the call satisfies when it has the documented shape, `rule` that by which it is
    executed in the end. `requested` is how many writes are asked for, one for each element (budget.counts-every-item).
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

    def held_against_quota(self) -> tuple[int, Refusal | None, Mapping[str, str]] | None:
        """How many passports, why they are refused if they are, and the consent that an overage was accepted by;
        None for an operation that creates none.
        """
        return None

    @abstractmethod
    def outcome(self, now: datetime) -> Outcome | Refusal:
        """What the call becomes now that it is admitted: the answer and its effects, or why it can't be."""

    def numbers(self, effects: Effects) -> Mapping[str, int | str | None]:  # noqa: ARG002
        """What the journal says of an execution."""
        return {}


def decide(write: Write, now: datetime) -> Decision:
    """Decide one call of a known workspace at `now` (aware, UTC). Nothing changes before `State.commit`."""
    call, readings, account = write.call, write.readings, write.state.account
    trace = Trace(call, readings, now)

    # batch.holds-1-to-100-items, batch.same-shape-as-single, calls.documented-shape
    if refused := write.shape_refusal():
        return trace.refuse(refused, {}, writes_of_refused_shape(account, write.requested, readings))
    trace.passed(write.shape_rule, {"items": write.requested})

    # idempotency.executes-once
    if is_in_flight(call, write.state, readings):
        return trace.refuse(key_in_flight(), {}, keep=False)

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
    if held := write.held_against_quota():
        wanted, over, consent = held
        quota = {"wanted": wanted, "left": account.passports_left, **consent}
        if over:
            return trace.refuse(over, quota, writes_of_quota_refusal(over.status, writes, readings))
        trace.passed("quota.asks-for-consent", quota)

    # what is the operation's own: items.fail-independently, or the one thing that it names
    outcome = write.outcome(now)
    if isinstance(outcome, Refusal):
        return trace.refuse(outcome, {})
    answer, effects = outcome
    return trace.execute(answer, effects, write.rule, write.numbers(effects))
