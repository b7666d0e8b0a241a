"""The control plane: isolated workspaces with their keys and balances."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import httpx
import pytest

from tracepass_contract.fixtures import accounts
from tracepass_contract.mockserver.app import create_app
from tracepass_contract.mockserver.http.control import operations
from tracepass_contract.mockserver.semantics.types.gs1 import has_right_check_digit
from tracepass_contract.mockserver.tests.client import BATCH
from tracepass_contract.mockserver.tests.control_client import Owner


def test_a_workspace_that_asks_for_nothing_has_no_limits() -> None:
    workspace = Owner().create_workspace()

    assert (workspace["writes_left"], workspace["passports_left"], workspace["overage_price_cents"]) == (
        None,
        None,
        150,
    )
    assert has_right_check_digit(workspace["gtin"])


def test_a_workspace_has_the_limits_and_balances_that_it_asks_for() -> None:
    """One call creates a workspace with the last write of the day."""
    owner = Owner()
    workspace = owner.create_workspace(writes_per_day=10, writes_used=9, passports_included=3, passports_used=2)

    assert (workspace["writes_left"], workspace["passports_left"]) == (1, 1)
    assert owner.create(workspace, "a", "b").status_code == 429
    assert owner.create(workspace, "a").status_code == 200
    assert owner.create(workspace, "b").status_code == 429
    assert (owner.seen(workspace)["writes_left"], owner.seen(workspace)["passports_left"]) == (0, 0)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"plan": "free"}, {"writes_per_day": 100, "passports_included": 3, "overage_supported": False}),
        ({"plan": "free", "writes_per_day": None}, {"writes_per_day": None, "passports_included": 3}),
        ({"plan": "growth"}, {"overage_price_cents": 150, "overage_supported": True}),
        ({"plan": "growth", "overage_supported": False}, {"overage_price_cents": None, "overage_supported": False}),
        ({"plan": "free", "overage_supported": True}, {"overage_price_cents": 150, "overage_supported": True}),
        ({"plan": "free", "overage_price_cents": 7}, {"overage_price_cents": 7, "overage_supported": True}),
        ({"plan": "growth", "overage_supported": True}, {"overage_price_cents": 150}),
    ],
)
def test_a_plan_gives_the_limits_that_the_body_leaves_out(given: dict[str, Any], expected: dict[str, Any]) -> None:
    workspace = Owner().create_workspace(**given)

    assert {name: workspace[name] for name in expected} == expected


@pytest.mark.rule("auth.workspaces-are-separate")
def test_workspaces_share_nothing() -> None:
    """Two workspaces get the same serial numbers and the same idempotency key."""
    owner = Owner()
    first, second = owner.create_workspace(passports_included=5), owner.create_workspace()

    for workspace in (first, second):
        assert owner.create(workspace, "a", "b").json()["summary"]["created"] == 2
    assert owner.create(first, "a", api_key=second["api_key"]).json()["results"][0]["error"] == "Product not found"
    assert owner.seen(first)["passports_used"] == owner.seen(second)["passports_used"] == 2
    assert all(first[name] != second[name] for name in ("id", "api_key", "gtin", "product_id"))


def test_two_hundred_workspaces_at_once_are_isolated() -> None:
    """Each creates a different number of passports with the same serial numbers as the others, and has exact
    balances.
    """
    owner = Owner()

    async def one(over: httpx.AsyncClient, number: int) -> dict[str, Any]:
        workspace = (
            await over.post("/_mock/workspaces", json={"writes_per_day": 100, "passports_included": 300})
        ).json()
        serials = [{"gtin": workspace["gtin"], "serialNumber": f"S-{n}"} for n in range(number % 50 + 1)]
        body = {"passports": [{"productId": workspace["product_id"], "gs1": gs1} for gs1 in serials]}
        for _ in range(3):
            await over.post(BATCH, json=body, headers={"Authorization": f"Bearer {workspace['api_key']}"})
        seen: dict[str, Any] = (await over.get(f"/_mock/workspaces/{workspace['id']}")).json()
        return seen | {"items": len(serials)}

    async def every() -> list[dict[str, Any]]:
        async with owner.over_asgi() as over:
            return await asyncio.gather(*(one(over, number) for number in range(200)))

    workspaces = asyncio.run(every())

    assert len({workspace["id"] for workspace in workspaces}) == 200
    for workspace in workspaces:
        assert workspace["passports_used"] == workspace["items"]
        assert workspace["writes_used"] == min(3, 100 // workspace["items"]) * workspace["items"]


def test_balances_can_be_changed_and_what_is_left_out_stays() -> None:
    owner = Owner()
    workspace = owner.create_workspace(writes_per_day=5, passports_included=1, passports_used=1)
    path = f"/workspaces/{workspace['id']}"

    changed = owner.ask("PATCH", path, {"passports_included": 2, "writes_used": 5}).json()

    assert (changed["writes_per_day"], changed["writes_left"], changed["passports_left"]) == (5, 0, 1)
    assert owner.ask("PATCH", path, {"plan": "free"}).json()["writes_per_day"] == 100
    assert owner.ask("PATCH", path, {}).json()["passports_used"] == 1


def test_overage_can_be_set_and_goes_on_from_there() -> None:
    owner = Owner()
    workspace = owner.create_workspace(passports_included=0, overage_price_cents=150)
    path = f"/workspaces/{workspace['id']}"

    changed = owner.ask("PATCH", path, {"overage_count": 7, "overage_cents": 1_000_000_000}).json()
    assert (changed["overage_count"], changed["overage_cents"]) == (7, 1_000_000_000)
    owner.ask("PATCH", path, {"overage_cents": 1050})
    owner.create(workspace, "a", confirmOverage=True)

    assert (owner.seen(workspace)["overage_count"], owner.seen(workspace)["overage_cents"]) == (8, 1200)
    totals = owner.ask("GET", f"{path}/ledger").json()["totals"]
    assert (totals["overage_count"], totals["overage_cents"]) == (8, 1200)


@pytest.mark.parametrize("given", [{"overage_count": -1}, {"overage_cents": 1_000_000_001}, {"overage_cents": None}])
def test_overage_is_a_number_as_the_other_balances(given: dict[str, Any]) -> None:
    owner = Owner()
    path = f"/workspaces/{owner.create_workspace()['id']}"

    assert owner.ask("PATCH", path, given).status_code == 400
    assert owner.ask("POST", "/workspaces", {"overage_count": 1}).status_code == 400


def test_a_price_that_is_null_sells_no_overage() -> None:
    """The control plane shows null for a workspace that sells none."""
    owner = Owner()
    text = owner.create_workspace(plan="free")
    assert text["overage_price_cents"] is None
    given = {name: text[name] for name in ("overage_price_cents", "overage_supported", "passports_included")}

    created = owner.create_workspace(**given)
    changed = owner.ask("PATCH", f"/workspaces/{owner.create_workspace()['id']}", {"overage_price_cents": None}).json()

    for workspace in (created, changed):
        assert (workspace["overage_price_cents"], workspace["overage_supported"]) == (None, False)
    assert owner.create_workspace(overage_price_cents=None, overage_supported=True)["overage_price_cents"] == 150


def test_a_plan_that_is_named_brings_its_limits_and_what_stands_beside_it_wins() -> None:
    owner = Owner()
    workspace = owner.create_workspace(writes_per_day=5, writes_used=2, reads_per_day=6, overage_price_cents=7)
    path = f"/workspaces/{workspace['id']}"

    changed = owner.ask("PATCH", path, {"plan": "growth", "reads_per_day": 8}).json()

    assert {name: changed[name] for name in ("plan", "writes_per_day", "reads_per_day", "writes_used")} == {
        "plan": "growth",
        "writes_per_day": None,
        "reads_per_day": 8,
        "writes_used": 2,
    }
    assert (changed["passports_included"], changed["overage_price_cents"]) == (300, 150)


@pytest.mark.rule("auth.bearer-required")
def test_a_second_key_opens_the_same_workspace_until_it_is_revoked() -> None:
    owner = Owner()
    workspace = owner.create_workspace()
    keys = f"/workspaces/{workspace['id']}/api-keys"
    second = owner.ask("POST", keys).json()["api_key"]

    assert owner.create(workspace, "a", api_key=second).status_code == 200
    assert owner.ask("DELETE", f"{keys}/{second}").status_code == 204
    assert owner.create(workspace, "b", api_key=second).status_code == 401
    assert owner.create(workspace, "b").status_code == 200
    assert owner.ask("DELETE", f"{keys}/{second}").status_code == 404


def test_a_key_is_revoked_by_its_own_workspace_only() -> None:
    owner = Owner()
    workspace, other = owner.create_workspace(), owner.create_workspace()

    assert owner.ask("DELETE", f"/workspaces/{other['id']}/api-keys/{workspace['api_key']}").status_code == 404
    assert owner.create(workspace, "a").status_code == 200


def test_after_a_reset_everything_is_as_at_start() -> None:
    """The same calls get the same ids, keys and answers, to the byte."""
    owner = Owner()

    def story() -> list[bytes]:
        workspace = owner.create_workspace(plan="free")
        return [
            owner.create(workspace, "a").content,
            owner.batch(owner.item("seeded")).content,
            json.dumps(workspace).encode(),
        ]

    first = story()
    done = owner.ask("POST", "/reset")
    assert (done.status_code, done.content) == (204, b"")
    assert {"content-type", "content-length"}.isdisjoint(done.headers)

    assert story() == first


def test_a_whole_number_may_be_written_with_a_point() -> None:
    """JSON Schema allows it (2020-12, Core 4.2.3). The mock treats it as an integer."""
    owner = Owner()
    workspace = owner.create_workspace(writes_per_day=7.0, passports_included=5.0)
    owner.ask("PATCH", f"/workspaces/{workspace['id']}", {"writes_used": 2.0})
    owner.ask("POST", f"/workspaces/{workspace['id']}/faults", {"kind": "truncate", "bytes": 3.0, "times": 1.0})

    assert owner.create(workspace, "a").content == b'{"r'
    seen = owner.seen(workspace)
    assert [(seen[name], type(seen[name])) for name in ("writes_left", "passports_left")] == [(4, int), (4, int)]
    for path in (f"/workspaces/{workspace['id']}/journal/1", f"/workspaces/{workspace['id']}/faults", "/state"):
        assert owner.ask("GET", path).status_code == 200
    assert owner.ask("PUT", "/state", owner.ask("GET", "/state").json()).status_code == 204


def test_a_workspace_takes_nothing_from_a_seeded_account() -> None:
    """It takes neither the GTIN nor the keys of a seeded account."""
    first = Owner().create_workspace()
    brought = replace(accounts()[0], gtin=first["gtin"], more_api_keys=["tp_mock_workspace-2_1"])
    owner = Owner()
    owner.mock = create_app(seed_with=[brought], clock=owner.clock)

    created = owner.create_workspace()

    assert (created["id"], created["api_key"]) == ("workspace-2", "tp_mock_workspace-2_2")
    assert owner.create(created, "a").json()["summary"]["created"] == 1
    assert owner.ask("POST", "/workspaces/workspace-2/api-keys").json() == {"api_key": "tp_mock_workspace-2_3"}


def test_workspaces_keys_and_faults_have_a_maximum(monkeypatch: pytest.MonkeyPatch) -> None:
    """The numbers of workspaces, keys and planned faults have a maximum."""
    for name in ("WORKSPACES_MAX", "API_KEYS_MAX", "FAULTS_MAX"):
        monkeypatch.setattr(operations, name, 20)
    owner = Owner()
    workspace = owner.create_workspace()

    given = [
        ("/workspaces", {}),
        (f"/workspaces/{workspace['id']}/api-keys", None),
        (f"/workspaces/{workspace['id']}/faults", {"kind": "malformed"}),
    ]
    for path, body in given:
        replies = [owner.ask("POST", path, body) for _ in range(21)]
        assert {reply.status_code for reply in replies} == {201, 429}
        assert ", the most that are allowed" in replies[-1].json()["detail"]
    assert owner.create(workspace, "a").status_code == 200
