"""What a history shows of idempotency keys."""

from copy import deepcopy

import orjson
import pytest

from tracepass_contract.contract_tests.tests.helpers.histories import KEY, Story, answered, batch


def test_a_replay_is_the_first_result_again() -> None:
    story, body = Story(), batch("a", "a")
    first = story.executed(body, "ce", key=KEY)

    story.call(body, 201, first, key=KEY)

    assert story.broken() == set()
    assert story.kept() >= {"idempotency.replays-original", "idempotency.covers-whole-batch"}
    assert story.observed()["idempotency.replay-equality"] == ["same-bytes"]


def test_a_key_that_is_passed_over_breaks_the_rule() -> None:
    story, body = Story(), batch("a", "b")
    story.executed(body, "cc", key=KEY)

    story.executed(body, "ee", key=KEY)

    assert story.broken() == {"idempotency.replays-original"}


def test_a_replay_with_other_ids_breaks_the_rule() -> None:
    story, body = Story(), batch("a")
    story.executed(body, "c", key=KEY)

    story.executed(body, "c", key=KEY)

    assert story.broken() == {"idempotency.replays-original"}


def test_a_replay_in_another_class_of_status_breaks_the_rule() -> None:
    story, body = Story(), batch("a")
    first = story.executed(body, "c", key=KEY)

    story.call(body, 409, first, key=KEY)

    assert story.broken() == {"idempotency.replays-original"}


@pytest.mark.parametrize("status", [400, 409, 422])
def test_a_key_with_another_body_is_refused(status: int) -> None:
    story = Story()
    story.executed(batch("a"), "c", key=KEY)

    story.refused(batch("b"), status, key=KEY)

    assert story.broken() == set()
    assert story.observed()["idempotency.key-reuse"] == [str(status)]


def test_a_key_with_another_body_that_is_served_breaks_the_rule() -> None:
    executed, old = Story(), Story()
    executed.executed(batch("a"), "c", key=KEY)
    first = old.executed(batch("a"), "c", key=KEY)

    executed.executed(batch("b"), "c", key=KEY)
    old.call(batch("b"), 200, first, key=KEY)

    assert executed.broken() == {"idempotency.refuses-another-body"}
    assert "idempotency.refuses-another-body" in old.broken()


def test_a_key_is_no_key_of_single_items() -> None:
    story = Story()
    first = story.executed(batch("a"), "c", key=KEY)
    second = answered(batch("a", "b"), "cc", "new")
    second["results"][0] = deepcopy(first["results"][0])

    story.call(batch("a", "b"), 200, second, key=KEY)

    assert story.broken() == {"idempotency.covers-whole-batch"}


def test_the_form_of_a_body_counts_as_the_deployment_has_it() -> None:
    body = batch("a")
    spaced = orjson.dumps(orjson.loads(body), option=orjson.OPT_INDENT_2)
    sorted_ = orjson.dumps(orjson.loads(body), option=orjson.OPT_SORT_KEYS)
    lenient, strict, mixed = Story(), Story(), Story()
    for story in (lenient, strict, mixed):
        first = story.executed(body, "c", key=KEY)
        story.call(spaced, 200, first, key=KEY) if story is lenient else story.refused(spaced, 422, key=KEY)
        story.refused(sorted_, 422, key=KEY) if story is not mixed else story.call(sorted_, 200, first, key=KEY)

    assert lenient.broken() == strict.broken() == set()
    assert lenient.observed()["idempotency.fingerprint"] == ["parsed-json"]
    assert strict.observed()["idempotency.fingerprint"] == ["raw-bytes"]
    assert mixed.broken() == {"idempotency.replays-original"}


def test_calls_with_one_key_at_once_are_answered_as_one() -> None:
    right, wrong = Story(), Story()
    for story in (right, wrong):
        story.race("same key")
        story.refused(batch("a"), 409, key=KEY)
        story.executed(batch("a"), "c", key=KEY)
    wrong.executed(batch("a"), "c", key=KEY)

    assert right.broken() == set()
    assert "idempotency.executes-once" in right.kept()
    assert wrong.broken() == {"idempotency.executes-once"}


def test_what_is_kept_of_a_refusal_is_observed() -> None:
    story = Story()
    story.refused(batch("a", "b"), 402, "overage_required", key=KEY)

    story.executed(batch("a"), "c", key=KEY)

    assert story.broken() == set()
    assert story.observed()["idempotency.remembered-outcomes"] == ["2xx", "executed"]


def test_a_key_lives_for_a_day_and_may_live_longer() -> None:
    for hours, again, broken in ((23, "e", True), (23, "", False), (25, "e", False), (25, "", False)):
        story = Story()
        first = story.executed(batch("a"), "c", key=KEY)
        story.later(hours=hours)
        if again:
            story.executed(batch("a"), again, key=KEY)
        else:
            story.call(batch("a"), 200, first, key=KEY)

        assert story.broken() == ({"idempotency.kept-24-hours"} if broken else set())


@pytest.mark.parametrize(
    ("status", "workspace", "rule"),
    [
        (429, "main", "budget.refuses-whole-batch"),
        (402, "main", "quota.asks-for-consent"),
        (401, None, "auth.bearer-required"),
    ],
)
def test_a_refusal_that_leaves_something_behind_breaks_its_rule(status: int, workspace: str | None, rule: str) -> None:
    story = Story()
    story.executed(batch("z"), "c")
    story.refused(batch("a", "b"), status, "overage_required", workspace=workspace)

    story.executed(batch("a"), "e")

    assert story.broken() == {rule}


def test_calls_without_a_key_that_are_all_refused_break_the_rule() -> None:
    story = Story()
    story.executed(batch("a"), "c", key=KEY)

    story.refused(batch("b"), 400)

    assert story.broken() == {"idempotency.key-is-optional"}


def test_calls_without_a_key_know_nothing_of_each_other() -> None:
    story = Story()
    story.executed(batch("a"), "c")

    story.executed(batch("a"), "e")

    assert "idempotency.key-is-optional" in story.kept()


def test_two_bodies_under_one_key_at_once_are_not_both_executed() -> None:
    story = Story()
    story.race("one key")
    story.executed(batch("a"), "c", key=KEY)

    story.executed(batch("b"), "c", key=KEY)

    assert story.broken() == {"idempotency.executes-once"}


def test_the_result_of_another_body_is_no_result_whoever_asks() -> None:
    story = Story()
    first = story.executed(batch("a"), "c", key=KEY)

    story.call(batch("b", "c"), 200, first, key=KEY, credential="second")

    assert story.broken() == {"idempotency.refuses-another-body"}


def test_a_403_may_be_kept_under_its_key_too() -> None:
    story = Story()
    story.executed(batch("a"), "c")
    story.refused(batch("b"), 403, key=KEY)

    story.refused(batch("a", "c"), 422, key=KEY)

    assert story.broken() == set()


def test_the_same_bytes_under_their_key_are_not_refused() -> None:
    """They were executed before; an hour later the key has long to live."""
    story, body = Story(), batch("a")
    story.executed(body, "c", key=KEY)
    story.later(hours=1)

    story.refused(body, 422, key=KEY)

    assert story.broken() == {"idempotency.kept-24-hours"}


@pytest.mark.parametrize(("outcome", "broken"), [("c", {"idempotency.replay-changes-nothing"}), ("e", set())])
def test_a_result_that_is_given_after_a_day_is_a_replay_where_it_tells_of_a_passport(
    outcome: str, broken: set[str]
) -> None:
    """It took a write. A call of which all failed may have been executed again, with the same result."""
    story = Story(writes_left=5, writes_per_day=5)
    story.executed(batch("z"), "c")
    first = story.executed(batch("a" if outcome == "c" else "z"), outcome, key=KEY)
    story.later(hours=25)
    story.call(batch("a" if outcome == "c" else "z"), 200, first, key=KEY)

    story.refused(batch(*"12345"), 429, "Daily write budget exceeded")

    assert story.broken() == broken


def test_a_key_that_is_too_long_to_be_one_names_nothing() -> None:
    story = Story()
    story.executed(batch("a"), "c", key="x" * 256)

    story.executed(batch("b"), "c", key="x" * 256)

    assert story.broken() == set()
