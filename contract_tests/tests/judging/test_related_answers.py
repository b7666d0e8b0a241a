"""Which answers beside the batch lack a required member or the envelope, and which are as they may be."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from tracepass_contract.contract_tests.judging.related_answers import (
    ENVELOPE,
    MEMBERS,
    SUCCEED,
    findings_of_related_answers,
)
from tracepass_contract.contract_tests.model.history import Exchange, History
from tracepass_contract.contract_tests.model.verdicts import Finding, Verdict

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
PASSPORT = {"_id": "1", "gs1": {"gtin": "04012345000015", "serialNumber": "S"}, "status": "draft"}
LISTED = {**PASSPORT, "productId": "2", "completionPercentage": 0, "publishedAt": None}
PAGE = {"items": [LISTED], "total": 1, "page": 1, "limit": 20, "totalPages": 1}
SUSPENDED = {"_id": "1", "status": "suspended", "suspendedAt": "2026-01-15T12:00:00Z", "suspensionReason": None}


def answered(
    method: str, path: str, answer: Any, status: int = 200, media: str = "application/json", number: int = 7
) -> Exchange:
    return Exchange(
        number,
        "main",
        "key",
        method,
        f"/api/v1{path}",
        NOW,
        status=status,
        answer=orjson.dumps(answer),
        answer_headers={"content-type": media},
        answered_at=NOW,
    )


def found(*about: Any) -> list[Finding]:
    return list(findings_of_related_answers(History("http://x", "RUN", [answered(*about)])))


@pytest.mark.parametrize(
    ("method", "path", "answer"),
    [
        ("GET", "/passports/1", PASSPORT),
        ("GET", "/passports/1", {"data": PASSPORT}),
        ("GET", "/passports/1?format=full", {**PASSPORT, "parties": [], "more": {}}),
        ("GET", "/passports/by-serial/a%2Fb?gtin=04012345000015", PASSPORT),
        ("GET", "/passports", {"data": PAGE}),
        ("GET", "/passports?page=2", {"data": {**PAGE, "items": []}, "requestId": "1"}),
        ("POST", "/passports/1/suspend", SUSPENDED),
        ("GET", "/passports/1/qr?format=json", {"result": "<svg/>"}),
    ],
)
def test_an_answer_with_its_required_members_conforms(method: str, path: str, answer: Any) -> None:
    assert [(each.rule, each.verdict) for each in found(method, path, answer)] == [(MEMBERS, Verdict.CONFORMS)]


@pytest.mark.parametrize(
    ("method", "path", "answer", "lacks"),
    [
        ("GET", "/passports/1", {"_id": "1", "gs1": PASSPORT["gs1"]}, "status"),
        ("GET", "/passports/1", {"data": {"_id": "1"}}, "_id"),
        ("GET", "/passports/1", {**PASSPORT, "status": "new"}, "status"),
        ("GET", "/passports/by-serial/S", {**PASSPORT, "gs1": {"gtin": "04012345000015"}}, "serialNumber"),
        ("GET", "/passports", {"data": {**PAGE, "total": "1"}}, "total"),
        ("GET", "/passports", PAGE, "data"),
        ("GET", "/passports", {"data": {**PAGE, "items": [PASSPORT]}}, "data/items/0"),
        ("POST", "/passports/1/suspend", {**SUSPENDED, "suspendedAt": None}, "suspendedAt"),
        ("DELETE", "/passports/1", {"message": "Passport permanently deleted"}, "summary"),
        ("GET", "/templates", {"templates": [{"category": "battery"}]}, "templates/0"),
        ("GET", "/passports/1/qr?format=json", {}, "result"),
        ("GET", "/products/1", [], "object"),
    ],
)
@pytest.mark.parametrize("media", ["application/json", 'Application/JSON; charset="utf-8"'])
def test_an_answer_without_a_required_member_is_a_violation(
    method: str, path: str, answer: Any, lacks: str, media: str
) -> None:
    [finding] = found(method, path, answer, 200, media)

    assert (finding.rule, finding.verdict, list(finding.witnesses)) == (MEMBERS, Verdict.VIOLATES, [7])
    assert lacks in finding.actual


@pytest.mark.parametrize(
    ("method", "status", "is_wrong"), [("GET", 201, True), ("GET", 203, False), ("POST", 201, False)]
)
def test_a_read_does_not_succeed_as_a_write_does(method: str, status: int, is_wrong: bool) -> None:
    shown = found(method, "/passports/1" if method == "GET" else "/passports", PASSPORT, status)

    assert [each.rule for each in shown if each.verdict is Verdict.VIOLATES] == [SUCCEED] * is_wrong


@pytest.mark.parametrize(
    ("method", "path", "status", "media"),
    [
        ("GET", "/passports/1", 404, "application/json"),
        ("GET", "/passports/1/qr", 200, "image/svg+xml"),
        ("PATCH", "/passports/1/fields/a", 200, "application/json"),
        ("POST", "/passports/batch", 200, "application/json"),
        ("GET", "/passports/1/compliance", 200, "application/json"),
        ("GET", "/elsewhere", 200, "application/json"),
    ],
)
def test_what_no_page_shows_is_not_judged(method: str, path: str, status: int, media: str) -> None:
    assert found(method, path, {}, status, media) == []


@pytest.mark.parametrize(
    ("answer", "media", "verdicts"),
    [
        ({"error": "No"}, "application/json", {Verdict.CONFORMS}),
        ({"type": "about:blank", "title": "No"}, "application/problem+json", {Verdict.CONFORMS}),
        ({"detail": "No"}, "application/json", {Verdict.VIOLATES}),
        ({"error": {"code": "NO"}}, "application/json", {Verdict.VIOLATES}),
        ([], "application/json", {Verdict.VIOLATES}),
        ("a page", "text/html", set()),
    ],
)
def test_a_refusal_of_a_served_operation_has_the_envelope(answer: Any, media: str, verdicts: set[Verdict]) -> None:
    """A success of the operation shows that the refusal comes from the API and not from a router."""
    refused = answered("GET", "/passports/2", answer, 404, media, number=8)
    alone = History("http://x", "RUN", [refused])
    served = History("http://x", "RUN", [answered("GET", "/passports/1", PASSPORT), refused])

    assert findings_of_related_answers(alone) == []
    found = [each for each in findings_of_related_answers(served) if each.rule == ENVELOPE]
    assert {each.verdict for each in found} == verdicts


def test_a_batch_of_products_of_which_all_failed_is_no_refusal() -> None:
    summary = {"created": 1, "errors": 0, "total": 1}
    created = answered("POST", "/products/batch", {"results": [], "summary": summary})
    failed = answered("POST", "/products/batch", {"results": [], "summary": summary}, 422, number=8)

    found = findings_of_related_answers(History("http://x", "RUN", [created, failed]))

    assert {(each.rule, each.verdict) for each in found} == {(MEMBERS, Verdict.CONFORMS)}
