"""Overlapping calls: a planned delay holds one call before its decision, and other calls arrive."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from unittest.mock import patch

import httpx
import pytest

from tracepass_contract.mockserver.http.call.scope import Hold
from tracepass_contract.mockserver.tests.client import BATCH
from tracepass_contract.mockserver.tests.control_client import Owner

MOMENTS = 200  # turns of the event loop, more than a call needs that is not held


class Overlap(Owner):
    """A workspace in which the first call with the key `first` is held."""

    def __init__(self, **readings: str) -> None:
        super().__init__(**readings)
        self.of = self.create_workspace(writes_per_day=50)
        self.plan({"kind": "delay", "seconds": 0.01, "match": {"key": "first"}})

    def plan(self, fault: dict[str, Any]) -> None:
        assert self.ask("POST", f"/workspaces/{self.of['id']}/faults", fault).status_code == 201

    def totals(self) -> dict[str, int]:
        totals: dict[str, int] = self.ask("GET", f"/workspaces/{self.of['id']}/ledger").json()["totals"]
        return totals

    def calls(self, *calls: tuple[str | None, list[str]]) -> list[httpx.Response]:
        """Send each call when the previous one can go no further. Held calls wait until all are sent."""

        async def send() -> list[httpx.Response]:
            async with self.holding() as (client, over):
                sent = [await self._sent(client, key, serials) for key, serials in calls]
                over.set()
                return await asyncio.gather(*sent)

        return asyncio.run(send())

    @asynccontextmanager
    async def holding(self) -> AsyncIterator[tuple[httpx.AsyncClient, asyncio.Event]]:
        """A client, and the event that ends the wait of every held call."""
        over = asyncio.Event()

        async def wait(hold: Hold) -> None:
            await over.wait()
            hold.over = True

        with patch.object(Hold, "wait", wait):
            async with self.over_asgi() as client:
                yield client, over

    async def _sent(
        self, client: httpx.AsyncClient, key: str | None, serials: list[str]
    ) -> asyncio.Task[httpx.Response]:
        """Start a call, and let it run until it can go no further."""
        call = asyncio.create_task(self._post(client, key, serials))
        for _ in range(MOMENTS):
            await asyncio.sleep(0)
        return call

    async def _post(self, client: httpx.AsyncClient, key: str | None, serials: list[str]) -> httpx.Response:
        gs1 = [{"gtin": self.of["gtin"], "serialNumber": serial} for serial in serials]
        body = {"passports": [{"productId": self.of["product_id"], "gs1": each} for each in gs1]}
        headers = {"Authorization": f"Bearer {self.of['api_key']}", "Content-Type": "application/json"}
        if key is not None:
            headers["Idempotency-Key"] = key
        return await client.post(BATCH, content=json.dumps(body), headers=headers)


def summaries(replies: list[httpx.Response]) -> list[Any]:
    return [reply.json()["summary"]["created"] if reply.is_success else reply.status_code for reply in replies]


@pytest.mark.rule("idempotency.executes-once")
def test_a_second_call_is_refused_while_the_first_with_its_key_is_executed() -> None:
    """A call with another body is refused, too. Later the first answer is replayed."""
    overlap = Overlap()

    replies = overlap.calls(("first", ["a"]), ("first", ["a"]), ("first", ["b"]), ("other", ["c"]), (None, ["d"]))

    assert summaries(replies) == [1, 409, 409, 1, 1]
    assert replies[1].headers["mock-rule"] == "idempotency.executes-once"
    assert overlap.calls(("first", ["a"]))[0].content == replies[0].content
    assert (overlap.totals()["executions"], overlap.totals()["replays"], overlap.totals()["writes"]) == (3, 1, 3)


@pytest.mark.rule("idempotency.executes-once")
def test_a_second_call_can_wait_for_the_first() -> None:
    overlap = Overlap(idempotency__in_flight="waits")

    replies = overlap.calls(("first", ["a"]), ("first", ["a"]), ("first", ["b"]), ("other", ["c"]))

    assert summaries(replies) == [1, 1, 422, 1]
    assert replies[1].content == replies[0].content
    assert (overlap.totals()["executions"], overlap.totals()["replays"]) == (2, 1)


@pytest.mark.parametrize("reading", ["409", "waits"])
def test_a_call_whose_answer_will_not_be_kept_holds_no_key(reading: str) -> None:
    """The budget will refuse the held call. A smaller batch with its key is executed."""
    overlap = Overlap(idempotency__in_flight=reading)

    replies = overlap.calls(("first", [f"S{n}" for n in range(60)]), (None, ["x"]), ("first", ["a"]))

    assert summaries(replies[1:]) == [1, 1]
    assert summaries(replies[:1]) == [422]  # another batch has the key


def test_a_held_replay_does_not_reserve_its_key() -> None:
    overlap = Overlap()
    overlap.calls(("first", ["a"]))
    overlap.plan({"kind": "delay", "seconds": 0.01, "match": {"key": "first"}})

    replies = overlap.calls(("first", ["a"]), ("first", ["a"]))

    assert summaries(replies) == [1, 1]
    assert overlap.totals()["executions"] == 1


@pytest.mark.rule("items.serial-unique-per-gtin")
@pytest.mark.parametrize(("reading", "loser"), [("item-error", 1), ("whole-409", 409)])
def test_who_loses_a_race_for_a_pair(reading: str, loser: int) -> None:
    """The held call arrives first, and another call creates its pair. One of its two items is created, or none."""
    overlap = Overlap(items__race_loser=reading)

    replies = overlap.calls(("first", ["a", "b"]), ("other", ["a"]))

    assert summaries(replies) == [loser, 1]
    assert overlap.totals()["passports"] == (2 if loser == 1 else 1)
    assert overlap.totals()["writes"] == (3 if loser == 1 else 1)


def test_a_pair_that_was_taken_before_is_no_race() -> None:
    overlap = Overlap(items__race_loser="whole-409")
    overlap.calls((None, ["a"]))

    assert summaries(overlap.calls(("first", ["a", "b"]))) == [1]


@pytest.mark.parametrize("content", [b"no json", b'{"passports": []}'])
def test_a_call_that_is_no_batch_is_held_as_well(content: bytes) -> None:
    overlap = Overlap()

    reply = overlap.send(content, [("Idempotency-Key", "first")], api_key=overlap.of["api_key"])

    assert reply.status_code == 400
    (planned,) = overlap.ask("GET", f"/workspaces/{overlap.of['id']}/faults").json()["faults"]
    assert planned["consumed"]


def test_a_call_of_something_else_is_held_before_it_is_answered() -> None:
    overlap = Overlap()
    overlap.plan({"kind": "delay", "seconds": 0, "match": {"path": "/api/v1/elsewhere"}})

    reply = overlap.request("GET", "/api/v1/elsewhere", [("Authorization", f"Bearer {overlap.of['api_key']}")])

    assert reply.status_code == 404
    assert overlap.ask("GET", f"/workspaces/{overlap.of['id']}/faults").json()["faults"][1]["consumed"]


@pytest.mark.parametrize(
    ("reading", "kept", "again"),
    [("rolled-back", (0, 0), 3), ("rows-kept", (3, 1), 2), ("resumed", (3, 3), 3)],
)
def test_what_is_left_when_the_server_fails_in_the_middle(reading: str, kept: tuple[int, int], again: int) -> None:
    """The server fails at the second of three items. Then the client sends the same call again."""
    overlap = Overlap(batch__failure_in_the_middle=reading)
    overlap.plan({"kind": "status", "status": 503, "index": 1})

    (broken,) = overlap.calls(("k", ["a", "b", "c"]))

    assert (broken.status_code, broken.json()["error"]) == (503, "Service Unavailable")
    assert (overlap.totals()["writes"], overlap.totals()["passports"], overlap.totals()["failures"]) == (*kept, 1)
    assert summaries(overlap.calls(("k", ["a", "b", "c"]))) == [again]
    assert overlap.totals()["passports"] == 3
    entry = overlap.ask("GET", f"/workspaces/{overlap.of['id']}/journal/1").json()
    assert (entry["outcome"], entry["because"]["checks"][-1]["outcome"]) == ("failed", "failed")


@pytest.mark.parametrize("serials", [["a"], []])
def test_a_batch_that_ends_before_the_failure_is_answered_normally(serials: list[str]) -> None:
    """The fault stays planned for the next batch that has its item."""
    overlap = Overlap()
    overlap.plan({"kind": "status", "index": 1})

    assert summaries(overlap.calls(("k", serials))) == [len(serials) or 400]
    assert summaries(overlap.calls(("l", ["b", "c"]))) == [500]


@pytest.mark.parametrize(("answer", "header"), [("none", None), ("retry-after", "1")])
def test_the_409_of_a_key_in_flight_can_say_when_to_retry(answer: str, header: str | None) -> None:
    overlap = Overlap(idempotency__in_flight_headers=answer)

    _, refused = overlap.calls(("first", ["a"]), ("first", ["a"]))

    assert (refused.status_code, refused.headers.get("Retry-After")) == (409, header)
