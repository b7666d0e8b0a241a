"""What `plan` says that a run takes, and what the run takes, by its own count and by the mock's ledger."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from tracepass_contract.contract_tests.cli.plan import plan_as_text, planned
from tracepass_contract.contract_tests.mutants.matrix.forked_mock import forked_mock
from tracepass_contract.contract_tests.run.pytest_run import perform
from tracepass_contract.contract_tests.run.rehearsal import rehearse
from tracepass_contract.contract_tests.target import arranged_mock
from tracepass_contract.contract_tests.target.deployment import Deployment, Hooks, SecondWorkspace
from tracepass_contract.contract_tests.target.settings import Settings

ROOM = {"max_writes": 300, "max_slots": 60}
SECOND_KEY, OTHER_KEY = "PLAN_SECOND_KEY", "PLAN_OTHER_KEY"
CHARGES = {"budget.refused-shape": "every-item"}
ITEMS_FAIL = {"items.malformed-item": "item-error"}
_HOOK = [sys.executable, "-I", str(Path(arranged_mock.__file__).with_name("arranged_mock_hook.py"))]


@pytest.fixture(scope="module")
def mock_url() -> Iterator[str]:
    with forked_mock() as base_url:
        yield base_url


@dataclass(frozen=True)
class Setting:
    """`rules` and `options` of the run, what is declared, and how the workspace is. With `others` there are a second
    key and a second workspace, with `hooks` programs that set the limits and the clock.
    """

    rules: tuple[str, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    declared: Mapping[str, Any] = field(default_factory=dict)
    workspace: Mapping[str, Any] = field(default_factory=dict)
    others: bool = False
    hooks: bool = False


SETTINGS = {
    "defaults": Setting(()),
    "seven writes": Setting(("summary",), {"max_writes": 7, "max_slots": 7}),
    "drafts are kept": Setting(("items",), {"keep_drafts": True}),
    "no related endpoint": Setting(("auth",), ROOM, {"read_back": False, "single_create": False}),
    "room": Setting(("calls", "products"), ROOM),
    "a budget": Setting(("budget",), {"max_writes": 120, "max_slots": 20}, {"writes_left": 80}, {"writes_per_day": 80}),
    "a quota": Setting(
        ("quota",),
        ROOM,
        {"slots_left": 30, "overage_supported": False},
        {"passports_included": 30, "overage_supported": False},
    ),
    "charges": Setting(
        ("quota", "budget"),
        {**ROOM, "allow_charges": True, "max_charge_cents": 3_000},
        {"slots_left": 30, "overage_supported": True, "overage_price_cents": 70},
        {"passports_included": 30, "overage_price_cents": 70},
    ),
    "a small plan": Setting(
        (),
        {"max_writes": 101},
        {"plan": "free", "writes_left": 100, "slots_left": 3, "overage_supported": False},
        {"plan": "free"},
    ),
    "a second key and workspace": Setting(("auth", "idempotency"), {**ROOM, "concurrency": True}, others=True),
    "hooks": Setting(
        ("idempotency.kept-24-hours",),
        ROOM,
        {"writes_per_day": 200, "writes_left": 90, "slots_left": 40, "overage_supported": False},
        {"writes_per_day": 200, "writes_used": 110, "passports_included": 40, "overage_supported": False},
        hooks=True,
    ),
    "a control plane": Setting(("auth",), {"control_plane": True}),
    "a card": Setting(("items",), {**ROOM, "card": ITEMS_FAIL}, workspace={"readings": ITEMS_FAIL}),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_a_run_takes_what_its_plan_says(mock_url: str, name: str) -> None:
    """As many requests, writes, passports and cents. The range of the writes has the ceiling as its end."""
    settings, workspaces = _arranged(mock_url, SETTINGS[name])
    plan = _plan_of(settings)

    result = perform(settings).result

    assert result is not None
    spend, parts = result.spend, [plan["before"], *plan["checks"], plan["after"]]
    taken = {"requests": spend.requests, "writes": spend.writes, "slots": spend.slots, "cents": spend.charge_cents}
    assert plan["price"] == taken
    assert {what: sum(part[what] for part in parts) for what in taken} == taken
    if not settings.control_plane:
        assert _ledgers(mock_url, workspaces) == (spend.writes, spend.charge_cents)
        assert spend.writes <= plan["writes_most"] <= plan["limits"]["writes"] == settings.max_writes


def test_a_plan_says_which_writes_are_of_the_second_workspace(mock_url: str) -> None:
    settings, (_, second) = _arranged(mock_url, SETTINGS["a second key and workspace"])
    plan = _plan_of(settings)

    perform(settings)

    writes, _ = _ledgers(mock_url, [second])
    assert writes > 0
    said = f"Writes of the second workspace, which has a budget of its own: {writes} of the total."
    assert said in plan["notes"]


@pytest.mark.parametrize("setting", [Setting(()), Setting(("calls", "batch"), ROOM)], ids=["defaults", "room"])
def test_the_range_of_a_plan_is_for_a_deployment_that_charges_refused_calls(mock_url: str, setting: Setting) -> None:
    """The writes lie within it. It is narrow: the deployment takes more than half of it, although it charges only the
    calls that have no valid shape.
    """
    settings, workspaces = _arranged(mock_url, replace(setting, workspace={"readings": CHARGES}))
    plan = _plan_of(settings)

    perform(settings)

    least, most, (taken, _) = plan["price"]["writes"], plan["writes_most"], _ledgers(mock_url, workspaces)
    assert least < taken <= most
    assert taken - least > (most - least) / 2
    assert f"\n{least} to {most} writes: {least} where refused calls take none" in plan_as_text(plan)


def _arranged(mock_url: str, setting: Setting) -> tuple[Settings, Sequence[str]]:
    """The settings, and the ids of the given workspaces."""
    made = _ask(f"{mock_url}/_mock/workspaces", **setting.workspace)
    url, workspaces = f"{mock_url}/_mock/workspaces/{made['id']}", [made["id"]]
    given = Deployment(mock_url, product_id=made["product_id"], gtin=made["gtin"], **setting.declared)
    given = given.with_key(made["api_key"])
    if setting.others:
        key, other = _ask(f"{url}/api-keys"), _ask(f"{mock_url}/_mock/workspaces")
        workspaces.append(other["id"])
        given = replace(
            given,
            second_key_env=SECOND_KEY,
            second_workspace=SecondWorkspace(OTHER_KEY, other["product_id"], other["gtin"]),
            keys={**given.keys, SECOND_KEY: key["api_key"], OTHER_KEY: other["api_key"]},
        )
    if setting.hooks:
        hooks = Hooks(
            [*_HOOK, "budget", "{writes_left}", "200", url],
            [*_HOOK, "quota", "{slots_left}", "0", url],
            [*_HOOK, "clock", "{now}", "0", url],
        )
        given = replace(given, hooks=hooks)
    options = {"control_plane": False, "seed": 24, "start_mock": forked_mock, **setting.options}
    return Settings(given, rule_prefixes=setting.rules, **options), workspaces


def _ask(url: str, **content: Any) -> dict[str, Any]:
    made: dict[str, Any] = httpx.post(url, json=content).json()
    return made


def _plan_of(settings: Settings) -> dict[str, Any]:
    return planned(rehearse(settings, is_provisioned=settings.control_plane), settings)


def _ledgers(mock_url: str, workspaces: Sequence[str]) -> tuple[int, int]:
    """The writes and the cents that the mock took."""
    totals = [httpx.get(f"{mock_url}/_mock/workspaces/{each}/ledger").json()["totals"] for each in workspaces]
    return sum(each["writes"] for each in totals), sum(each["overage_cents"] for each in totals)
