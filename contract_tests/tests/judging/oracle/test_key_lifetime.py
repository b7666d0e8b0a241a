"""How long a key is kept, and from when its day is counted."""

from datetime import timedelta

import pytest

from tracepass_contract.contract_tests.tests.helpers.histories import KEY, Story, batch, seen

FROM = "idempotency.lifetime-from"


def used_again(hours: float, then: float, *, replayed: bool, outcome: str = "") -> Story:
    """A key of which the second use was `hours` after the first, and the third `then` after the second."""
    story, body = Story(), batch("a")
    first = story.executed(body, "c", key=KEY)
    story.later(hours=hours)
    story.call(body, 200, first, key=KEY)
    story.later(hours=then)
    if replayed:
        story.call(body, 200, first, key=KEY)
    else:
        story.executed(body, outcome, key=KEY)
    return story


def test_the_day_of_a_key_may_begin_anew_with_each_use() -> None:
    longer, forgotten, both_gone = (
        used_again(20, 20, replayed=True),
        used_again(20, 20, replayed=False, outcome="e"),
        used_again(20, 30, replayed=False, outcome="e"),
    )

    assert seen(longer, FROM) == [(["last-replay"], [1, 3])]
    assert seen(forgotten, FROM) == [(["first-answer", "request"], [1, 3])]
    assert seen(both_gone, FROM) == []
    assert longer.broken() == forgotten.broken() == both_gone.broken() == set()
    assert "idempotency.kept-24-hours" in forgotten.kept()


def test_a_result_that_is_given_after_a_day_without_use_shows_no_reading() -> None:
    story, body = Story(), batch("a")
    first = story.executed(body, "c", key=KEY)
    story.later(hours=25)
    story.call(body, 200, first, key=KEY)

    assert seen(story, FROM) == []
    assert story.broken() == set()


def test_the_result_of_another_body_is_no_result_even_after_a_day() -> None:
    story = Story()
    first = story.executed(batch("a"), "c", key=KEY)
    story.later(hours=25)
    story.call(batch("b"), 200, first, key=KEY)

    assert "idempotency.refuses-another-body" in story.broken()


def test_a_forgotten_key_is_bound_to_what_it_is_used_for_next() -> None:
    story = Story()
    story.executed(batch("a"), "c", key=KEY)
    story.later(hours=25)
    story.refused(batch("c"), 429, key=KEY)
    story.executed(batch("b"), "c", key=KEY)
    assert story.broken() == set()

    story.executed(batch("d"), "c", key=KEY)
    assert story.broken() == {"idempotency.refuses-another-body"}


@pytest.mark.parametrize(
    ("seconds", "rule"), [(599, "idempotency.replays-original"), (600, "idempotency.kept-24-hours")]
)
def test_a_key_that_is_gone_after_ten_minutes_was_not_kept_long_enough(seconds: int, rule: str) -> None:
    story = Story()
    story.executed(batch("a"), "c", key=KEY)
    story.later(seconds=seconds)
    story.executed(batch("a"), "e", key=KEY)

    assert story.broken() == {rule}


@pytest.mark.parametrize(("seconds", "kept"), [(599, False), (600, True)])
def test_a_replay_shows_that_a_key_is_kept_when_some_time_has_gone_by(seconds: int, kept: bool) -> None:
    story = Story()
    first = story.executed(batch("a"), "c", key=KEY)
    story.later(seconds=seconds)
    story.call(batch("a"), 200, first, key=KEY)

    assert ("idempotency.kept-24-hours" in story.kept()) is kept


def test_a_key_may_run_out_while_the_call_is_answered() -> None:
    """A day after the first call was sent, to the second; what is answered by then is answered in time."""
    for seconds, broken in ((0, True), (1, False)):
        story = Story()
        story.executed(batch("a"), "c", key=KEY)
        story.later(hours=23, minutes=59, seconds=58)
        story.executed(batch("a"), "e", key=KEY, answered_at=story.now + timedelta(seconds=1 + seconds))

        assert story.broken() == ({"idempotency.kept-24-hours"} if broken else set())


def test_a_day_of_a_key_is_a_day_to_the_second() -> None:
    """Sent a day after the first call was answered: what is given then is given late, what is gone was kept."""
    later, gone = Story(), Story()
    for story in (later, gone):
        first = story.executed(batch("a"), "c", key=KEY)
        if story is later:
            story.later(hours=12, seconds=-1)
            story.call(batch("a"), 200, first, key=KEY)
            story.later(hours=12, seconds=-1)
            story.call(batch("a"), 200, first, key=KEY)
        else:
            story.later(hours=24, seconds=-1)
            story.executed(batch("a"), "e", key=KEY)

    assert seen(later, FROM) == [(["last-replay"], [1, 3])]
    assert "idempotency.kept-24-hours" in gone.kept()
    assert later.broken() == gone.broken() == set()


def test_the_day_of_a_key_that_is_gone_is_counted_from_the_answer() -> None:
    """An hour passed until the first call was answered, and less than a day since."""
    story, body = Story(), batch("a")
    story.executed(body, "c", key=KEY, answered_at=story.now + timedelta(hours=1))
    story.later(hours=24.5)
    story.executed(body, "e", key=KEY)

    assert story.broken() == set()
    assert "idempotency.kept-24-hours" not in story.kept()


def test_a_use_after_a_day_is_a_use() -> None:
    assert seen(used_again(25, 5, replayed=False, outcome="e"), FROM) == [(["first-answer", "request"], [1, 3])]
