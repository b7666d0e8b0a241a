"""How faults are planned, which call gets one, and what the journal and the log say of it."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tracepass_contract.mockserver.tests.client import BATCH
from tracepass_contract.mockserver.tests.control_client import VALIDATORS, WorkspaceOwner


@pytest.mark.parametrize("kind", ["item", "status"])
def test_a_fault_about_an_item_waits_for_a_batch_that_comes_to_it(kind: str) -> None:
    """It does not fire in a shorter batch, a refused batch or a replay. The journal agrees."""
    planner = WorkspaceOwner(writes_per_day=5)
    planner.post("a", "b", key="k")
    planner.plan(kind=kind, index=1)

    for serials, key in ((("c",), None), (("d", "e", "f"), None), (("a", "b"), "k")):
        planner.post(*serials, key=key)
    (waiting,) = planner.read("faults", "PlannedFaults")["faults"]
    planner.post("d", "e")

    assert (waiting["fired"], waiting["consumed"]) == (0, False)
    (fired,) = planner.read("faults", "PlannedFaults")["faults"]
    assert (fired["fired"], fired["consumed"]) == (1, True)
    seen = planner.read("journal", "Journal")["entries"]
    assert [(entry["outcome"], entry["fault"] and entry["fault"]["kind"]) for entry in seen] == [
        ("executed", None),
        ("executed", None),
        ("refused", None),
        ("replayed", None),
        ("executed" if kind == "item" else "failed", kind),
    ]


@pytest.mark.parametrize("kind", ["item", "status"])
def test_of_two_batches_that_come_at_once_one_gets_the_fault(kind: str) -> None:
    """Both arrive before one of them executes the item."""
    planner = WorkspaceOwner()
    planner.plan(kind=kind, index=0)
    headers = {"Authorization": f"Bearer {planner.created['api_key']}"}

    async def both() -> list[httpx.Response]:
        first_is_read = asyncio.Event()

        async def body(serial: str) -> AsyncIterator[bytes]:
            first_is_read.set() if serial == "b" else await first_is_read.wait()
            yield json.dumps({"passports": [planner.item(serial)]}).encode()

        async with planner.over_asgi() as client:
            calls = [
                client.post(BATCH, headers=headers | {"Content-Type": "application/json"}, content=body(serial))
                for serial in "ab"
            ]
            return await asyncio.gather(*calls)

    created = [reply.json().get("summary", {}).get("created", 0) for reply in asyncio.run(both())]

    assert sorted(created) == [0, 1]
    assert planner.read("faults", "PlannedFaults")["faults"][0]["fired"] == 1


def test_a_call_with_two_keys_has_no_workspace_and_no_fault() -> None:
    planner = WorkspaceOwner()
    planner.plan(kind="status", status=503)
    bearer = ("Authorization", f"Bearer {planner.created['api_key']}")

    assert planner.request("GET", "/api/v1/passports", [("Authorization", "Bearer x"), bearer]).status_code == 401
    assert planner.request("GET", "/api/v1/passports", [bearer]).status_code == 503


def test_the_journal_and_the_log_name_the_fault_that_fired() -> None:
    """They show the answer of the mock before the fault changes it."""
    planner = WorkspaceOwner()
    planner.plan(kind="status", status=503, effect=True)
    assert planner.post("a").status_code == 503
    planner.post("b")

    faulty, plain = planner.read("journal", "Journal")["entries"]

    assert (faulty["status"], faulty["fault"], plain["fault"]) == (200, {"id": 1, "kind": "status"}, None)
    assert [line.as_text() for line in planner.log] == [
        "createPassportBatch 200 1 item: 1 created 0 errors  fault status",
        "createPassportBatch 200 1 item: 1 created 0 errors",
    ]
    assert [line["fault"] for line in planner.lines] == ["status", None]


def test_the_log_has_a_call_that_a_fault_did_not_deliver() -> None:
    """The journal has only calls that the server gets. The log line has no secret."""
    planner = WorkspaceOwner()
    planner.plan(kind="status", status=503)
    planner.plan(kind="lose-request")
    bearer = [("Authorization", f"Bearer {planner.created['api_key']}")]
    planner.post("a")
    with pytest.raises(httpx.RemoteProtocolError):
        planner.request("GET", f"/api/v1/passports/{planner.created['api_key']}?q=1", bearer)

    assert [line.as_text() for line in planner.log] == [
        "POST /api/v1/passports/batch 503 failed: not delivered to the server  fault 1 status",
        "GET /api/v1/passports/[redacted] lost: not delivered to the server  fault 2 lose-request",
    ]
    assert planner.lines[1] == {
        "event": "not-delivered",
        "at": "2026-01-15T12:00:00.000Z",
        "workspace": planner.created["id"],
        "method": "GET",
        "path": "/api/v1/passports/[redacted]",
        "fault": 2,
        "kind": "lose-request",
        "status": None,
    }
    assert planner.read("journal", "Journal")["entries"] == []


def test_faults_skip_calls_that_do_not_match() -> None:
    """One fault is for a key, one skips a call and fires twice. The first match fires."""
    planner = WorkspaceOwner()
    planner.plan(kind="status", status=503, match={"key": "k", "method": "POST", "path": BATCH})
    planner.plan(kind="status", status=502, skip=1, times=2)

    statuses = [planner.post("a", key=key).status_code for key in (None, "k", "l", None, "k")]

    assert statuses == [200, 503, 502, 502, 200]
    seen = planner.read("faults", "PlannedFaults")["faults"]
    assert [(fault["fired"], fault["consumed"]) for fault in seen] == [(1, True), (2, True)]


def test_the_control_plane_has_no_faults() -> None:
    """A client that sends its API key with every call can still plan faults and read the state."""
    planner = WorkspaceOwner()
    planner.plan(kind="status", status=503)
    with_its_key = [("Authorization", f"Bearer {planner.created['api_key']}")]

    assert planner.request("GET", f"/_mock/workspaces/{planner.created['id']}/ledger", with_its_key).status_code == 200
    assert planner.post("a").status_code == 503


def test_a_fault_that_never_fired_is_shown_and_can_be_cleared() -> None:
    planner = WorkspaceOwner()
    planned = planner.plan(kind="malformed").json()

    VALIDATORS["#/components/schemas/PlannedFault"].validate(planned)
    assert planner.read("faults", "PlannedFaults")["faults"] == [planned]
    assert planned["consumed"] is False
    assert planner.ask("DELETE", f"/workspaces/{planner.created['id']}/faults").status_code == 204
    assert planner.post("a").json()["summary"]["created"] == 1


def test_a_fault_is_for_its_own_workspace_only() -> None:
    planner = WorkspaceOwner()
    other = planner.create_workspace()
    planner.plan(kind="status")

    assert planner.create(other, "a").status_code == 200
    assert planner.send(b"{}", api_key="tp_nobody").status_code == 401


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({}, "/kind: expected the member kind, found nothing"),
        ({"kind": "flood"}, "/kind: expected one of delay, status, lose-request"),
        ({"kind": "delay"}, "/seconds: expected the member seconds, found nothing"),
        ({"kind": "malformed", "seconds": 1}, '/seconds: unknown member "seconds"'),
        ({"kind": "lose-request", "cut": "mid-body"}, '/cut: expected one of close, reset, found "mid-body"'),
        ({"kind": "status", "status": 399}, "/status: expected 400 or more, found 399"),
        ({"kind": "status", "status": 429, "index": 0}, "/status: expected 500 or more, found 429"),
        ({"kind": "status", "headers": {"X": "a\r\nb"}}, "/headers/X: expected text that matches"),
        ({"kind": "status", "headers": {"Content-Length": "1"}}, "/headers"),
        ({"kind": "status", "headers": {"CONTENT-LENGTH": "1"}}, "/headers"),
        ({"kind": "malformed", "headers": {}}, '/headers: unknown member "headers"'),
        ({"kind": "item", "index": 100}, "/index: expected 99 or less, found 100"),
        ({"kind": "malformed", "x": 7}, '/x: unknown member "x"'),
        ({"kind": "malformed", "match": {"k": "v"}}, '/match/k: unknown member "k"'),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(given: dict[str, Any], text: str) -> None:
    reply = WorkspaceOwner().plan(**given)

    assert reply.status_code == 400
    assert text in reply.json()["detail"]
