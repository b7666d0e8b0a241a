"""What a history shows of the write budget. `left` in a name is what the workspace had at first."""

import time
from collections.abc import Callable
from datetime import timedelta

import orjson
import pytest

from tracepass_contract.contract_tests.model.verdicts import Verdict
from tracepass_contract.contract_tests.tests.helpers.histories import KEY, Story, batch, passport, rules_with
from tracepass_contract.contract_tests.tests.helpers.limits import fits, new, over_budget


def test_a_budget_that_is_kept_to_the_unit_is_found_right() -> None:
    story = Story(writes_left=5)
    story.executed(batch("a", "a", "b"), "cec")
    over_budget(story, 3)
    fits(story, 2, "m")
    over_budget(story, 1)

    assert story.broken() == set()
    assert story.kept() >= {"budget.refuses-whole-batch", "budget.counts-every-item"}


@pytest.mark.parametrize(
    ("wait", "is_of_the_day"),
    [
        ("1", False),
        ("120", False),
        ("Thu, 15 Jan 2026 12:01:00 GMT", False),
        ("121", True),
        ("43200", True),
        ("0", True),
        ("-1", True),
        ("soon", True),
        ("9" * 20, True),
        ("Thu, 15 Jan 2026 11:00:00 GMT", True),
        ("Thu, 15 Jan 2026 12:01:00", False),
        ("Fri, 31 Dec 9999 23:59:59 -2359", True),
        ("Thu, 15 Jan 2026 12:01:00 +99999999999999", True),
        ("", True),
    ],
)
def test_a_refusal_for_some_moments_is_not_that_of_the_day(wait: str, is_of_the_day: bool) -> None:
    """Five writes are left: by the budget, two would have fitted."""
    story = Story(writes_left=5)
    headers = {"retry-after": wait, "date": "Thu, 15 Jan 2026 12:00:00 GMT"}
    over_budget(story, 2, answer_headers=headers)
    fits(story, 5)

    assert ("budget.refuses-whole-batch" in story.broken()) is is_of_the_day


@pytest.mark.parametrize(("now", "is_of_the_day"), [("23:57:59", False), ("23:58:00", True), ("23:59:59", True)])
def test_shortly_before_midnight_every_wait_is_short(now: str, is_of_the_day: bool) -> None:
    story = Story(writes_left=5)
    headers = {"retry-after": "1", "date": f"Thu, 15 Jan 2026 {now} GMT"}
    over_budget(story, 2, answer_headers=headers)

    assert story.history.exchanges[0].meets_another_limit is not is_of_the_day


def test_a_date_at_the_end_of_time_breaks_nothing() -> None:
    story = Story(writes_left=5)
    over_budget(story, 2, answer_headers={"retry-after": "1", "date": "Fri, 31 Dec 9999 23:59:59 GMT"})
    over_budget(story, 2, answer_headers={"retry-after": "1", "date": "Fri, 31 Dec 9999 12:00:00 GMT"})

    assert [each.meets_another_limit for each in story.history.exchanges] == [False, True]


@pytest.mark.parametrize("body", [b"null", b'{"passports":[]}', b"{"])
def test_a_spent_budget_may_be_looked_at_before_the_shape(body: bytes) -> None:
    story = Story(writes_left=1)
    fits(story, 1)
    story.refused(body, 429, "Daily write budget exceeded")

    assert story.broken() == set()


@pytest.mark.parametrize("body", [b"null", b'{"passports":[]}'])
def test_a_budget_that_is_not_spent_refuses_no_shape(body: bytes) -> None:
    story = Story(writes_left=1)
    story.refused(body, 429, "Daily write budget exceeded")
    fits(story, 1)

    assert story.broken() == {"budget.refuses-whole-batch"}


def bud_created_only(story: Story) -> None:
    story.executed(batch("a", "a", "a"), "cee")
    story.executed(batch("a", "a", "a"), "eee")
    over_budget(story, 5)


def bud_one_per_call(story: Story) -> None:
    for name in "abcde":
        fits(story, 2, name)
    over_budget(story, 2)


def bud_refused_takes(story: Story) -> None:
    over_budget(story, 6)
    over_budget(story, 5)


def bud_exact_fit_refused(story: Story) -> None:
    over_budget(story, 5)
    fits(story, 4)


def bud_never_refused(story: Story) -> None:
    fits(story, 6)


def bud_refunds(story: Story) -> None:
    story.executed(batch("a", "a", "a", "a", "a"), "ceeee")
    fits(story, 4)
    over_budget(story, 1)


def replay_takes(story: Story) -> None:
    first = story.executed(new(2), "cc", key=KEY)
    story.call(new(2), 200, first, key=KEY)
    over_budget(story, 3)
    fits(story, 1, "z")
    over_budget(story, 1)


def reused_takes(story: Story) -> None:
    fits(story, 2, key=KEY)
    story.refused(new(2, "z"), 422, key=KEY)
    over_budget(story, 3)
    fits(story, 1, "y")


def unknown_key_takes(story: Story) -> None:
    story.refused(new(2), 401, workspace=None)
    over_budget(story, 5)
    fits(story, 3, "y")


def another_workspace_takes(story: Story) -> None:
    fits(story, 2, workspace="other")
    over_budget(story, 5)
    fits(story, 3, "y")


def single_creates_do_not_count(story: Story) -> None:
    single = orjson.dumps(passport("s"))
    story.call(single, 201, {"_id": "s"}, path="/api/v1/passports")
    fits(story, 5)
    over_budget(story, 1)


def second_key_has_its_own(story: Story) -> None:
    fits(story, 5)
    over_budget(story, 1)
    fits(story, 5, "k", credential="second")


def races_oversubscribe(story: Story) -> None:
    story.race("budget")
    fits(story, 5)
    fits(story, 5, "r")
    story.race(None)
    over_budget(story, 1)


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        (bud_created_only, "budget.counts-every-item"),
        (bud_one_per_call, "budget.counts-every-item"),
        (bud_refunds, "budget.counts-every-item"),
        (bud_refused_takes, "budget.refuses-whole-batch"),
        (bud_exact_fit_refused, "budget.refuses-whole-batch"),
        (bud_never_refused, "budget.refuses-whole-batch"),
        (replay_takes, "idempotency.replay-changes-nothing"),
        (reused_takes, "idempotency.refuses-another-body"),
        (unknown_key_takes, "auth.bearer-required"),
        (another_workspace_takes, "auth.workspaces-are-separate"),
        (single_creates_do_not_count, "budget.is-shared"),
        (second_key_has_its_own, "budget.is-shared"),
        (races_oversubscribe, "limits.hold-under-concurrency"),
    ],
)
def test_a_budget_that_is_kept_wrongly_breaks_its_rule(wrong: Callable[[Story], None], rule: str) -> None:
    story, shared = Story(writes_left=5, writes_per_day=5), Story(writes_left=5, exclusive=False)

    wrong(story)
    wrong(shared)

    assert story.broken() == {rule}
    assert shared.broken() == set()
    assert rule in rules_with(shared.judged(), Verdict.INCONCLUSIVE)


def test_the_budget_is_full_again_at_midnight() -> None:
    right, wrong, early = (Story(writes_left=5, writes_per_day=5) for _ in range(3))
    for story in (right, wrong, early):
        fits(story, 5)
        over_budget(story, 1)
        story.later(hours=1 if story is early else 13)
        over_budget(story, 5) if story is wrong else fits(story, 5, "t")

    assert right.broken() == set()
    assert "budget.renews-each-utc-day" in right.kept()
    assert wrong.broken() == early.broken() == {"budget.renews-each-utc-day"}


def test_a_lost_call_may_have_taken_its_writes() -> None:
    for size, broken in ((3, set()), (5, set()), (6, {"budget.refuses-whole-batch"})):
        story = Story(writes_left=5)
        story.call(new(2), None)
        story.executed(new(size, "z"), "c" * size)

        assert story.broken() == broken


def test_near_midnight_nothing_is_concluded_from_a_clock_that_is_not_ours() -> None:
    story = Story(writes_left=5, writes_per_day=5)
    story.now += timedelta(hours=11, minutes=59)
    fits(story, 5)
    story.now += timedelta(seconds=59)

    fits(story, 5, "t")

    assert story.broken() == set()


def test_the_budget_is_full_again_the_day_after_a_lost_call() -> None:
    story = Story(writes_left=5, writes_per_day=5)
    fits(story, 5)
    story.call(new(1, "l"), None)
    story.later(hours=13)
    fits(story, 5, "t")

    assert story.broken() == set()


def test_a_day_is_one_of_utc_wherever_the_suite_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is two in the morning at noon, both calls are on one day."""
    story = Story(writes_left=5, writes_per_day=5)
    fits(story, 5)
    story.later(hours=13)
    fits(story, 5, "t")

    try:
        with monkeypatch.context() as elsewhere:
            elsewhere.setenv("TZ", "Etc/GMT-14")
            time.tzset()
            assert story.broken() == set()
    finally:
        time.tzset()
