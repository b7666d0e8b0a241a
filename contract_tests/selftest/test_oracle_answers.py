"""What one answer is found to be, by itself."""

from collections.abc import Callable
from typing import Any

import pytest

from tracepass_contract.contract_tests.selftest.histories import Story, answered, batch

Change = Callable[[dict[str, Any]], object]


def test_a_mixed_answer_as_documented_is_found_right() -> None:
    story = Story()

    story.executed(batch("a", "b"), "ce", status=207)

    assert story.broken() == set()
    assert story.kept() >= {
        "items.one-result-each",
        "items.created-carries-data",
        "items.error-carries-reason",
        "summary.adds-up",
        "batch.same-shape-as-single",
    }


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (lambda a: a["results"].pop(), "items.one-result-each"),
        (lambda a: a["results"][1].update(index=2), "items.one-result-each"),
        (lambda a: a["results"][1].update(index=0), "items.one-result-each"),
        (lambda a: a["results"][1].pop("index"), "items.one-result-each"),
        (lambda a: a["results"][1].update(status="failed"), "items.one-result-each"),
        (lambda a: a["results"][0].pop("data"), "items.created-carries-data"),
        (lambda a: a["results"][0]["data"].pop("_id"), "items.created-carries-data"),
        (lambda a: a["results"][0]["data"].update(status="active"), "items.created-carries-data"),
        (lambda a: a["results"][0]["data"]["gs1"].update(gtin="04012345000023"), "items.created-carries-data"),
        (lambda a: a["results"][0]["data"]["gs1"].update(serialNumber="other"), "items.created-carries-data"),
        (lambda a: a["results"][0].update(error="no"), "items.created-carries-data"),
        (lambda a: a["results"][1].update(error=""), "items.error-carries-reason"),
        (lambda a: a["results"][1].update(error={"code": 1}), "items.error-carries-reason"),
        (lambda a: a["results"][1].update(data={"_id": "x"}), "items.error-carries-reason"),
        (lambda a: a.pop("summary"), "summary.adds-up"),
        (lambda a: a["summary"].update(total=3), "summary.adds-up"),
        (lambda a: a["summary"].update(created=2, errors=0), "summary.adds-up"),
        (lambda a: a.pop("results"), "items.one-result-each"),
    ],
)
def test_one_wrong_member_breaks_its_own_rule(change: Change, rule: str) -> None:
    story, body = Story(), batch("a", "b")
    answer = answered(body, "ce")
    change(answer)

    story.call(body, 200, answer)

    assert story.broken() - ({"summary.adds-up"} if rule == "items.one-result-each" else set()) == {rule}


@pytest.mark.parametrize(
    "change",
    [
        lambda a: a["results"].reverse(),
        lambda a: a["results"][0].update(httpStatus=201, error=None),
        lambda a: a["results"][1].update(data=None, code="E1"),
        lambda a: a["results"][0]["data"].update(identifier="x", fields={}),
        lambda a: a["results"][0]["data"]["gs1"].update(gtin="4012345000016"),
        lambda a: a["summary"].update(skipped=0),
        lambda a: a.update(requestId="x"),
    ],
)
def test_what_is_not_documented_is_passed_over(change: Change) -> None:
    story, body = Story(), batch("a", "b")
    answer = answered(body, "ce")
    change(answer)

    story.call(body, 200, answer)

    assert story.broken() == set()


@pytest.mark.parametrize("status", [401, 403])
def test_a_stranger_is_refused(status: int) -> None:
    story = Story()

    story.refused(batch("a"), status, workspace=None)

    assert story.broken() == set()
    assert "auth.bearer-required" in story.kept()


def test_a_stranger_that_is_served_breaks_the_rule() -> None:
    story = Story()

    story.executed(batch("a"), "c", workspace=None)

    assert "auth.bearer-required" in story.broken()


@pytest.mark.parametrize("body", [b'{"passports": []}', batch(*["a"] * 101), b"{}", b'{"passports": "x"}'])
def test_a_call_of_the_wrong_size_is_refused(body: bytes) -> None:
    right, wrong, failing = Story(), Story(), Story()

    right.refused(body, 413)
    wrong.call(body, 200, {"results": [], "summary": {"created": 0, "errors": 0, "total": 0}})
    failing.call(body, 500, b"")

    assert "batch.holds-1-to-100-items" in right.kept()
    assert wrong.broken() == failing.broken() == {"batch.holds-1-to-100-items"}


@pytest.mark.parametrize(
    ("answer", "broken"),
    [
        ({"error": "No"}, False),
        ({"type": "about:blank", "title": "No", "status": 422}, False),
        ({"type": "about:blank", "title": "No", "status": 422, "error": "No"}, False),
        ({"type": "about:blank", "title": "No", "status": 422, "error": 422}, True),
        ({"message": "No"}, True),
        ({"error": 7}, True),
        (b"<html>", True),
    ],
)
def test_a_refusal_says_what_it_is(answer: Any, broken: bool) -> None:
    story = Story()

    story.call(batch("a"), 422, answer)

    assert ("errors.envelope" in story.broken()) is broken
