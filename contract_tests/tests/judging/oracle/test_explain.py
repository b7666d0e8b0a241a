"""Whether a hypothesis explains all calls of a workspace, in their order or in any order of a race."""

from math import inf

import pytest

from tracepass_contract.contract_tests.judging.oracle.ledger.days import Midnight, Moved, SlotsOpen, Start
from tracepass_contract.contract_tests.judging.oracle.ledger.demands import (
    Demand,
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
from tracepass_contract.contract_tests.tests.helpers.demands import RIGHT, admitted


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
