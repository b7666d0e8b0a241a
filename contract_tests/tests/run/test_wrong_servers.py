"""Each wrong server is found, by the rule that it breaks."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import orjson
import pytest

from tracepass_contract.contract_tests.mutants.matrix.forked_mock import forked_mock
from tracepass_contract.contract_tests.tests.helpers.runs import result_of, violated
from tracepass_contract.contract_tests.tests.helpers.wrong_server import Answered, Ask, Behaviour, Request, in_front_of


@pytest.fixture(scope="module")
def mock_url() -> Iterator[str]:
    with forked_mock() as base_url:
        yield base_url


def lets_anybody_in(request: Request, ask: Ask) -> Answered:
    """An unauthorised call is executed for the last caller's workspace."""
    answered = ask(request)
    if answered.status == 401 and KEYS:
        return ask(request.with_header("authorization", KEYS[-1]))
    KEYS.append(request.headers.get("authorization", ""))
    return answered


KEYS: list[str] = []


def counts_wrong(request: Request, ask: Ask) -> Answered:
    return _with_result(ask(request), lambda result: result["summary"].update(total=result["summary"]["total"] + 1))


def counts_from_one(request: Request, ask: Ask) -> Answered:
    def change(result: Any) -> None:
        for entry in result["results"]:
            entry["index"] += 1

    return _with_result(ask(request), change)


def drops_errors(request: Request, ask: Ask) -> Answered:
    def change(result: Any) -> None:
        result["results"] = [entry for entry in result["results"] if entry["status"] == "created"]

    return _with_result(ask(request), change)


def swaps_data(request: Request, ask: Ask) -> Answered:
    def change(result: Any) -> None:
        created = [entry for entry in result["results"] if entry["status"] == "created"]
        if len(created) > 1:
            created[0]["data"], created[1]["data"] = created[1]["data"], created[0]["data"]

    return _with_result(ask(request), change)


def publishes(request: Request, ask: Ask) -> Answered:
    def change(result: Any) -> None:
        for entry in result["results"]:
            if entry["status"] == "created":
                entry["data"]["status"] = "published"

    return _with_result(ask(request), change)


def gives_no_reason(request: Request, ask: Ask) -> Answered:
    def change(result: Any) -> None:
        for entry in result["results"]:
            if entry["status"] == "error":
                entry["error"] = ""

    return _with_result(ask(request), change)


def stops_at_the_first_error(request: Request, ask: Ask) -> Answered:
    def change(result: Any) -> None:
        failed = False
        for entry in result["results"]:
            if failed and entry["status"] == "created":
                entry.update(status="error", error="not tried")
                del entry["data"]
            failed = failed or entry["status"] == "error"
        made = sum(entry["status"] == "created" for entry in result["results"])
        result["summary"].update(created=made, errors=len(result["results"]) - made)

    return _with_result(ask(request), change)


def knows_no_keys(request: Request, ask: Ask) -> Answered:
    return ask(request.without("idempotency-key"))


def folds_keys(request: Request, ask: Ask) -> Answered:
    key = request.headers.get("idempotency-key")
    return ask(request if key is None else request.with_header("idempotency-key", key.lower()))


def charges_for_a_replay(request: Request, ask: Ask) -> Answered:
    """A call with a key takes its writes each time, by a batch of its own that fails."""
    answered = ask(request)
    key = request.headers.get("idempotency-key")
    if key in SEEN and answered.status < 300:
        ask(request.without("idempotency-key"))
    SEEN.add(key or "")
    return answered


SEEN: set[str] = set()


def executes_another_body(request: Request, ask: Ask) -> Answered:
    answered = ask(request)
    return ask(request.without("idempotency-key")) if answered.status == 422 else answered


def creates_what_fits(request: Request, ask: Ask) -> Answered:
    """Over the budget the first item is created, and the call refused."""
    answered = ask(request)
    if answered.status == 429 and len(request.json["passports"]) > 1:
        ask(request.without("idempotency-key").with_json({"passports": request.json["passports"][:1]}))
    return answered


def refuses_an_exact_fit(request: Request, ask: Ask) -> Answered:
    """A batch needs one write more than it has items: an item of its own goes first."""
    if len((request.json or {}).get("passports", [])) == 2:
        first = ask(request.with_json({"passports": [{**request.json["passports"][0], "productId": "f" * 24}]}))
        if first.status == 429:
            return first
    return ask(request)


def always_consents(request: Request, ask: Ask) -> Answered:
    body = request.json
    return ask(request.with_json({**body, "confirmOverage": True}) if isinstance(body, dict) else request)


def never_hears_consent(request: Request, ask: Ask) -> Answered:
    body = request.json
    if not isinstance(body, dict) or not isinstance(body.get("passports"), list):
        return ask(request)
    items = [{n: v for n, v in item.items() if n != "confirmOverage"} for item in body["passports"]]
    return ask(request.with_json({"passports": items}))


def says_it_otherwise(request: Request, ask: Ask) -> Answered:
    answered = ask(request)
    return answered.with_json({"code": answered.status}) if answered.status >= 400 else answered


def takes_any_number(request: Request, ask: Ask) -> Answered:
    """What is over a hundred is cut off."""
    body = request.json
    if isinstance(body, dict) and isinstance(body.get("passports"), list) and len(body["passports"]) > 100:
        return ask(request.with_json({**body, "passports": body["passports"][:100]}))
    return ask(request)


def fails_on_what_is_no_array(request: Request, ask: Ask) -> Answered:
    body = request.json
    if not isinstance(body, dict) or not isinstance(body.get("passports"), list):
        return Answered(500, {"content-type": "application/json"}, b'{"error":"TypeError"}')
    return ask(request)


def all_or_nothing(request: Request, ask: Ask) -> Answered:
    """If one item would fail, none is created: items that exist are looked for first, one by one."""
    items = (request.json or {}).get("passports", []) if isinstance(request.json, dict) else []
    if len(items) == 2 and items[0] in TAKEN:
        failed = [{"index": index, "status": "error", "error": "not tried"} for index in range(2)]
        result = {"results": failed, "summary": {"created": 0, "errors": 2, "total": 2}}
        return Answered(200, {"content-type": "application/json"}, orjson.dumps(result))
    TAKEN.extend(items)
    return ask(request)


TAKEN: list[Any] = []


def creates_twice(request: Request, ask: Ask) -> Answered:
    """What failed is said to be created."""

    def change(result: Any) -> None:
        for entry in result["results"]:
            if entry["status"] == "error":
                gs1 = request.json["passports"][entry["index"]]["gs1"]
                entry.update(status="created", data={"_id": str(entry["index"]), "gs1": gs1, "status": "draft"})
                del entry["error"]
        result["summary"].update(created=len(result["results"]), errors=0)

    return _with_result(ask(request), change)


def gives_new_ids(request: Request, ask: Ask) -> Answered:
    def change(result: Any) -> None:
        for entry in result["results"]:
            if entry["status"] == "created":
                entry["data"]["_id"] += str(len(SEEN))
        SEEN.add(str(len(SEEN)))

    return _with_result(ask(request), change)


def forgets_what_failed(request: Request, ask: Ask) -> Answered:
    """A replay has the created entries only."""
    key = request.headers.get("idempotency-key", "")
    known = key in SEEN
    SEEN.add(key)

    def change(result: Any) -> None:
        if known and key:
            result["results"] = [entry for entry in result["results"] if entry["status"] == "created"]

    return _with_result(ask(request), change)


def answers_any_workspace(request: Request, ask: Ask) -> Answered:
    key = request.headers.get("idempotency-key")
    if key is None:
        return ask(request)
    if (key, request.body) not in ANSWERS:
        ANSWERS[key, request.body] = ask(request)
    return ANSWERS[key, request.body]


ANSWERS: dict[tuple[str, bytes], Answered] = {}


def takes_anything_for_consent(request: Request, ask: Ask) -> Answered:
    body = request.json
    said = isinstance(body, dict) and "confirmOverage" in body
    return ask(request.with_json({**body, "confirmOverage": True}) if said else request)


def asks_for_nothing(request: Request, ask: Ask) -> Answered:
    answered = ask(request)
    return answered.with_json({"error": "payment_required"}) if answered.status == 402 else answered


def swaps_refusals(request: Request, ask: Ask) -> Answered:
    answered = ask(request)
    return replace(answered, status={429: 402, 402: 429}.get(answered.status, answered.status))


def charges_for_refusals(request: Request, ask: Ask) -> Answered:
    """A batch over the budget takes a write for its first item, which is one that fails."""
    answered = ask(request)
    if answered.status == 429:
        ask(request.with_json({"passports": [{**request.json["passports"][0], "productId": "f" * 24}]}))
    return answered


def shouts_serial_numbers(request: Request, ask: Ask) -> Answered:
    def change(result: Any) -> None:
        for entry in result["results"]:
            if entry["status"] == "created":
                entry["data"]["gs1"]["serialNumber"] = entry["data"]["gs1"]["serialNumber"].upper()

    return _with_result(ask(request), change)


WRONG: list[tuple[Behaviour, str]] = [
    (lets_anybody_in, "auth.bearer-required"),
    (counts_wrong, "summary.adds-up"),
    (counts_from_one, "items.one-result-each"),
    (drops_errors, "items.one-result-each"),
    (swaps_data, "items.created-carries-data"),
    (publishes, "items.created-carries-data"),
    (gives_no_reason, "items.error-carries-reason"),
    (stops_at_the_first_error, "items.fail-independently"),
    (knows_no_keys, "idempotency.replays-original"),
    (folds_keys, "idempotency.key-is-opaque"),
    (charges_for_a_replay, "idempotency.replay-changes-nothing"),
    (executes_another_body, "idempotency.refuses-another-body"),
    (creates_what_fits, "budget.refuses-whole-batch"),
    (refuses_an_exact_fit, "budget.refuses-whole-batch"),
    (always_consents, "quota.asks-for-consent"),
    (never_hears_consent, "quota.consent-covers-whole-batch"),
    (says_it_otherwise, "errors.envelope"),
    (all_or_nothing, "items.fail-independently"),
    (creates_twice, "items.serial-unique-per-gtin"),
    (gives_new_ids, "idempotency.replays-original"),
    (forgets_what_failed, "idempotency.replays-original"),
    (answers_any_workspace, "idempotency.scoped-to-workspace"),
    (takes_anything_for_consent, "quota.consent-is-not-remembered"),
    (asks_for_nothing, "quota.asks-for-consent"),
    (swaps_refusals, "quota.asks-for-consent"),
    (swaps_refusals, "budget.refuses-whole-batch"),
    (charges_for_refusals, "budget.refuses-whole-batch"),
    (shouts_serial_numbers, "items.created-carries-data"),
    (takes_any_number, "batch.holds-1-to-100-items"),
    (fails_on_what_is_no_array, "batch.holds-1-to-100-items"),
]


@pytest.mark.parametrize(("behaviour", "rule"), WRONG)
def test_a_wrong_server_is_found(mock_url: str, behaviour: Behaviour, rule: str) -> None:
    with in_front_of(mock_url, behaviour) as url:
        result = result_of(url, rule, stop_at=frozenset({rule}))

    assert rule in violated(result), violated(result)


def test_a_right_server_behind_the_same_proxy_is_not(mock_url: str) -> None:
    """By none of the rules that the wrong ones break."""
    with in_front_of(mock_url, lambda request, ask: ask(request)) as url:
        result = result_of(url, *{rule for _, rule in WRONG})

    assert violated(result) == {}


def _with_result(answered: Answered, change: Any) -> Answered:
    """The answer, with what the change does to a result."""
    body = answered.json
    if not isinstance(body, dict) or "results" not in body:
        return answered
    change(body)
    return answered.with_json(body)
