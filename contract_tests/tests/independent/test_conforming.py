"""The independent server conforms: in no mode and at no hour is anything of it a violation.

What a run says that it took is what the server counted.
"""

from collections.abc import Set
from dataclasses import replace

import pytest

from tracepass_contract.contract_tests.model.verdicts import RunResult, Verdict
from tracepass_contract.contract_tests.report.conclusion import Exit, exit_code, rules_of
from tracepass_contract.contract_tests.tests.helpers.runs import violated
from tracepass_contract.contract_tests.tests.independent import modes
from tracepass_contract.contract_tests.tests.independent.runs import Done, Mode, run_in
from tracepass_contract.contract_tests.tests.independent.server.plans import Choices
from tracepass_contract.contract_tests.tests.independent.server.serving import Gateway

BUDGET = frozenset({"budget.counts-every-item", "budget.refuses-whole-batch"})
CONSENT = frozenset({"quota.consent-covers-whole-batch", "quota.consent-is-not-remembered"})
QUOTA = CONSENT | {"quota.asks-for-consent"}
REPLAYS = frozenset({"idempotency.replay-changes-nothing"})
RACES = frozenset({"idempotency.executes-once", "limits.hold-under-concurrency"})


def unseen(result: RunResult) -> Set[str]:
    """The must-rules of which the run shows nothing. How many checks of the other rules ran is not looked at here."""
    found = {rule.id: result.verdict_of(rule.id) for rule in rules_of(result) if rule.level == "must"}
    return {rule for rule, verdict in found.items() if verdict in {Verdict.UNTESTED, Verdict.INCONCLUSIVE}}


def agrees(done: Done) -> None:
    """What the run says that it took is what the server counted."""
    spend, taken = done.result.spend, done.taken
    assert (spend.writes, spend.slots, spend.charge_cents) == (taken.writes, taken.created, taken.cents)


def test_nothing_is_declared() -> None:
    done = run_in(modes.UNDECLARED)

    assert violated(done.result) == {}
    agrees(done)
    assert unseen(done.result) == BUDGET | QUOTA | RACES | REPLAYS
    assert exit_code(done.result) is Exit.UNPROVEN


@pytest.mark.parametrize("at", ["12:00", "01:10"])
def test_hooks_set_clock_and_budget(at: str) -> None:
    """The clock and the budget of the main workspace; two keys, two workspaces and parallel calls."""
    done = run_in(modes.HOOKS, at=at)

    assert violated(done.result) == {}
    agrees(done)
    assert unseen(done.result) == QUOTA - CONSENT
    assert {done.result.verdict_of(rule) for rule in CONSENT} == {Verdict.NOT_APPLICABLE}, "the plan sells no overage"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mode", "wanted"),
    [
        (modes.CALLS, BUDGET | QUOTA | RACES),
        (modes.KEYS, BUDGET | QUOTA | {"limits.hold-under-concurrency"}),
        (modes.LIMITS, RACES | QUOTA - CONSENT),
        (modes.QUOTA, frozenset()),
        (modes.FEW_SLOTS_AND_HOOKS, QUOTA | {"limits.hold-under-concurrency"}),
    ],
    ids=["calls", "two keys and workspaces", "limits", "quota and charges", "few slots and hooks"],
)
def test_what_is_declared_is_right(mode: Mode, wanted: Set[str]) -> None:
    done = run_in(mode)

    assert violated(done.result) == {}
    agrees(done)
    assert unseen(done.result) == wanted
    assert exit_code(done.result) is Exit.UNPROVEN


@pytest.mark.slow
def test_a_budget_that_nobody_declared_may_end() -> None:
    """There are hooks, and 100 writes a day. The run takes more, and what it could not test is inconclusive."""
    done = run_in(modes.BUDGET_HOOK_ALONE)

    assert violated(done.result) == {}
    agrees(done)


@pytest.mark.slow
@pytest.mark.parametrize("at", ["00:03", "00:52", "23:30", "23:59"])
@pytest.mark.parametrize("mode", [modes.LIMITS, modes.HOOKS, modes.FEW_SLOTS_AND_HOOKS], ids=["limits", "hooks", "few"])
def test_the_hour_makes_nothing_wrong(mode: Mode, at: str) -> None:
    done = run_in(mode, at=at)

    assert violated(done.result) == {}
    agrees(done)


@pytest.mark.slow
@pytest.mark.parametrize("mode", [modes.KEYS, modes.HOOKS], ids=["keys", "hooks"])
@pytest.mark.parametrize("every", [2, 5, 7])
def test_a_rate_limit_in_front_makes_nothing_wrong(mode: Mode, every: int) -> None:
    """A gateway answers some calls with 429 and a web page. A call whose answer was lost may have no replay then, so
    the run can't know all that it took.
    """
    done = run_in(replace(mode, gateway=Gateway(refuses_every=every)))

    assert violated(done.result) == {}
    assert done.result.spend.writes <= done.taken.writes
    assert done.result.spend.slots <= done.taken.created


@pytest.mark.slow
def test_other_choices_are_no_violations() -> None:
    """A 402 takes writes, a replay needs some, and only results are remembered. What refused calls took is unknown to
    the run, but it is at most what the run says.
    """
    choices = Choices(True, False, True, False, True)
    done = run_in(replace(modes.FEW_SLOTS_AND_HOOKS, choices=choices))

    assert violated(done.result) == {}
    assert done.result.spend.slots == done.taken.created
    assert done.result.spend.charge_cents == done.taken.cents


@pytest.mark.slow
@pytest.mark.parametrize("month_ends", ["2026-01-31T23:30"])
def test_a_new_month_makes_nothing_wrong(month_ends: str) -> None:
    done = run_in(modes.FEW_SLOTS_AND_HOOKS, at=month_ends)

    assert violated(done.result) == {}
    agrees(done)
