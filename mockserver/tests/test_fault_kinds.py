"""What each kind of fault does to a call: an item that fails, another answer, a delay, a connection that is cut."""

import asyncio
import json
from typing import Any
from unittest.mock import patch

import httpx
import pytest
from starlette.types import Message

from tracepass_contract.mockserver.http import faults
from tracepass_contract.mockserver.http.call.scope import Hold
from tracepass_contract.mockserver.tests.client import BATCH
from tracepass_contract.mockserver.tests.control_client import VALIDATORS, WorkspaceOwner


def test_an_item_that_is_to_fail_fails_by_the_real_accounting() -> None:
    """The item takes a write and no slot, a replay has its failure, and the client can send it again."""
    planner = WorkspaceOwner(writes_per_day=10, passports_included=10)
    planner.plan(kind="item", index=1)

    first = planner.post("a", "b", "c", key="k")

    assert [entry["status"] for entry in first.json()["results"]] == ["created", "error", "created"]
    assert planner.post("a", "b", "c", key="k").content == first.content
    assert planner.post("b").json()["summary"]["created"] == 1
    assert planner.read("ledger", "Ledger")["totals"]["writes"] == 4
    assert planner.seen(planner.created)["passports_used"] == 3


def test_an_item_of_a_batch_of_products_fails_likewise_and_a_call_without_items_is_passed_over() -> None:
    planner = WorkspaceOwner()
    planner.plan(kind="item", index=0)
    products = [{"name": "Cell", "model": model, "category": "battery"} for model in ("M-1", "M-2")]
    bearer = [("Authorization", f"Bearer {planner.created['api_key']}"), ("Content-Type", "application/json")]

    alone = planner.request("POST", "/api/v1/products", bearer, json.dumps(products[1]).encode())
    both = {"products": [products[0], {**products[0], "model": "M-3"}]}
    reply = planner.request("POST", "/api/v1/products/batch", bearer, json.dumps(both).encode())

    assert alone.status_code == 201
    assert [entry["status"] for entry in reply.json()["results"]] == ["error", "created"]


def test_a_held_read_sees_later_writes() -> None:
    planner = WorkspaceOwner()
    planner.plan(kind="delay", seconds=0.01, match={"method": "GET"})
    hold, bearer = Hold.wait, [("Authorization", f"Bearer {planner.created['api_key']}")]

    async def wait(held: Hold) -> None:
        async with planner.over_asgi() as client:
            body = {"passports": [planner.item("a")]}
            await client.post("/api/v1/passports/batch", json=body, headers=dict(bearer))
        await hold(held)

    with patch.object(Hold, "wait", wait):
        reply = planner.request("GET", "/api/v1/passports", bearer)

    assert reply.json()["data"]["total"] == 1


def test_a_call_in_the_same_process_can_be_cancelled() -> None:
    """As its caller does; nothing is committed."""
    planner = WorkspaceOwner()
    planner.plan(kind="delay", seconds=300)
    bearer = {"Authorization": f"Bearer {planner.created['api_key']}"}
    workspace = planner.mock.state.workspace_of(planner.created["api_key"])
    assert workspace is not None

    async def cancelled() -> bool:
        async with planner.over_asgi() as client:
            call = asyncio.ensure_future(client.post(BATCH, headers=bearer, json={"passports": [planner.item("a")]}))
            while not workspace.faults.planned[0].fired:
                await asyncio.sleep(0)
            call.cancel()
            await asyncio.wait([call])
            return call.cancelled()

    assert asyncio.run(cancelled())
    assert planner.post("a").json()["summary"]["created"] == 1


@pytest.mark.parametrize(
    ("status", "error"), [(500, "Internal Server Error"), (503, "Service Unavailable"), (599, "Internal Server Error")]
)
@pytest.mark.parametrize("where", [{}, {"effect": True}, {"index": 0}], ids=["before", "after", "in the middle"])
def test_a_reason_phrase_is_called_by_the_name_of_its_status(status: int, error: str, where: dict[str, Any]) -> None:
    """An unknown status counts as 500 (RFC 9110)."""
    planner = WorkspaceOwner()
    planner.plan(kind="status", status=status, **where)

    reply = planner.post("a")

    assert (reply.status_code, reply.json()["error"]) == (status, error)


@pytest.mark.parametrize(
    ("status", "error"), [(408, "Request Timeout"), (429, "Too Many Requests"), (499, "Bad Request")]
)
def test_a_fault_can_be_any_refusal(status: int, error: str) -> None:
    planner = WorkspaceOwner()
    planner.plan(kind="status", status=status, headers={"Retry-After": "7", "Date": "another"})

    reply = planner.post("a")

    assert (reply.status_code, reply.json()) == (status, {"error": error, "message": "A planned fault."})
    assert (reply.headers["Retry-After"], reply.headers.get_list("Date")) == ("7", ["another"])


@pytest.mark.parametrize(
    ("body", "headers", "text", "content_type"),
    [
        ({"error": "slow down"}, {}, '{"error": "slow down"}', "application/json"),
        (None, {}, "null", "application/json"),
        ("<h1>Bad gateway</h1>", {"Content-Type": "text/html"}, "<h1>Bad gateway</h1>", "text/html"),
        ("busy", {}, "busy", "text/plain; charset=utf-8"),
        ("", {}, "", "text/plain; charset=utf-8"),
    ],
)
def test_the_answer_of_a_fault_can_be_that_of_a_gateway(
    body: object, headers: dict[str, str], text: str, content_type: str
) -> None:
    planner = WorkspaceOwner()
    planner.plan(kind="status", status=502, body=body, headers=headers)

    reply = planner.post("a")

    assert (reply.status_code, reply.text, reply.headers["Content-Type"]) == (502, text, content_type)


@pytest.mark.parametrize(
    ("fault", "content"),
    [({"kind": "truncate", "bytes": 5}, b'{"res'), ({"kind": "malformed"}, None)],
    ids=["truncate", "malformed"],
)
def test_an_answer_that_is_no_json(fault: dict[str, Any], content: bytes | None) -> None:
    planner = WorkspaceOwner()
    planner.plan(**fault)

    reply = planner.post("a")

    assert reply.status_code == 200
    assert content is None or reply.content == content
    assert len(reply.content) == int(reply.headers["content-length"])
    with pytest.raises(json.JSONDecodeError):
        reply.json()


def test_a_slow_body_is_whole_in_the_end() -> None:
    planner = WorkspaceOwner()
    planner.plan(kind="slow-body", seconds=0)

    assert planner.post("a").json()["summary"]["created"] == 1


@pytest.mark.parametrize("before", ["commit", "answer"])
def test_a_delay_comes_before_the_commit_or_before_the_answer(monkeypatch: pytest.MonkeyPatch, before: str) -> None:
    """The test reads the state while the client waits."""
    planner, seen = WorkspaceOwner(), []

    async def sleep(seconds: float) -> None:
        seen.append((seconds, planner.mock.state.workspaces[planner.created["id"]].passports_used))

    monkeypatch.setattr(asyncio, "sleep", sleep)
    planner.plan(kind="delay", seconds=3.5, before=before)
    planner.post("a")

    assert seen == [(3.5, 0 if before == "commit" else 1)]


@pytest.mark.parametrize("kind", ["lose-request", "lose-response"])
def test_in_process_a_lost_call_raises(kind: str) -> None:
    planner = WorkspaceOwner()
    planner.plan(kind=kind)

    with pytest.raises(httpx.RemoteProtocolError):
        planner.post("a")
    assert planner.read("ledger", "Ledger")["totals"]["executions"] == (1 if kind == "lose-response" else 0)


class Connection:
    """What an ASGI server gives an application: `send`, and the transport under it."""

    def __init__(self) -> None:
        self.transport = self
        self.closed = False
        self.sent: list[Message] = []

    def close(self) -> None:
        self.closed = True

    async def send(self, message: Message) -> None:
        self.sent.append(message)


def test_a_cut_lasts_until_the_connection_is_closed() -> None:
    """The server ignores further messages and answers nothing."""
    planner, connection = WorkspaceOwner(), Connection()
    planner.plan(kind="lose-request")
    coming: list[Message] = [{"type": "http.request", "body": b"{}"}, {"type": "http.disconnect"}]

    async def receive() -> Message:
        return coming.pop(0)

    headers = [(b"authorization", f"Bearer {planner.created['api_key']}".encode())]
    scope = {"type": "http", "method": "POST", "path": BATCH, "headers": headers}
    asyncio.run(planner.mock(scope, receive, connection.send))

    assert (connection.closed, connection.sent, coming) == (True, [], [])


def test_every_kind_of_fault_has_a_play() -> None:
    kinds = VALIDATORS["#/components/schemas/FaultKind"]

    assert all(kinds.is_valid(kind) for kind in faults.INJECTIONS)
    assert len(faults.INJECTIONS) == 8
