"""Servers that are wrong in a corner alone, on a deployment that is somebody's: each is found by the rule it breaks."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

import pytest

from tracepass_contract.contract_tests.model.verdicts import RunResult, Verdict
from tracepass_contract.contract_tests.mutants.matrix.forked_mock import forked_mock
from tracepass_contract.contract_tests.report.terminal import text_of
from tracepass_contract.contract_tests.run.pytest_run import run_checks
from tracepass_contract.contract_tests.run.run import Run
from tracepass_contract.contract_tests.target.control_plane import ControlPlane
from tracepass_contract.contract_tests.target.deployment import Deployment, SecondWorkspace
from tracepass_contract.contract_tests.target.settings import Settings
from tracepass_contract.contract_tests.target.target import opened
from tracepass_contract.contract_tests.tests.helpers.runs import result_of_settings, violated
from tracepass_contract.contract_tests.tests.helpers.wrong_server import Answered, Ask, Behaviour, Request, in_front_of

KEY, SECOND_KEY, OTHER_KEY = "NARROW_KEY", "NARROW_SECOND_KEY", "NARROW_OTHER_KEY"
SLOTS = 100  # the most that a test of consent fills in one batch


@dataclass(frozen=True)
class Given:
    """A workspace with two keys and another beside it, as their owner declares them."""

    deployment: Deployment

    @property
    def key(self) -> str:
        return self.deployment.keys[KEY]

    @property
    def second_key(self) -> str:
        return self.deployment.keys[SECOND_KEY]

    @property
    def theirs(self) -> SecondWorkspace:
        assert self.deployment.second_workspace is not None
        return self.deployment.second_workspace

    def opens(self, request: Request) -> Request:
        return request.with_header("authorization", f"Bearer {self.key}")


@pytest.fixture(scope="module")
def mock_url() -> Iterator[str]:
    with forked_mock() as base_url:
        yield base_url


@pytest.fixture
def given(mock_url: str) -> Given:
    control = ControlPlane(mock_url, None)
    main, other = control.create_workspace(passports_included=SLOTS, overage_supported=True), control.create_workspace()
    deployment = Deployment(
        base_url=mock_url,
        api_key_env=KEY,
        product_id=main["product_id"],
        gtin=main["gtin"],
        unlimited_writes=True,
        slots_left=SLOTS,
        overage_supported=True,
        overage_price_cents=150,
        single_create=True,
        read_back=True,
        second_key_env=SECOND_KEY,
        second_workspace=SecondWorkspace(OTHER_KEY, other["product_id"], other["gtin"]),
        keys={KEY: main["api_key"], SECOND_KEY: control.add_key(main["id"]), OTHER_KEY: other["api_key"]},
    )
    control.close()
    return Given(deployment)


Fault = Callable[[Given], Behaviour]


def knows_keys_by_their_beginning(given: Given) -> Behaviour:
    def behaviour(request: Request, ask: Ask) -> Answered:
        begins = request.headers.get("authorization", "").startswith(f"Bearer {given.key[:-1]}")
        return ask(given.opens(request) if begins and not _is_second(given, request) else request)

    return behaviour


def knows_keys_by_what_they_begin(given: Given) -> Behaviour:
    def behaviour(request: Request, ask: Ask) -> Answered:
        said = request.headers.get("authorization", "")
        return ask(given.opens(request) if said[7:] and f"Bearer {given.key}".startswith(said) else request)

    return behaviour


def knows_keys_in_any_case(given: Given) -> Behaviour:
    def behaviour(request: Request, ask: Ask) -> Answered:
        same = request.headers.get("authorization", "").lower() == f"bearer {given.key}".lower()
        return ask(given.opens(request) if same else request)

    return behaviour


def takes_a_key_said(scheme: str) -> Fault:
    def fault(given: Given) -> Behaviour:
        def behaviour(request: Request, ask: Ask) -> Answered:
            return ask(
                given.opens(request) if request.headers.get("authorization") == f"{scheme}{given.key}" else request
            )

        return behaviour

    return fault


def looks_at_the_first_product(given: Given) -> Behaviour:
    def change(nth: int, item: Any) -> Any:
        is_theirs = nth > 0 and item.get("productId") == given.theirs.product_id
        return {**item, "productId": given.deployment.product_id} if is_theirs else item

    return lambda request, ask: ask(_with_items(request, change))


def looks_at_the_first_gtin(given: Given) -> Behaviour:
    def change(nth: int, item: Any) -> Any:
        is_theirs = nth > 0 and item["gs1"].get("gtin") == given.theirs.gtin
        own = given.deployment.product_id, given.deployment.gtin
        return _pair(item, *own) if is_theirs and item.get("productId") == own[0] else item

    return lambda request, ask: ask(_with_items(request, change))


def shows_everybodys(endpoint: str) -> Fault:
    """Another workspace finds nothing of its own there, and is shown what the first one has."""

    def fault(given: Given) -> Behaviour:
        def behaviour(request: Request, ask: Ask) -> Answered:
            is_read = request.method == "GET" and request.path.startswith(f"/api/v1/passports{endpoint}")
            return ask(given.opens(request) if is_read else request)

        return behaviour

    return fault


def knows_pairs_by_key(given: Given) -> Behaviour:
    def change(_nth: int, item: Any) -> Any:
        return _renamed(item, "-2")

    return lambda request, ask: ask(_with_items(request, change) if _is_second(given, request) else request)


def knows_pairs_by_fifty(_given: Given) -> Behaviour:
    def behaviour(request: Request, ask: Ask) -> Answered:
        first: dict[str, int] = {}

        def change(nth: int, item: Any) -> Any:
            chunk = first.setdefault(str(item.get("gs1")), nth // 50)
            return item if chunk == nth // 50 else _renamed(item, "-2")

        return ask(_with_items(request, change))

    return behaviour


def forgets_a_pair_that_came_twice(_given: Given) -> Behaviour:
    def behaviour(request: Request, ask: Ask) -> Answered:
        seen: list[str] = []

        def change(_nth: int, item: Any) -> Any:
            seen.append(str(item.get("gs1")))
            return _renamed(item, "-3") if seen.count(seen[-1]) == 3 else item

        return ask(_with_items(request, change))

    return behaviour


def knows_bodies_by(beginning: Callable[[Request], Any]) -> Fault:
    """What begins as the body before it is answered as that was."""

    def fault(_given: Given) -> Behaviour:
        bodies: dict[tuple[str, str, str], bytes] = {}

        def behaviour(request: Request, ask: Ask) -> Answered:
            key, who = request.headers.get("idempotency-key"), request.headers.get("authorization", "")
            if key is None:
                return ask(request)
            return ask(replace(request, body=bodies.setdefault((who, key, repr(beginning(request))), request.body)))

        return behaviour

    return fault


def _ten_items(request: Request) -> Any:
    body = request.json
    return {**body, "passports": body["passports"][:10]} if _items(request) else request.body


def remembers_keys(number: int) -> Fault:
    def fault(_given: Given) -> Behaviour:
        keys: list[str] = []

        def behaviour(request: Request, ask: Ask) -> Answered:
            key = request.headers.get("idempotency-key")
            if key is not None and key in keys[:-number]:
                return ask(request.without("idempotency-key"))
            if key is not None and key not in keys:
                keys.append(key)
            return ask(request)

        return behaviour

    return fault


def publishes_what_is_read(_given: Given) -> Behaviour:
    def behaviour(request: Request, ask: Ask) -> Answered:
        answered = ask(request)
        is_one = request.method == "GET" and isinstance(answered.json, dict) and "gs1" in answered.json
        return answered.with_json({**answered.json, "status": "published"}) if is_one else answered

    return behaviour


def keeps_the_parties_of_what_failed(_given: Given) -> Behaviour:
    ids: dict[str, str] = {}

    def behaviour(request: Request, ask: Ask) -> Answered:
        answered = ask(request)
        results = (answered.json or {}).get("results", ())
        for item, entry in zip(_items(request), results, strict=False):
            if entry["status"] == "created":
                ids[str(item["gs1"])] = entry["data"]["_id"]
            elif passport_id := ids.get(str(item.get("gs1"))):
                for role, party in (item.get("parties") or {}).items():
                    path = f"/api/v1/passports/{quote(passport_id)}/parties/{role}"
                    ask(replace(request.without("idempotency-key"), method="PATCH", path=path).with_json(party))
        return answered

    return behaviour


def gives_all_the_parties_of_the_first(_given: Given) -> Behaviour:
    def behaviour(request: Request, ask: Ask) -> Answered:
        first = [item.get("parties") for item in _items(request)][:1]

        def change(_nth: int, item: Any) -> Any:
            return {"parties": first[0], **item} if first[0] else item

        return ask(_with_items(request, change))

    return behaviour


def takes_what_is_not_empty_for_consent(_given: Given) -> Behaviour:
    def behaviour(request: Request, ask: Ask) -> Answered:
        said = [each.get("confirmOverage") for each in (request.json, *_items(request)) if isinstance(each, dict)]
        if not _items(request) or not any(said):
            return ask(request)
        items = [{name: value for name, value in item.items() if name != "confirmOverage"} for item in _items(request)]
        return ask(request.with_json({"passports": items, "confirmOverage": True}))

    return behaviour


BATCHES: list[tuple[Fault, str]] = [
    (knows_keys_by_their_beginning, "auth.bearer-required"),
    (knows_keys_by_what_they_begin, "auth.bearer-required"),
    (knows_keys_in_any_case, "auth.bearer-required"),
    (takes_a_key_said("Basic "), "auth.bearer-required"),
    (takes_a_key_said("Token "), "auth.bearer-required"),
    (takes_a_key_said(""), "auth.bearer-required"),
    (looks_at_the_first_product, "auth.workspaces-are-separate"),
    (looks_at_the_first_gtin, "auth.workspaces-are-separate"),
    (knows_pairs_by_key, "items.serial-unique-per-gtin"),
    (knows_pairs_by_fifty, "items.serial-unique-per-gtin"),
    (forgets_a_pair_that_came_twice, "items.serial-unique-per-gtin"),
    (knows_bodies_by(lambda request: request.body[:1024]), "idempotency.refuses-another-body"),
    (knows_bodies_by(_ten_items), "idempotency.refuses-another-body"),
    (remembers_keys(5), "idempotency.replays-original"),
    (remembers_keys(20), "idempotency.replays-original"),
    (keeps_the_parties_of_what_failed, "items.created-is-readable"),
    (gives_all_the_parties_of_the_first, "items.created-is-readable"),
    (takes_what_is_not_empty_for_consent, "quota.consent-is-not-remembered"),
]
BESIDE: list[tuple[Fault, str]] = [
    (shows_everybodys("?"), "auth.workspaces-are-separate"),
    (shows_everybodys("/by-serial/"), "auth.workspaces-are-separate"),
    (publishes_what_is_read, "items.created-is-readable"),
]
IN_PART = {  # the given deployment has few slots and no parallel calls
    "idempotency.replays-original",
    "items.serial-unique-per-gtin",
    "quota.consent-is-not-remembered",
}
ALL = [(fault, rule, False) for fault, rule in BATCHES] + [(fault, rule, True) for fault, rule in BESIDE]


@pytest.mark.parametrize(
    ("fault", "rule", "beside"), ALL, ids=[f"{nth}-{rule}" for nth, (_, rule, _) in enumerate(ALL)]
)
def test_a_server_that_is_wrong_in_a_corner_is_found(given: Given, fault: Fault, rule: str, beside: bool) -> None:
    with in_front_of(given.deployment.base_url, fault(given), beside=beside) as url:
        settings = _settings(given, url, _asked_for(rule))
        result = result_of_settings(replace(settings, stop_at=frozenset({rule})))

    assert rule in violated(result), violated(result)


@pytest.mark.parametrize("rule", sorted({rule for _, rule, _ in ALL}))
def test_a_server_that_is_right_is_not(given: Given, rule: str) -> None:
    with in_front_of(given.deployment.base_url, lambda request, ask: ask(request)) as url:
        result = _result(given, url, _asked_for(rule))

    assert violated(result) == {}
    assert result.verdict_of(rule) is (Verdict.PARTLY_TESTED if rule in IN_PART else Verdict.CONFORMS)


def test_a_slot_that_a_deletion_gave_back_is_no_fault(given: Given) -> None:
    """A passport is deleted, and its slot is free again or not (a reading): how many are left is not known then."""
    result = _result(given, given.deployment.base_url, "idempotency", "quota")

    assert violated(result) == {}


def test_consent_is_asked_about_again_after_an_overage(given: Given) -> None:
    """The passports of the plan are gone then, which is what the tests of consent need."""
    result = _result(given, given.deployment.base_url, "quota.consent")

    assert violated(result) == {}
    of_consent = [each for each in result.findings if each.check.startswith("test_nothing_but_true_is_consent")]
    assert {each.verdict for each in of_consent} == {Verdict.CONFORMS}
    assert len(of_consent) == 5


def test_what_is_nearly_a_key_is_in_no_report(given: Given) -> None:
    """A server says back what it was asked with."""

    def says_it_back(request: Request, ask: Ask) -> Answered:
        answered = ask(request)
        said = {"error": f"what is {request.headers.get('authorization')}?"}
        return answered.with_json(said) if answered.status == 401 else answered

    with in_front_of(given.deployment.base_url, says_it_back) as url:
        run = Run(_settings(given, url, "auth.bearer-required"))
        with opened(run.settings) as run.target:
            run_checks(run)
        assert run.result is not None
        session = run.target.session
        text = text_of(run.report) + repr(session.history)

    assert "nearly-a-key" in text
    assert given.key[:-1].lower() not in text.lower()


def _settings(given: Given, url: str, *rules: str) -> Settings:
    return Settings(
        replace(given.deployment, base_url=url),
        control_plane=False,
        max_writes=5_000,
        max_slots=5_000,
        max_charge_cents=10_000,
        allow_charges=True,
        rule_prefixes=rules,
        examples=0,
    )


def _result(given: Given, url: str, *rules: str) -> RunResult:
    return result_of_settings(_settings(given, url, *rules))


def _asked_for(rule: str) -> str:
    """Many keys are what some servers are wrong after: all tests of idempotency send them."""
    return "idempotency" if rule.startswith("idempotency") else rule


def _is_second(given: Given, request: Request) -> bool:
    return request.headers.get("authorization") == f"Bearer {given.second_key}"


def _items(request: Request) -> list[Any]:
    items = request.json.get("passports") if isinstance(request.json, dict) else None
    return items if isinstance(items, list) and all(isinstance(item, dict) for item in items) else []


def _with_items(request: Request, change: Callable[[int, Any], Any]) -> Request:
    """With each item of a batch changed that names a pair."""
    if not _items(request):
        return request
    items = [
        change(nth, item) if isinstance(item.get("gs1"), dict) else item for nth, item in enumerate(_items(request))
    ]
    return request.with_json({**request.json, "passports": items})


def _renamed(item: Any, mark: str) -> Any:
    return {**item, "gs1": {**item["gs1"], "serialNumber": f"{item['gs1'].get('serialNumber')}{mark}"}}


def _pair(item: Any, product: str | None, gtin: str | None) -> Any:
    return {**item, "productId": product, "gs1": {**item["gs1"], "gtin": gtin}}
