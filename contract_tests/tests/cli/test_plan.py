"""What `plan` says that a run takes, and what a run takes, by the mock's own ledger."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from tracepass_contract.contract_tests.cli.commands import main
from tracepass_contract.contract_tests.cli.plan import planned
from tracepass_contract.contract_tests.model.capabilities import lacked
from tracepass_contract.contract_tests.mutants.matrix.forked_mock import forked_mock
from tracepass_contract.contract_tests.run import options
from tracepass_contract.contract_tests.run.pytest_run import collect_checks, perform
from tracepass_contract.contract_tests.run.run import Run
from tracepass_contract.contract_tests.target.deployment import Deployment
from tracepass_contract.contract_tests.target.settings import Settings
from tracepass_contract.contract_tests.tests.helpers.command import at_once

URL = "http://127.0.0.1:9"
ROOM = {"max_writes": 300, "max_slots": 60}


@pytest.fixture(scope="module")
def mock_url() -> Iterator[str]:
    with forked_mock() as base_url:
        yield base_url


@dataclass(frozen=True)
class Setting:
    """`rules` and `options` of the run, what is declared, and how the workspace is."""

    rules: tuple[str, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    declared: Mapping[str, Any] = field(default_factory=dict)
    workspace: Mapping[str, Any] = field(default_factory=dict)


SETTINGS = {
    "seven writes": Setting(("summary",), {"max_writes": 7, "max_slots": 7}),
    "defaults": Setting(("errors", "batch"), workspace={"readings": {"items.malformed-item": "item-error"}}),
    "drafts are kept": Setting(("items",), {"keep_drafts": True}),
    "no related endpoint": Setting(("auth",), ROOM, {"read_back": False, "single_create": False}),
    "calls": Setting(("calls",)),
    "calls, with room": Setting(("calls",), ROOM),
    "products": Setting(("products",), ROOM),
    "idempotency": Setting(("idempotency.key", "idempotency.covers"), ROOM),
    "a budget": Setting(("budget",), {"max_writes": 120, "max_slots": 20}, {"writes_left": 80}, {"writes_per_day": 80}),
    "a quota": Setting(
        ("quota",),
        ROOM,
        {"slots_left": 30, "overage_supported": False},
        {"passports_included": 30, "overage_supported": False},
    ),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_a_run_takes_what_its_plan_says(mock_url: str, name: str) -> None:
    """No more, whether the deployment charges refused calls or not, and not much less where it does not."""
    setting = SETTINGS[name]
    made = httpx.post(f"{mock_url}/_mock/workspaces", json=setting.workspace).json()
    given = Deployment(mock_url, product_id=made["product_id"], gtin=made["gtin"], **setting.declared)
    settings = Settings(
        given.with_key(made["api_key"]), control_plane=False, rule_prefixes=setting.rules, **setting.options
    )
    plan = planned(collect_checks(Run(settings)), settings)

    result = perform(settings).result

    assert result is not None
    spend, price, most = result.spend, plan["price"], plan["at_most"]
    ledger = httpx.get(f"{mock_url}/_mock/workspaces/{made['id']}/ledger").json()["totals"]
    assert ledger["writes"] == spend.writes <= price["writes"] <= most["writes"] <= settings.max_writes
    assert spend.slots <= price["slots"] <= most["slots"] <= settings.max_slots
    assert spend.writes + spend.writes_perhaps <= most["writes"]
    assert ledger["overage_cents"] <= most["cents"]
    assert price["writes"] <= 1.5 * spend.writes + 10


def test_a_plan_sends_nothing() -> None:
    """Not even to an address where nobody is."""
    done = at_once("plan", URL, "--json")

    plan = done.result
    assert done.code == 0
    assert plan["at_most"]["writes"] <= 60
    assert plan["at_most"]["slots"] <= 3
    assert plan["at_most"]["cents"] == 0
    assert any("W: a known write budget" in each["untested"] for each in plan["checks"])
    assert plan["note"].startswith("These numbers are for a deployment without a control plane.")


def test_a_plan_explains_its_columns_and_letters() -> None:
    shown = at_once("plan", URL, "--rule", "quota").stdout

    assert "slots: passports of the quota" in shown
    assert f"\nQ     {lacked('Q')}\n" in shown
    assert "\nS     " not in at_once("plan", URL, "--rule", "auth").stdout


def test_a_plan_says_what_the_run_asks_for_in_addition() -> None:
    bare, whole = at_once("plan", URL), at_once("plan", URL, "--api-key", "k", "--product-id", "p", "--gtin", "g")

    assert "The run also needs an API key (TRACEPASS_CHECK_API_KEY), --product-id, --gtin." in bare.stdout
    assert "also needs" not in whole.stdout


def test_a_plan_keeps_writes_for_the_clean_up() -> None:
    """With five writes for two passports."""
    few = at_once("plan", URL, "--max-writes", "5", "--json").result
    kept = at_once("plan", URL, "--max-writes", "5", "--keep-drafts", "--json").result

    assert few["at_most"] == {"writes": 5, "kept": 2, "slots": 2, "cents": 0}
    assert "The limits allow 2, because each keeps a write for its deletion." in few["note"]
    assert few["clean_up"]["writes"] == few["price"]["slots"]
    assert (kept["at_most"]["kept"], kept["clean_up"]["writes"]) == (0, 0)
    assert "deletion" not in kept["note"]


def test_a_plan_says_where_there_is_no_ceiling() -> None:
    """In isolated workspaces the run has no limits, so the plan names no highest price."""
    own, given = at_once("plan"), at_once("plan", URL, "--no-control-plane")

    assert "the run uses isolated workspaces and has no limits." in own.stdout
    assert "at most, within" not in own.stdout
    assert "at most, within the limits of the run\n" in given.stdout


@pytest.mark.parametrize("option", [*options.REPORTS, *options.NETWORK, options.CARD, options.SEED, options.READING])
def test_a_plan_refuses_what_it_would_ignore(option: options.Option) -> None:
    value = () if option.kind is bool else ("1",)

    done = at_once("plan", URL, option.name, *value)

    assert (done.code, f"{option.name} is an option of run" in done.stderr) == (2, True)


def test_the_options_of_a_plan_are_options_of_a_run() -> None:
    found = {name: {each.name for each in main.commands[name].params} for name in ("plan", "run")}

    assert found["plan"] < found["run"]
