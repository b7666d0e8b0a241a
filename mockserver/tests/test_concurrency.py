"""Concurrent calls: the mock decides one after the other, so no limit is exceeded and no key executes twice."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from tracepass_contract.mockserver.tests.client import BATCH, Client


def at_once(client: Client, bodies: list[bytes], key: str | None = None) -> list[httpx.Response]:
    """Send all calls on one event loop. Their bodies come in pieces, so the calls overlap."""
    headers = {"Authorization": f"Bearer {client.account.api_key}", "Content-Type": "application/json"}
    if key:
        headers["Idempotency-Key"] = key

    async def call() -> list[httpx.Response]:
        async with client.over_asgi() as over:
            return await asyncio.gather(*(over.post(BATCH, content=_slowly(body), headers=headers) for body in bodies))

    return asyncio.run(call())


async def _slowly(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), 40):
        yield body[start : start + 40]
        await asyncio.sleep(0)


def bodies(client: Client, count: int, size: int) -> list[bytes]:
    return [json.dumps({"passports": [client.item(f"S-{n}-{k}") for k in range(size)]}).encode() for n in range(count)]


@pytest.mark.rule("limits.hold-under-concurrency")
def test_fifty_batches_at_once_never_take_more_than_the_budget() -> None:
    """A hundred writes are left. Of fifty batches of three, 33 fit, and one write is left."""
    client = Client("one_write_left")
    client.clock.advance(timedelta(days=1))

    statuses = Counter(reply.status_code for reply in at_once(client, bodies(client, 50, 3)))

    assert statuses == {200: 33, 429: 17}
    assert client.balances["writes"] == client.balances["passports"] == 99


@pytest.mark.rule("limits.hold-under-concurrency")
def test_fifty_batches_at_once_never_take_more_than_the_quota() -> None:
    """300 passports are included. Of fifty batches of eleven, 27 fit without consent."""
    client = Client("other_workspace")

    statuses = Counter(reply.status_code for reply in at_once(client, bodies(client, 50, 11)))

    assert statuses == {200: 27, 402: 23}
    assert client.balances["passports"] == 297


@pytest.mark.rule("idempotency.executes-once")
def test_many_calls_with_one_key_at_once_are_one() -> None:
    client = Client()

    replies = at_once(client, bodies(client, 1, 10) * 1_000, key="k")

    assert {reply.content for reply in replies} == {replies[0].content}
    assert client.workspace.totals.executions == 1
    assert client.workspace.totals.replays == 999


@pytest.mark.rule("items.serial-unique-per-gtin")
def test_one_pair_in_many_calls_at_once_is_created_once() -> None:
    client = Client()

    replies = at_once(client, bodies(client, 1, 1) * 50)

    assert sum(reply.json()["summary"]["created"] for reply in replies) == 1
