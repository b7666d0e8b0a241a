from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from tracepass_contract.contract_tests.model.gateways import not_of_the_api
from tracepass_contract.contract_tests.model.history import BATCH, Exchange, Lost

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
PAGE = b"<html><body>Too Many Requests</body></html>"
OWN = {"error": "Not now"}


def call(status: int, answer: Any, **about: Any) -> Exchange:
    body = answer if isinstance(answer, bytes) else orjson.dumps(answer)
    exchange = Exchange(1, "main", "main-key-1", "POST", BATCH, NOON, answered_at=NOON, status=status, answer=body)
    return replace(exchange, **about)


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (429, PAGE),
        (429, b""),
        (429, {"message": "API rate limit exceeded"}),
        (502, b""),
        (503, {"message": "no healthy upstream"}),
        (503, OWN),
        (504, PAGE),
        (522, PAGE),
        (302, b""),
        (200, PAGE),
        (403, {"message": "Forbidden"}),
        (404, {"message": "no Route matched with those values"}),
        (413, PAGE),
        (403, {"error": "", "message": "Forbidden"}),
    ],
)
def test_what_a_gateway_may_have_answered(status: int, answer: Any) -> None:
    assert not_of_the_api(call(status, answer)).startswith((str(status), "the redirect"))


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (429, OWN),
        (402, {"error": {"code": "overage_required"}}),
        (429, {"title": "Too many writes", "status": 429}),
        (403, OWN),
        (400, PAGE),  # a framework's own page for a body that is no JSON
        (500, b"Internal Server Error"),
        (500, OWN),
        (200, b"no JSON"),
        (200, {"results": []}),
        (422, {"detail": []}),
    ],
)
def test_what_the_api_answered(status: int, answer: Any) -> None:
    assert not_of_the_api(call(status, answer)) == ""


def test_a_key_of_nobody_may_be_refused_by_a_gateway_of_the_api() -> None:
    """A gateway that checks keys is a part of the deployment."""
    assert not_of_the_api(call(403, {"message": "Forbidden"}, workspace=None)) == ""


def test_another_operation_may_not_be_served() -> None:
    assert not_of_the_api(call(404, PAGE, method="GET", path="/api/v1/templates")) == ""


def test_a_lost_answer_comes_from_nobody() -> None:
    assert not_of_the_api(call(502, b"", lost=Lost.CONNECTION)) == ""
