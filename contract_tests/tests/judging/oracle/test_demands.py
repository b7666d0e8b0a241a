"""What each call asks of the balances."""

from typing import Any

import orjson
import pytest

from tracepass_contract.contract_tests.judging.oracle.calls.consent import consents
from tracepass_contract.contract_tests.judging.oracle.ledger.demands import Demand, Kind
from tracepass_contract.contract_tests.model.history import Lost
from tracepass_contract.contract_tests.tests.helpers.demands import demands_of
from tracepass_contract.contract_tests.tests.helpers.histories import KEY, Story, batch, passport

SINGLE = "/api/v1/passports"
IN_BODY, IN_ITEM = consents(True, [None]), consents(None, [True])


def single(story: Story, body: Any, status: int | None, **about: Any) -> None:
    story.call(orjson.dumps(body), status, about.pop("answer", {}), path=SINGLE, **about)


def test_an_executed_batch_asks_for_all_and_took_slots_for_what_it_created() -> None:
    story = Story()
    story.executed(batch("a", "b", "b"), "cce")

    assert demands_of(story) == [Demand(Kind.ADMITTED, 3, 2, 2, number=1)]


def test_a_pair_that_was_created_can_t_be_created_again() -> None:
    story = Story()
    story.executed(batch("a"), "c")
    story.executed(batch("b"), "c")
    single(story, passport("c"), 201)
    story.executed(batch("a", "b", "c", "d"), "eeec")

    assert demands_of(story)[-1] == Demand(Kind.ADMITTED, 4, 1, 1, pays=True, number=4)


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (429, "No", Kind.OVER_BUDGET),
        (402, "overage_required", Kind.OVER_QUOTA),
        (402, "other", Kind.UNPAID),
        (403, "No", Kind.UNPAID),
        (401, "No", Kind.NO_VALID_KEY),
        (404, "No", Kind.VOID),
        (500, "No", Kind.MAYBE),
    ],
)
def test_a_refused_batch_is_known_by_its_status(status: int, error: str, kind: Kind) -> None:
    story = Story()
    story.refused(batch("a", "b"), status, error)

    assert demands_of(story) == [Demand(kind, 2, 0, 2, number=1)]


def test_a_batch_with_a_flaw_may_have_been_refused_for_its_shape() -> None:
    flawed, consenting, empty, twice = Story(), Story(), Story(), Story()
    twice.refused(orjson.dumps({"passports": [passport("a", colour="red"), passport("a")]}), 409)
    flawed.refused(orjson.dumps({"passports": [passport("a", colour="red")]}), 400)
    consenting.refused(orjson.dumps({"passports": [passport("a", colour="red")], "confirmOverage": True}), 400)
    empty.refused(b"{", 500)

    assert demands_of(flawed) == [Demand(Kind.SHAPE, 1, 0, 1, number=1)]
    assert demands_of(consenting) == [Demand(Kind.VOID, 1, 0, 1, IN_BODY, says=True, number=1)]
    assert demands_of(empty) == [Demand(Kind.MAYBE, 1, number=1)]
    assert demands_of(twice) == [Demand(Kind.VOID, 2, 0, 1, number=1)]


def test_calls_that_a_key_answers_are_not_executed() -> None:
    story = Story()
    first = story.executed(batch("a"), "c", key=KEY)
    story.call(batch("a"), 200, first, key=KEY)
    story.refused(batch("b"), 422, key=KEY)
    story.refused(orjson.dumps({"passports": [passport("b", colour="red")]}), 422, key=KEY)
    story.executed(batch("b"), "c", key=KEY)

    assert [demand.kind for demand in demands_of(story)] == [
        Kind.ADMITTED,
        Kind.REPLAY,
        Kind.REUSED,
        Kind.UNREAD,
        Kind.MAYBE,
    ]


def test_what_is_no_json_and_what_is_not_served_may_be_refused_unread() -> None:
    story = Story()
    story.refused(batch("a"), 415, headers={"Content-Type": "text/plain"})
    story.refused(b"", 405, method="DELETE")
    story.refused(b"", 404, method="DELETE")

    assert [(demand.kind, demand.size) for demand in demands_of(story)] == [
        (Kind.UNREAD, 1),
        (Kind.UNREAD, 1),
        (Kind.MAYBE, 1),
    ]


def test_consent_is_remembered_from_the_next_call_on() -> None:
    story = Story()
    story.executed(batch("a", confirmOverage=True), "c")
    story.executed(batch("b", confirmOverage=False), "c")
    story.executed(orjson.dumps({"passports": [passport("c", confirmOverage=True)]}), "c")

    assert demands_of(story) == [
        Demand(Kind.ADMITTED, 1, 1, 1, IN_BODY, says=True, number=1),
        Demand(Kind.ADMITTED, 1, 1, 1, 0, says=True, after_consent=True, pays=True, number=2),
        Demand(Kind.ADMITTED, 1, 1, 1, IN_ITEM, says=True, after_consent=True, pays=True, number=3),
    ]


def test_a_second_api_key_is_distinguished_from_the_first() -> None:
    story = Story()
    story.executed(batch("a"), "c")
    story.executed(batch("b"), "c", credential="second")
    story.executed(batch("c"), "c")

    assert [demand.second_key for demand in demands_of(story)] == [False, True, False]


def test_what_is_known_anew_says_nothing_of_payment() -> None:
    story = Story()
    story.executed(batch("a"), "c")
    story.given(slots_left=0)
    story.refused(batch("b"), 402, "other")

    assert [demand.pays for demand in demands_of(story)] == [False, False]


@pytest.mark.parametrize(
    ("status", "about", "demand"),
    [
        (201, {}, Demand(Kind.WRITE, 1, 1, 1, number=1)),
        (201, {"key": KEY}, Demand(Kind.MAYBE, 1, 1, 1, number=1)),
        (201, {"lost": Lost.CONNECTION}, Demand(Kind.MAYBE, 1, 0, 1, number=1)),
        (None, {}, Demand(Kind.MAYBE, 1, 0, 1, number=1)),
        (400, {}, Demand(Kind.MAYBE, 1, 0, 1, number=1)),
        (402, {}, Demand(Kind.UNPAID, 1, 0, 1, number=1)),
        (429, {"answer": {"error": "No"}}, Demand(Kind.OVER_BUDGET, 1, 0, 1, number=1)),
        (429, {}, Demand(Kind.MAYBE, 1, 0, 1, number=1)),
        (401, {}, Demand(Kind.NO_VALID_KEY, 1, 0, 1, number=1)),
        (201, {"parallel": "race"}, Demand(Kind.WRITE, 1, 1, 1, race="race", number=1)),
    ],
)
def test_a_single_create_asks_for_one(status: int | None, about: dict[str, Any], demand: Demand) -> None:
    story = Story()
    single(story, passport("a"), status, **about)

    assert demands_of(story) == [demand]


def test_a_single_create_consents_at_its_top() -> None:
    said, denied, unreadable = Story(), Story(), Story()
    single(said, passport("a", confirmOverage=True), 201)
    single(denied, passport("a", confirmOverage=False), 201)
    single(unreadable, [1], 400)

    assert demands_of(said) == [Demand(Kind.WRITE, 1, 1, 1, consents(True, []), says=True, number=1)]
    assert demands_of(denied) == [Demand(Kind.WRITE, 1, 1, 1, 0, says=True, number=1)]
    assert demands_of(unreadable) == [Demand(Kind.MAYBE, 1, 0, 1, number=1)]


def test_another_write_may_take_one_and_a_read_takes_nothing() -> None:
    story = Story()
    for method in ("GET", "HEAD", "OPTIONS", "get"):
        story.call(b"", 200, {}, method=method, path=f"{SINGLE}/p1")
    story.call(b"", 200, {}, method="PATCH", path=f"{SINGLE}/p1")
    story.call(b"", None, {}, method="PATCH", path=f"{SINGLE}/p1", lost=Lost.NEVER_SENT)

    assert demands_of(story) == [Demand(Kind.MAYBE, 1, number=5)]


def test_a_call_that_was_never_sent_asks_for_nothing() -> None:
    story = Story()
    story.executed(batch("z"), "c")
    story.call(batch("a"), None, lost=Lost.NEVER_SENT)

    assert demands_of(story) == [Demand(Kind.ADMITTED, 1, 1, 1, number=1)]


@pytest.mark.parametrize(
    ("body", "writes"), [({"products": [{}, {}, {}]}, 3), ({"products": []}, 1), ({"products": "x"}, 1), ([], 1)]
)
def test_a_batch_of_products_may_take_a_write_for_each(body: Any, writes: int) -> None:
    story = Story()
    story.call(orjson.dumps(body), 200, {}, path="/api/v1/products/batch")

    (demand,) = demands_of(story)

    assert (demand.kind, demand.size) == (Kind.MAYBE, writes)


def test_a_call_that_should_have_been_answered_from_its_key_may_have_taken_anything() -> None:
    story = Story()
    story.executed(batch("a"), "c", key=KEY)
    story.refused(batch("a"), 422, key=KEY)

    assert [demand.kind for demand in demands_of(story)] == [Kind.ADMITTED, Kind.MAYBE]


def test_what_a_call_says_to_have_created_that_should_not_have_been_executed_may_be_creatable() -> None:
    story = Story()
    story.executed(batch("a"), "c", key=KEY)
    story.executed(batch("b"), "c", key=KEY)
    story.executed(batch("a", "b"), "ee")

    assert demands_of(story)[-1].creatable == 1


def test_a_call_of_which_its_key_does_not_tell_what_it_is_may_have_taken_something() -> None:
    """Refused, it takes no slot; executed, it may be the first or a replay of the lost one."""
    refused, executed = Story(), Story()
    refused.refused(batch("a"), 402, "overage_required", key=KEY)
    refused.refused(batch("a"), 402, "overage_required", key=KEY)
    executed.call(batch("a"), None, key=KEY)
    executed.executed(batch("a"), "c", key=KEY)

    assert [each.kind for each in demands_of(refused)] == [Kind.OVER_QUOTA, Kind.VOID]
    assert [each.kind for each in demands_of(executed)] == [Kind.MAYBE, Kind.MAYBE]
