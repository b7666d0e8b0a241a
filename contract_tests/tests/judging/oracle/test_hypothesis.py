"""Whether books could have given an answer, and what is left after it: case by case."""

from math import inf

import pytest

from tracepass_contract.contract_tests.judging.oracle.calls.consent import WAYS, consents, says_anything
from tracepass_contract.contract_tests.judging.oracle.ledger.days import Midnight, Moved, SlotsOpen, Start
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
from tracepass_contract.contract_tests.judging.oracle.ledger.explain import (
    ORDERS_MAX,
    _sorted,
    _widest,
    contradiction,
    steps_of,
)
from tracepass_contract.contract_tests.judging.oracle.ledger.hypothesis import after, takes_nothing

LEFT = State(5, 6, 3, 4)  # between 5 and 6 writes, between 3 and 4 slots
RIGHT = Hypothesis()
ALL_WAYS = consents(True, [True])
FIRST_WAY = 1


def admitted(size: int, created: int, **about: object) -> Demand:
    return Demand(Kind.ADMITTED, size, created, created, **about)  # type: ignore[arg-type]


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


@pytest.mark.parametrize(
    ("said", "items", "accepted"),
    [
        (None, [None], set()),
        (True, [None], {("top-level", "any"), ("top-level-or-any-item", "any"), ("top-level-or-every-item", "any")}),
        (None, [True, None], {("top-level-or-any-item", "any"), ("items-only", "any")}),
        (
            None,
            [True, True],
            {("top-level-or-any-item", "any"), ("items-only", "any"), ("top-level-or-every-item", "any")},
        ),
        (
            False,
            [True],
            {("top-level-or-any-item", "wins"), ("items-only", "any"), ("top-level-or-every-item", "wins")},
        ),
        (True, [False], {("top-level-or-any-item", "wins"), ("top-level", "any"), ("top-level-or-every-item", "wins")}),
        (None, [True, False], {("top-level-or-any-item", "wins"), ("items-only", "wins")}),
        ("true", [1], set()),
        (True, [], {("top-level", "any"), ("top-level-or-any-item", "any"), ("top-level-or-every-item", "any")}),
        (None, [], set()),
    ],
)
def test_consent_counts_where_it_is_read(said: object, items: list[object], accepted: set[tuple[str, str]]) -> None:
    """`wins`: only where one `true` outweighs what contradicts it; `any`: under both readings of a contradiction."""
    conflicts = {"any": ("any-true-wins", "strictest-wins"), "wins": ("any-true-wins",)}
    ways = {(place, conflict) for place, which in accepted for conflict in conflicts[which]}

    assert {way for bit, way in enumerate(WAYS) if consents(said, items) >> bit & 1} == ways


def test_anything_but_nothing_is_something_said() -> None:
    assert not says_anything(None, [None, None])
    assert says_anything(None, [None, False])
    assert says_anything("no", [])


@pytest.mark.parametrize(
    ("entries", "hypothesis", "number"),
    [
        ([Start(State(2, 2, 9, 9)), admitted(2, 2, number=1), admitted(1, 1, number=2)], RIGHT, 2),
        ([Start(State(2, 2, 9, 9)), admitted(2, 2, number=1), Midnight(1, 1), admitted(1, 1, number=2)], RIGHT, None),
        ([Start(State(2, 2, 9, 9)), Midnight(1, 1), admitted(2, 2, number=1)], RIGHT, 1),
        ([Start(State(2, 2, 9, 9)), Midnight(1, 1), admitted(2, 2, number=1)], RIGHT._replace(renews=False), None),
        ([Start(State(2, 2, 9, 9)), Midnight(1, 1, sure=False), admitted(2, 2, number=1)], RIGHT, None),
        ([Start(State(2, 2, 9, 9)), Midnight(5, 5, sure=False), admitted(5, 5, number=1)], RIGHT, None),
        (
            [Start(State(5, 5, 9, 9)), Midnight(2, 2, sure=False), Demand(Kind.OVER_BUDGET, 3, number=1)],
            RIGHT,
            None,
        ),
        ([Start(State(2, 2, 9, 9)), Midnight(5, 5), admitted(5, 5, number=1)], RIGHT._replace(renews=False), 1),
        (
            [Start(State(2, 2, 9, 9)), Midnight(5, 5), admitted(2, 2, number=1), Demand(Kind.OVER_BUDGET, 1, number=2)],
            RIGHT._replace(renews=None),
            None,
        ),
        ([Start(State(2, 2, 9, 9)), Moved(), admitted(5, 5, number=1)], RIGHT, 1),
        ([Start(State(2, 2, 9, 9)), Moved(), admitted(5, 5, number=1)], RIGHT._replace(renews=None), None),
        ([Start(State(2, 2, 9, 9)), Moved(), Demand(Kind.OVER_BUDGET, 1, number=1)], RIGHT._replace(renews=None), None),
        ([Start(State(9, 9, 1, 1)), SlotsOpen(1), admitted(2, 2, number=1)], RIGHT, None),
        ([Start(State(9, 9, 1, 1)), SlotsOpen(1), admitted(3, 3, number=1)], RIGHT, 1),
        ([Start(State(9, 9, 1, 1)), SlotsOpen(inf), Demand(Kind.OVER_QUOTA, 2, 0, 2, number=1)], RIGHT, None),
    ],
)
def test_what_happens_between_calls_moves_the_meters(
    entries: list[object], hypothesis: Hypothesis, number: int | None
) -> None:
    assert contradiction(steps_of(entries), hypothesis) == number  # type: ignore[arg-type]


def test_of_a_muted_call_only_that_it_was_made_is_known() -> None:
    steps = steps_of([Start(State(2, 2, 9, 9)), admitted(2, 2, number=1), admitted(1, 1, number=2)])
    race = steps_of([Start(State(2, 2, 9, 9)), admitted(2, 2, race="r", number=1), admitted(1, 1, race="r", number=2)])

    for each in (steps, race):
        assert contradiction(each, RIGHT) == 2
        assert contradiction(each, RIGHT, {1}) is None
        assert contradiction(each, RIGHT, {2}) is None
        assert contradiction(each, RIGHT, {3}) == 2


def test_a_race_may_have_come_in_any_order_and_stands_where_its_first_call_does() -> None:
    late = [
        Demand(Kind.OVER_BUDGET, 2, race="r", number=1),
        admitted(2, 2, number=2),
        admitted(1, 1, race="r", number=3),
    ]
    start = Start(State(2, 2, 9, 9))

    assert contradiction(steps_of([start, late[0], late[2]]), RIGHT) is None
    assert contradiction(steps_of([start, *late]), RIGHT) == 2
    assert contradiction(steps_of([start, late[1], late[0], late[2]]), RIGHT) == 3
    assert [type(step).__name__ for step in steps_of([start, *late])] == ["Start", "tuple", "Demand"]


def test_two_races_are_two() -> None:
    entries = [admitted(1, 1, race=name, number=number) for number, name in enumerate("abab", 1)]

    assert steps_of(entries) == [("a", [entries[0], entries[2]]), ("b", [entries[1], entries[3]])]


def test_calls_of_a_race_that_take_something_are_tried_in_every_order() -> None:
    """The lost call may have come before the one that was refused, which takes a write in these books, or after it."""
    refused = Demand(Kind.OVER_BUDGET, 2, race="r", number=1)
    lost, last = Demand(Kind.MAYBE, 2, race="r", number=2), admitted(1, 1, number=3)
    start = Start(State(2, 2, 9, 9))
    taking = RIGHT._replace(over_budget=Take.ONE)

    assert contradiction(steps_of([start, refused, lost]), RIGHT) is None
    assert contradiction(steps_of([start, refused, lost]), taking) is None
    assert contradiction(steps_of([start, refused, lost, last]), taking) == 3
    assert contradiction(steps_of([start, refused]), taking) == 1


def test_a_refusal_of_a_race_may_have_seen_what_a_lost_call_took_and_not_before_it() -> None:
    lost, refused = Demand(Kind.MAYBE, 1, race="r", number=1), Demand(Kind.OVER_BUDGET, 2, race="r", number=2)

    for order in ([lost, refused], [refused, lost]):
        assert contradiction(steps_of([Start(State(2, 2, 9, 9)), *order]), RIGHT) is None
        assert contradiction(steps_of([Start(State(3, 3, 9, 9)), *order]), RIGHT) == 2


def test_nothing_is_concluded_from_a_race_with_too_many_orders() -> None:
    """Thirteen calls of different sizes, far more than fit. Each may have been anything; what is left is open."""
    calls = [admitted(1, index, race="r", number=index + 1) for index in range(13)]
    start = Start(State(5, 5, inf, inf))
    assert 2 ** len(calls) > ORDERS_MAX

    assert contradiction(steps_of([start, *calls]), RIGHT) is None
    assert contradiction(steps_of([start, *calls, Demand(Kind.OVER_BUDGET, 1, number=14)]), RIGHT) is None
    assert contradiction(steps_of([start, *calls, admitted(5, 0, number=14)]), RIGHT) is None
    assert contradiction(steps_of([start, *calls, admitted(6, 0, number=14)]), RIGHT) == 14


def test_of_nothing_known_everything_is_possible() -> None:
    assert after(UNKNOWN, admitted(100, 100), RIGHT) == State(0, inf, 0, inf)
    assert after(UNKNOWN, Demand(Kind.OVER_BUDGET, 100), RIGHT) == State(0, 99, 0, inf)
    assert (1 << len(WAYS)) - 1 == ALL_WAYS


def test_of_the_orders_of_a_race_the_one_that_leaves_most_open_is_kept() -> None:
    """Both orders leave three slots at most; the first may have left only one, the second leaves three for certain."""
    race = [admitted(3, 0, race="r", number=1), admitted(2, 2, race="r", number=2)]
    start = Start(State(9, 9, 0, 5))

    assert contradiction(steps_of([start, *race]), RIGHT) is None
    assert contradiction(steps_of([start, *race, Demand(Kind.OVER_QUOTA, 2, 0, 2, number=3)]), RIGHT) is None
    assert contradiction(steps_of([start, *race, Demand(Kind.OVER_QUOTA, 1, 0, 1, number=3)]), RIGHT) == 3
    assert contradiction(steps_of([start, *race, admitted(3, 3, number=3)]), RIGHT) is None


def test_of_states_only_those_are_kept_that_lie_within_no_other() -> None:
    wide, other = State(1, 6, 1, 4), State(0, 5, 1, 4)
    within = [State(2, 6, 1, 4), State(1, 5, 1, 4), State(1, 6, 2, 4), State(1, 6, 1, 3), State(3, 3, 2, 2)]

    assert _widest({wide, other}) == {wide, other}
    assert _widest({wide, other, *within}) == {wide, other}
    for state in within:
        assert _widest({wide, state}) == {wide}
        assert _widest({state}) == {state}
    for beyond in (State(1, 7, 2, 3), State(2, 5, 0, 3), State(2, 5, 2, 5), State(0, 5, 2, 3)):
        assert _widest({wide, beyond}) == {wide, beyond}


def test_calls_of_a_race_are_tried_in_every_order_only_where_it_can_matter() -> None:
    """Admitted first, then what may have taken something, then what took nothing: unless a refusal takes something."""
    write, maybe, void = Demand(Kind.WRITE, 1), Demand(Kind.MAYBE, 1), Demand(Kind.VOID, 1)
    refused, replay = Demand(Kind.OVER_BUDGET, 1), Demand(Kind.REPLAY, 1)
    race = [refused, maybe, admitted(1, 1), replay, void, write]

    assert _sorted(race, RIGHT) == ([admitted(1, 1), write], [maybe, void], [refused, replay])
    assert _sorted(race, RIGHT._replace(replay=Take.EVERY)) == (
        [admitted(1, 1), replay, write, maybe, void],
        [],
        [refused],
    )


def test_alike_calls_of_a_race_are_not_distinguished_by_their_number() -> None:
    """Thirty of one kind are 31 situations, not a billion orders."""
    calls = [admitted(1, 1, race="r", number=number) for number in range(1, 31)]

    assert contradiction(steps_of([Start(State(30, 30, 99, 99)), *calls]), RIGHT) is None
    assert contradiction(steps_of([Start(State(29, 29, 99, 99)), *calls]), RIGHT) == 30
