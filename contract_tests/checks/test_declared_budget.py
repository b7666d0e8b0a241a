"""budget: the writes that a deployment file declares, spent to their end."""

import pytest

from tracepass_contract.contract_tests.checks import expect
from tracepass_contract.contract_tests.checks.last_writes import REST, LastWrites, use_the_rest
from tracepass_contract.contract_tests.model.outcomes import Untested
from tracepass_contract.contract_tests.target.given_workspace import GivenAccount
from tracepass_contract.contract_tests.target.workspace import Account

pytestmark = pytest.mark.needs("W")


@pytest.mark.spends_budget
@pytest.mark.late(101)
@pytest.mark.rule("budget.refuses-whole-batch", suffices=True)
@pytest.mark.price(writes=1)
def test_a_declared_budget_ends_where_it_was_declared(account: Account) -> None:
    """First come calls that must take nothing. Then the budget is spent until one batch does not fit and a smaller one
    fits exactly. All of this is one test, because the writes do not come back. The oracle finds out which rule is
    violated where the budget ends too early or too late.
    """
    live = _declared(account)
    live.limits.require_last_writes()

    LastWrites(live).ask()


@pytest.mark.spends_budget
@pytest.mark.late(101)
@pytest.mark.rule("budget.refuses-whole-batch", adds=True)
@pytest.mark.price(writes=1)
def test_a_declared_budget_ends_near_where_it_was_declared(account: Account) -> None:
    """As above, up to the writes that are kept to delete what the run created. No batch fits exactly."""
    live = _declared(account)
    if not live.limits.keeps_writes:
        raise Untested("W: a run that keeps the last writes of a declared budget")

    LastWrites(live).ask()


@pytest.mark.spends_budget
@pytest.mark.late(-9)
@pytest.mark.rule("budget.refuses-whole-batch", adds=True)
@pytest.mark.price(writes=1)
def test_the_last_writes_of_a_declared_budget_can_be_used(account: Account) -> None:
    """Writes were kept to delete what the run created. Once that is done, a batch of as many items as writes are left
    is executed. None of its items can be created, so that nothing stays behind.
    """
    live = _declared(account)
    if not live.limits.keeps_writes:
        raise Untested("W: a run that keeps the last writes of a declared budget")

    use_the_rest(live)


@pytest.mark.spends_budget
@pytest.mark.late(0)
@pytest.mark.rule("budget.counts-every-item", suffices=True)
@pytest.mark.rule("budget.refuses-whole-batch", "idempotency.replay-changes-nothing", adds=True)
@pytest.mark.price(writes=1)
def test_what_is_left_is_what_the_run_left(account: Account) -> None:
    """The declared budget is spent to its end, or to what deletions need. It ends where the run expects it to end."""
    live = _declared(account)
    live.known(1)
    kept = live.limits.writes_to_delete + REST if live.limits.keeps_writes else 0
    beyond = live.with_a_new_one(kept + 1) if kept else live.known(1)
    least, most = live.limits.writes_between()
    live.check_affordable(most + 1)

    if refused := live.spend(least - kept):  # what refused calls may have taken, by some reading, is the rest
        expect.executed(refused)

    if kept:
        rest = live.spend(live.limits.writes_between()[1] - kept)
        if rest is None and kept <= live.distinct:  # no pair twice: that may be refused otherwise
            expect.refused(live.api.create_batch(beyond), 429)
        return
    left = live.writes_left(up_to=most - least + 1)
    expect.true(f"{most - least} writes left at most", left <= most - least, f"{left} or more")
    expect.refused(live.api.create_batch(beyond), 429)


def _declared(account: Account) -> GivenAccount:
    if not isinstance(account, GivenAccount):
        raise Untested("W: a declared budget (writes_left in the deployment file)")
    account.require_no_other_client()
    return account
