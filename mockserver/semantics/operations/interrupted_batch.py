"""A batch that the server fails in the middle of (reading batch.failure-in-the-middle)."""

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
    """Where the server fails, by the 0-based position of the item, and with which status."""

    position: int
    status: int


def interrupt(decision: Decision, account: Account, at: FailAt, readings: Readings) -> Decision:
    """What becomes of the decision on a batch that comes to that item, when the server fails there."""
    answer = decision.answer
    assert isinstance(answer, BatchResult)  # noqa: S101  no other comes to an item
    refusal = failed_in_the_middle(at.status, at.position)
    checks = (*decision.because, Check(refusal.rule, "failed", {"at": at.position}))
    match readings.failure_in_the_middle:
        case FailureInTheMiddle.ROLLED_BACK:
            effects = NO_EFFECTS
        case FailureInTheMiddle.ROWS_KEPT:
            effects = _of_the_first(at.position, decision.effects, answer, account, readings)
        case FailureInTheMiddle.RESUMED:
            # The server finishes by itself, and keeps the answer for a retry.
            effects = decision.effects
    return Decision(refusal, effects, checks)


def _of_the_first(items: int, effects: Effects, answer: BatchResult, account: Account, readings: Readings) -> Effects:
    """The rows before the failure are there and charged, the writes were taken at admission, the key is not known."""
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
