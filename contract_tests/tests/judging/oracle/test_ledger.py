"""What is said of the write budget and the passport quota. `left` in a name is what the workspace had at first."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import orjson
import pytest

from tracepass_contract.contract_tests.model.verdicts import Verdict
from tracepass_contract.contract_tests.tests.helpers.histories import Story, batch, passport, rules_with

KEY = "7b4f1e2c-9a3d-4e5b-8c1a-2d3e4f5a6b7c"


def new(size: int, prefix: str = "n") -> bytes:
    return batch(*(f"{prefix}{index}" for index in range(size)))


def fits(story: Story, size: int, name: str = "n", **about: Any) -> None:
    story.executed(new(size, name), "c" * size, **about)


def over_budget(story: Story, size: int, name: str = "o", **about: Any) -> None:
    story.refused(new(size, name), 429, "Daily write budget exceeded", **about)


def over_quota(story: Story, size: int, name: str = "q", **about: Any) -> None:
    story.refused(about.pop("body", None) or new(size, name), 402, "overage_required", **about)


def consented(story: Story, size: int, name: str = "x", said: object = True) -> None:
    body = orjson.dumps({**orjson.loads(new(size, name)), "confirmOverage": said})
    story.executed(body, "c" * size)


def test_a_budget_that_is_kept_to_the_unit_is_found_right() -> None:
    story = Story(writes_left=5)
    story.executed(batch("a", "a", "b"), "cec")
    over_budget(story, 3)
    fits(story, 2, "m")
    over_budget(story, 1)

    assert story.broken() == set()
    assert story.kept() >= {"budget.refuses-whole-batch", "budget.counts-every-item"}


def test_a_quota_that_is_kept_to_the_unit_is_found_right() -> None:
    story = Story(slots_left=3, overage_supported=True)
    story.executed(batch("a", "a"), "ce")
    over_quota(story, 3)
    fits(story, 2, "m")
    over_quota(story, 1)
    consented(story, 2)
    over_quota(story, 1, "z")

    assert story.broken() == set()
    assert story.kept() >= {
        "quota.asks-for-consent",
        "quota.failed-items-take-no-slot",
        "quota.consent-covers-whole-batch",
        "quota.consent-is-not-remembered",
    }


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


def quo_never_refused(story: Story) -> None:
    fits(story, 4)


def quo_refused_takes(story: Story) -> None:
    over_quota(story, 4)
    over_quota(story, 3)


def quo_exact_fit_refused(story: Story) -> None:
    over_quota(story, 3)
    fits(story, 2)


def quo_failed_take(story: Story) -> None:
    story.executed(batch("a", "a"), "ce")
    over_quota(story, 2)
    fits(story, 1, "z")
    over_quota(story, 1)


def quo_consent_ignored(story: Story) -> None:
    over_quota(story, 4)
    body = orjson.dumps(
        {"passports": [passport(f"i{index}", confirmOverage=True) for index in range(4)], "confirmOverage": True}
    )
    over_quota(story, 4, body=body)


def quo_consent_remembered(story: Story) -> None:
    fits(story, 3)
    over_quota(story, 1)
    consented(story, 1)
    fits(story, 1, "r")


def quo_no_is_consent(story: Story) -> None:
    fits(story, 3)
    over_quota(story, 1)
    consented(story, 1, said=False)


def quo_races(story: Story) -> None:
    story.race("quota")
    fits(story, 3)
    fits(story, 3, "r")
    story.race(None)
    over_quota(story, 1)


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        (quo_never_refused, "quota.asks-for-consent"),
        (quo_refused_takes, "quota.asks-for-consent"),
        (quo_exact_fit_refused, "quota.asks-for-consent"),
        (quo_failed_take, "quota.failed-items-take-no-slot"),
        (quo_consent_ignored, "quota.consent-covers-whole-batch"),
        (quo_consent_remembered, "quota.consent-is-not-remembered"),
        (quo_no_is_consent, "quota.consent-is-not-remembered"),
        (quo_races, "limits.hold-under-concurrency"),
    ],
)
def test_a_quota_that_is_kept_wrongly_breaks_its_rule(wrong: Callable[[Story], None], rule: str) -> None:
    story = Story(slots_left=3, unlimited_writes=True, overage_supported=True)

    wrong(story)

    assert story.broken() == {rule}


def test_the_witnesses_are_those_that_can_not_all_be_so() -> None:
    story = Story(writes_left=50, writes_per_day=50)
    for name in "abcdefghij":
        fits(story, 3, name)
    over_budget(story, 30)
    over_budget(story, 18)

    (finding,) = [finding for finding in story.judged().findings if finding.verdict is Verdict.VIOLATES]

    assert finding.witnesses[-1] == 12
    assert len(finding.witnesses) <= 11


def test_readings_of_the_ledgers_are_observed() -> None:
    story = Story(writes_left=5, writes_per_day=5, slots_left=1, overage_supported=False)
    over_quota(story, 2)
    story.executed(batch("a", "a"), "ce", credential="main")

    over_budget(story, 2)

    assert story.broken() == set()
    assert story.observed()["budget.refused-by-quota"] == ["every-item"]
    assert story.observed()["quota.compares-with"] == ["creatable-items"]


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


def test_a_race_that_some_order_explains_is_found_right() -> None:
    story = Story(writes_left=5, slots_left=100)
    story.race("budget")
    for index in range(9):
        over_budget(story, 2, f"o{index}")
    fits(story, 5)

    assert story.broken() == set()
    assert "limits.hold-under-concurrency" in story.kept()


MALFORMED = orjson.dumps({"passports": [{}, {}]})
TEXT = {"Content-Type": "text/plain"}


@pytest.mark.parametrize("taken", [0, 2])
def test_what_nobody_read_may_take_what_a_refused_shape_takes(taken: int) -> None:
    """Two items that are refused take two writes; two under another media type take as many, or none."""
    story = Story(writes_left=7)
    story.refused(MALFORMED, 400)
    story.refused(new(2, "t"), 415, headers=TEXT)
    over_budget(story, 6 - taken)
    fits(story, 5 - taken)

    assert story.broken() == set()
    assert "every-item" in story.observed()["budget.refused-shape"]


def test_what_nobody_read_takes_nothing_where_a_refused_shape_takes_nothing() -> None:
    story = Story(writes_left=5)
    for _ in range(3):
        story.refused(MALFORMED, 400)
    story.call(new(2, "t"), 405, {"error": "No"}, method="PUT")
    story.refused(new(2, "t"), 415, headers=TEXT)
    over_budget(story, 4)
    fits(story, 3)

    assert len(story.broken()) == 1


@pytest.mark.parametrize(("size", "answer"), [(5, "none"), (4, "one"), (3, "every-item")])
def test_what_a_refused_shape_takes_is_observed(size: int, answer: str) -> None:
    """Of five writes, after a call with two items that was refused for its shape; then not one more fits."""
    story = Story(writes_left=5)
    flawed = orjson.dumps({"passports": [passport("a", colour="red"), passport("b")]})
    story.refused(flawed, 422)
    fits(story, size)
    over_budget(story, 1)

    assert story.broken() == set()
    assert story.observed()["budget.refused-shape"] == [answer]


def test_a_contradiction_is_reported_by_the_calls_up_to_it() -> None:
    """What comes after is no witness, nor is what could be left out."""
    story = Story(writes_left=4)
    fits(story, 1, "a")
    over_budget(story, 9, "b")
    fits(story, 1, "c")
    fits(story, 4, "d")
    fits(story, 1, "e")

    findings = [finding for finding in story.judged().findings if finding.verdict is Verdict.VIOLATES]
    assert [list(finding.witnesses) for finding in findings] == [[1, 4]] or [
        list(each.witnesses) for each in findings
    ] == [[3, 4]]


@pytest.mark.parametrize("first", range(1, 6))
@pytest.mark.parametrize("last", range(6, 9))
def test_no_witness_can_be_left_out(first: int, last: int) -> None:
    """Two calls that do not both fit, among refusals that are right."""
    story = Story(writes_left=4)
    for number in range(1, last + 1):
        if number in (first, last):
            fits(story, 3, f"f{number}")
        else:
            over_budget(story, 9, f"o{number}")

    findings = [finding for finding in story.judged().findings if finding.verdict is Verdict.VIOLATES]
    assert [list(finding.witnesses) for finding in findings] == [[first, last]]


def test_what_comes_after_a_contradiction_is_no_witness_of_it() -> None:
    story = Story(writes_left=4)
    fits(story, 3, "a")
    fits(story, 2, "b")
    fits(story, 5, "c")

    findings = [finding for finding in story.judged().findings if finding.verdict is Verdict.VIOLATES]
    assert [list(finding.witnesses) for finding in findings] == [[1, 2]]


def test_a_batch_is_refused_for_the_items_that_it_asks_for() -> None:
    """Two of one pair, of which one could be created; one slot is left."""
    story = Story(slots_left=1, unlimited_writes=True, overage_supported=True)
    over_quota(story, 2, body=batch("a", "a"))

    assert story.broken() == set()
    assert story.observed()["quota.compares-with"] == ["requested-items"]


def test_the_quota_is_of_a_month() -> None:
    """Nine days later it is as it was; in July a slot may have come back."""
    for days, broken in ((9, {"quota.asks-for-consent"}), (30, set())):
        story = Story(slots_left=1, unlimited_writes=True, overage_supported=True)
        fits(story, 1, "a")
        story.later(days=days)
        fits(story, 1, "b")

        assert story.broken() == broken


def test_a_race_of_batches_of_all_sizes_is_found_right() -> None:
    story = Story(writes_left=7)
    story.race("budget")
    over_budget(story, 2)
    for size in (1, 2, 3):
        fits(story, size, f"s{size}-")
    story.race(None)
    over_budget(story, 2, "p")
    fits(story, 1, "t")

    assert story.broken() == set()
    assert "limits.hold-under-concurrency" in story.kept()


def say(story: Story, status: int, said: bool | None, *items: bool | None) -> None:
    """Two items are executed, or refused with 402, while one slot is left or none."""
    name = f"c{len(story.events)}-"
    passports = [
        passport(f"{name}{index}") if each is None else passport(f"{name}{index}", confirmOverage=each)
        for index, each in enumerate(items)
    ]
    body = orjson.dumps({"passports": passports} | ({} if said is None else {"confirmOverage": said}))
    if status == 402:
        over_quota(story, 2, body=body)
    else:
        story.executed(body, "cc")


@pytest.mark.parametrize(
    ("status", "said", "items", "answers"),
    [
        (402, None, [True, None], {"top-level", "top-level-or-every-item"}),
        (402, None, [True, True], {"top-level"}),
        (200, None, [True, None], {"top-level-or-any-item", "items-only"}),
        (402, True, [None, None], {"items-only"}),
        (200, True, [None, None], {"top-level", "top-level-or-any-item", "top-level-or-every-item"}),
    ],
)
def test_where_consent_is_read_is_observed(
    status: int, said: bool | None, items: list[bool | None], answers: set[str]
) -> None:
    story = Story(slots_left=1, unlimited_writes=True, overage_supported=True)
    say(story, status, said, *items)

    assert story.broken() == set()
    assert set(story.observed()["quota.consent-place"]) == answers
    assert "quota.conflicting-consent" not in story.observed()


@pytest.mark.parametrize(
    ("status", "answers"), [(200, {"any-true-wins"}), (402, {"strictest-wins", "refused"})], ids=["executed", "402"]
)
def test_which_of_two_answers_counts_is_observed_where_both_are_read(status: int, answers: set[str]) -> None:
    """A deployment that executed such a call does not refuse them; one that asked for consent may."""
    story = Story(slots_left=1, unlimited_writes=True, overage_supported=True)
    say(story, 200, None, True, None)
    say(story, status, None, True, False)

    assert story.broken() == set()
    assert set(story.observed()["quota.conflicting-consent"]) == answers


def test_that_consent_is_not_remembered_is_shown_by_what_is_refused_after_it() -> None:
    """The first call consents where it is read, the second only where it is not."""
    story = Story(slots_left=1, unlimited_writes=True, overage_supported=True)
    say(story, 200, True, None, None)
    say(story, 402, None, True, None)

    findings = [each for each in story.judged().findings if each.rule == "quota.consent-is-not-remembered"]
    assert [(each.verdict, list(each.witnesses)) for each in findings] == [(Verdict.CONFORMS, [2])]


def test_of_two_breaches_that_nothing_explains_together_the_first_is_reported() -> None:
    """A batch beyond the budget was admitted; then one with consent was refused, although it fits."""
    story = Story(writes_left=5, slots_left=99, overage_supported=True)
    fits(story, 6)
    say(story, 402, True, True, True)

    assert story.broken() == {"budget.refuses-whole-batch"}


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


def test_whether_overage_is_sold_is_found_out_where_nobody_said() -> None:
    """Consent bought two slots more than there were; or it bought nothing, in whatever place it was."""
    sold, unsold = Story(), Story(slots_left=1, unlimited_writes=True)
    over_quota(sold, 2)
    consented(sold, 2)
    say(unsold, 402, True, True, True)

    assert rules_with(sold.judged(), Verdict.INCONCLUSIVE) == set()
    assert unsold.broken() == set()


def test_what_is_compared_with_the_quota_is_found_out_where_nobody_said_how_much_there_is() -> None:
    story = Story()
    over_quota(story, 2)
    story.executed(batch("a", "a"), "ce")

    assert rules_with(story.judged(), Verdict.INCONCLUSIVE) == set()
    assert story.observed()["quota.compares-with"] == ["creatable-items"]


def test_a_no_that_counts_as_consent_is_reported_where_nobody_said_whether_overage_is_sold() -> None:
    story = Story(slots_left=3, unlimited_writes=True)
    quo_no_is_consent(story)

    assert story.broken() == {"quota.consent-is-not-remembered"}
