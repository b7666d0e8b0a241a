"""What a history shows of a batch as a whole: whose answer it is, and why it may be refused."""

import orjson
import pytest

from tracepass_contract.contract_tests.tests.helpers.histories import Story, batch, passport


def test_an_item_that_fails_because_of_another_one_breaks_the_rule() -> None:
    story = Story()
    story.executed(batch("z"), "c")
    story.executed(batch("a", "z"), "ee")

    story.executed(batch("a"), "c")

    assert story.broken() == {"items.fail-independently"}


def test_an_item_that_fails_for_no_visible_reason_decides_nothing() -> None:
    story = Story()
    story.executed(batch("z"), "c")

    story.executed(batch("a"), "e")

    assert story.broken() == set()


def test_an_answer_of_another_call_is_nobodys() -> None:
    unkeyed, spelled, foreign = Story(), Story(), Story()
    for story in (unkeyed, spelled, foreign):
        first = story.executed(batch("a"), "c", key=None if story is unkeyed else "key-a")
        if story is foreign:
            story.workspace = "other"
        story.call(batch("a"), 200, first, key={id(unkeyed): None, id(spelled): "KEY-A"}.get(id(story), "key-a"))

    assert unkeyed.broken() == {"idempotency.key-is-optional"}
    assert spelled.broken() == {"idempotency.key-is-opaque"}
    assert foreign.broken() == {"idempotency.scoped-to-workspace"}


def test_a_created_item_without_the_documented_members_breaks_the_shape() -> None:
    story = Story()
    item = passport("a")
    del item["productId"]

    story.executed(orjson.dumps({"passports": [item]}), "c")

    assert story.broken() == {"batch.same-shape-as-single"}


def test_a_batch_that_is_refused_whole_for_an_item_that_exists_breaks_the_rule() -> None:
    story = Story()
    story.executed(batch("a"), "c")

    story.refused(batch("b", "a"), 409)

    assert story.broken() == {"items.fail-independently"}


def test_a_batch_that_is_refused_whole_for_an_inner_duplicate_is_legal() -> None:
    story = Story()
    story.executed(batch("a"), "c")

    story.refused(batch("b", "b"), 409)

    assert story.broken() == set()
    assert story.observed()["items.duplicate-in-batch"] == ["whole-refused"]


def test_a_large_batch_that_is_refused_where_small_ones_are_not_breaks_the_rule() -> None:
    story = Story()
    story.executed(batch("a"), "c")

    story.refused(batch(*(f"n{index}" for index in range(100))), 413)

    assert story.broken() == {"batch.holds-1-to-100-items"}


@pytest.mark.parametrize(("status", "answer"), [(400, "refused"), (200, "clamped")])
def test_a_page_that_is_too_large_shows_a_reading(status: int, answer: str) -> None:
    story = Story()

    story.call(b"", status, {"data": {"items": []}}, method="GET", path="/api/v1/passports?limit=101")

    assert story.observed() == {"reads.limit-out-of-range": [answer]}


def test_a_402_that_consent_would_cure_says_so() -> None:
    story = Story(slots_left=1, overage_supported=True)
    story.executed(batch("a"), "c")

    story.refused(batch("b"), 402, "payment_required")

    assert story.broken() == {"quota.asks-for-consent"}


def test_a_good_item_that_fails_beside_others_again_and_again_breaks_the_rule() -> None:
    story = Story()
    story.executed(batch("z"), "c")
    story.executed(batch("a", "z"), "ee")
    assert story.broken() == set()

    story.executed(batch("z", "b"), "ee")

    assert story.broken() == {"items.fail-independently"}


def test_what_failed_of_a_fault_can_be_created_once_that_is_mended() -> None:
    """Its product was unknown; with a product of the workspace the pair is new, and yet it fails."""
    story = Story()
    story.executed(batch("z"), "c")
    unknown = orjson.dumps({"passports": [{**passport("a"), "productId": "0" * 24}]})
    story.executed(unknown, "e")

    story.executed(batch("a"), "e")

    assert story.broken() == {"items.created-is-readable"}
