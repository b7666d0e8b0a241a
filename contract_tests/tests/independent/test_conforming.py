"""The independent server conforms: in no mode and at no hour is anything of it a violation.

What a run says that it took is what the server counted.
"""

from collections.abc import Set

import pytest

from tracepass_contract.contract_tests.model.verdicts import RunResult
from tracepass_contract.contract_tests.report.conclusion import Exit, exit_code, is_unproven, rules_of
from tracepass_contract.contract_tests.tests.helpers.runs import violated
from tracepass_contract.contract_tests.tests.independent import modes
from tracepass_contract.contract_tests.tests.independent.runs import Done, run_in

BUDGET = frozenset({"budget.counts-every-item", "budget.refuses-whole-batch"})
CONSENT = frozenset({"quota.consent-covers-whole-batch", "quota.consent-is-not-remembered"})
QUOTA = CONSENT | {"quota.asks-for-consent"}
RACES = frozenset({"idempotency.executes-once", "limits.hold-under-concurrency"})


def unproven(result: RunResult) -> Set[str]:
    """The must-rules that are untested or inconclusive."""
    return {rule.id for rule in rules_of(result) if is_unproven(rule, result.verdict_of(rule.id))}


def agrees(done: Done) -> None:
    """What the run says that it took is what the server counted."""
    spend, taken = done.result.spend, done.taken
    assert (spend.writes, spend.slots, spend.charge_cents) == (taken.writes, taken.created, taken.cents)


def test_nothing_is_declared() -> None:
    done = run_in(modes.UNDECLARED)

    assert violated(done.result) == {}
    agrees(done)
    assert unproven(done.result) == BUDGET | QUOTA | RACES | {"idempotency.replay-changes-nothing"}
    assert exit_code(done.result) is Exit.UNPROVEN


@pytest.mark.parametrize("at", ["12:00", "01:10"])
def test_hooks_set_clock_and_budget(at: str) -> None:
    """The clock and the budget of the main workspace; two keys, two workspaces and parallel calls."""
    done = run_in(modes.HOOKS, at=at)

    assert violated(done.result) == {}
    agrees(done)
    assert unproven(done.result) == QUOTA
    assert exit_code(done.result) is Exit.UNPROVEN
