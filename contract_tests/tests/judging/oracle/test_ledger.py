"""What a history shows of both limits: contradictions and their witnesses, and calls that nobody read."""

import orjson
import pytest

from tracepass_contract.contract_tests.model.verdicts import Verdict
from tracepass_contract.contract_tests.tests.helpers.histories import Story, batch, passport
from tracepass_contract.contract_tests.tests.helpers.limits import fits, new, over_budget, over_quota, say


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


def test_of_two_breaches_that_nothing_explains_together_the_first_is_reported() -> None:
    """A batch beyond the budget was admitted; then one with consent was refused, although it fits."""
    story = Story(writes_left=5, slots_left=99, overage_supported=True)
    fits(story, 6)
    say(story, 402, True, True, True)

    assert story.broken() == {"budget.refuses-whole-batch"}
