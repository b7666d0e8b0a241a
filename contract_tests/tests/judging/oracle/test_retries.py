"""What a retry of a lost call shows: which of its items may fail, and which should have been created."""

from typing import Any

import orjson
import pytest

from tracepass_contract.contract_tests.model.history import Lost
from tracepass_contract.contract_tests.model.verdicts import Verdict
from tracepass_contract.contract_tests.tests.helpers.histories import KEY, Story, answered, batch, passport


def test_a_call_that_was_cut_off_and_not_remembered_decides_nothing() -> None:
    story = Story()
    story.executed(batch("z"), "c")
    story.call(batch("a"), None, b"", key=KEY, answered_at=None, lost=Lost.CONNECTION)
    story.executed(batch("a"), "e", key=KEY)

    undecided = [finding for finding in story.judged().findings if finding.verdict is Verdict.INCONCLUSIVE]
    assert [(finding.rule, finding.check, list(finding.witnesses)) for finding in undecided] == [
        ("idempotency.replays-original", "oracle.retries", [2, 3])
    ]


def test_each_item_of_a_retry_is_looked_at() -> None:
    """The first has another maker and the second was created; it is the third that should have been."""
    story = Story()
    story.executed(batch("z"), "c")
    story.call(batch("a"), None)
    story.call(batch("a", "b", "c"), None, key=KEY)
    story.executed(batch("a", "b", "c"), "ece", key=KEY)

    assert story.broken() == {"idempotency.replays-original"}


def test_a_retry_with_another_api_key_is_no_retry() -> None:
    story = Story()
    story.executed(batch("z"), "c")
    story.call(batch("a"), None, key=KEY, credential="second")
    story.executed(batch("a"), "e", key=KEY)

    assert story.broken() == set()


@pytest.mark.parametrize(
    ("body", "status", "answers"),
    [("a", 409, ["409"]), ("b", 409, None), ("b", 425, None), ("b", 503, None)],
)
def test_a_refusal_while_a_lost_call_may_be_under_way_is_the_keys(
    body: str, status: int, answers: list[str] | None
) -> None:
    """A 409 for another body may be for the body, whatever is under way."""
    story = Story()
    story.executed(batch("a"), "c", key=KEY)
    story.call(batch("a"), None, key=KEY)
    story.refused(batch(body), status, key=KEY)

    assert story.observed().get("idempotency.in-flight") == answers
    assert ("idempotency.executes-once" in story.kept()) is (status == 409)


GOOD = passport("a")


@pytest.mark.parametrize(
    "item",
    [
        {**GOOD, "productId": "1" * 24},
        {**GOOD, "gs1": {**GOOD["gs1"], "gtin": "00000096385074"}},
        {**GOOD, "gs1": {**GOOD["gs1"], "serialNumber": "OLD-1"}},
        {**GOOD, "gs1": {"gtin": GOOD["gs1"]["gtin"]}},
        {**GOOD, "colour": "red"},
    ],
)
def test_an_item_of_a_retry_may_fail_for_what_is_wrong_with_it(item: dict[str, Any]) -> None:
    story, body = Story(), orjson.dumps({"passports": [item]})
    story.executed(batch("z"), "c")
    story.call(body, None, key=KEY)
    story.executed(body, "e", key=KEY)

    assert story.broken() == set()


def test_a_pair_that_another_call_may_have_made_too_decides_nothing() -> None:
    story = Story()
    story.executed(batch("z"), "c")
    story.call(orjson.dumps(passport("a")), None, path="/api/v1/passports")
    story.call(batch("a"), None, key=KEY)
    story.executed(batch("a"), "e", key=KEY)

    assert story.broken() == set()


def test_an_item_of_a_retry_that_has_no_entry_is_judged_by_that_alone() -> None:
    story = Story()
    story.executed(batch("z"), "c")
    story.call(batch("a", "b"), None, key=KEY)
    story.call(batch("a", "b"), 200, answered(batch("a"), "c"), key=KEY)

    assert story.broken() == {"items.one-result-each", "summary.adds-up"}
