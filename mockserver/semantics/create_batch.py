"""POST /api/v1/passports/batch: one decision, from the call and the books to an answer, its effects and the reasons.

`create_batch` is the order of checks: the first that applies answers, and a refusal leaves no trace. (Authorisation
comes before it: without a workspace there are no books.) Each question of interpretation is behind one named function,
and only those look at the readings.
"""

from datetime import datetime

from tracepass_contract.mockserver.semantics.answers import BatchResult, Created, Decision, Effects
from tracepass_contract.mockserver.semantics.budget import (
    writes_needed,
    writes_of_quota_refusal,
    writes_of_refused_shape,
    writes_taken,
)
from tracepass_contract.mockserver.semantics.deliberation import Deliberation
from tracepass_contract.mockserver.semantics.items import JudgedItems, success_status, whole_data
from tracepass_contract.mockserver.semantics.quota import passports_charged, passports_compared, quota_refusal
from tracepass_contract.mockserver.semantics.readings import Readings
from tracepass_contract.mockserver.semantics.refusals import key_in_flight, key_reused, over_the_budget
from tracepass_contract.mockserver.semantics.replay import is_in_flight, may_replay, still_good
from tracepass_contract.mockserver.semantics.request import BatchRequest
from tracepass_contract.mockserver.semantics.shape import by_item, problems_of, shape_refusal
from tracepass_contract.mockserver.semantics.state_view import StateView


def create_batch(request: BatchRequest, state: StateView, readings: Readings, now: datetime) -> Decision:
    """Decide one call of a known workspace at `now` (aware, UTC). Nothing changes before `State.commit`."""
    account, requested = state.account, len(request.items)
    deliberation = Deliberation(request, readings, now)

    # batch.holds-1-to-100-items, batch.same-shape-as-single
    problems = problems_of(request, readings)
    if malformed := shape_refusal(problems, readings):
        return deliberation.refuse(malformed, {}, writes_of_refused_shape(account, requested, readings))
    deliberation.passed("batch.same-shape-as-single", {"items": requested})

    # idempotency.executes-once
    if is_in_flight(request, state, readings):
        return deliberation.refuse(key_in_flight(), {}, keep=False)

    # idempotency.refuses-another-body, idempotency.replays-original
    if original := still_good(request, state, readings, now):
        if original.fingerprint != request.fingerprint:
            return deliberation.refuse(key_reused(readings), {}, keep=False)
        if not may_replay(account, requested, readings):
            return deliberation.refuse(over_the_budget(account, requested, now, readings), {}, keep=False)
        return deliberation.replay(original)

    # budget.refuses-whole-batch
    items = JudgedItems(request, by_item(problems), state, readings)
    writes = writes_needed(requested, items, readings)
    budget = {"needed": writes, "left": account.writes_left}
    if not account.can_write(writes):
        return deliberation.refuse(over_the_budget(account, writes, now, readings), budget)
    deliberation.passed("budget.refuses-whole-batch", budget)

    # quota.asks-for-consent
    wanted = passports_compared(requested, items, readings)
    quota = {"wanted": wanted, "left": account.passports_left}
    if over := quota_refusal(request, account, wanted, readings):
        return deliberation.refuse(over, quota, writes_of_quota_refusal(writes, readings))
    deliberation.passed("quota.asks-for-consent", quota)

    # items.fail-independently
    results = items.results(now)
    if items.whole_refusal:
        return deliberation.refuse(items.whole_refusal, {})
    passports = [result.passport for result in results if isinstance(result, Created)]
    charged = passports_charged(account, requested, len(passports), readings)
    return deliberation.execute(
        BatchResult(success_status(len(passports), requested, readings), results, len(passports), whole_data(readings)),
        Effects(writes_taken(writes, items, readings), passports, charged, charged * account.plan.overage_cents_each),
    )
