"""The parts under the semantic checks: ceilings that hold, books that forgive what is open, a document that is safe."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings

from tracepass_contract.contract_tests.checks.fuzzing import semantic_checks
from tracepass_contract.contract_tests.checks.fuzzing.balances import Balances, Left
from tracepass_contract.contract_tests.checks.fuzzing.bodies import NOBODYS_PRODUCT, item, meaningful
from tracepass_contract.contract_tests.checks.fuzzing.breaches import of_answer
from tracepass_contract.contract_tests.checks.fuzzing.exchanges import Exchange
from tracepass_contract.contract_tests.checks.fuzzing.safe_document import safe_document
from tracepass_contract.contract_tests.checks.fuzzing.spending import CeilingReached, Ceilings, ceilings_from
from tracepass_contract.contract_tests.checks.fuzzing.transport import watching
from tracepass_contract.contract_tests.tests.helpers.in_process import serving
from tracepass_contract.fixtures import accounts
from tracepass_contract.spec import openapi_document

PRODUCT, GTIN = "6650a1b2c3d4e5f6a7b8c9d0", "09506000140018"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving() as base_url:
        yield f"{base_url}/api/v1/passports/batch"


def post(url: str, count: int, **members: Any) -> requests.Response:
    account = next(each for each in accounts() if each.name == "unlimited")
    items = [item(account.product_id, account.gtin, f"S-{n}") for n in range(count)]
    return post_items(url, items, **members)


def post_items(url: str, items: Any, **members: Any) -> requests.Response:
    account = next(each for each in accounts() if each.name == "unlimited")
    body = json.dumps({"passports": items, **members})
    headers = {"Authorization": f"Bearer {account.api_key}", "Content-Type": "application/json"}
    return requests.post(url, data=body, headers=headers, timeout=60)


@pytest.mark.parametrize(
    ("ceilings", "count", "members"),
    [
        (Ceilings(writes=2), 3, {}),
        (Ceilings(slots=2), 3, {}),
        (Ceilings(charges=2), 3, {"confirmOverage": True}),
        (Ceilings(), 1, {"confirmOverage": True}),
    ],
)
def test_a_call_beyond_a_ceiling_is_not_sent(
    url: str, ceilings: Ceilings, count: int, members: Mapping[str, Any]
) -> None:
    """Not even one that no hook sees: the ceiling is in the transport."""
    with watching(ceilings) as watch, pytest.raises(CeilingReached, match="not sent"):
        post(url, count, **members)

    assert watch.spending.calls == 0


def test_what_an_answer_shows_was_not_taken_can_be_spent_again(url: str) -> None:
    with watching(Ceilings(writes=3, slots=2)) as watch:
        post(url, 1)  # creates it, or finds it there
        post(url, 1)
        post(url, 1)

        assert watch.spending.writes == 3
        assert watch.spending.slots <= 1
        with pytest.raises(CeilingReached):
            post(url, 1)


def test_after_the_block_nothing_is_watched_any_more(url: str) -> None:
    with watching(Ceilings(writes=0)):
        pass

    assert post(url, 1).ok


def test_nothing_is_charged_unless_it_is_allowed() -> None:
    assert ceilings_from({}) == Ceilings(100, 10, 0)
    assert ceilings_from({"TRACEPASS_CONTROL": "http://127.0.0.1/_mock"}) == Ceilings(None, None, None)
    assert ceilings_from({"TRACEPASS_MAX_WRITES": "7"}) == Ceilings(7, 10, 0)


def exchange(status: int, text: Any, *serials: str, key: str | None = None, **members: Any) -> Exchange:
    sent = {"passports": [item(PRODUCT, GTIN, serial) for serial in serials], **members}
    headers = {"authorization": "Bearer k", **({"idempotency-key": key} if key else {})}
    return Exchange("http://x", headers, json.dumps(sent).encode(), status, json.dumps(text).encode())


def created(*serials: str) -> dict[str, Any]:
    data = [{"_id": serial, "gs1": {"gtin": GTIN, "serialNumber": serial}, "status": "draft"} for serial in serials]
    results = [{"index": n, "status": "created", "data": each} for n, each in enumerate(data)]
    return {"results": results, "summary": {"created": len(results), "errors": 0, "total": len(results)}}


def rules_broken(balances: Balances, *exchanges: Exchange) -> list[str]:
    return [breach.rule for each in exchanges for breach in balances.observe(each)]


@pytest.mark.parametrize(
    ("left", "status", "rule"),
    [
        (Left(2, 2), 429, ["budget.refuses-whole-batch"]),
        (Left(1, 1), 429, []),
        (Left(0, 2), 429, []),
        (Left(1, 1), 200, ["budget.refuses-whole-batch"]),
        (Left(1, 2), 200, []),
    ],
)
def test_only_what_no_reading_allows_is_a_breach(left: Left, status: int, rule: list[str]) -> None:
    text = created("A", "B") if status == 200 else {"error": "Daily write budget exceeded"}

    assert rules_broken(Balances(PRODUCT, GTIN, writes=left), exchange(status, text, "A", "B")) == rule


def test_balances_of_an_unknown_workspace_can_t_be_broken_by_a_refusal() -> None:
    balances = Balances()

    assert (
        rules_broken(balances, *(exchange(status, {"error": "no"}, "A") for status in (400, 402, 403, 409, 429))) == []
    )


def test_a_pair_that_was_refused_before_and_fails_now_tells_of_a_trace() -> None:
    failed = {"results": [{"index": 0, "status": "error", "error": "taken"}]}
    balances = Balances(PRODUCT, GTIN, private=True)

    assert rules_broken(balances, exchange(402, {"error": "overage_required"}, "A"), exchange(200, failed, "A")) == [
        "quota.asks-for-consent"
    ]


def test_a_replay_may_differ_in_what_is_no_part_of_the_result() -> None:
    first, again = created("A"), {**created("A"), "requestId": "2"}

    assert rules_broken(Balances(), exchange(200, first, "A", key="k"), exchange(201, again, "A", key="k")) == []
    assert rules_broken(Balances(), exchange(200, first, "A", key="k"), exchange(200, created("B"), "A", key="k")) == [
        "idempotency.replays-original"
    ]


def test_a_lost_answer_leaves_both_ways_open() -> None:
    balances = Balances(PRODUCT, GTIN, writes=Left(1, 1))
    failed = {"results": [{"index": 0, "status": "error", "error": "taken"}]}

    assert rules_broken(balances, exchange(0, None, "A"), exchange(429, {"error": "no"}, "B")) == []
    assert rules_broken(Balances(PRODUCT, GTIN, private=True), exchange(0, None, "A"), exchange(200, failed, "A")) == []


def test_a_product_of_nobody_creates_nothing_in_any_workspace() -> None:
    """Even where it is not known which products there are."""
    sent = {"passports": [item(NOBODYS_PRODUCT, GTIN, "A")]}
    answered = Exchange("http://x", {}, json.dumps(sent).encode(), 200, json.dumps(created("A")).encode())

    assert rules_broken(Balances(), answered) == ["items.fail-independently"]
    assert rules_broken(Balances(), exchange(200, created("A"), "A")) == []


@pytest.mark.parametrize("shown", ["A ", "a", "\u0041\u0301"])
def test_a_serial_number_comes_back_as_it_was_sent(shown: str) -> None:
    sent = "\u00c1" if len(shown) == 2 and shown[1] == "\u0301" else "A"

    assert {breach.rule for breach in of_answer(exchange(200, created(shown), sent))} == {"items.created-carries-data"}
    assert list(of_answer(exchange(200, created(sent), sent))) == []


def test_a_workspace_is_looked_at_once(url: str) -> None:
    """Where writes and passports are scarce, the follow-ups about pairs, products and marks are sent once."""
    account = next(each for each in accounts() if each.name == "unlimited")
    with watching(Ceilings()) as watch:
        watch.balances[account.api_key] = Balances(account.product_id, account.gtin, "CONF-r1-")
        calls = []
        for serial in ("CONF-r1-000001", "CONF-r1-000002"):
            response = post_items(url, [item(account.product_id, account.gtin, serial)])
            before = watch.spending.calls
            semantic_checks.partial_success(None, response, None)  # type: ignore[arg-type]
            calls.append(watch.spending.calls - before)

    assert calls[0] - calls[1] == 10


safe = schemathesis.openapi.from_dict(safe_document(openapi_document(), PRODUCT, GTIN, "r1"))
safe.config.generation.update(modes=[schemathesis.GenerationMode.POSITIVE])
bodies = safe["/passports/batch"]["POST"].as_strategy()


@settings(
    max_examples=50, phases=[Phase.generate], deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
@given(case=bodies)
def test_a_body_of_the_safe_document_can_t_cost_money(case: Any) -> None:
    assert 1 <= len(case.body["passports"]) <= 3
    assert "confirmOverage" not in json.dumps(case.body)
    for each in case.body["passports"]:
        assert set(each) == {"productId", "gs1"}
        assert (each["productId"], each["gs1"]["gtin"]) == (PRODUCT, GTIN)
        assert re.fullmatch("CONF-r1-[0-9]{6}", each["gs1"]["serialNumber"])


def test_a_meaningful_body_holds_consent_only_where_charges_are_allowed() -> None:
    body = {"passports": [{**item("p", "g", "s"), "confirmOverage": True}], "confirmOverage": True}

    assert "confirmOverage" not in json.dumps(meaningful(body, PRODUCT, GTIN, charges_allowed=False))
    assert meaningful(body, PRODUCT, GTIN, charges_allowed=True)["confirmOverage"] is True
