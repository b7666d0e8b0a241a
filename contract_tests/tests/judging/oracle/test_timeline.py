"""The calls of a workspace in their order, and what happens between them: midnights, deletes, calls of others."""

from math import inf
from typing import Any

import pytest

from tracepass_contract.contract_tests.judging.oracle.ledger.days import Midnight, Moved, SlotsOpen, Start
from tracepass_contract.contract_tests.judging.oracle.ledger.demands import UNKNOWN, Demand, Kind, State
from tracepass_contract.contract_tests.model.history import ClockMoved, Exchange
from tracepass_contract.contract_tests.tests.helpers.demands import demands_of, timeline
from tracepass_contract.contract_tests.tests.helpers.histories import Story, batch

SINGLE = "/api/v1/passports"


def test_a_delete_may_give_back_a_slot_and_a_pair() -> None:
    story = Story()
    story.executed(batch("a"), "c")
    story.call(b"", 200, {}, method="DELETE", path=f"{SINGLE}/p1")
    story.executed(batch("a"), "c")

    assert timeline(story).entries == [
        Start(UNKNOWN),
        Demand(Kind.ADMITTED, 1, 1, 1, number=1),
        Demand(Kind.MAYBE, 1, pays=True, number=2),
        SlotsOpen(1),
        Demand(Kind.ADMITTED, 1, 1, 1, pays=True, number=3),
    ]


def test_batches_of_others_are_looked_at_as_long_as_the_workspace_is_known() -> None:
    story = Story()
    story.executed(batch("before"), "c", workspace="other")
    story.given(writes_left=9)
    story.executed(batch("a"), "c")
    story.executed(batch("b"), "c", workspace="other")
    story.refused(batch("c"), 401, workspace=None)
    story.executed(batch("d"), "c")
    story.executed(batch("after"), "c", workspace="other")

    assert [(demand.kind, demand.number) for demand in demands_of(story)] == [
        (Kind.ADMITTED, 2),
        (Kind.FOREIGN, 3),
        (Kind.NO_VALID_KEY, 4),
        (Kind.ADMITTED, 5),
    ]
    assert [(demand.kind, demand.number) for demand in demands_of(story, "other")][:1] == [(Kind.ADMITTED, 1)]


def test_only_known_workspaces_without_others_are_exclusive() -> None:
    unknown, known, shared, both = Story(), Story(writes_left=1), Story(exclusive=False), Story(exclusive=False)
    both.given(exclusive=True)
    for story in (unknown, known, shared, both):
        story.executed(batch("a"), "c")

    assert [timeline(story).exclusive for story in (unknown, known, shared, both)] == [False, True, False, False]


def test_a_402_that_consent_would_cure_is_untold_where_all_else_is_known() -> None:
    declared, unpaid, sold, asking = Story(), Story(), Story(), Story()
    for story in (declared, sold, asking):
        story.given(slots_left=1, overage_supported=story is not sold)
        story.executed(batch("a"), "c")
    unpaid.given(slots_left=1, overage_supported=True)
    for story in (declared, unpaid, sold):
        story.refused(batch("b"), 402, "other")
    asking.refused(batch("b", confirmOverage=False), 402, "other")

    assert [timeline(story).undisclosed for story in (declared, unpaid, sold, asking)] == [[2], [], [], []]


@pytest.mark.parametrize(
    ("known", "state"),
    [
        ({}, State(0, inf, 0, inf)),
        ({"writes_left": 3, "slots_left": 2}, State(3, 3, 2, 2)),
        ({"writes_per_day": 7}, State(0, 7, 0, inf)),
        ({"writes_left": 0, "writes_per_day": 7, "slots_left": 0}, State(0, 0, 0, 0)),
        ({"unlimited_writes": True}, State(inf, inf, 0, inf)),
        ({"unlimited_slots": True}, State(0, inf, inf, inf)),
    ],
)
def test_what_is_left_is_as_far_known_as_it_was_reported(known: dict[str, Any], state: State) -> None:
    story = Story()
    story.given(**known)

    assert timeline(story).entries == [Start(UNKNOWN), Start(state)]


@pytest.mark.parametrize(
    ("known", "midnight"),
    [
        ({}, Midnight(0, inf)),
        ({"writes_per_day": 7}, Midnight(7, 7)),
        ({"unlimited_writes": True}, Midnight(inf, inf)),
    ],
)
def test_the_budget_is_renewed_once_between_two_days(known: dict[str, Any], midnight: Midnight) -> None:
    story = Story(**known)
    story.executed(batch("a"), "c")
    story.later(hours=23)
    story.executed(batch("b"), "c")
    story.executed(batch("c"), "c")

    entries = [entry for entry in timeline(story).entries if not isinstance(entry, Start)]
    assert [type(entry) for entry in entries] == [Demand, Moved, Midnight, Demand, Demand]
    assert entries[2] == midnight


@pytest.mark.parametrize(
    ("known", "midnight"),
    [({}, Midnight(0, inf, sure=False)), ({"writes_per_day": 7}, Midnight(0, 7, sure=False))],
)
def test_near_midnight_the_budget_may_be_renewed_before_or_after(known: dict[str, Any], midnight: Midnight) -> None:
    story = Story(**known)
    story.now = story.now.replace(hour=23, minute=58, second=30)
    story.executed(batch("a"), "c")

    given = timeline(story).entries[2 if known else 1 :]
    assert given[0] == given[2] == midnight
    assert given[1] == Demand(Kind.ADMITTED, 1, 1, 1, number=1)


def test_near_midnight_a_clock_of_ours_leaves_no_doubt() -> None:
    story = Story()
    story.now = story.now.replace(hour=23, minute=59, second=10)
    story.events.append(ClockMoved("main", story.now))
    story.executed(batch("a"), "c")
    story.now = story.now.replace(day=2, hour=0, minute=0, second=0)
    story.executed(batch("b"), "c")

    assert [type(entry) for entry in timeline(story).entries] == [Start, Moved, Demand, Midnight, Demand]


def test_all_slots_may_come_back_with_a_new_month() -> None:
    story = Story()
    story.executed(batch("a"), "c")
    story.later(days=40)
    story.executed(batch("b"), "c")

    assert timeline(story).entries[-2] == SlotsOpen(inf)
    assert all(isinstance(event, Exchange | ClockMoved) for event in story.events)


def test_of_others_only_what_was_executed_or_had_no_valid_key_is_noted() -> None:
    story = Story(writes_left=9)
    story.executed(batch("a"), "c", workspace=None)
    story.refused(batch("b"), 409, workspace="other")
    story.executed(batch("c"), "c")

    assert [(demand.kind, demand.number) for demand in demands_of(story)] == [(Kind.MAYBE, 1), (Kind.ADMITTED, 3)]
