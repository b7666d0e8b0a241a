"""What a history shows of pairs: which exist, which are free, and which are the same."""

from typing import Any

import orjson
import pytest

from tracepass_contract.contract_tests.model.verdicts import Verdict
from tracepass_contract.contract_tests.tests.helpers.histories import (
    GTIN,
    KEY,
    Story,
    answered,
    batch,
    found,
    passport,
    with_a_known_product,
)

SINGLE = "/api/v1/passports"
ALONE, UNIQUE = "items.fail-independently", "items.serial-unique-per-gtin"


def test_a_pair_is_created_once() -> None:
    story = Story()
    story.executed(batch("a"), "c")
    story.executed(batch("b", "a"), "ce", key=KEY)

    assert story.broken() == set()
    story.executed(batch("c", "a"), "cc")
    assert story.broken() == {"items.serial-unique-per-gtin"}


def test_both_of_a_pair_twice_in_one_batch_are_one_too_many() -> None:
    story = Story()

    story.executed(batch("a", "a"), "cc")

    assert story.broken() == {"items.serial-unique-per-gtin"}


def test_a_lost_call_may_have_created() -> None:
    for outcome in "ce":
        story = Story()
        story.executed(batch("z"), "c")
        story.call(batch("a"), None)
        story.executed(batch("a"), outcome)

        assert story.judged().findings
        assert story.broken() == set()
        assert Verdict.INCONCLUSIVE not in {finding.verdict for finding in story.judged().findings}


def test_a_pair_may_be_free_after_a_delete() -> None:
    story = Story()
    first = story.executed(batch("a"), "c")
    path = f"/api/v1/passports/{first['results'][0]['data']['_id']}"
    story.call(b"", 200, {}, method="DELETE", path=path)

    story.executed(batch("a"), "c")

    assert story.broken() == set()


def test_serials_are_the_same_as_the_deployment_has_it() -> None:
    story = Story()
    story.executed(batch("a"), "c")

    story.executed(batch("A"), "e")

    assert story.broken() == set()
    assert story.observed()["items.serial-equality"] == ["case-folded"]


@pytest.mark.parametrize(
    ("status", "serial", "hours", "broken"),
    [(200, "a", 0, False), (200, "b", 0, True), (404, "a", 0, False), (404, "a", 1, True)],
)
def test_what_was_created_can_be_read_back(status: int, serial: str, hours: int, broken: bool) -> None:
    story = Story()
    first = story.executed(batch("a"), "c")
    if hours:
        story.later(hours=hours)
    path = f"/api/v1/passports/{first['results'][0]['data']['_id']}"

    story.call(b"", status, passport(serial), method="GET", path=path)

    assert story.broken() == ({"items.created-is-readable"} if broken else set())


def test_what_is_there_seconds_later_is_a_reading() -> None:
    story = Story()
    path = f"/api/v1/passports/{story.executed(batch('a'), 'c')['results'][0]['data']['_id']}"

    story.call(b"", 404, passport("a"), method="GET", path=path)
    story.later(hours=0.001)
    story.call(b"", 200, passport("a"), method="GET", path=path)

    assert {finding.verdict for finding in story.judged().findings} == {Verdict.CONFORMS}
    assert story.observed()["items.read-your-writes"] == ["seconds-later"]


def test_a_passport_is_read_by_its_own_workspace_only() -> None:
    """That another does not find it is no breach, however late; that it does is one."""
    story = Story()
    path = f"/api/v1/passports/{story.executed(batch('a'), 'c')['results'][0]['data']['_id']}"
    story.later(hours=1)

    story.call(b"", 404, {"error": "x"}, method="GET", path=path, workspace="other")
    assert story.broken() == set()

    story.call(b"", 200, passport("a"), method="GET", path=path, workspace="other")
    assert story.broken() == {"auth.workspaces-are-separate"}


def test_two_passports_of_a_batch_do_not_have_the_same_id() -> None:
    story, body = Story(), batch("a", "b")
    answer = answered(body, "cc")
    answer["results"][1]["data"]["_id"] = answer["results"][0]["data"]["_id"]

    story.call(body, 200, answer)

    assert story.broken() == {"items.created-carries-data"}


def test_a_pair_that_a_single_create_may_have_made_can_be_created_again() -> None:
    story = Story()
    story.executed(batch("a"), "c")
    story.call(orjson.dumps(passport("a")), 201, {}, path=SINGLE)
    story.executed(batch("a"), "c")

    assert found(story) == []


def test_only_what_was_deleted_is_free_again() -> None:
    story = Story()
    first = story.executed(batch("a", "b"), "cc")
    story.call(b"", 200, {}, method="DELETE", path=f"{SINGLE}/{first['results'][0]['data']['_id']}")
    story.call(b"", 200, {}, method="DELETE", path=f"{SINGLE}/nobody")
    story.executed(batch("a"), "c")
    assert found(story) == []

    story.executed(batch("b"), "c")
    assert found(story) == [(UNIQUE, [1, 5])]


def test_a_pair_that_exists_says_so_with_the_call_that_made_it() -> None:
    story = Story()
    story.executed(batch("a"), "c")
    story.executed(batch("b", "a"), "ce")
    kept = found(story, UNIQUE, ALONE, verdict=Verdict.CONFORMS)

    assert sorted(kept) == [(ALONE, [2]), (UNIQUE, [1, 2])]


@pytest.mark.parametrize(
    ("first", "second", "answers"),
    [
        ("a", "A", ["case-folded"]),
        ("a ", "a", ["trimmed"]),
        ("e\u0301", "\u00e9", ["nfc"]),
    ],
)
def test_serials_that_differ_in_spelling_show_how_they_are_compared(
    first: str, second: str, answers: list[str]
) -> None:
    same, apart = Story(), Story()
    for story, outcome in ((same, "e"), (apart, "c")):
        story.executed(batch(first), "c")
        story.executed(batch(second), outcome)

    assert same.observed()["items.serial-equality"] == answers
    assert set(apart.observed()["items.serial-equality"]) == {"exact", "trimmed", "case-folded", "nfc"} - set(answers)
    assert apart.broken() == set()


@pytest.mark.parametrize(("outcomes", "answers"), [("ce", ["first-wins"]), ("ec", ["last-wins"]), ("ee", None)])
def test_of_two_of_a_pair_one_wins(outcomes: str, answers: list[str] | None) -> None:
    story = Story()
    story.executed(batch("a", "a"), outcomes)

    assert story.observed().get("items.duplicate-in-batch") == answers
    assert (UNIQUE in story.kept()) is (answers is not None)


def test_of_two_of_a_pair_for_different_products_either_may_be_wrong() -> None:
    story = Story()
    items = [passport("a"), {**passport("a"), "productId": "1" * 24}]
    story.executed(orjson.dumps({"passports": items}), "ce")

    assert "items.duplicate-in-batch" not in story.observed()


def test_of_two_of_a_pair_one_may_have_failed_for_its_flaw() -> None:
    story = Story()
    story.executed(orjson.dumps({"passports": [passport("a", colour="red"), passport("a")]}), "ec")

    assert "items.duplicate-in-batch" not in story.observed()
    assert UNIQUE not in story.kept()


@pytest.mark.parametrize(
    ("first", "item"),
    [
        ("a", {**passport("A"), "productId": "1" * 24}),
        ("OLD-1", {**passport("x"), "gs1": {"gtin": GTIN, "serialNumber": "old-1"}}),
        ("a", passport("A", colour="red")),
    ],
)
def test_an_item_that_may_have_failed_for_more_shows_nothing_of_serials(first: str, item: dict[str, Any]) -> None:
    story = Story()
    sent = passport("a")
    sent["gs1"]["serialNumber"] = first if first.startswith("OLD") else sent["gs1"]["serialNumber"]
    story.executed(orjson.dumps({"passports": [sent]}), "c")
    story.executed(orjson.dumps({"passports": [item]}), "e")

    assert "items.serial-equality" not in story.observed()


def test_the_pair_that_was_created_twice_is_reported() -> None:
    story = Story()
    story.executed(batch("a"), "c")
    story.executed(batch("a"), "c")

    assert [each.actual for each in story.judged().findings if each.rule == UNIQUE] == [f"{GTIN}, CONF-r1-a"]


def test_a_pair_that_a_lost_call_may_have_made_is_there_once_it_is_answered_as_created() -> None:
    story = with_a_known_product()
    story.call(batch("a"), None)
    story.executed(batch("a"), "c")
    story.executed(batch("a"), "c")

    assert found(story) == [(UNIQUE, [3, 4])]


def test_what_was_deleted_is_not_beside_what_was_created() -> None:
    """Its serial number may be free again, so another spelling of it shows nothing."""
    story = Story()
    first = story.executed(batch("a"), "c")
    story.call(b"", 200, {}, method="DELETE", path=f"{SINGLE}/{first['results'][0]['data']['_id']}")
    story.executed(batch("A"), "c")

    assert "items.serial-equality" not in story.observed()


def test_what_a_lost_call_may_have_made_need_not_be_the_same_as_another_spelling() -> None:
    story = Story()
    story.executed(batch("A"), "c")
    story.call(batch("a"), None)
    story.executed(batch("a"), "e")

    assert "items.serial-equality" not in story.observed()
