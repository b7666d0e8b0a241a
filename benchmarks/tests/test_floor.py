"""The floor keeps the promises that it is measured for: what would be faster without them is no floor."""

import asyncio
import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import httpx
import pytest

from benchmarks.run.processes import running
from benchmarks.servers import balances, floor
from benchmarks.servers.floor import Floor
from benchmarks.subjects.contenders import FLOOR
from tracepass_contract.fixtures import accounts
from tracepass_contract.mockserver.app import create_app
from tracepass_contract.mockserver.state.clock import FrozenClock

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
NEAR_MIDNIGHT = timedelta(minutes=10)
ACCOUNTS = {account.name: account for account in accounts()}
IN_PART = {  # some of their checks read passports back, or need more slots than the workspace has
    "batch.holds-1-to-100-items",
    "batch.same-shape-as-single",
    "items.created-is-readable",
    "items.one-result-each",
    "items.serial-unique-per-gtin",
    "summary.adds-up",
    "idempotency.refuses-another-body",
    "idempotency.replay-changes-nothing",
    "idempotency.replays-original",
}
FAMILIES = ("batch", "items", "idempotency", "summary")
LIVE = """
base_url = "{base_url}"
product_id = "{product_id}"
gtin = "{gtin}"
writes_left = 500
slots_left = 299

[second_workspace]
api_key_env = "OTHER_KEY"
product_id = "{other_product_id}"
gtin = "{other_gtin}"
"""


def test_the_suite_finds_nothing_against_the_floor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own directed tests of batches, items, keys and summaries, races included: what can be tested conforms."""
    now = datetime.now(UTC)
    if (now + NEAR_MIDNIGHT).date() != (now - NEAR_MIDNIGHT).date():
        pytest.skip("near 00:00 UTC: the clock of the floor can't be moved, and no budget is judged then")
    one, other = ACCOUNTS["page_sample"], ACCOUNTS["other_workspace"]
    monkeypatch.setenv("TRACEPASS_CHECK_API_KEY", one.api_key)
    monkeypatch.setenv("OTHER_KEY", other.api_key)
    file = tmp_path / "deployment.toml"
    with running(FLOOR) as server:
        names = {"other_product_id": other.product_id, "other_gtin": other.gtin}
        base_url = server.base_url.removesuffix(FLOOR.base_path)
        file.write_text(LIVE.format(base_url=base_url, product_id=one.product_id, gtin=one.gtin, **names))

        report = checked("--deployment", str(file))

    findings = [finding for rule in report["rules"] for finding in rule["findings"]]
    assert [each for each in findings if each["verdict"] in {"violates", "inconclusive"}] == []
    others = {rule["id"]: rule["verdict"] for rule in report["rules"] if rule["verdict"] != "conforms"}
    assert others.pop("idempotency.kept-24-hours") == "untested"
    assert set(others.values()) <= {"partly tested"}
    assert others.keys() <= IN_PART


@pytest.mark.parametrize(
    ("name", "items"),
    [
        ("one_write_left", 1),
        ("one_write_left", 2),
        ("budget_spent", 1),
        ("one_slot_left", 1),
        ("one_slot_left", 2),
        ("quota_full", 2),
        ("quota_full_no_overage", 1),
        ("lapsed", 1),
        ("page_sample", 3),
        ("unlimited", 100),
        ("unlimited", 101),
        ("unlimited", 0),
    ],
)
@pytest.mark.parametrize("confirm_overage", [False, True])
def test_limits_are_those_of_the_mock(
    name: str, items: int, confirm_overage: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both are asked twice: the same status, the same token, the same numbers."""
    account = ACCOUNTS[name]
    serial_numbers = [f"BP-48V-100-{n:06}" for n in range(items)]
    body = {
        "passports": [
            {"productId": account.product_id, "gs1": {"gtin": account.gtin, "serialNumber": each}}
            for each in serial_numbers
        ],
        "confirmOverage": confirm_overage,
    }

    for module in (floor, balances):
        monkeypatch.setattr(module, "datetime", _Noon)

    apps = Floor().app(), create_app(clock=FrozenClock(NOON))
    of_floor, of_mock = (asyncio.run(answers(app, account.api_key, body)) for app in apps)

    assert of_floor == of_mock


class _Noon(datetime):
    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return NOON.astimezone(tz)


async def answers(app: Any, api_key: str, body: dict[str, Any]) -> list[Any]:
    """What can be told apart of two answers in a row: not ids, times and words."""
    headers = {"Authorization": f"Bearer {api_key}"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        replies = [await client.post("/api/v1/passports/batch", headers=headers, json=body) for _ in range(2)]
    return [compared(reply.status_code, reply.json()) for reply in replies]


def compared(status: int, body: dict[str, Any]) -> Any:
    if status == 200:
        return status, body["summary"], [(each["status"], each.get("error")) for each in body["results"]]
    return status, body["error"], body.get("details") if status in {402, 429} else None


def checked(*options: str) -> dict[str, Any]:
    rules = [option for family in FAMILIES for option in ("--rule", f"{family}.")]
    ceilings = ["--max-writes", "500", "--max-slots", "299", "--examples", "0", "--concurrency", "--keep-drafts"]
    command = [sys.executable, "-m", "tracepass_contract.contract_tests", "run", *options, *rules, *ceilings, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    report: dict[str, Any] = json.loads(done.stdout)
    return report
