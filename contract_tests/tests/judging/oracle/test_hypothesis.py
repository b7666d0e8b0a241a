"""Whether a hypothesis explains an answer, and what is left after it: case by case."""

from math import inf

import pytest

from tracepass_contract.contract_tests.judging.oracle.calls.consent import WAYS, consents
from tracepass_contract.contract_tests.judging.oracle.ledger.demands import (
    UNKNOWN,
    Consent,
    Demand,
    Gate,
    Hypothesis,
    Kind,
    State,
    Take,
)
from tracepass_contract.contract_tests.judging.oracle.ledger.hypothesis import after, takes_nothing
from tracepass_contract.contract_tests.tests.helpers.demands import RIGHT, admitted

LEFT = State(5, 6, 3, 4)  # between 5 and 6 writes, between 3 and 4 slots
ALL_WAYS = consents(True, [True])
FIRST_WAY = 1


@pytest.mark.parametrize(
    ("demand", "hypothesis", "left"),
    [
        (admitted(2, 1), RIGHT, State(3, 4, 2, 3)),
        (admitted(4, 2), RIGHT, State(1, 2, 2, 2)),  # that it was admitted shows that there were four slots
        (admitted(5, 0), RIGHT, None),  # beyond the quota
        (admitted(5, 2), RIGHT._replace(compared=Take.CREATED), State(0, 1, 1, 2)),
        (admitted(4, 4), RIGHT, State(1, 2, 0, 0)),
        (admitted(7, 0), RIGHT._replace(compared=Take.CREATED), None),  # beyond the budget
        (admitted(6, 0), RIGHT._replace(compared=Take.CREATED), State(0, 0, 3, 4)),
        (admitted(2, 1), RIGHT._replace(admitted=Take.CREATED), State(4, 5, 2, 3)),
        (admitted(2, 1), RIGHT._replace(admitted=Take.ONE), State(4, 5, 2, 3)),
        (admitted(2, 1), RIGHT._replace(admitted=Take.NONE), State(5, 6, 2, 3)),
        (admitted(2, 1), RIGHT._replace(admitted=Take.ANY), State(3, 6, 2, 3)),
        (admitted(2, 1), RIGHT._replace(slots=Take.EVERY), State(3, 4, 1, 2)),
        (admitted(2, 1), RIGHT._replace(slots=Take.ANY), State(3, 4, 1, 4)),
        (admitted(2, 1), RIGHT._replace(admitted=Take.NONE, slots=Take.NONE), State(5, 6, 3, 4)),
        (admitted(7, 1), RIGHT._replace(needed=Take.ONE, compared=Take.CREATED), State(0, 0, 2, 3)),
        (admitted(7, 1), RIGHT._replace(needed=Take.CREATED, compared=Take.CREATED), State(0, 0, 2, 3)),
        (admitted(6, 1), RIGHT._replace(budget_gate=Gate.OFF_BY_ONE, compared=Take.CREATED), None),
        (admitted(5, 1), RIGHT._replace(budget_gate=Gate.OFF_BY_ONE, compared=Take.CREATED), State(1, 1, 2, 3)),
        (admitted(9, 1), RIGHT._replace(budget_gate=Gate.NEVER, compared=Take.CREATED), State(0, 0, 2, 3)),
        (admitted(9, 1), RIGHT._replace(budget_gate=Gate.ANY, compared=Take.CREATED), State(0, 0, 2, 3)),
        (admitted(4, 1), RIGHT._replace(quota_gate=Gate.OFF_BY_ONE), None),
        (admitted(3, 1), RIGHT._replace(quota_gate=Gate.OFF_BY_ONE), State(2, 3, 3, 3)),
        (admitted(5, 5), RIGHT._replace(quota_gate=Gate.NEVER), State(0, 1, 0, 0)),
        (admitted(5, 5), RIGHT._replace(quota_gate=Gate.ANY), State(0, 1, 0, 0)),
        (admitted(5, 5, consents=FIRST_WAY), RIGHT, State(0, 1, 0, 0)),
        (admitted(5, 5, consents=FIRST_WAY), RIGHT._replace(sells_overage=False), None),
        (admitted(5, 5, consents=FIRST_WAY), RIGHT._replace(way=1), None),
        (admitted(5, 5, consents=FIRST_WAY << 1), RIGHT._replace(way=1), State(0, 1, 0, 0)),
        (admitted(5, 5, consents=FIRST_WAY), RIGHT._replace(consent=Consent.IGNORED), None),
        (admitted(5, 5, says=True), RIGHT, None),
        (admitted(5, 5, says=True), RIGHT._replace(consent=Consent.ANYTHING), State(0, 1, 0, 0)),
        (admitted(5, 5, after_consent=True), RIGHT, None),
        (admitted(5, 5, after_consent=True), RIGHT._replace(consent=Consent.REMEMBERED), State(0, 1, 0, 0)),
        (admitted(5, 5, consents=FIRST_WAY), RIGHT._replace(consent=Consent.REMEMBERED), State(0, 1, 0, 0)),
        (admitted(5, 5), RIGHT._replace(consent=Consent.REMEMBERED), None),
        (admitted(3, 3, second_key=True), RIGHT, State(2, 3, 0, 1)),
        (admitted(3, 3, second_key=True), RIGHT._replace(one_budget_for_all_keys=False), State(5, 6, 0, 1)),
        (admitted(3, 3), RIGHT._replace(one_budget_for_all_keys=False), State(2, 3, 0, 1)),
        (
            admitted(7, 3, second_key=True),
            RIGHT._replace(one_budget_for_all_keys=False, compared=Take.CREATED),
            State(5, 6, 0, 1),
        ),
        (admitted(7, 3, race="r"), RIGHT._replace(race_gate=Gate.NEVER), State(0, 0, 0, 1)),
        (admitted(7, 3), RIGHT._replace(race_gate=Gate.NEVER, compared=Take.CREATED), None),
        (admitted(7, 3, race="r"), RIGHT, None),
        (Demand(Kind.WRITE, 1, 1, 1), RIGHT, State(4, 5, 2, 3)),
        (Demand(Kind.WRITE, 1, 1, 1), RIGHT._replace(write=Take.NONE), State(5, 6, 2, 3)),
        (Demand(Kind.WRITE, 1, 1, 1), RIGHT._replace(admitted=Take.NONE), State(4, 5, 2, 3)),
    ],
)
def test_what_was_admitted_fitted(demand: Demand, hypothesis: Hypothesis, left: State | None) -> None:
    assert after(LEFT, demand, hypothesis) == left


@pytest.mark.parametrize(
    ("demand", "hypothesis", "left"),
    [
        (Demand(Kind.OVER_BUDGET, 7), RIGHT, State(5, 6, 3, 4)),
        (Demand(Kind.OVER_BUDGET, 6), RIGHT, State(5, 5, 3, 4)),  # six would have fitted into six
        (Demand(Kind.OVER_BUDGET, 5), RIGHT, None),
        (Demand(Kind.OVER_BUDGET, 5), RIGHT._replace(budget_gate=Gate.OFF_BY_ONE), State(5, 5, 3, 4)),
        (Demand(Kind.OVER_BUDGET, 4), RIGHT._replace(budget_gate=Gate.OFF_BY_ONE), None),
        (Demand(Kind.OVER_BUDGET, 9), RIGHT._replace(budget_gate=Gate.NEVER), None),
        (Demand(Kind.OVER_BUDGET, 1), RIGHT._replace(budget_gate=Gate.ANY), State(5, 6, 3, 4)),
        (Demand(Kind.OVER_BUDGET, 7), RIGHT._replace(over_budget=Take.EVERY), State(0, 0, 3, 4)),
        (Demand(Kind.OVER_BUDGET, 7), RIGHT._replace(over_budget_slots=Take.ONE), State(5, 6, 2, 3)),
        (Demand(Kind.OVER_BUDGET, 1, second_key=True), RIGHT, None),
        (
            Demand(Kind.OVER_BUDGET, 1, second_key=True),
            RIGHT._replace(one_budget_for_all_keys=False),
            State(5, 6, 3, 4),
        ),
        (Demand(Kind.OVER_BUDGET, 1), RIGHT._replace(one_budget_for_all_keys=False), None),
        (Demand(Kind.OVER_BUDGET, 7, race="r"), RIGHT._replace(race_gate=Gate.NEVER), None),
        (Demand(Kind.OVER_QUOTA, 5, 0, 5), RIGHT, State(5, 6, 3, 4)),
        (Demand(Kind.OVER_QUOTA, 4, 0, 4), RIGHT, State(5, 6, 3, 3)),
        (Demand(Kind.OVER_QUOTA, 3, 0, 3), RIGHT, None),
        (Demand(Kind.OVER_QUOTA, 5, 0, 3), RIGHT._replace(compared=Take.CREATED), None),
        (Demand(Kind.OVER_QUOTA, 5, 0, 4), RIGHT._replace(compared=Take.CREATED), State(5, 6, 3, 3)),
        (Demand(Kind.OVER_QUOTA, 5, 0, 5), RIGHT._replace(over_quota=Take.EVERY), State(0, 1, 3, 4)),
        (Demand(Kind.OVER_QUOTA, 5, 0, 5), RIGHT._replace(over_quota_slots=Take.ONE), State(5, 6, 2, 3)),
        (Demand(Kind.OVER_QUOTA, 3, 0, 3), RIGHT._replace(quota_gate=Gate.OFF_BY_ONE), State(5, 6, 3, 3)),
        (Demand(Kind.OVER_QUOTA, 9, 0, 9, race="r"), RIGHT._replace(race_gate=Gate.NEVER), None),
        (Demand(Kind.OVER_QUOTA, 9, 0, 9, FIRST_WAY), RIGHT, None),
        (Demand(Kind.OVER_QUOTA, 9, 0, 9, FIRST_WAY), RIGHT._replace(sells_overage=False), State(5, 6, 3, 4)),
        (Demand(Kind.UNPAID, 9, 0, 9), RIGHT, State(5, 6, 3, 4)),
        (
            Demand(Kind.UNPAID, 2, 0, 2),
            RIGHT._replace(over_quota=Take.EVERY, over_quota_slots=Take.EVERY),
            State(3, 4, 3, 4),
        ),
        (Demand(Kind.UNPAID, 2, 0, 2, FIRST_WAY, pays=True), RIGHT, None),
        (Demand(Kind.UNPAID, 2, 0, 2, FIRST_WAY), RIGHT, State(5, 6, 3, 4)),
        (Demand(Kind.UNPAID, 2, 0, 2, pays=True), RIGHT, State(5, 6, 3, 4)),
        (Demand(Kind.UNPAID, 2, 0, 2, FIRST_WAY, pays=True), RIGHT._replace(sells_overage=False), State(5, 6, 3, 4)),
    ],
)
def test_what_was_refused_did_not_fit(demand: Demand, hypothesis: Hypothesis, left: State | None) -> None:
    assert after(LEFT, demand, hypothesis) == left


@pytest.mark.parametrize(
    ("kind", "change", "left"),
    [
        (Kind.SHAPE, {"shape": Take.NONE}, State(5, 6, 3, 4)),
        (Kind.SHAPE, {"shape": Take.ONE}, State(4, 5, 3, 4)),
        (Kind.SHAPE, {"shape": Take.EVERY}, State(3, 4, 3, 4)),
        (Kind.UNREAD, {"shape": Take.NONE}, State(5, 6, 3, 4)),
        (Kind.UNREAD, {"shape": Take.ONE}, State(4, 6, 3, 4)),
        (Kind.UNREAD, {"shape": Take.EVERY}, State(3, 6, 3, 4)),
        (Kind.REUSED, {"reused": Take.EVERY}, State(3, 4, 1, 2)),
        (Kind.REPLAY, {"replay": Take.EVERY}, State(3, 4, 3, 4)),
        (Kind.REPLAY, {"replay_slots": Take.CREATED}, State(5, 6, 2, 3)),
        (Kind.NO_VALID_KEY, {"no_valid_key": Take.EVERY}, State(3, 4, 1, 2)),
        (Kind.FOREIGN, {"foreign": Take.EVERY}, State(3, 4, 1, 2)),
        (Kind.VOID, {}, State(3, 6, 3, 4)),
        (Kind.MAYBE, {}, State(3, 6, 1, 4)),
    ],
)
def test_what_else_a_call_takes_is_as_the_hypothesis_says(kind: Kind, change: dict[str, Take], left: State) -> None:
    demand = Demand(kind, 2, 1, 2)

    assert after(LEFT, demand, RIGHT._replace(**change)) == left  # type: ignore[arg-type]
    assert takes_nothing(demand, RIGHT._replace(**change)) is (left == LEFT)  # type: ignore[arg-type]
    assert takes_nothing(demand, RIGHT) is (kind not in (Kind.VOID, Kind.MAYBE))


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        (Kind.OVER_BUDGET, {"over_budget": Take.ONE}),
        (Kind.OVER_BUDGET, {"over_budget_slots": Take.ONE}),
        (Kind.OVER_QUOTA, {"over_quota": Take.ONE}),
        (Kind.OVER_QUOTA, {"over_quota_slots": Take.ONE}),
        (Kind.UNPAID, {"over_quota": Take.ONE}),
        (Kind.SHAPE, {"shape": Take.ONE}),
    ],
)
def test_a_refusal_takes_nothing_unless_the_hypothesis_says_so(kind: Kind, change: dict[str, Take]) -> None:
    assert takes_nothing(Demand(kind, 2), RIGHT)
    assert not takes_nothing(Demand(kind, 2), RIGHT._replace(**change))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("size", "take", "state", "left"),
    [
        (7, Take.EVERY, State(5, 6, 0, 0), State(0, 6, 0, 0)),  # the rest, or nothing
        (7, Take.EVERY, State(5, 9, 0, 0), State(0, 6, 0, 0)),
        (2, Take.EVERY, State(1, 9, 0, 0), State(0, 7, 0, 0)),
        (7, Take.EVERY, State(7, 9, 0, 0), State(0, 2, 0, 0)),
        (0, Take.ONE, State(5, 6, 0, 0), State(4, 6, 0, 0)),  # a body of which no item could be read
        (1, Take.ONE, State(5, 6, 0, 0), State(4, 5, 0, 0)),
        (0, Take.EVERY, State(5, 6, 0, 0), State(5, 6, 0, 0)),
        (1, Take.ONE, State(0, 0, 0, 0), State(0, 0, 0, 0)),
    ],
)
def test_a_refused_shape_takes_what_is_there(size: int, take: Take, state: State, left: State) -> None:
    assert after(state, Demand(Kind.SHAPE, size), RIGHT._replace(shape=take)) == left


def test_a_meter_does_not_go_below_zero() -> None:
    hypothesis = RIGHT._replace(budget_gate=Gate.NEVER, quota_gate=Gate.NEVER)

    assert after(State(1, 2, 1, 2), admitted(9, 9), hypothesis) == State(0, 0, 0, 0)
    assert after(State(1, 2, 1, 2), Demand(Kind.MAYBE, 9, 9), hypothesis) == State(0, 2, 0, 2)


def test_of_nothing_known_everything_is_possible() -> None:
    assert after(UNKNOWN, admitted(100, 100), RIGHT) == State(0, inf, 0, inf)
    assert after(UNKNOWN, Demand(Kind.OVER_BUDGET, 100), RIGHT) == State(0, 99, 0, inf)
    assert (1 << len(WAYS)) - 1 == ALL_WAYS
