"""What calls with one key show of the readings, and which calls are their witnesses."""

from datetime import timedelta
from typing import Any

import orjson
import pytest

from tracepass_contract.contract_tests.tests.helpers.histories import KEY, Story, batch, passport, seen

REMEMBERED, IDENTITY = "idempotency.remembered-outcomes", "idempotency.key-identity"
FLAWED = orjson.dumps({"passports": [passport("f", colour="red")]})


@pytest.mark.parametrize(
    ("status", "answers"),
    [(402, ["all-but-429-and-5xx", "all"]), (429, ["all"]), (409, ["all-but-429-and-5xx", "all"])],
)
def test_a_refusal_is_kept_where_another_body_is_refused_for_it(status: int, answers: list[str]) -> None:
    story = Story()
    story.refused(batch("a"), status, key=KEY)
    story.refused(batch("b"), 422, key=KEY)

    assert seen(story, REMEMBERED) == [(answers, [1, 2])]


def test_only_the_last_refusal_may_be_what_is_kept() -> None:
    story = Story()
    story.refused(batch("a"), 402, key=KEY)
    story.refused(batch("b"), 429, key=KEY)
    story.refused(batch("c"), 422, key=KEY)

    assert seen(story, REMEMBERED) == [(["all"], [2, 3])]


@pytest.mark.parametrize(
    ("body", "status", "about"),
    [
        (batch("a"), 422, {}),
        (batch("b"), 409, {}),
        (FLAWED, 422, {}),
        (batch("b"), 422, {"credential": "second"}),
    ],
)
def test_a_second_refusal_may_have_another_reason(body: bytes, status: int, about: dict[str, Any]) -> None:
    story = Story()
    story.refused(batch("a"), 402, key=KEY)
    story.refused(body, status, key=KEY, **about)

    assert seen(story, REMEMBERED) == []


def test_a_refusal_is_not_kept_where_its_key_is_served() -> None:
    story = Story()
    story.refused(batch("a"), 429, key=KEY)
    story.refused(batch("a"), 402, key=KEY, credential="second")
    story.executed(batch("a"), "c", key=KEY)

    assert seen(story, REMEMBERED) == [(["2xx", "all-but-429-and-5xx", "executed"], [1, 3])]


def test_a_refusal_of_the_day_before_may_have_been_forgotten() -> None:
    story = Story()
    story.refused(batch("a"), 402, key=KEY)
    story.later(hours=25)
    story.executed(batch("a"), "c", key=KEY)

    assert seen(story, REMEMBERED) == []


def test_a_key_may_be_the_workspaces_or_the_api_keys() -> None:
    shared, refused, own = Story(), Story(), Story()
    first = shared.executed(batch("a"), "c", key=KEY)
    shared.call(batch("a"), 200, first, key=KEY, credential="second")
    refused.executed(batch("a"), "c", key=KEY)
    refused.refused(batch("b"), 422, key=KEY, credential="second")
    own.executed(batch("a"), "c", key=KEY)
    own.executed(batch("b"), "c", key=KEY, credential="second")

    assert seen(shared, IDENTITY) == seen(refused, IDENTITY) == [(["workspace", "workspace-and-endpoint"], [1, 2])]
    assert seen(own, IDENTITY) == [(["api-key"], [1, 2])]
    assert own.broken() == set()


@pytest.mark.parametrize(("body", "status"), [(batch("a"), 422), (batch("b"), 409), (FLAWED, 422)])
def test_a_refusal_of_another_api_key_may_have_another_reason(body: bytes, status: int) -> None:
    story = Story()
    story.executed(batch("a"), "c", key=KEY)
    story.refused(body, status, key=KEY, credential="second")

    assert seen(story, IDENTITY) == []
    assert story.broken() == set()


def test_what_the_second_api_key_was_refused_before_may_be_kept_for_it() -> None:
    """Its own refusal may be what the key names now, so the next one tells nothing of the first API key."""
    story = Story()
    story.executed(batch("a"), "c", key=KEY)
    story.refused(batch("b"), 402, key=KEY, credential="second")
    story.refused(batch("c"), 422, key=KEY, credential="second")

    assert seen(story, IDENTITY) == []


def test_an_all_failed_result_that_is_given_to_another_api_key_may_be_its_own() -> None:
    story = Story()
    story.executed(batch("a"), "c")
    first = story.executed(batch("a"), "e", key=KEY)
    story.call(batch("a"), 200, first, key=KEY, credential="second")

    assert story.broken() == set()
    assert seen(story, IDENTITY) == []


def test_a_result_of_as_many_items_none_of_them_created_is_nobodys() -> None:
    """All failed, in the same words: it may be the other body's own answer. For another number of items it is not."""
    alike, apart = Story(), Story()
    for story in (alike, apart):
        story.executed(batch("a", "b"), "cc")
        first = story.executed(batch("a"), "e", key=KEY)
        story.later(hours=25)
        story.call(batch("b") if story is alike else batch("a", "b"), 200, first, key=KEY)

    assert "idempotency.refuses-another-body" not in alike.broken()
    assert "idempotency.refuses-another-body" in apart.broken()


def test_a_result_in_another_class_of_status_is_no_replay_for_another_api_key_either() -> None:
    story = Story()
    first = story.executed(batch("a"), "c", key=KEY)
    story.call(batch("a"), 409, first, key=KEY, credential="second")

    assert story.broken() == {"idempotency.replays-original"}


def test_another_body_with_more_items_is_another_batch() -> None:
    story = Story()
    story.executed(batch("a"), "c", key=KEY)
    story.executed(batch("b", "c"), "cc", key=KEY)

    assert story.broken() == {"idempotency.refuses-another-body"}


def test_a_pair_that_nobody_may_have_made_fails_for_another_reason() -> None:
    story = Story()
    story.executed(batch("z"), "c")
    first = story.executed(batch("a"), "e", key=KEY)
    story.call(batch("a"), 200, first, key=KEY, credential="second")

    assert story.broken() == set()


@pytest.mark.parametrize(("again", "answers"), [(batch("a"), ["refused"]), (batch("b"), None)])
def test_a_429_to_a_key_that_has_a_result_shows_that_it_is_looked_at_first(
    again: bytes, answers: list[str] | None
) -> None:
    story = Story()
    story.executed(batch("a"), "c", key=KEY)
    story.refused(again, 429, key=KEY)

    assert story.observed().get("idempotency.replay-when-budget-spent") == answers
    assert story.broken() == set()


@pytest.mark.parametrize(
    ("serials", "outcomes", "at_once", "kept"),
    [
        ("a", "c", False, {"idempotency.replays-original"}),
        ("ab", "cc", False, {"idempotency.replays-original", "idempotency.covers-whole-batch"}),
        ("a", "c", True, {"idempotency.replays-original", "idempotency.executes-once"}),
        ("ab", "ee", True, set()),
        ("a", "e", False, set()),
    ],
)
def test_a_replay_shows_as_much_as_it_can_be_distinguished_from(
    serials: str, outcomes: str, at_once: bool, kept: set[str]
) -> None:
    """An all-failed result would be the same if the call were executed again."""
    story, body = Story(), batch(*serials)
    if at_once:
        story.race("one key")
    first = story.executed(body, outcomes, key=KEY)
    story.call(body, 200, first, key=KEY)

    assert {rule for rule in story.kept() if rule.startswith("idempotency.")} - {"idempotency.key-is-opaque"} == kept
    assert ("idempotency.replay-marker" in story.observed()) is not at_once


@pytest.mark.parametrize(
    ("headers", "marker"), [({"Idempotent-Replayed": "true"}, ["idempotent-replayed"]), ({"X-Replayed": "1"}, ["none"])]
)
def test_the_marker_of_a_replay_is_a_reading(headers: dict[str, str], marker: list[str]) -> None:
    story = Story()
    first = story.executed(batch("a"), "c", key=KEY)
    story.call(batch("a"), 200, first, key=KEY, answer_headers=headers)

    assert story.observed()["idempotency.replay-marker"] == marker


def test_a_key_that_came_with_another_body_says_what_was_expected() -> None:
    story = Story()
    story.executed(batch("a"), "c", key=KEY)
    story.executed(batch("b"), "c", key=KEY)

    findings = [each for each in story.judged().findings if each.rule == "idempotency.refuses-another-body"]
    assert [(each.expected, each.actual) for each in findings] == [("422", "200")]


def test_a_call_that_is_sent_when_the_other_is_answered_does_not_overlap_it() -> None:
    for until, rule in ((1, "idempotency.replays-original"), (2, "idempotency.executes-once")):
        story = Story()
        story.executed(batch("a"), "c", key=KEY, answered_at=story.now + timedelta(seconds=1 + until))
        story.executed(batch("a"), "e", key=KEY)

        assert story.broken() == {rule}


def test_a_call_without_a_valid_key_and_a_403_are_not_the_keys() -> None:
    """Neither binds the key, nor is it kept from what comes after."""
    for status in (401, 403):
        story = Story()
        story.executed(batch("a"), "c", key=KEY)
        story.refused(batch("a"), status, key=KEY)

        assert story.broken() == set()
    story = Story()
    story.executed(batch("a"), "c", key=KEY)
    story.refused(batch("a"), 404, key=KEY)
    assert story.broken() == {"idempotency.replays-original"}


def test_what_an_api_key_was_answered_itself_is_what_its_key_names() -> None:
    """Each of the two has a result of its own, and is given it again."""
    story = Story()
    story.executed(batch("a"), "c", key=KEY)
    second = story.executed(batch("b"), "c", key=KEY, credential="second")
    story.call(batch("b"), 200, second, key=KEY, credential="second")

    assert story.broken() == set()
    assert seen(story, IDENTITY) == [(["api-key"], [1, 2])]


@pytest.mark.parametrize("status", [200, 201, 202, 207, 299])
def test_a_replay_may_have_another_status_of_the_same_class(status: int) -> None:
    story = Story()
    first = story.executed(batch("a"), "c", status=200, key=KEY)
    story.call(batch("a"), status, first, key=KEY)

    assert story.broken() == set()


def test_a_body_that_another_api_key_had_executed_may_be_executed_again_by_this_one() -> None:
    """Its own day is over, and what it is answered is not the other's result."""
    story = Story()
    story.executed(batch("a"), "c", key=KEY)
    story.later(hours=25)
    story.executed(batch("b"), "c", key=KEY, credential="second")
    story.executed(batch("b"), "e", key=KEY)

    assert story.broken() == set()
    assert seen(story, IDENTITY) == []
