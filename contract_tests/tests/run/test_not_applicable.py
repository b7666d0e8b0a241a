"""A workspace without a limit: checks that need the limit are not about it, and no rule waits for them."""

from dataclasses import replace

import pytest

from tracepass_contract.contract_tests.cli.plan import planned
from tracepass_contract.contract_tests.model.history import History
from tracepass_contract.contract_tests.model.verdicts import RunResult, Verdict
from tracepass_contract.contract_tests.mutants.matrix.forked_mock import forked_mock
from tracepass_contract.contract_tests.report.view import report_of
from tracepass_contract.contract_tests.run.rehearsal import rehearse
from tracepass_contract.contract_tests.target.deployment import Deployment
from tracepass_contract.contract_tests.target.settings import Settings
from tracepass_contract.contract_tests.tests.helpers.runs import result_of_settings

NO_BUDGET = "the workspace has no write budget (unlimited_writes)"
NO_QUOTA = "the workspace has no passport quota (unlimited_slots)"
KEY = "UNLIMITED_KEY"
UNLIMITED = Deployment(
    base_url="http://localhost",
    api_key_env=KEY,
    product_id="6650a1b2c3d4e5f6a7b8d008",
    gtin="09506000140087",
    unlimited_writes=True,
    unlimited_slots=True,
    overage_supported=False,
    keys={KEY: "tp_mock_unlimited"},
)


def settings(base_url: str) -> Settings:
    families = ("auth.bearer", "budget.refuses", "quota.asks")
    deployment = replace(UNLIMITED, base_url=base_url)
    return Settings(deployment, control_plane=False, rule_prefixes=families, max_writes=400, max_slots=300)


@pytest.fixture(scope="module")
def result() -> RunResult:
    with forked_mock() as base_url:
        return result_of_settings(settings(base_url))


def test_a_rule_about_a_limit_that_is_not_there_is_not_applicable(result: RunResult) -> None:
    assert result.verdict_of("budget.refuses-whole-batch") is Verdict.NOT_APPLICABLE
    assert result.verdict_of("quota.asks-for-consent") is Verdict.NOT_APPLICABLE
    because = {each.because for each in result.findings if each.verdict is Verdict.NOT_APPLICABLE}
    assert because >= {NO_BUDGET, NO_QUOTA}


def test_the_report_says_why(result: RunResult) -> None:
    report = report_of(result, History("", ""))

    said = {line.rule.id: line.because for line in report.lines}
    assert (said["budget.refuses-whole-batch"], said["quota.asks-for-consent"]) == (NO_BUDGET, NO_QUOTA)


def test_a_rule_that_is_shown_without_the_limit_conforms(result: RunResult) -> None:
    assert result.verdict_of("auth.bearer-required") is Verdict.CONFORMS


def test_where_there_is_room_for_every_check_nothing_of_the_mock_is_in_doubt() -> None:
    """Checks send what a deployment may refuse: repeated headers and members, other encodings."""
    families = ("batch.same-shape", "idempotency.key-is-opaque", "calls.are-http")
    with forked_mock() as base_url:
        asked = replace(settings(base_url), rule_prefixes=families, max_writes=8000, max_slots=4000)
        result = result_of_settings(asked)

    doubts = [each for each in result.findings if each.verdict in {Verdict.INCONCLUSIVE, Verdict.VIOLATES}]
    assert doubts == []
    assert result.verdict_of("batch.same-shape-as-single") is Verdict.CONFORMS


def test_the_plan_says_so() -> None:
    asked = replace(settings("http://localhost"), start_mock=forked_mock)
    rows = planned(rehearse(asked, is_provisioned=False), asked)["checks"]

    found = {row["not_applicable"] for row in rows if "budget.refuses-whole-batch" in row["rules"]}
    assert found == {NO_BUDGET, NO_QUOTA}
    assert not any(row["untested"] for row in rows if row["not_applicable"])
