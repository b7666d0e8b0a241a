"""Why a batch was refused, and what a refused batch must not leave behind."""

from typing import Any

import orjson
import pytest

from tracepass_contract.contract_tests.tests.helpers.histories import (
    GTIN,
    KEY,
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
    story = with_a_known_product()
    items = [passport("a"), passport("b", colour="red") if flaw else passport("b")]
    story.refused(orjson.dumps({"passports": items}), status, "overage_required", key=key)
    story.executed(batch("a"), "e")

    assert found(story) == [(rule, [2, 3])]


def test_a_batch_that_was_too_large_leaves_nothing_behind() -> None:
    story = with_a_known_product()
    story.refused(batch("a", *(f"n{index}" for index in range(100))), 413)
    story.executed(batch("a"), "e")

    assert found(story) == [("batch.holds-1-to-100-items", [2, 3])]


@pytest.mark.parametrize("status", [400, 404, 409, 413, 422])
def test_a_sound_batch_that_is_refused_for_no_reason_decides_nothing(status: int) -> None:
    story = with_a_known_product()
    story.refused(batch("a"), status)

    assert undecided(story) == [("batch.same-shape-as-single", [2])]


@pytest.mark.parametrize(("path", "puzzles"), [(SINGLE, []), (None, [("batch.same-shape-as-single", [3])])])
def test_a_key_that_another_call_had_may_be_why(path: str | None, puzzles: list[tuple[str, list[int]]]) -> None:
    """idempotency.key-identity=workspace: it names that call on every endpoint."""
    story, key = with_a_known_product(), "7b4f1e2c-9a3d-4e5b-8c1a-2d3e4f5a6b7c"
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
    story = with_a_known_product()
    story.refused(sent, status, **about)

    assert (found(story), undecided(story)) == ([], [])


def test_a_refused_batch_whose_pairs_may_exist_decides_nothing_but_one_whose_pairs_exist_does() -> None:
    maybe, exists = with_a_known_product(), with_a_known_product()
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


def test_a_large_batch_that_was_refused_says_how() -> None:
    story = with_a_known_product()
    story.refused(batch(*(f"n{index}" for index in range(51))), 413)

    assert [each.actual for each in story.judged().findings if each.rule == "batch.holds-1-to-100-items"] == ["413"]
