"""What explains that an item failed: another call, an earlier or a later time, or the item itself."""

from typing import Any

import orjson
import pytest

from tracepass_contract.contract_tests.tests.helpers.histories import (
    GTIN,
    PRODUCT,
    Story,
    batch,
    found,
    passport,
    undecided,
    with_a_known_product,
)

SINGLE = "/api/v1/passports"
ALONE = "items.fail-independently"


def test_an_item_that_failed_and_was_created_later_decides_nothing() -> None:
    alone, refused = with_a_known_product(), with_a_known_product()
    for story in (alone, refused):
        if story is refused:
            story.refused(batch("a"), 429)
        story.executed(batch("a"), "e")
        story.executed(batch("a"), "c")

    assert undecided(alone) == [(ALONE, [2, 3])]
    assert (ALONE, [3, 4]) in undecided(refused)
    assert found(alone) == found(refused) == []


def test_an_item_that_was_created_later_in_another_form_is_another_item() -> None:
    story = with_a_known_product()
    story.executed(batch("a"), "e")
    story.executed(orjson.dumps({"passports": [passport("a", parties=[])]}), "c")

    assert undecided(story) == [(ALONE, [2])]


def test_an_item_that_failed_beside_another_is_compared_within_one_time() -> None:
    """What changed in between, as a clock that moved or a delete, may be why it was created then."""
    same, moved, deleted, given = (with_a_known_product() for _ in range(4))
    for story in (same, moved, deleted, given):
        story.executed(batch("a", "z"), "ee")
        if story is moved:
            story.later(minutes=1)
        elif story is deleted:
            story.call(b"", 200, {}, method="DELETE", path=f"{SINGLE}/elsewhere")
        elif story is given:
            story.given(slots_left=5)
        story.executed(batch("a"), "c")

    assert found(same) == [(ALONE, [2, 3])]
    assert found(moved) == found(deleted) == found(given) == []
    assert undecided(moved) == [(ALONE, [2])]


@pytest.mark.parametrize(
    ("serials", "gtin", "product"),
    [
        ("OLD-1", GTIN, PRODUCT),
        ("CONF-r1-n", "96385074", PRODUCT),
        ("CONF-r1-n", "00000096385074", PRODUCT),
        ("CONF-r1-n", GTIN, "1" * 24),
    ],
)
def test_an_item_that_is_not_known_to_be_good_may_fail(serials: str, gtin: str, product: str) -> None:
    story = with_a_known_product()
    item = {"productId": product, "gs1": {"gtin": gtin, "serialNumber": serials}}
    story.executed(orjson.dumps({"passports": [item]}), "e")

    assert (found(story), undecided(story)) == ([], [])


@pytest.mark.parametrize(
    ("status", "known_good"),
    [(201, False), (None, False), (500, False), (503, False), (400, True), (404, True), (499, True)],
)
def test_a_single_create_may_have_made_the_pair(status: int | None, known_good: bool) -> None:
    story = with_a_known_product()
    story.call(orjson.dumps(passport("a")), status, {}, path=SINGLE)
    story.executed(batch("a"), "e")

    assert undecided(story) == ([(ALONE, [3])] if known_good else [])


@pytest.mark.parametrize("body", [b"[]", b"{}", b"{"])
def test_a_single_create_without_a_pair_makes_none(body: bytes) -> None:
    story = with_a_known_product()
    story.call(body, 201, {}, path=SINGLE)
    story.executed(batch("a"), "e")

    assert undecided(story) == [(ALONE, [3])]


@pytest.mark.parametrize(
    ("given", "known_good"),
    [
        ([{"product_id": PRODUCT, "gtin": GTIN}], True),
        ([{"product_id": PRODUCT, "gtin": GTIN[1:]}], True),
        ([{"product_id": PRODUCT, "gtin": GTIN}, {}], True),
        ([{"product_id": PRODUCT, "gtin": GTIN}, {"product_id": "1" * 24, "gtin": "96385074"}], True),
        ([{"product_id": PRODUCT}], False),
        ([{"gtin": GTIN}], False),
    ],
)
def test_a_product_and_a_gtin_that_were_given_are_good(given: list[dict[str, Any]], known_good: bool) -> None:
    story = Story()
    for each in given:
        story.given(**each)
    story.executed(batch("a"), "e")

    assert undecided(story) == ([(ALONE, [1])] if known_good else [])


def change(story: Story, what: str) -> None:
    """Something after which more may be different than the history tells."""
    match what:
        case "clock":
            story.later(minutes=1)
        case "given":
            story.given(slots_left=5)
        case "delete":
            story.call(b"", 200, {}, method="DELETE", path=f"{SINGLE}/elsewhere")


@pytest.mark.parametrize("before", ["", "clock", "given", "delete"])
@pytest.mark.parametrize("between", [["clock"], ["given"], ["delete"], ["clock", "given"], ["clock", "delete"]])
def test_each_change_begins_a_time_of_its_own(before: str, between: list[str]) -> None:
    story = with_a_known_product()
    change(story, before)
    story.executed(batch("a", "z"), "ee")
    for what in between:
        change(story, what)
    story.executed(batch("a"), "c")

    assert found(story) == []
    assert [rule for rule, _ in undecided(story)] == [ALONE]


def test_calls_of_one_race_may_have_failed_for_each_other_and_others_are_looked_at_still() -> None:
    story = with_a_known_product()
    story.race("pair")
    story.executed(batch("a"), "e")
    story.executed(batch("a"), "e")
    story.race(None)
    story.executed(batch("b"), "e")

    assert (found(story), undecided(story)) == ([], [(ALONE, [4])])


def test_a_lost_call_with_a_key_of_nobody_may_have_been_taken_for_anybodys() -> None:
    story = with_a_known_product()
    story.call(batch("a"), None, workspace=None)
    story.executed(batch("a"), "e")

    assert (found(story), undecided(story)) == ([], [])
