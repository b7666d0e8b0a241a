"""The events of the mock: what a follower gets, in which order, and where it goes on after a break."""

import asyncio
import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tracepass_contract.mockserver.app import Mock, create_app
from tracepass_contract.mockserver.http.control import events
from tracepass_contract.mockserver.http.control.events import Events, Pace
from tracepass_contract.mockserver.state.clock import FrozenClock
from tracepass_contract.mockserver.tests.client import NOON, Client

Event = Mapping[str, Any]


class Follower:
    """Follows the events of a mock until it has seen enough."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.mock = client.mock
        self.text = ""
        self.head: Mapping[str, Any] = {}
        self._news = asyncio.Event()
        self._gone = asyncio.Event()

    async def follow(self, last_event_id: str | None = None) -> None:
        sent = [] if last_event_id is None else [(b"last-event-id", last_event_id.encode())]
        scope = {
            "type": "http",
            "method": "GET",
            "path": "/_mock/events",
            "raw_path": b"/_mock/events",
            "query_string": b"",
            "headers": [(b"host", b"127.0.0.1"), *sent],
            "server": ("127.0.0.1", 80),
            "client": ("127.0.0.1", 1),
        }
        await self.mock(scope, self._receive, self._send)
        self._news.set()

    async def _receive(self) -> Any:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.head = {name.decode(): value.decode() for name, value in message["headers"]}
        self.text += message.get("body", b"").decode()
        self._news.set()

    async def until(self, seen: Callable[[], bool]) -> None:
        while not seen():
            self._news.clear()
            await self._news.wait()

    def leave(self) -> None:
        self._gone.set()

    @property
    def events(self) -> list[Event]:
        blocks = [dict(line.split(": ", 1) for line in each.splitlines()) for each in self.text.split("\n\n") if each]
        return [{**each, "data": json.loads(each["data"])} for each in blocks if "data" in each]

    @property
    def names(self) -> list[str]:
        return [each["event"] for each in self.events]


def followed(client: Client, act: Callable[[httpx.AsyncClient], Any], count: int, after: str | None = None) -> Follower:
    """Follow the events, do something, and leave after this number of events."""
    client.mock.events.pace = Pace(pause=0)

    async def run() -> Follower:
        follower = Follower(client)
        stream = asyncio.create_task(follower.follow(after))
        await follower.until(lambda: bool(follower.events))
        async with client.over_asgi() as http:
            await act(http)
        await follower.until(lambda: len(follower.events) >= count)
        follower.leave()
        await stream
        return follower

    return asyncio.run(run())


async def nothing(_http: httpx.AsyncClient) -> None:
    pass


def batch_of(client: Client, *serials: str) -> Callable[[httpx.AsyncClient], Any]:
    async def act(http: httpx.AsyncClient) -> None:
        headers = {"Authorization": f"Bearer {client.account.api_key}"}
        body = {"passports": [client.item(serial) for serial in serials]}
        await http.post("/api/v1/passports/batch", json=body, headers=headers)

    return act


def test_a_call_is_the_line_of_its_journal_with_its_workspace() -> None:
    client = Client()

    seen = followed(client, batch_of(client, "S-1", "S-1"), 2)

    line = client.request("GET", "/_mock/workspaces/unlimited/journal").json()["entries"][0]
    assert seen.names == ["ready", "call"]
    assert seen.events[1]["data"] == {"workspace": "unlimited", **line}
    assert (line["operation"], line["items"]) == ("createPassportBatch", {"created": 1, "errors": 1, "total": 2})
    assert seen.head["content-type"] == "text/event-stream"
    assert seen.head["cache-control"] == "no-store"


def test_a_line_has_no_items_for_a_refused_batch_and_for_other_calls() -> None:
    client = Client()
    client.batch()
    client.api("GET", "/passports")

    lines = client.request("GET", "/_mock/workspaces/unlimited/journal").json()["entries"]
    full = client.request("GET", "/_mock/workspaces/unlimited/journal/2").json()

    assert [(line["operation"], line["items"]) for line in lines] == [
        ("createPassportBatch", None),
        ("listPassports", None),
    ]
    assert full["operation"] == "listPassports"


def test_calls_that_are_in_no_journal_are_events_too() -> None:
    """A wrong path has no workspace, and a fault keeps a call from its workspace."""
    client = Client()

    async def act(http: httpx.AsyncClient) -> None:
        await http.get("/api/v1/pasports")
        await http.post("/_mock/workspaces/unlimited/faults", json={"kind": "status", "status": 503})
        await batch_of(client, "S-1")(http)

    seen = followed(client, act, 4)

    assert seen.names == ["ready", "unrouted", "change", "not-delivered"]
    assert seen.events[1]["data"] | {"status": 404, "path": "/api/v1/pasports"} == seen.events[1]["data"]
    assert seen.events[3]["data"] | {"workspace": "unlimited", "status": 503} == seen.events[3]["data"]


def test_a_change_names_its_operation_and_its_workspace() -> None:
    """What only reads, and what is refused, changes nothing."""
    client = Client()

    async def act(http: httpx.AsyncClient) -> None:
        await http.get("/_mock/workspaces/free")
        await http.patch("/_mock/workspaces/free", json={"writes_per_day": -1})
        await http.patch("/_mock/workspaces/free", json={"writes_per_day": 1})
        await http.post("/_mock/workspaces", json={})
        await http.post("/_mock/reset")

    seen = followed(client, act, 4)

    assert [each["data"] for each in seen.events[1:]] == [
        {"operation": "updateWorkspace", "workspace": "free"},
        {"operation": "createWorkspace", "workspace": "workspace-1"},
        {"operation": "reset", "workspace": None},
    ]


def test_a_follower_goes_on_after_its_last_event() -> None:
    client = Client()
    first = followed(client, batch_of(client, "S-1"), 2)
    client.batch(client.item("S-2"))
    client.batch(client.item("S-3"))

    again = followed(client, nothing, 2, first.events[-1]["id"])

    assert [each["data"]["entry"] for each in again.events] == [2, 3]


@pytest.mark.parametrize("seen", ["0-0", "something", "{start}-99"], ids=["another run", "no id", "an id to come"])
def test_a_follower_with_an_unknown_id_gets_a_gap(seen: str) -> None:
    client = Client()
    start = followed(client, nothing, 1).events[0]["id"].partition("-")[0]

    again = followed(client, batch_of(client, "S-1"), 2, seen.format(start=start))

    assert again.names == ["gap", "call"]


def test_a_follower_that_is_too_late_gets_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "EVENTS_MAX", 2)
    client = Client()
    first = followed(client, batch_of(client, "S-1"), 2)
    for n in range(2, 4):
        client.batch(client.item(f"S-{n}"))

    in_time = followed(client, nothing, 2, first.events[-1]["id"])
    client.batch(client.item("S-4"))

    assert [each["data"]["entry"] for each in in_time.events] == [2, 3]
    assert followed(client, nothing, 1, first.events[-1]["id"]).names == ["gap"]


def test_a_restarted_mock_uses_other_ids() -> None:
    first, second = (Events(NOON + timedelta(seconds=n)) for n in (0, 1))

    assert first._event("ready", {}) != second._event("ready", {})


def test_a_silent_stream_has_a_heartbeat() -> None:
    client = Client()
    client.mock.events.pace = Pace(pause=0, silence=0)

    async def run() -> str:
        follower = Follower(client)
        stream = asyncio.create_task(follower.follow())
        await follower.until(lambda: ": heartbeat\n\n" in follower.text)
        follower.leave()
        await stream
        return follower.text

    assert asyncio.run(run()).startswith("id: ")


def test_only_so_many_may_follow_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "FOLLOWERS_MAX", 1)
    client = Client()

    async def act(http: httpx.AsyncClient) -> None:
        reply = await http.get("/_mock/events")
        assert (reply.status_code, reply.headers["content-type"]) == (429, "application/problem+json")

    followed(client, act, 1)
    assert followed(client, nothing, 1).names == ["ready"]


def test_the_streams_end_when_the_mock_stops() -> None:
    client = Client()
    client.mock.events.pace = Pace(pause=0)

    async def run() -> None:
        follower = Follower(client)
        stream = asyncio.create_task(follower.follow())
        await follower.until(lambda: bool(follower.events))
        client.mock.events.close()
        await stream

    asyncio.run(run())


def test_the_events_need_the_token_where_there_is_one() -> None:
    client = Client()
    client.mock = create_app(clock=client.clock, control_token="the-token")

    assert client.request("GET", "/_mock/events").status_code == 401


def test_the_log_has_the_same_lines() -> None:
    lines: list[Any] = []
    mock: Mock = create_app(clock=FrozenClock(NOON), log=lines.append)
    client = Client()
    client.mock = mock

    client.batch(client.item())

    assert [line.operation for line in lines] == ["createPassportBatch"]
