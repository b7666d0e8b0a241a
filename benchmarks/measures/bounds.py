"""How a mock bears large numbers: workspaces, idempotency keys, racing batches, passports, and `GET /_mock/state` then.

    python -m benchmarks.measures.bounds [SHARE]       (1 by default; 0.01 takes a hundredth of each number)

One mock meets all of them, one after the other. A row per case: the requests, their seconds, the memory of the process
before and after, and how long the calls of another caller took meanwhile.
"""

import asyncio
import http.client
import json
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from typing import Any, NamedTuple

from ..page.tables import table
from ..run.other_caller import OtherCaller, other_caller
from ..run.processes import Server, running
from ..subjects.contenders import OURS

CONNECTIONS = 8
ITEMS = 100
WORKSPACES, KEYS, RACERS, PASSPORTS = 10_000, 100_000, 10_000, 1_000_000
PAUSE_MS_MAX = 50  # of another caller while the state is sent


class Request(NamedTuple):
    method: str
    path: str
    body: bytes
    headers: tuple[str, ...] = ()


class Connection:
    """A connection that stays open. It reads answers that have a Content-Length."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def send(self, request: Request) -> tuple[int, bytes]:
        method, path, body, headers = request
        lines = (f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json", *headers)
        head = "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""])
        self._writer.write(head.encode() + body)
        answered = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        length = int(answered.partition(b"content-length:")[2].split(b"\r\n")[0])
        return int(answered.split()[1]), await self._reader.readexactly(length)

    async def aclose(self) -> None:
        self._writer.close()


class Account(NamedTuple):
    """A workspace of its own, as the control plane gives it."""

    id: str
    api_key: str
    product_id: str
    gtin: str

    def batch(self, serials: list[str], key: str | None = None) -> Request:
        items = [
            {"productId": self.product_id, "gs1": {"gtin": self.gtin, "serialNumber": serial}} for serial in serials
        ]
        headers = (f"Authorization: Bearer {self.api_key}", *([f"Idempotency-Key: {key}"] if key else []))
        return Request("POST", "/api/v1/passports/batch", json.dumps({"passports": items}).encode(), headers)


async def connected(port: int, stack: AsyncExitStack) -> list[Connection]:
    found = [Connection(*await asyncio.open_connection("127.0.0.1", port)) for _ in range(CONNECTIONS)]
    for each in found:
        stack.push_async_callback(each.aclose)
    return found


async def one_after_the_other(connections: list[Connection], requests: Iterator[Request], status: int) -> int:
    """Send them on all connections at once, each waiting for its answer. Return how many there were."""
    sent = 0

    async def go(connection: Connection) -> None:
        nonlocal sent
        for request in requests:
            answered, body = await connection.send(request)
            assert answered == status, body
            sent += 1

    await asyncio.gather(*map(go, connections))
    return sent


async def raced(connections: list[Connection], account: Account, batches: int) -> int:
    """Send each batch on all connections at once: it is executed once, and the others get the same answer."""
    races = batches // len(connections)
    for n in range(races):
        request = account.batch([f"R-{n}"], f"race-{n}")
        answers = await asyncio.gather(*(each.send(request) for each in connections))
        assert {status for status, _ in answers} == {200}, answers
        assert len({body for _, body in answers}) == 1, answers
    _, body = await connections[0].send(Request("GET", f"/_mock/workspaces/{account.id}/ledger?limit=1", b""))
    totals = json.loads(body)["totals"]
    assert (totals["executions"], totals["passports"]) == (races, races), totals
    return races * len(connections)


def state_read(port: int) -> int:
    """Read the whole state, as one request."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    connection.request("GET", "/_mock/state")
    reply = connection.getresponse()
    size = 0
    while chunk := reply.read(1 << 20):
        size += len(chunk)
    connection.close()
    assert reply.status == 200
    assert size > 1_000
    return 1


async def measured(server: Server, other: OtherCaller, share: float) -> None:
    workspaces, keys, racers, passports = (int(share * each) for each in (WORKSPACES, KEYS, RACERS, PASSPORTS))
    async with AsyncExitStack() as stack:
        connections = await connected(server.port, stack)

        async def account() -> Account:
            _, body = await connections[0].send(Request("POST", "/_mock/workspaces", b"{}"))
            created: dict[str, Any] = json.loads(body)
            return Account(*(created[name] for name in Account._fields))

        new = (Request("POST", "/_mock/workspaces", b"{}") for _ in range(workspaces))
        keyed = await account()
        each_key = (keyed.batch([f"K-{n}"], f"key-{n}") for n in range(keys))
        racing, full = await account(), await account()
        of_100 = (full.batch([f"P-{n}-{i}" for i in range(ITEMS)]) for n in range(passports // ITEMS))
        cases: list[tuple[str, Callable[[], Awaitable[int]]]] = [
            (f"{workspaces:,} workspaces", lambda: one_after_the_other(connections, new, 201)),
            (f"{keys:,} idempotency keys", lambda: one_after_the_other(connections, each_key, 200)),
            (f"{racers:,} racing batches", lambda: raced(connections, racing, racers)),
            (f"{passports:,} passports", lambda: one_after_the_other(connections, of_100, 200)),
            ("`GET /_mock/state` then", lambda: asyncio.to_thread(state_read, server.port)),
            ("a second time", lambda: asyncio.to_thread(state_read, server.port)),
            ("nothing, for comparison", lambda: asyncio.sleep(5, 0)),
        ]
        for name, act in cases:
            print(await row(name, act, server, other), flush=True)


async def row(name: str, act: Callable[[], Awaitable[int]], server: Server, other: OtherCaller) -> str:
    before = server.rss_bytes()
    other.latencies()
    start = time.perf_counter()
    requests = await act()
    seconds = time.perf_counter() - start
    _, p99, slowest = other.latencies()
    megabytes = (f"{size / 1e6:,.0f}" for size in (before, server.rss_bytes()))
    cells = (name, f"{requests:,}", f"{seconds:.1f}", *megabytes, f"{p99:.1f}", f"{slowest:.1f}")
    return f"| {' | '.join(cells)} |"


def main(share: float = 1) -> None:
    columns = ("case", "requests", "seconds", "MB before", "MB after", "another caller: p99 ms", "slowest ms")
    print(table(columns, []), flush=True)
    with running(OURS) as server, other_caller(server.port) as other:
        asyncio.run(measured(server, other, share))


if __name__ == "__main__":
    main(*map(float, sys.argv[1:]))
