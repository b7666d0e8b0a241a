"""A server that is wrong in one corner is found by the rule that it breaks, in a given workspace too."""

from collections.abc import Iterator
from dataclasses import replace

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
from tracepass_contract.contract_tests.tests.helpers.narrow_faults import (
    BATCHES,
    BESIDE,
    KEY,
    OTHER_KEY,
    SECOND_KEY,
    Fault,
    Given,
)
from tracepass_contract.contract_tests.tests.helpers.runs import result_of_settings, violated
from tracepass_contract.contract_tests.tests.helpers.wrong_server import Answered, Ask, Request, in_front_of

SLOTS = 100  # the most that a test of consent fills in one batch


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
