"""A gateway that answers in place of the deployment. The deployment is not blamed for it."""

from itertools import count, cycle

import pytest

from tracepass_contract.contract_tests.mutants.matrix.forked_mock import forked_mock
from tracepass_contract.contract_tests.tests.helpers.command import check
from tracepass_contract.contract_tests.tests.helpers.wrong_server import Answered, Ask, Request, in_front_of

HTML, JSON = {"content-type": "text/html"}, {"content-type": "application/json"}
ANSWERS = (
    Answered(429, HTML, b"<html><h1>429 Too Many Requests</h1></html>"),
    Answered(503, JSON, b'{"message":"no healthy upstream","code":14}'),
    Answered(502, {}, b""),
    Answered(504, HTML, b"<html></html>"),
    Answered(429, {**JSON, "retry-after": "3"}, b'{"message":"API rate limit exceeded"}'),
)
GIVEN = (
    *("--api-key", "tp_mock_unlimited", "--product-id", "6650a1b2c3d4e5f6a7b8d008", "--gtin", "09506000140087"),
    *("--no-control-plane", "--max-writes", "900", "--max-slots", "700"),
)


@pytest.mark.parametrize("more", [(), GIVEN], ids=["isolated workspaces", "a given workspace"])
def test_answers_of_a_gateway_are_no_violations(more: tuple[str, ...]) -> None:
    """Every fifth batch gets an answer of the gateway."""
    numbers, answers = count(1), cycle(ANSWERS)

    def every_fifth(request: Request, ask: Ask) -> Answered:
        return next(answers) if next(numbers) % 5 == 0 else ask(request)

    with forked_mock() as base_url, in_front_of(base_url, every_fifth) as url:
        done = check("run", url, "--examples", "3", "--json", *more)

    assert done.violated() == {}
    assert done.code == 4, done.stderr
    assert done.verdicts()["errors.envelope"] == "inconclusive"
