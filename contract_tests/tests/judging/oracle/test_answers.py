"""What one answer is found to be, by itself."""

from collections.abc import Callable
from typing import Any

import pytest

from tracepass_contract.contract_tests.model.history import Lost
from tracepass_contract.contract_tests.model.verdicts import Verdict
from tracepass_contract.contract_tests.tests.helpers.histories import Story, answered, batch

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


@pytest.mark.parametrize("before", [b"\xef\xbb\xbf", b"// more than JSON\n"])
def test_a_server_may_read_more_than_json(before: bytes) -> None:
    """What it reads in such a body is not known, so the number of its items is not known either."""
    story, body = Story(), batch("a", "b")

    story.call(before + body, 207, answered(body, "ce"))

    assert story.broken() == set()


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
def test_a_call_without_a_valid_key_is_refused(status: int) -> None:
    story = Story()

    story.refused(batch("a"), status, workspace=None)

    assert story.broken() == set()
    assert "auth.bearer-required" in story.kept()


def test_a_call_without_a_valid_key_that_is_served_breaks_the_rule() -> None:
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


@pytest.mark.parametrize(
    ("status", "answer", "broken"),
    [
        (401, {"error": "No"}, False),
        (204, b"", True),
        (500, {"results": []}, False),
        (402, {"error": "No"}, True),
        (409, {"error": "No"}, True),
        (422, {"error": "No"}, True),
        (404, {"error": "No"}, False),
        (429, {"error": "No"}, False),
        (400, {"results": [], "summary": {"created": 0, "errors": 0, "total": 0}}, True),
    ],
)
def test_a_call_without_a_valid_key_gets_no_further_than_the_door(status: int, answer: Any, broken: bool) -> None:
    """An answer that only a caller who is known can get shows that nobody asked for the key."""
    story = Story()

    story.call(batch("a"), status, answer, workspace=None)

    assert ("auth.bearer-required" in story.broken()) is broken
    if broken:
        found = next(each for each in story.judged().findings if each.rule == "auth.bearer-required")
        assert (found.expected, found.actual) == ("401", str(status))


def test_a_call_without_a_valid_key_whose_call_has_a_flaw_may_be_refused_for_that() -> None:
    story = Story()

    story.refused(b'{"passports": [{}]}', 422, workspace=None)

    assert story.broken() == set()


@pytest.mark.parametrize(
    ("status", "answer", "verdict"),
    [
        (401, {"error": "No"}, None),
        (402, {"error": "No"}, None),
        (403, {"error": "No"}, None),
        (429, {"error": "No"}, None),
        (400, {"error": "No"}, "kept"),
        (500, b"", "broken"),
        (501, b"", "broken"),
        (502, b"", None),
        (204, b"", "broken"),
        (422, {"results": []}, "broken"),
    ],
)
def test_what_is_refused_before_its_size_was_looked_at_tells_nothing(
    status: int, answer: Any, verdict: str | None
) -> None:
    story, rule = Story(), "batch.holds-1-to-100-items"

    story.call(b'{"passports": []}', status, answer)

    assert (rule in story.kept(), rule in story.broken()) == (verdict == "kept", verdict == "broken")
    if verdict == "broken":
        found = next(each for each in story.judged().findings if each.rule == rule)
        assert (found.expected, found.actual) == ("4xx", str(status))


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        (lambda a: a["results"].append("x"), {"items.one-result-each"}),
        (lambda a: a["results"].__setitem__(1, "x"), {"items.one-result-each", "summary.adds-up"}),
        (lambda a: a["results"][1].update(index=-1), {"items.one-result-each"}),
        (lambda a: a["results"][1].update(index=True), {"items.one-result-each"}),
        (lambda a: a["results"][1].update(index="1"), {"items.one-result-each"}),
        (lambda a: a.update(results=[]), {"items.one-result-each"}),
        (lambda a: a["results"][1].update(error="  "), {"items.error-carries-reason"}),
        (lambda a: a["results"][1].update(error="[object Object]"), {"items.error-carries-reason"}),
        (lambda a: a["results"][1].pop("error"), {"items.error-carries-reason"}),
        (lambda a: a["results"][0]["data"].update(_id=""), {"items.created-carries-data"}),
        (lambda a: a["results"][0]["data"].update(_id=7), {"items.created-carries-data"}),
        (lambda a: a["results"][0]["data"].update(gs1="x"), {"items.created-carries-data"}),
        (lambda a: a["results"][0]["data"]["gs1"].update(gtin=7), {"items.created-carries-data"}),
        (lambda a: a["results"][0]["data"]["gs1"].update(serialNumber=7), {"items.created-carries-data"}),
        (lambda a: a["results"][0]["data"]["gs1"].update(serialNumber=" conf-R1-A"), set()),
        (lambda a: a.update(summary=[]), {"summary.adds-up"}),
        (lambda a: a["summary"].update(created=True), {"summary.adds-up"}),
        (lambda a: a["summary"].update(created="1"), {"summary.adds-up"}),
        (lambda a: a["summary"].update(created=3, errors=-1), {"summary.adds-up"}),
        (lambda a: a["summary"].update(created=0, errors=2), {"summary.adds-up"}),
        (lambda a: a["summary"].update(created=1, errors=2, total=3), {"summary.adds-up"}),
        (lambda a: a["summary"].update(created=1, errors=0, total=1), {"summary.adds-up"}),
        (lambda a: a["summary"].update(created=1, errors=0, total=2), {"summary.adds-up"}),
        (lambda a: a["summary"].pop("created"), {"summary.adds-up"}),
        (lambda a: a["summary"].pop("errors"), {"summary.adds-up"}),
        (lambda a: a["summary"].pop("total"), {"summary.adds-up"}),
    ],
)
def test_a_wrong_member_breaks_these_rules_and_no_others(change: Change, broken: set[str]) -> None:
    story, body = Story(), batch("a", "b")
    answer = answered(body, "ce")
    change(answer)

    story.call(body, 200, answer)

    assert story.broken() == broken
    judged = {"items.one-result-each", "summary.adds-up"} | {"items.created-carries-data", "items.error-carries-reason"}
    assert not story.kept() & broken
    assert judged - broken - story.kept() <= {"items.created-carries-data", "items.error-carries-reason"}


def test_each_fault_of_an_answer_is_said_once_for_its_rule() -> None:
    story, body = Story(), batch("a", "b")
    answer = answered(body, "cc")
    for entry in answer["results"]:
        entry["data"] = None

    story.call(body, 200, answer)

    assert [(each.rule, list(each.witnesses)) for each in story.judged().findings if each.because] == [
        ("items.created-carries-data", [1])
    ]


@pytest.mark.parametrize(
    ("status", "answer", "verdict"),
    [
        (422, {"error": "  "}, "broken"),
        (422, {"title": "No"}, None),
        (422, {"type": "about:blank"}, None),
        (422, {"detail": "No"}, None),
        (422, {"title": 7}, "broken"),
        (422, b"", "broken"),
        (403, b"<html>", "undecided"),
        (404, b"", "undecided"),
        (405, b"", "undecided"),
        (413, b"", "undecided"),
        (415, b"", "undecided"),
        (431, b"", "undecided"),
        (404, {"message": "No"}, "undecided"),
        (409, {"message": "No"}, "broken"),
        (429, b"<html>", "undecided"),
        (402, {"error": {"code": "overage_required"}}, None),
        (402, {"error": {"code": "other"}}, "broken"),
        (402, {"code": "overage_required"}, "broken"),
    ],
)
def test_an_envelope_is_judged_where_it_is_the_apis(status: int, answer: Any, verdict: str | None) -> None:
    story, rule = Story(), "errors.envelope"

    story.call(batch("a"), status, answer)

    undecided = {each.rule for each in story.judged().findings if each.verdict is Verdict.INCONCLUSIVE}
    said = ("broken" if rule in story.broken() else None) or ("undecided" if rule in undecided else None)
    assert said == verdict
    assert rule not in story.kept()


def test_a_call_without_an_answer_is_not_judged_by_it() -> None:
    lost, cut = Story(), Story()
    lost.call(batch("a"), None)
    cut.call(batch("a"), 200, b"{", lost=Lost.CONNECTION)
    cut.executed(batch("b"), "c")

    assert lost.judged().findings == []
    assert cut.broken() == set()
    assert "items.one-result-each" in cut.kept()


def test_every_entry_is_looked_at() -> None:
    story, body = Story(), batch("a", "b")
    answer = answered(body, "ec")
    answer["results"][1]["data"].pop("_id")

    story.call(body, 200, answer)

    assert story.broken() == {"items.created-carries-data"}
