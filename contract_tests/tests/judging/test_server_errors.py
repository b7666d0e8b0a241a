"""Which answers are server errors of the API, and which show nothing."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tracepass_contract.contract_tests.judging.server_errors import RULE, findings_of_server_errors
from tracepass_contract.contract_tests.model.history import Exchange, History, Lost
from tracepass_contract.contract_tests.model.verdicts import Verdict

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
JSON = {"content-type": "application/json"}
ERROR = Exchange(
    7,
    "main",
    "key",
    "POST",
    "/api/v1/passports/batch",
    NOW,
    status=500,
    answer=b'{"error":"Oh"}',
    answer_headers=JSON,
    answered_at=NOW,
)
RIGHT = replace(ERROR, number=8, status=400)


def verdicts(*exchanges: Exchange) -> list[Verdict]:
    found = findings_of_server_errors(History("http://x", "RUN", exchanges))
    assert {each.rule for each in found} <= {RULE}
    return [each.verdict for each in found]


@pytest.mark.parametrize(
    "error",
    [
        ERROR,
        replace(ERROR, workspace=None, credential="none"),
        replace(ERROR, method="GET", path="/api/v1/passports/1?format=full"),
        replace(ERROR, answer=b"Internal Server Error", answer_headers={"content-type": "text/plain"}),
        replace(ERROR, answer=b"", answer_headers={}),
        replace(ERROR, status=505),
    ],
)
def test_a_server_error_of_a_documented_operation_is_a_violation(error: Exchange) -> None:
    assert verdicts(RIGHT, error) == [Verdict.VIOLATES]


def test_each_operation_is_found_once() -> None:
    other = replace(ERROR, number=9, method="GET", path="/api/v1/products")

    found = findings_of_server_errors(History("http://x", "RUN", [ERROR, replace(ERROR, number=8), other]))

    assert [each.witnesses for each in found] == [[7, 8], [9]]


@pytest.mark.parametrize(
    "other",
    [
        replace(ERROR, status=501),
        replace(ERROR, status=502),
        replace(ERROR, status=503),
        replace(ERROR, status=520),
        replace(ERROR, answer=b"<html></html>", answer_headers={"content-type": "text/html; charset=utf-8"}),
        replace(ERROR, path="/api/v1/nothing/here"),
        replace(ERROR, status=None, lost=Lost.CONNECTION),
    ],
)
def test_what_may_be_of_a_gateway_or_is_not_documented_is_none(other: Exchange) -> None:
    assert verdicts(RIGHT, other) == [Verdict.CONFORMS]


def test_no_answer_shows_nothing() -> None:
    assert verdicts(replace(ERROR, status=None, lost=Lost.TIMEOUT)) == []


def test_where_the_time_is_up_nothing_is_said() -> None:
    found = findings_of_server_errors(History("http://x", "RUN", [ERROR]), lambda: True)

    assert [each.verdict for each in found] == [Verdict.INCONCLUSIVE]
