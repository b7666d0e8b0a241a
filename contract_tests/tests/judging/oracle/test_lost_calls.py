"""What a history shows where calls were lost: what they may have done, and for how long it is remembered."""

import pytest

from tracepass_contract.contract_tests.tests.helpers.histories import KEY, Story, batch


@pytest.mark.parametrize(("outcome", "broken"), [("cc", set()), ("ee", {"idempotency.replays-original"})])
def test_a_lost_call_that_comes_again_under_its_key_was_executed_once(outcome: str, broken: set[str]) -> None:
    story = Story()
    story.executed(batch("z"), "c")
    story.call(batch("a", "b"), None, key=KEY)

    story.executed(batch("a", "b"), outcome, key=KEY)

    assert story.broken() == broken


def test_the_day_of_a_key_may_have_begun_with_a_lost_call() -> None:
    """What is answered an hour later is its answer, given again; a day after the lost call the key is forgotten."""
    story, body = Story(), batch("a")
    story.call(body, None, key=KEY)
    story.later(hours=1)
    story.executed(body, "c", key=KEY)
    story.later(hours=23.5)

    story.executed(body, "e", key=KEY)

    assert story.broken() == set()


@pytest.mark.parametrize(("hours", "broken"), [(23.5, {"idempotency.replays-original"}), (24.5, set())])
def test_a_lost_call_is_remembered_for_a_day(hours: float, broken: set[str]) -> None:
    """It was executed. Its retry within a day is to give its result; after that the key may be forgotten."""
    story, body = Story(), batch("a")
    story.executed(batch("z"), "c")
    story.call(body, None, key=KEY)
    story.later(hours=hours)

    story.executed(body, "e", key=KEY)

    assert story.broken() == broken


def test_a_key_that_is_new_again_may_have_been_used_with_another_api_key() -> None:
    """After a day the second API key uses it for another body; then the first one is given that result again."""
    story = Story(slots_left=2, writes_left=9, exclusive=True, overage_supported=False)
    story.executed(batch("a"), "c", key=KEY)
    story.later(hours=24.5)
    second = story.executed(batch("b", "a"), "ce", key=KEY, credential="second")
    story.later(hours=1)

    story.call(batch("b", "a"), 200, second, key=KEY)

    assert story.broken() == set()
    assert set(story.observed()["idempotency.key-identity"]) == {"workspace", "workspace-and-endpoint"}


def test_a_forgotten_key_may_have_been_bound_anew_by_a_lost_call() -> None:
    """The lost call took the last slot but one, so the next batch of two was refused; then its result is replayed."""
    story = Story(slots_left=3, overage_supported=False, exclusive=True)
    story.executed(batch("a"), "c", key=KEY)
    story.later(hours=24.5)
    story.call(batch("a", "b"), None, key=KEY)
    story.refused(batch("a", "a"), 402, "overage_required")

    story.executed(batch("a", "b"), "ec", key=KEY)

    assert story.broken() == set()


def test_a_lost_call_may_have_bound_the_key_of_another_api_key() -> None:
    """Keys belong to API keys. The lost call of the second one took a slot, so the next batch of two was refused."""
    story = Story(slots_left=3, overage_supported=False, exclusive=True)
    story.executed(batch("a"), "c", key=KEY)
    story.call(batch("a", "b"), None, key=KEY, credential="second")
    story.refused(batch("a", "a"), 402, "overage_required")

    story.executed(batch("a", "b"), "ec", key=KEY, credential="second")

    assert story.broken() == set()


def test_a_lost_call_without_a_key_is_not_remembered() -> None:
    """It was executed; the same without a key is another call, and its pair exists."""
    story, body = Story(), batch("a")
    story.executed(batch("z"), "c")
    story.call(body, None)

    story.executed(body, "e")

    assert story.broken() == set()


def test_a_key_is_not_held_by_a_call_that_was_lost_a_day_before_it() -> None:
    """To the second: what was executed then is kept for a day of its own."""
    story, body = Story(), batch("a")
    story.call(body, None, key=KEY)
    story.later(hours=24, seconds=-1)
    story.executed(body, "c", key=KEY)
    story.later(hours=1)

    story.executed(body, "e", key=KEY)

    assert story.broken() == {"idempotency.kept-24-hours"}


def test_a_lost_call_of_another_api_key_is_remembered_for_it() -> None:
    """Either the first API key was to get its result, or the second one, when it came again."""
    story, body = Story(), batch("a")
    story.executed(batch("z"), "c")
    story.call(body, None, key=KEY, credential="second")
    failed = story.executed(body, "e", key=KEY)
    assert story.broken() == set()

    story.call(body, 200, failed, key=KEY, credential="second")

    assert story.broken() == {"idempotency.replays-original"}


def test_a_call_that_failed_in_the_server_is_over_when_it_is_answered() -> None:
    story, body = Story(), batch("a")
    story.call(body, 500, {"error": "No"}, key=KEY)
    story.executed(body, "c", key=KEY)

    story.refused(body, 409, key=KEY)

    assert story.broken() == {"idempotency.replays-original"}
