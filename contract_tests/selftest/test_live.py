"""A deployment that is somebody's: the mock plays one, with its control plane closed to the suite."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tracepass_contract.contract_tests import clock
from tracepass_contract.contract_tests.deployment import Deployment, load_deployment
from tracepass_contract.contract_tests.mock_process import running_mock
from tracepass_contract.contract_tests.planning import planned
from tracepass_contract.contract_tests.reporting import Exit, exit_code, report_of, text_of, write_reports
from tracepass_contract.contract_tests.running import Run
from tracepass_contract.contract_tests.selftest.checking import check
from tracepass_contract.contract_tests.selftest.runs import result_of_settings, violated
from tracepass_contract.contract_tests.settings import Settings
from tracepass_contract.contract_tests.spend import FREE, Price
from tracepass_contract.contract_tests.suite import collect_checks, run_checks
from tracepass_contract.contract_tests.target import opened
from tracepass_contract.contract_tests.verdicts import Verdict

KEY = "tp_mock_free"
FREE_PLAN = """
product_id = "6650a1b2c3d4e5f6a7b8d001"
gtin = "09506000140018"
writes_left = 100
slots_left = 3
overage_supported = false
"""


@pytest.fixture
def mock_url() -> Iterator[str]:
    with running_mock() as base_url:
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
    settings = Settings(deployment, control_plane=False, max_writes=110, history=history)
    plan = planned(collect_checks(Run(settings)), settings)
    run = Run(settings)

    with opened(settings) as run.target:
        run_checks(run)

    result = run.result
    assert result is not None
    session = run.target.session
    report = report_of(result, session.history, session.secrets, settings)
    write_reports(report, session.history, settings)
    assert violated(result) == {}
    assert exit_code(result) is Exit.NOT_SHOWN
    spend, totals = result.spend, _ledger(mock_url, "free")
    taken = (spend.writes, spend.slots, spend.charge_cents)
    assert taken == (totals["writes"], totals["passports"], totals["overage_cents"])
    assert taken == (100, 2, 0)
    assert spend.writes <= plan["at_most"]["writes"] <= 110
    assert spend.slots <= plan["at_most"]["slots"] <= 3
    assert result.verdict_of("budget.refuses-whole-batch") is Verdict.CONFORMS
    assert result.verdict_of("idempotency.replay-changes-nothing") is Verdict.CONFORMS
    assert KEY not in text_of(report) + history.read_text()


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
    place = ("--product-id", "6650a1b2c3d4e5f6a7b8d001", "--gtin", "09506000140018")

    done = check("run", mock_url, "--no-control-plane", "--json", *place, TRACEPASS_CHECK_API_KEY=KEY)

    spend, totals = done.result["spend"], _ledger(mock_url, "free")
    assert done.code == 4
    assert done.violated() == {}
    assert spend["writes"] == {"spent": totals["writes"], "ceiling": 60}
    assert spend["slots"] == {"spent": totals["passports"], "ceiling": 3}
    assert totals["writes"] <= 60
    assert totals["passports"] <= 3
    assert totals["overage_count"] == 0


def test_every_test_keeps_to_its_price(mock_url: str) -> None:
    """With room for everything, no test takes more than `plan` says."""
    world = httpx.post(f"{mock_url}/_mock/workspaces", json={"passports_included": 5000}).json()
    deployment = Deployment(
        base_url=mock_url,
        product_id=world["product_id"],
        gtin=world["gtin"],
        slots_left=5000,
        overage_supported=True,
        overage_price_cents=150,
    ).with_key(world["api_key"])
    settings = Settings(deployment, control_plane=False, max_writes=10_000, max_slots=10_000, concurrency=True)
    taken: dict[str, Price] = {}
    before = FREE

    class Noting(Run):
        def add(self, check: str, rules: Sequence[str], sentence: str, error: BaseException | None) -> None:
            nonlocal before
            super().add(check, rules, sentence, error)
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
