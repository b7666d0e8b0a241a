"""The state is replaced, or the readings change, while a call is held."""

import asyncio
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import httpx
import pytest

from tracepass_contract.mockserver.tests.control_client import Owner
from tracepass_contract.mockserver.tests.test_in_flight import Overlap

Meanwhile = Callable[[httpx.AsyncClient], Any]


class Replacing(Overlap):
    """A workspace in which the first call with the key `first` is held while the test changes the server."""

    def held(self, meanwhile: Meanwhile, serial: str = "a") -> httpx.Response:
        async def send() -> httpx.Response:
            async with self.holding() as (client, over):
                call = await self._sent(client, "first", [serial])
                assert (await meanwhile(client)).is_success
                over.set()
                return await call

        return asyncio.run(send())

    def change(self, **readings: str) -> Meanwhile:
        answers = {name.replace("__", ".").replace("_", "-"): answer for name, answer in readings.items()}
        return lambda client: client.put("/_mock/readings", json={"readings": answers})


def reset(client: httpx.AsyncClient) -> Any:
    return client.post("/_mock/reset")


def test_a_held_call_of_a_removed_workspace_has_an_unknown_key() -> None:
    """It leaves nothing behind: the saved state is that of a new mock."""
    overtaken = Replacing()

    reply = overtaken.held(reset)

    assert (reply.status_code, reply.headers["mock-rule"]) == (401, "auth.bearer-required")
    assert overtaken.ask("GET", "/state").content == Owner().ask("GET", "/state").content


def test_a_held_call_is_executed_on_the_restored_state() -> None:
    overtaken = Replacing()
    saved = overtaken.ask("GET", "/state").content

    reply = overtaken.held(
        lambda client: client.put("/_mock/state", content=saved, headers={"content-type": "application/json"})
    )

    assert reply.json()["summary"]["created"] == 1
    assert overtaken.totals()["executions"] == 1
    assert overtaken.calls(("first", ["a"]))[0].content == reply.content


@pytest.mark.rule("items.serial-unique-per-gtin")
def test_a_call_is_decided_by_the_readings_that_are_in_force_then() -> None:
    overtaken = Replacing()

    reply = overtaken.held(overtaken.change(items__serial_equality="case-folded"), "Abc")

    assert reply.json()["summary"]["created"] == 1
    assert overtaken.calls((None, ["aBC"]))[0].json()["summary"] == {"created": 0, "errors": 1, "total": 1}


def test_it_is_decided_by_the_readings_that_its_workspace_has_then() -> None:
    overtaken = Replacing()
    change = {"readings": {"batch.all-created-status": "201"}}

    reply = overtaken.held(lambda client: client.patch(f"/_mock/workspaces/{overtaken.of['id']}", json=change))

    assert reply.status_code == 201


@pytest.mark.rule("idempotency.executes-once")
@pytest.mark.parametrize(
    "readings", [{"idempotency__key_identity": "workspace"}, {"idempotency__fingerprint": "raw-bytes"}]
)
def test_its_answer_is_kept_as_the_readings_then_have_it(readings: dict[str, str]) -> None:
    overtaken = Replacing()

    reply = overtaken.held(overtaken.change(**readings))

    assert overtaken.calls(("first", ["a"]))[0].content == reply.content
    assert (overtaken.totals()["executions"], overtaken.totals()["replays"]) == (1, 1)


def test_a_call_with_a_name_in_its_path_is_handled_again_unchanged() -> None:
    """Its path has an encoded slash, and the router changes the scope."""
    overtaken = Replacing()
    overtaken.calls((None, ["x/y"]))
    overtaken.plan({"kind": "delay", "seconds": 0.01, "match": {"method": "GET"}})

    async def read(client: httpx.AsyncClient, _key: object, _serials: object) -> httpx.Response:
        bearer = {"Authorization": f"Bearer {overtaken.of['api_key']}"}
        return await client.get("/api/v1/passports/by-serial/x%2Fy", headers=bearer)

    with patch.object(Replacing, "_post", lambda _self, *text: read(*text)):
        reply = overtaken.held(overtaken.change(batch__mixed_status="207"))

    assert reply.json()["gs1"]["serialNumber"] == "x/y"


def test_a_body_that_was_refused_while_it_came_stays_refused() -> None:
    overtaken = Replacing()

    async def send() -> httpx.Response:
        async with overtaken.over_asgi() as client:
            gone: list[bool] = []

            async def body() -> Any:
                yield b"["
                if not gone:
                    gone.append(True)
                    await reset(client)
                yield b"0" * 2_000_000

            headers = {"Authorization": "Bearer tp_mock_unlimited", "Content-Type": "application/json"}
            return await client.post("/api/v1/passports/batch", content=body(), headers=headers)

    assert asyncio.run(send()).status_code == 413
