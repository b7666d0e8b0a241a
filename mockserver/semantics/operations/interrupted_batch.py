"""A batch during which the server fails (reading batch.failure-in-the-middle)."""

from typing import NamedTuple

from ..checks.quota import passports_charged
from ..checks.refusals import failed_in_the_middle
from ..types.accounts import Account
from ..types.answers import (
    NO_EFFECTS,
    BatchResult,
    Check,
    Decision,
    Effects,
    NewPassport,
    ProductCreated,
)
from ..types.readings import FailureInTheMiddle, Readings


class FailAt(NamedTuple):
    """The 0-based position of the item at which the server fails, and the status of its answer."""

    position: int
    status: int


def interrupt(decision: Decision, account: Account, at: FailAt, readings: Readings) -> Decision:
    """The decision on a batch if the server fails at one of its items."""
    answer = decision.answer
    assert isinstance(answer, BatchResult)  # noqa: S101  only a batch has items
    refusal = failed_in_the_middle(at.status, at.position)
    checks = (*decision.because, Check(refusal.rule, "failed", {"at": at.position}))
    match readings.failure_in_the_middle:
        case FailureInTheMiddle.ROLLED_BACK:
            effects = NO_EFFECTS
        case FailureInTheMiddle.ROWS_KEPT:
            effects = _of_the_first(at.position, decision.effects, answer, account, readings)
        case FailureInTheMiddle.RESUMED:
            # The server completes the batch later, and stores the answer for a retry.
            effects = decision.effects
    return Decision(refusal, effects, checks)


def _of_the_first(items: int, effects: Effects, answer: BatchResult, account: Account, readings: Readings) -> Effects:
    """The effects of the items before the failure. The batch has taken its writes; its key is not stored."""
    kept = answer.results[:items]
    passports = [each for each in kept if isinstance(each, NewPassport)]
    products = [each.product for each in kept if isinstance(each, ProductCreated)]
    total = answer.total
    charged = passports_charged(account, total, total, len(passports), readings) if effects.overage_count else 0
    return effects._replace(
        passports=passports,
        new_products=products,
        overage_count=charged,
        overage_cents=charged * account.plan.overage_cents_each,
        remember=None,
    )
