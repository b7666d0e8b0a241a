"""The state is saved while calls are answered: which answers wait, and what happens when it cannot be saved."""

import asyncio
import logging
import sqlite3
from threading import Event
from typing import Any, cast

import httpx
import pytest

from tracepass_contract.fixtures import accounts
from tracepass_contract.mockserver.app import Mock, create_app
from tracepass_contract.mockserver.state.saved import saver
from tracepass_contract.mockserver.state.saved.capture import Captured
from tracepass_contract.mockserver.state.saved.database import Database
from tracepass_contract.mockserver.state.saved.saver import Saver, in_words

PATH = "/api/v1/passports/batch"


class Disk:
    """A database that writes when it is `free`, and fails while there is an `error`."""

    def __init__(self) -> None:
        self.written: list[Captured] = []
        self.begun, self.free = Event(), Event()
        self.free.set()
        self.error: Exception | None = None
        self.failures = 0
        self.is_closed = False

    def write(self, captured: Captured) -> None:
        self.begun.set()
        self.free.wait(60)
        if self.error is not None:
            self.failures += 1
            raise self.error
        self.written.append(captured)

    def close(self) -> None:
        self.is_closed = True


def saving(disk: Disk, within_seconds: float) -> tuple[Mock, Saver]:
    mock = create_app()
    saver = Saver(cast("Database", disk), mock.capture, within_seconds)
    mock.save_with(saver)
    return mock, saver


def client_of(mock: Mock) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(mock), base_url="http://127.0.0.1")


async def create(client: httpx.AsyncClient, serial: str = "S-1") -> httpx.Response:
    account = accounts()[0]
    item = {"productId": account.product_id, "gs1": {"gtin": account.gtin, "serialNumber": serial}}
    headers = {"Authorization": f"Bearer {account.api_key}", "Idempotency-Key": serial}
    return await client.post(PATH, headers=headers, json={"passports": [item]})


def test_an_answer_waits_until_its_call_is_saved() -> None:
    """Calls that come while it is saved are saved together."""
    disk = Disk()
    mock, saver = saving(disk, 0)

    async def calls() -> None:
        async with client_of(mock) as client:
            disk.free.clear()
            waiting = [asyncio.create_task(create(client, "S-0"))]
            await asyncio.to_thread(disk.begun.wait, 60)
            waiting += [asyncio.create_task(create(client, f"S-{n}")) for n in range(1, 5)]
            done, _ = await asyncio.wait(waiting, timeout=0.1)
            assert not done
            assert (await client.get("/_mock/health")).status_code == 200
            disk.free.set()
            assert {(await each).status_code for each in waiting} == {200}

    asyncio.run(calls())
    saver.finish()

    assert disk.is_closed
    assert len([each for each in disk.written if each.notes]) == 2
    kinds = [note.kind for captured in disk.written for note in captured.notes]
    assert kinds.count("answers") == 5


def test_an_answer_does_not_wait_for_changes_that_are_young() -> None:
    disk = Disk()
    mock, saver = saving(disk, 60)

    async def calls() -> None:
        async with client_of(mock) as client:
            disk.free.clear()
            assert [(await create(client, f"S-{n}")).status_code for n in range(3)] == [200] * 3

    asyncio.run(calls())
    disk.free.set()
    saver.finish()

    assert {head.workspace for captured in disk.written for head in captured.heads} == {accounts()[0].name}


@pytest.mark.parametrize("within", [0, 60])
def test_calls_while_nothing_can_be_saved(
    within: float, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """With 0 they get 503, because what they change could be lost; a retry with the key is a replay. Otherwise they are
    answered as always. Either way the log tells it once.
    """
    monkeypatch.setattr(saver, "_RETRY_SECONDS", 0.01)
    monkeypatch.setattr(saver, "_WAIT_SECONDS_MAX", 0)
    disk = Disk()
    disk.error = sqlite3.OperationalError("no room")
    mock, own = saving(disk, within)

    control: list[httpx.Response] = []

    async def calls() -> tuple[list[httpx.Response], Any, Any]:
        async with client_of(mock) as client:
            first = await create(client)
            while disk.failures < 3:
                await asyncio.sleep(0.01)
            health = (await client.get("/_mock/health")).json()
            second = await create(client)
            control.append(await client.post("/_mock/workspaces", json={}))
            ledger = (await client.get("/_mock/workspaces/page_sample/ledger")).json()
            disk.error = None
            while (await client.get("/_mock/health")).json()["status"] != "ok":
                await asyncio.sleep(0.01)
            return [first, second, await create(client)], health, ledger

    with caplog.at_level(logging.WARNING):
        answers, health, ledger = asyncio.run(calls())
    own.finish()

    assert [each.status_code for each in answers] == ([200] * 3 if within else [503, 503, 200])
    if not within:
        message = "The mock cannot save what this call changes: no room. Repeat the call with its Idempotency-Key."
        assert answers[0].json() == {"error": "Service Unavailable", "message": message}
        assert answers[0].headers["retry-after"] == "1"
        assert (control[0].status_code, control[0].headers["content-type"]) == (503, "application/problem+json")
        assert control[0].json()["detail"] == "The mock cannot save what this call changes: no room."
    assert (health["state_file"]["problem"], ledger["saved"]) == ("no room", False)
    assert [each.levelname for each in caplog.records] == ["ERROR", "WARNING"]


def test_a_mock_without_a_state_file_says_so() -> None:
    async def asked() -> list[Any]:
        async with client_of(create_app()) as client:
            return [(await client.get(f"/_mock/{path}")).json() for path in ("health", "workspaces/page_sample/ledger")]

    health, ledger = asyncio.run(asked())

    assert (health["state_file"], ledger["saved"]) == (None, None)


def test_an_error_without_words_has_its_name() -> None:
    assert in_words(MemoryError()) == "MemoryError"
