"""A deployment that is somebody's: the mock plays one, with its control plane closed to the suite."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tracepass_contract.contract_tests.client.spend import FREE, Price
from tracepass_contract.contract_tests.model import clock
from tracepass_contract.contract_tests.model.verdicts import Verdict
from tracepass_contract.contract_tests.mutants import catalogue
from tracepass_contract.contract_tests.mutants.matrix.cell import Cell, run_cell
from tracepass_contract.contract_tests.mutants.matrix.forked_mock import forked_mock
from tracepass_contract.contract_tests.mutants.matrix.kills import rules_of
from tracepass_contract.contract_tests.mutants.matrix.levels import LEVELS
from tracepass_contract.contract_tests.report.conclusion import Exit, exit_code
from tracepass_contract.contract_tests.report.files import ReportFiles
from tracepass_contract.contract_tests.report.terminal import text_of
from tracepass_contract.contract_tests.run.findings import Roles
from tracepass_contract.contract_tests.run.pytest_run import collect_checks, run_checks
from tracepass_contract.contract_tests.run.run import Run
from tracepass_contract.contract_tests.target.deployment import Deployment, load_deployment
from tracepass_contract.contract_tests.target.settings import Settings
from tracepass_contract.contract_tests.target.target import opened
from tracepass_contract.contract_tests.tests.helpers.command import check
from tracepass_contract.contract_tests.tests.helpers.runs import result_of_settings, violated

KEY = "tp_mock_free"
FREE_PLAN = """
product_id = "6650a1b2c3d4e5f6a7b8d001"
gtin = "09506000140018"
writes_left = 100
slots_left = 3
overage_supported = false
plan = "free"
"""
SHOWN = (
    "items.created-is-readable",
    "calls.documented-shape",
    "calls.name-what-exists",
    "calls.field-keys-are-of-template",
    "calls.deletion-needs-paid-plan",
    "passports.serial-alone-is-unambiguous",
    "products.model-is-unique",
)
PROVISIONED = ("passports.archived-is-final", "passports.only-drafts-are-deleted", "products.kept-while-used")


@pytest.fixture
def mock_url() -> Iterator[str]:
    with forked_mock() as base_url:
        yield base_url


@pytest.fixture
def free_plan(tmp_path: Path) -> Path:
    path = tmp_path / "deployment.toml"
    path.write_text(FREE_PLAN)
    return path


@pytest.fixture
def noon(monkeypatch: pytest.MonkeyPatch, mock_url: str) -> datetime:
    """It is noon for the run and for the workspace: about midnight, budgets are not looked at."""
    now = datetime(2026, 1, 15, 12, tzinfo=UTC)
    monkeypatch.setattr(clock, "utc_now", lambda: now)
    httpx.put(f"{mock_url}/_mock/workspaces/free/clock", json={"now": now.isoformat()}).raise_for_status()
    return now


@pytest.mark.usefixtures("noon")
def test_a_free_plan_is_checked_within_its_means(mock_url: str, free_plan: Path, tmp_path: Path) -> None:
    """A hundred writes, three passports, no charge, and the deployment's ledger agrees with the run's."""
    history = tmp_path / "history.json"
    deployment = replace(load_deployment(free_plan).with_key(KEY), base_url=mock_url)
    settings = Settings(deployment, control_plane=False, max_writes=110)
    run = Run(settings)

    with opened(settings) as run.target:
        run_checks(run)

    result = run.result
    assert result is not None
    ReportFiles(history=history).write(run.report, run.history)
    assert violated(result) == {}
    assert exit_code(result) is Exit.UNPROVEN
    spend, totals = result.spend, _ledger(mock_url, "free")
    taken = (spend.writes, spend.slots, spend.charge_cents)
    assert taken == (totals["writes"], totals["passports"], totals["overage_cents"])
    assert taken == (100, 2, 0)
    assert result.verdict_of("budget.refuses-whole-batch") is Verdict.PARTLY_TESTED  # with no item that fits later
    assert result.verdict_of("budget.counts-every-item") is Verdict.CONFORMS
    assert result.verdict_of("idempotency.replay-changes-nothing") is Verdict.PARTLY_TESTED  # the quota is not known
    assert KEY not in text_of(run.report) + history.read_text()


def test_nothing_of_a_deployment_is_changed_for_good(mock_url: str, free_plan: Path) -> None:
    """With single creates and read-back declared the related endpoints are called, and only what is ours is touched."""
    known = replace(load_deployment(free_plan).with_key(KEY), plan="free", single_create=True, read_back=True)
    settings = Settings(replace(known, base_url=mock_url), control_plane=False, max_writes=90)
    run = Run(settings)

    with opened(settings) as run.target:
        run_checks(run)

    assert run.result is not None
    assert violated(run.result) == {}
    shown = {Verdict.CONFORMS, Verdict.PARTLY_TESTED}
    assert {rule for rule in SHOWN if run.result.verdict_of(rule) not in shown} == set()
    assert {rule for rule in PROVISIONED if run.result.verdict_of(rule) is not Verdict.UNTESTED} == set()
    assert run.result.verdict_of("calls.not-served-here") is Verdict.NOT_APPLICABLE
    beside = [each for each in run.target.session.history.exchanges if not each.path.endswith("/batch")]
    assert [each.path for each in beside if each.path.endswith(("/archive", "/suspend"))] == []
    ours = set(run.target.account().api.pairs.ids)
    changed = {each.path.split("/")[4] for each in beside if each.method in ("PATCH", "DELETE")}
    assert changed <= ours
    totals = _ledger(mock_url, "free")
    assert (totals["writes"], totals["passports"]) == (run.result.spend.writes, run.result.spend.slots)
    assert totals["writes"] <= 90


@pytest.mark.parametrize("minute", [0, 4, 24 * 60 - 4])
def test_about_midnight_no_budget_is_looked_at(
    mock_url: str, free_plan: Path, monkeypatch: pytest.MonkeyPatch, minute: int
) -> None:
    now = datetime(2026, 1, 15, tzinfo=UTC) + timedelta(minutes=minute)
    monkeypatch.setattr(clock, "utc_now", lambda: now)
    deployment = replace(load_deployment(free_plan).with_key(KEY), base_url=mock_url)

    result = result_of_settings(Settings(deployment, control_plane=False, max_writes=110, rule_prefixes=("budget",)))

    assert result.verdict_of("budget.counts-every-item") is Verdict.INCONCLUSIVE
    assert result.spend.writes < 5


def test_the_default_ceilings_hold(mock_url: str) -> None:
    """Sixty writes and three passports, on a deployment of which nothing is known."""
    options = ("--product-id", "6650a1b2c3d4e5f6a7b8d001", "--gtin", "09506000140018")

    done = check("run", mock_url, "--no-control-plane", "--json", *options, TRACEPASS_CHECK_API_KEY=KEY)

    spend, totals = done.result["spend"], _ledger(mock_url, "free")
    assert done.code == 4
    assert done.violated() == {}
    writes = spend["writes"]
    assert (writes["spent"], writes["ceiling"]) == (totals["writes"], 60)
    assert 0 < writes["perhaps"] <= 60 - writes["spent"]
    assert spend["slots"] == {"spent": totals["passports"], "ceiling": 3}
    assert totals["writes"] <= 60
    assert totals["passports"] <= 3
    assert totals["overage_count"] == 0


def test_every_test_keeps_to_its_price(mock_url: str) -> None:
    """With room for everything, no test takes more than `plan` says."""
    created = httpx.post(f"{mock_url}/_mock/workspaces", json={"passports_included": 5000}).json()
    deployment = Deployment(
        base_url=mock_url,
        product_id=created["product_id"],
        gtin=created["gtin"],
        slots_left=5000,
        overage_supported=True,
        overage_price_cents=150,
    ).with_key(created["api_key"])
    settings = Settings(deployment, control_plane=False, max_writes=10_000, max_slots=10_000, concurrency=True)
    taken: dict[str, Price] = {}
    before = FREE

    class Noting(Run):
        def add(self, check: str, roles: Roles, sentence: str, error: BaseException | None) -> None:
            nonlocal before
            super().add(check, roles, sentence, error)
            assert self.target is not None
            taken[check] = taken.get(check, FREE) + (self.target.session.purse.taken - before)
            before = self.target.session.purse.taken

    run = Noting(settings)
    prices = {each.name: each.price for each in collect_checks(Run(settings))}
    with opened(settings) as run.target:
        run_checks(run)

    assert run.result is not None
    assert violated(run.result) == {}
    shared = Price(3, 3)  # the sample, and a known pair, fall to the first that needs them
    over = {
        name: (cost, prices[name])
        for name, cost in taken.items()
        if cost.writes > prices[name].writes + shared.writes or cost.slots > prices[name].slots + shared.slots
    }
    assert over == {}
    assert before.writes <= sum((prices[name].writes for name in taken), shared.writes)


def _ledger(base_url: str, workspace: str) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(f"{base_url}/_mock/workspaces/{workspace}/ledger").json()["totals"]
    return found


BUDGET_AND_QUOTA = LEVELS[2]


@pytest.mark.parametrize("mutant", ["BUD-04", "BUD-07", "BUD-12", "IDM-06", "QUO-03", "QUO-04", "QUO-05"])
def test_the_end_of_what_was_declared_shows_a_fault_of_the_limits(mutant: str) -> None:
    """Nothing can be provisioned, and each write is spent once."""
    fault = catalogue()[mutant]
    cell = Cell(mutant, fault.profiles[0], rules=rules_of(fault), only_those=True, level=BUDGET_AND_QUOTA)

    outcome = run_cell(cell)

    assert outcome.described == "killed", outcome


@pytest.mark.parametrize(
    "card",
    [
        {"budget.refused-shape": "every-item", "budget.refused-by-quota": "every-item"},
        {"budget.refused-shape": "one"},
        {"items.duplicate-in-batch": "whole-refused", "quota.compares-with": "creatable-items"},
        {"quota.slot-returns": "never", "idempotency.remembered-outcomes": "all"},
        {"budget.refused-shape": "every-item", "idempotency.replay-when-budget-spent": "refused"},
    ],
    ids=lambda card: " ".join(card.values()),
)
def test_no_reading_makes_the_end_of_what_was_declared_a_fault(card: dict[str, str]) -> None:
    for level in LEVELS[1:-1]:
        outcome = run_cell(Cell(None, card, level=level))

        assert (outcome.wrong, outcome.crashes, outcome.error) == ({}, (), ""), level


def test_a_replay_that_says_something_else_each_time_takes_no_writes_of_the_runs_account() -> None:
    """Its results are the same where the contract names them."""
    outcome = run_cell(Cell(None, wire=("CV-05",), level=BUDGET_AND_QUOTA))

    assert (outcome.wrong, outcome.crashes, outcome.error) == ({}, (), "")
