"""What a history shows of the passport quota and of consent."""

from collections.abc import Callable

import orjson
import pytest

from tracepass_contract.contract_tests.model.verdicts import Verdict
from tracepass_contract.contract_tests.tests.helpers.histories import Story, batch, passport, rules_with
from tracepass_contract.contract_tests.tests.helpers.limits import consented, fits, over_quota, say


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
