"""Faults that a test cannot get from production: an answer lost after the commit, a request lost before it, and so on.

Each fault meets a client that sends a call and retries it: with the same key, with a new key, and without a key.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any
from unittest.mock import patch

import httpx
import pytest
from starlette.types import Message

from tracepass_contract.mockserver.http import faults
from tracepass_contract.mockserver.http.call.scope import Hold
from tracepass_contract.mockserver.tests.client import BATCH
from tracepass_contract.mockserver.tests.commandline import running
from tracepass_contract.mockserver.tests.control_client import VALIDATORS, WorkspaceOwner


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A mock as a child process, for tests that need a real connection."""
    with running("--port", "0", "--log", "json") as mock:
        yield mock.ready["base_url"]


class Wire:
    """A workspace of that mock, and a client that opens a connection for each call."""

    def __init__(self, base_url: str, **given: Any) -> None:
        self._base_url = base_url
        self.workspace = httpx.post(f"{base_url}/_mock/workspaces", json=given).json()
        self.control = f"{base_url}/_mock/workspaces/{self.workspace['id']}"

    def plan(self, **fault: Any) -> None:
        assert httpx.post(f"{self.control}/faults", json=fault).status_code == 201

    def send(self, key: str | None = None) -> httpx.Response | None:
        """Send a batch of two. Return None if the connection was cut."""
        gs1 = [{"gtin": self.workspace["gtin"], "serialNumber": serial} for serial in ("a", "b")]
        body = {"passports": [{"productId": self.workspace["product_id"], "gs1": each} for each in gs1]}
        headers = {"Authorization": f"Bearer {self.workspace['api_key']}"}
        try:
            return httpx.post(
                f"{self._base_url}{BATCH}", json=body, headers=headers | ({"Idempotency-Key": key} if key else {})
            )
        except httpx.TransportError:
            return None

    def totals(self) -> tuple[int, int, int, int]:
        """Executions, replays, writes and passports."""
        totals = httpx.get(f"{self.control}/ledger").json()["totals"]
        return totals["executions"], totals["replays"], totals["writes"], totals["passports"]


ONCE, REPLAYED, TWICE = (1, 0, 2, 2), (1, 1, 2, 2), (2, 0, 4, 2)


@pytest.mark.rule("idempotency.replays-original")
@pytest.mark.parametrize(
    ("fault", "same_key", "new_key_or_none"),
    [
        ({"kind": "lose-request"}, ONCE, ONCE),
        ({"kind": "lose-request", "cut": "reset"}, ONCE, ONCE),
        ({"kind": "lose-response"}, REPLAYED, TWICE),
        ({"kind": "lose-response", "cut": "reset"}, REPLAYED, TWICE),
        ({"kind": "lose-response", "cut": "mid-body"}, REPLAYED, TWICE),
        ({"kind": "status"}, ONCE, ONCE),
        ({"kind": "status", "status": 503, "effect": True}, REPLAYED, TWICE),
        ({"kind": "truncate"}, REPLAYED, TWICE),
        ({"kind": "malformed"}, REPLAYED, TWICE),
        ({"kind": "delay", "seconds": 0.01}, REPLAYED, TWICE),
        ({"kind": "delay", "seconds": 0.01, "before": "answer"}, REPLAYED, TWICE),
        ({"kind": "slow-body", "seconds": 0.01}, REPLAYED, TWICE),
    ],
    ids=lambda value: "-".join(map(str, value.values())) if isinstance(value, dict) else "",
)
@pytest.mark.parametrize("keys", [("k", "k"), ("k", "l"), (None, None)], ids=["same key", "new key", "no key"])
def test_what_a_retry_finds(
    server: str,
    fault: dict[str, Any],
    same_key: tuple[int, ...],
    new_key_or_none: tuple[int, ...],
    keys: tuple[str | None, str | None],
) -> None:
    """With the same key nothing happens twice. Otherwise the duplicates are item errors and take writes."""
    wire = Wire(server)
    wire.plan(**fault)

    wire.send(keys[0])
    again = wire.send(keys[1])

    safe = keys[0] is not None and keys[0] == keys[1]
    assert wire.totals() == (same_key if safe else new_key_or_none)
    assert again is not None
    duplicated = not safe and new_key_or_none == TWICE
    assert again.json()["summary"] == {"created": 0 if duplicated else 2, "errors": 2 if duplicated else 0, "total": 2}
    (planned,) = httpx.get(f"{wire.control}/faults").json()["faults"]
    assert (planned["fired"], planned["consumed"]) == (1, True)


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "lose-request"},
        {"kind": "lose-response"},
        {"kind": "lose-response", "cut": "reset"},
        {"kind": "lose-response", "cut": "mid-body"},
    ],
    ids=lambda fault: "-".join(fault.values()),
)
def test_a_lost_call_looks_lost_to_its_client_and_the_server_goes_on(server: str, fault: dict[str, Any]) -> None:
    wire = Wire(server)
    wire.plan(**fault)

    assert wire.send("k") is None
    assert httpx.get(f"{server}/_mock/health").status_code == 200


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


def test_every_kind_of_fault_has_a_play() -> None:
    kinds = VALIDATORS["#/components/schemas/FaultKind"]

    assert all(kinds.is_valid(kind) for kind in faults.INJECTIONS)
    assert len(faults.INJECTIONS) == 8


@pytest.mark.parametrize(
    ("cut", "error"),
    [("close", httpx.RemoteProtocolError), ("reset", httpx.ReadError), ("mid-body", httpx.RemoteProtocolError)],
)
def test_a_lost_answer_is_the_same_error_in_process_as_on_a_socket(
    server: str, cut: str, error: type[httpx.TransportError]
) -> None:
    planner, wire = WorkspaceOwner(), Wire(server)
    for each in (planner, wire):
        each.plan(kind="lose-response", cut=cut)

    with pytest.raises(error):
        httpx.post(f"{server}{BATCH}", json={}, headers={"Authorization": f"Bearer {wire.workspace['api_key']}"})
    with pytest.raises(error) as caught:
        planner.post("a")

    assert caught.value.request.url.path == BATCH
    assert planner.read("ledger", "Ledger")["totals"]["executions"] == 1
