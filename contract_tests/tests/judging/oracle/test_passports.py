"""Pairs, ids and refused batches: what of a history explains what came later, and what does not."""

from typing import Any

import orjson
import pytest

from tracepass_contract.contract_tests.model.verdicts import Finding, Verdict
from tracepass_contract.contract_tests.tests.helpers.histories import (
    GTIN,
    KEY,
    PRODUCT,
    Story,
    answered,
    batch,
    passport,
)

SINGLE = "/api/v1/passports"
ALONE, UNIQUE, OPAQUE = "items.fail-independently", "items.serial-unique-per-gtin", "idempotency.key-is-opaque"


def found(story: Story, *rules: str, verdict: Verdict = Verdict.VIOLATES) -> list[tuple[str, list[int]]]:
    findings: list[Finding] = [each for each in story.judged().findings if each.verdict is verdict]
    return [(each.rule, list(each.witnesses)) for each in findings if not rules or each.rule in rules]


def undecided(story: Story) -> list[tuple[str, list[int]]]:
    return found(story, verdict=Verdict.INCONCLUSIVE)


def known() -> Story:
    """A workspace of which a product and a GTIN are known to be good, since something was created of them."""
    story = Story()
    story.executed(batch("z"), "c")
    return story


@pytest.mark.parametrize(
    ("status", "flaw", "key", "rule"),
    [
        (422, False, KEY, "idempotency.refuses-another-body"),
        (409, False, KEY, "idempotency.refuses-another-body"),
        (400, False, KEY, "idempotency.refuses-another-body"),
        (404, False, KEY, ALONE),
        (422, False, None, ALONE),
        (422, True, KEY, ALONE),
        (402, False, None, "quota.asks-for-consent"),
    ],
)
def test_a_refusal_that_left_something_breaks_the_rule_it_was_refused_by(
    status: int, flaw: bool, key: str | None, rule: str
) -> None:
    story = known()
    items = [passport("a"), passport("b", colour="red") if flaw else passport("b")]
    story.refused(orjson.dumps({"passports": items}), status, "overage_required", key=key)
    story.executed(batch("a"), "e")

    assert found(story) == [(rule, [2, 3])]


def test_a_batch_that_was_too_large_leaves_nothing_behind() -> None:
    story = known()
    story.refused(batch("a", *(f"n{index}" for index in range(100))), 413)
    story.executed(batch("a"), "e")

    assert found(story) == [("batch.holds-1-to-100-items", [2, 3])]


def test_an_item_that_failed_and_was_created_later_decides_nothing() -> None:
    alone, refused = known(), known()
    for story in (alone, refused):
        if story is refused:
            story.refused(batch("a"), 429)
        story.executed(batch("a"), "e")
        story.executed(batch("a"), "c")

    assert undecided(alone) == [(ALONE, [2, 3])]
    assert (ALONE, [3, 4]) in undecided(refused)
    assert found(alone) == found(refused) == []


def test_an_item_that_was_created_later_in_another_form_is_another_item() -> None:
    story = known()
    story.executed(batch("a"), "e")
    story.executed(orjson.dumps({"passports": [passport("a", parties=[])]}), "c")

    assert undecided(story) == [(ALONE, [2])]


def test_an_item_that_failed_beside_another_is_compared_within_one_time() -> None:
    """What changed in between, as a clock that moved or a delete, may be why it was created then."""
    same, moved, deleted, given = known(), known(), known(), known()
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
    story = known()
    item = {"productId": product, "gs1": {"gtin": gtin, "serialNumber": serials}}
    story.executed(orjson.dumps({"passports": [item]}), "e")

    assert (found(story), undecided(story)) == ([], [])


@pytest.mark.parametrize(
    ("status", "known_good"),
    [(201, False), (None, False), (500, False), (503, False), (400, True), (404, True), (499, True)],
)
def test_a_single_create_may_have_made_the_pair(status: int | None, known_good: bool) -> None:
    story = known()
    story.call(orjson.dumps(passport("a")), status, {}, path=SINGLE)
    story.executed(batch("a"), "e")

    assert undecided(story) == ([(ALONE, [3])] if known_good else [])


def test_a_pair_that_a_single_create_may_have_made_can_be_created_again() -> None:
    story = Story()
    story.executed(batch("a"), "c")
    story.call(orjson.dumps(passport("a")), 201, {}, path=SINGLE)
    story.executed(batch("a"), "c")

    assert found(story) == []


@pytest.mark.parametrize("body", [b"[]", b"{}", b"{"])
def test_a_single_create_without_a_pair_makes_none(body: bytes) -> None:
    story = known()
    story.call(body, 201, {}, path=SINGLE)
    story.executed(batch("a"), "e")

    assert undecided(story) == [(ALONE, [3])]


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


def repeated(**about: Any) -> Story:
    """A passport of a first call, told again in a second one with another body."""
    story = Story()
    first = story.executed(batch("a"), "c", key=about.pop("first", None))
    workspace = about.pop("workspace", "main")
    serial = about.pop("serial", "a")
    answer = answered(batch(serial), "c")
    answer["results"][0]["data"]["_id"] = first["results"][0]["data"]["_id"]
    story.call(batch(serial), 200, answer, workspace=workspace, **about)
    return story


@pytest.mark.parametrize(
    ("about", "rule"),
    [
        ({"workspace": "other"}, "auth.workspaces-are-separate"),
        ({"workspace": "other", "first": "k1", "key": "k2"}, "auth.workspaces-are-separate"),
        ({"workspace": "other", "first": "k1"}, "auth.workspaces-are-separate"),
        ({"workspace": "other", "first": "k1", "key": "k1"}, "idempotency.scoped-to-workspace"),
        ({"serial": "b"}, "items.created-carries-data"),
        ({"serial": "b", "first": "k1", "key": "k2"}, "items.created-carries-data"),
        ({}, "idempotency.key-is-optional"),
        ({"first": "k1"}, "idempotency.key-is-optional"),
        ({"key": "k1"}, "idempotency.key-is-optional"),
        ({"first": "k1", "key": "k2"}, OPAQUE),
    ],
)
def test_a_passport_that_is_repeated_is_somebodys(about: dict[str, Any], rule: str) -> None:
    assert (rule, [1, 2]) in found(repeated(**about))


def test_an_item_without_a_pair_is_no_pair_of_a_deleted_passport() -> None:
    story = Story()
    body = orjson.dumps({"passports": [{"productId": PRODUCT, "gs1": {"gtin": GTIN, "serialNumber": 7}}]})
    first = story.executed(body, "c")
    story.call(b"", 200, {}, method="DELETE", path=f"{SINGLE}/{first['results'][0]['data']['_id']}")
    story.executed(batch("a"), "c")

    assert story.broken() == {"batch.same-shape-as-single", "items.created-carries-data"}


@pytest.mark.parametrize("status", [400, 404, 409, 413, 422])
def test_a_sound_batch_that_is_refused_for_no_reason_decides_nothing(status: int) -> None:
    story = known()
    story.refused(batch("a"), status)

    assert undecided(story) == [("batch.same-shape-as-single", [2])]


@pytest.mark.parametrize(("path", "puzzles"), [(SINGLE, []), (None, [("batch.same-shape-as-single", [3])])])
def test_a_key_that_another_call_had_may_be_why(path: str | None, puzzles: list[tuple[str, list[int]]]) -> None:
    """idempotency.key-identity=workspace: it names that call on every endpoint."""
    story, key = known(), "7b4f1e2c-9a3d-4e5b-8c1a-2d3e4f5a6b7c"
    story.call(orjson.dumps(passport("b")), 201, {}, path=SINGLE, key=key if path else None)
    story.refused(batch("a"), 422, key=key)

    assert undecided(story) == puzzles


@pytest.mark.parametrize(
    ("sent", "status", "about"),
    [
        (batch("a"), 410, {}),
        (batch("a", confirmOverage=False), 400, {}),
        (orjson.dumps({"passports": [passport("a", confirmOverage=False)]}), 400, {}),
        (orjson.dumps({"passports": [passport("a", colour="red")]}), 400, {}),
        (orjson.dumps({"passports": [{**passport("a"), "productId": "1" * 24}]}), 400, {}),
        (batch("a", "A"), 400, {}),
        (batch("a"), 400, {"key": "no-uuid"}),
        (batch("a"), 400, {"parallel": "race"}),
        (batch("a").replace(b'{"passports"', b'{"passports":[],"passports"'), 400, {}),
        (batch("a").replace(b'"serialNumber"', b'"serialNumber":"z","serialNumber"'), 400, {}),
        (batch("a"), 400, {"headers": {"Content-Type": "application/json", "content-type": "application/json"}}),
    ],
)
def test_a_refused_batch_may_have_been_refused_for_something(sent: bytes, status: int, about: dict[str, Any]) -> None:
    story = known()
    story.refused(sent, status, **about)

    assert (found(story), undecided(story)) == ([], [])


def test_a_refused_batch_whose_pairs_may_exist_decides_nothing_but_one_whose_pairs_exist_does() -> None:
    maybe, exists = known(), known()
    maybe.call(batch("a"), None)
    maybe.refused(batch("a", "b"), 409)
    exists.refused(batch("z", "b"), 409)

    assert (found(maybe), undecided(maybe)) == ([], [])
    assert found(exists) == [(ALONE, [2])]
    assert [each.actual for each in exists.judged().findings if each.rule == ALONE] == ["409, 1 exist"]


def test_the_largest_batch_that_was_executed_and_fifty_are_not_large() -> None:
    """More than both is large; the size of what was executed with a key counts, too."""
    for size, executed, large in ((51, 1, True), (50, 1, False), (60, 60, False), (61, 60, True)):
        story = Story()
        story.executed(batch(*(f"x{index}" for index in range(executed))), "c" * executed, key=KEY)
        story.executed(batch("y"), "c")
        story.refused(batch(*(f"n{index}" for index in range(size))), 413)

        assert found(story) == ([("batch.holds-1-to-100-items", [3])] if large else [])


def test_a_call_without_a_key_is_refused_for_it_only_where_all_are() -> None:
    all_, some = Story(), Story()
    for story in (all_, some):
        story.executed(batch("a"), "c", key=KEY)
        if story is some:
            story.executed(batch("b"), "c")
        story.refused(batch("n"), 400)

    assert found(all_) == [("idempotency.key-is-optional", [1, 2])]
    assert found(some) == []


def test_where_nothing_was_ever_executed_a_refusal_tells_nothing() -> None:
    story = Story(product_id=PRODUCT, gtin=GTIN)
    story.refused(batch("a"), 400)

    assert (found(story), undecided(story)) == ([], [])


def test_the_same_body_without_a_key_is_executed_each_time() -> None:
    again, other, failed = Story(), Story(), Story()
    again.executed(batch("a"), "c")
    again.executed(batch("a"), "e")
    other.executed(batch("a"), "c")
    other.executed(batch("a", "a"), "ee")
    failed.executed(batch("a"), "e")
    failed.executed(batch("a"), "e")

    assert ("idempotency.key-is-optional", [1, 2]) in found(again, verdict=Verdict.CONFORMS)
    assert "idempotency.key-is-optional" not in other.kept() | failed.kept()


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
    story = known()
    story.call(batch("a"), None)
    story.executed(batch("a"), "c")
    story.executed(batch("a"), "c")

    assert found(story) == [(UNIQUE, [3, 4])]


def test_a_passport_that_failed_beside_it_does_not_hide_one_that_is_repeated() -> None:
    story = known()
    first = story.executed(batch("z", "a"), "ec")
    answer = answered(batch("a"), "c")
    answer["results"][0]["data"]["_id"] = first["results"][1]["data"]["_id"]
    story.call(batch("a"), 200, answer)

    assert found(story) == [("idempotency.key-is-optional", [2, 3])]


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
    story = known()
    change(story, before)
    story.executed(batch("a", "z"), "ee")
    for what in between:
        change(story, what)
    story.executed(batch("a"), "c")

    assert found(story) == []
    assert [rule for rule, _ in undecided(story)] == [ALONE]


def test_calls_of_one_race_may_have_failed_for_each_other_and_others_are_looked_at_still() -> None:
    story = known()
    story.race("pair")
    story.executed(batch("a"), "e")
    story.executed(batch("a"), "e")
    story.race(None)
    story.executed(batch("b"), "e")

    assert (found(story), undecided(story)) == ([], [(ALONE, [4])])


def test_a_lost_call_with_a_key_of_nobody_may_have_been_taken_for_anybodys() -> None:
    story = known()
    story.call(batch("a"), None, workspace=None)
    story.executed(batch("a"), "e")

    assert (found(story), undecided(story)) == ([], [])


def test_a_large_batch_that_was_refused_says_how() -> None:
    story = known()
    story.refused(batch(*(f"n{index}" for index in range(51))), 413)

    assert [each.actual for each in story.judged().findings if each.rule == "batch.holds-1-to-100-items"] == ["413"]
