"""`precedence` in spec/rules.yaml has the order of checks. For each adjacent pair, the earlier check answers.

One call fails both checks of a pair.
"""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest

from tracepass_contract.mockserver.semantics.types.request import BatchRequest, Kind
from tracepass_contract.mockserver.tests.builders import SmallState, batch, decide, item, problem, run, small_state
from tracepass_contract.spec import precedence

Situation = tuple[SmallState, BatchRequest]


def malformed(situation: Situation) -> Situation:
    state, request = situation
    return state, request._replace(problems=(problem(Kind.STRUCTURE),))


def replayed(situation: Situation) -> Situation:
    """The key has an answer to this body."""
    state, request = situation
    run(state, request)
    return state, request


def over_budget(situation: Situation) -> Situation:
    state, request = situation
    state.account = state.account._replace(plan=replace(state.account.plan, writes_per_day=0))
    return state, request


def over_quota(situation: Situation) -> Situation:
    state, request = situation
    state.account = state.account._replace(plan=replace(state.account.plan, passports_included=0))
    return state, request


ARRANGE: dict[str, Callable[[Situation], Situation]] = {  # in the order in which a test can arrange them
    "idempotency.replays-original": replayed,
    "batch.holds-1-to-100-items": malformed,
    "budget.refuses-whole-batch": over_budget,
    "quota.asks-for-consent": over_quota,
    "items.fail-independently": lambda situation: situation,
}
DECIDES = {"batch.holds-1-to-100-items": "batch.same-shape-as-single"}  # what the malformed item of this test breaks


def test_authorisation_is_the_first_gate_and_the_rest_are_known() -> None:
    """A call without a workspace has no state. Authorisation comes before `create_batch`."""
    assert precedence()[0] == "auth.bearer-required"
    assert set(precedence()[1:]) == set(ARRANGE)


@pytest.mark.parametrize("pair", list(pairwise(precedence()[1:])), ids=" before ".join)
def test_the_earlier_of_two_checks_answers(pair: tuple[str, str]) -> None:
    situation: Situation = (small_state(), batch(item(), key="k"))
    for gate, arrange in ARRANGE.items():
        if gate in pair:
            situation = arrange(situation)

    assert decide(*situation).rule == DECIDES.get(pair[0], pair[0])
