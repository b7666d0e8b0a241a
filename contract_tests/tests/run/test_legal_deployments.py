"""Deployments that may be as they are, on somebody's account: nothing of it is a violation, and ceilings hold."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from typing import Any

import httpx
import pytest

from tracepass_contract.contract_tests.model.outcomes import BadDeployment, Unreachable
from tracepass_contract.contract_tests.model.verdicts import RunResult, Verdict
from tracepass_contract.contract_tests.mutants.matrix.forked_mock import forked_mock
from tracepass_contract.contract_tests.run.pytest_run import run_checks
from tracepass_contract.contract_tests.run.run import Run
from tracepass_contract.contract_tests.target.deployment import Deployment
from tracepass_contract.contract_tests.target.settings import Settings
from tracepass_contract.contract_tests.target.target import opened
from tracepass_contract.contract_tests.tests.helpers.runs import result_of_settings, violated
from tracepass_contract.contract_tests.tests.helpers.wrong_server import Answered, Ask, Behaviour, Request, in_front_of

GATEWAY = Answered(502, {"content-type": "text/html"}, b"<h1>Bad Gateway</h1>")
REFUSED = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def mock_url() -> Iterator[str]:
    with forked_mock() as base_url:
        yield base_url


def somebodys(mock_url: str, url: str, **limits: Any) -> Deployment:
    """A fresh workspace of the mock, seen as one that was there before."""
    workspace = httpx.post(f"{mock_url}/_mock/workspaces", json=limits).json()
    known = Deployment(url, product_id=workspace["product_id"], gtin=workspace["gtin"]).with_key(workspace["api_key"])
    return replace(known, writes_left=limits.get("writes_per_day"), slots_left=limits.get("passports_included"))


def of(deployment: Deployment, *rules: str, **settings: Any) -> RunResult:
    return result_of_settings(Settings(deployment, control_plane=False, rule_prefixes=rules, seed=1, **settings))


def every(nth: int, instead: Answered) -> Behaviour:
    """A server in whose place another answers every so many calls."""
    numbers = count(1)
    return lambda request, ask: instead if next(numbers) % nth == 0 else ask(request)


def with_results(change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> Behaviour:
    def changed(request: Request, ask: Ask) -> Answered:
        answered = ask(request)
        if not isinstance(answered.json, dict) or "results" not in answered.json:
            return answered
        return answered.with_json({**answered.json, "results": change(answered.json["results"])})

    return changed


def with_data(**members: Any) -> Behaviour:
    return with_results(
        lambda results: [
            {**entry, "data": {**entry["data"], **members}} if entry["status"] == "created" else entry
            for entry in results
        ]
    )


def test_a_gateway_that_fails_leaves_open_how_much_is_left(mock_url: str) -> None:
    """What it was asked may have been executed: the declared budget may end early."""
    with in_front_of(mock_url, every(30, GATEWAY)) as url:
        known = somebodys(mock_url, url, writes_per_day=90, passports_included=60)
        result = of(known, "budget", "quota", "batch", "summary", max_writes=200, max_slots=60)

    assert violated(result) == {}
    assert result.verdict_of("budget.counts-every-item") is Verdict.INCONCLUSIVE


def test_a_limit_of_rate_is_not_the_budget(mock_url: str) -> None:
    too_fast = Answered(429, {**REFUSED, "retry-after": "1"}, b'{"error":"Too many requests"}')
    with in_front_of(mock_url, every(7, too_fast)) as url:
        known = somebodys(mock_url, url, writes_per_day=90)
        result = of(known, "budget", "items", "summary", max_writes=200, max_slots=60)

    assert violated(result) == {}


def test_a_budget_that_is_spent_may_be_looked_at_before_the_shape(mock_url: str) -> None:
    spent = Answered(429, REFUSED, b'{"error":"Daily write budget exceeded"}')
    with in_front_of(mock_url, lambda _request, _ask: spent) as url:
        result = of(replace(somebodys(mock_url, url), writes_left=0), "batch", "budget")

    assert violated(result) == {}


@pytest.mark.parametrize(
    "behaviour",
    [
        with_data(productId={"_id": "p"}, parties=[], createdAt=1_700_000_000, fields=None),
        with_results(lambda results: results[::-1]),
    ],
    ids=["other types beside what the contract names", "results in another order"],
)
def test_a_result_may_look_otherwise(mock_url: str, behaviour: Behaviour) -> None:
    with in_front_of(mock_url, behaviour) as url:
        result = of(somebodys(mock_url, url), "items", "summary", "idempotency", max_writes=200, max_slots=60)

    assert violated(result) == {}


def test_a_type_that_is_wrong_is_a_matter_of_the_data_and_not_of_the_summary(mock_url: str) -> None:
    with in_front_of(mock_url, with_data(status=7)) as url:
        result = of(somebodys(mock_url, url), "items.created", "summary")

    assert violated(result).keys() == {"items.created-carries-data"}


def test_a_key_that_ends_ends_the_verdicts(mock_url: str) -> None:
    numbers = count(1)
    expired = Answered(401, REFUSED, b'{"error":"API key expired"}')
    with in_front_of(mock_url, lambda request, ask: expired if next(numbers) > 12 else ask(request)) as url:
        result = of(somebodys(mock_url, url), "items", "idempotency", "batch")

    assert violated(result) == {}
    assert result.verdict_of("items.serial-unique-per-gtin") is Verdict.INCONCLUSIVE


def test_a_call_that_is_declared_and_not_served_shows_nothing(mock_url: str) -> None:
    not_served = Answered(501, REFUSED, b'{"error":"Not Implemented"}')
    with in_front_of(mock_url, lambda _request, _ask: not_served, beside=True) as url:
        known = replace(somebodys(mock_url, url), single_create=True, read_back=True)
        result = of(known, "items", "idempotency.covers", "calls", max_writes=200, max_slots=60)

    assert violated(result) == {}


@pytest.mark.parametrize("status", [302, 308, 426])
def test_what_sends_elsewhere_is_not_the_api(mock_url: str, status: int) -> None:
    elsewhere = Answered(status, {**REFUSED, "location": "https://elsewhere.example/"}, b'{"error":"elsewhere"}')
    with (
        in_front_of(mock_url, lambda _request, _ask: elsewhere) as url,
        pytest.raises(Unreachable, match=rf"{status} \(https://elsewhere\.example/\)"),
    ):
        of(somebodys(mock_url, url))


def test_refused_calls_that_take_a_write_pass_no_ceiling(mock_url: str) -> None:
    """By a reading each of them may; so a run that may take none is not begun."""
    calls = count()

    def takes_one(request: Request, ask: Ask) -> Answered:
        answered = ask(request)
        if 400 <= answered.status < 500 and answered.status not in {401, 429}:
            next(calls)
        return answered

    with in_front_of(mock_url, takes_one) as url:
        known = somebodys(mock_url, url)
        result = of(known, max_writes=12)
        with pytest.raises(BadDeployment, match="even a refused call may take one write"):
            of(known, max_writes=0)

    refused = next(calls)
    assert refused > 3
    assert result.spend.writes + refused <= 12


def test_pairs_that_are_created_again_are_not_free(mock_url: str) -> None:
    """A server without a memory is wrong; it may still not cost more than the ceiling."""
    numbers = count(1)

    def forgets(request: Request, ask: Ask) -> Answered:
        sent = request.json
        if not isinstance(sent, dict) or not isinstance(sent.get("passports"), list):
            return ask(request)
        for item in sent["passports"]:
            if isinstance(item, dict) and isinstance(gs1 := item.get("gs1"), dict):
                item["gs1"] = {**gs1, "serialNumber": f"{gs1.get('serialNumber')}-{next(numbers)}"}
        return ask(request.with_json(sent))

    with in_front_of(mock_url, forgets) as url:
        known = somebodys(mock_url, url)
        result = of(known, "items", "summary", "batch", max_writes=200, max_slots=8, keep_drafts=True)
        bearer = {"Authorization": f"Bearer {known.key(known.api_key_env)}"}
        found = httpx.get(f"{mock_url}/api/v1/passports", headers=bearer).json()["data"]

    assert "items.created-carries-data" in violated(result)
    assert result.spend.slots == found["total"] <= 9  # the first of them was not to be foreseen


def test_a_key_that_a_deployment_says_back_is_in_no_history(mock_url: str) -> None:
    """Also one that the run did not use yet, and in other spellings."""
    other = "tp_of_another_workspace_0001"

    def says_back(request: Request, ask: Ask) -> Answered:
        answered = ask(request)
        return replace(
            answered, headers={**answered.headers, "x-seen": f"{other} dHBfb2ZfYW5vdGhlcl93b3Jrc3BhY2VfMDAwMQ=="}
        )

    with in_front_of(mock_url, says_back) as url:
        known = replace(somebodys(mock_url, url), second_key_env="SECOND")
        settings = Settings(
            replace(known, keys={**known.keys, "SECOND": other}), control_plane=False, rule_prefixes=("summary",)
        )
        run = Run(settings)
        with opened(settings) as run.target:
            run_checks(run)
            said = repr(run.target.session.history)

    assert other not in said
    assert "dHBfb2ZfYW5vdGhlcl93b3Jrc3BhY2VfMDAwMQ" not in said
