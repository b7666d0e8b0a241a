"""A test client of an in-process mock. A call goes through the whole ASGI application."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx

from tracepass_contract.fixtures import accounts
from tracepass_contract.mockserver.app import Mock, create_app
from tracepass_contract.mockserver.http.api.log import Line
from tracepass_contract.mockserver.state.clock import FrozenClock

NOON = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
BATCH = "/api/v1/passports/batch"
Headers = Sequence[tuple[str, str] | tuple[bytes, bytes]]


class Client:
    """A new mock with the seeded accounts and a frozen clock at noon, and a caller with the key of one account."""

    def __init__(self, account: str = "unlimited", **readings: str) -> None:
        self.base_url = "http://127.0.0.1"
        self.clock = FrozenClock(NOON)
        self.log: list[Line] = []
        answers = {name.replace("__", ".").replace("_", "-"): answer for name, answer in readings.items()}
        self.mock: Mock = create_app(readings=answers, clock=self.clock, log=self.log.append)
        self.account = next(each for each in accounts() if each.name == account)
        self.workspace = self.mock.state.workspaces[account]

    def item(self, serial: str = "S-1", **changes: Any) -> dict[str, Any]:
        gs1 = {"gtin": self.account.gtin, "serialNumber": serial}
        return {"productId": self.account.product_id, "gs1": gs1, **changes}

    def items(self, count: int) -> list[dict[str, Any]]:
        return [self.item(f"S-{n}") for n in range(count)]

    def batch(self, *items: Any, key: str | None = None, **more: Any) -> httpx.Response:
        """A valid call with these items."""
        headers = [("Idempotency-Key", key)] if key is not None else []
        return self.send(json.dumps({"passports": list(items), **more}).encode(), headers)

    def api(self, method: str, path: str, body: Any = None, key: str | None = None) -> httpx.Response:
        """A call below /api/v1, with or without a body."""
        headers = [("Authorization", f"Bearer {self.account.api_key}")]
        if key is not None:
            headers.append(("Idempotency-Key", key))
        if body is not None:
            headers.append(("Content-Type", "application/json"))
        return self.request(method, f"/api/v1{path}", headers, b"" if body is None else json.dumps(body).encode())

    def send(
        self,
        content: bytes | Sequence[bytes],
        headers: Headers = (),
        *,
        content_type: str | None = "application/json",
        api_key: str | None = None,
    ) -> httpx.Response:
        """A call with any body and the caller's key. A sequence of bodies is sent in chunks."""
        sent = [("Authorization", f"Bearer {api_key or self.account.api_key}"), *headers]
        if content_type is not None:
            sent.append(("Content-Type", content_type))
        return self.request("POST", BATCH, sent, content)

    def request(
        self, method: str, path: str, headers: Headers = (), content: bytes | Sequence[bytes] = b""
    ) -> httpx.Response:
        async def call() -> httpx.Response:
            async with self.over_asgi() as client:
                body = content if isinstance(content, bytes) else _chunks(content)
                return await client.request(method, path, headers=list(map(_as_sent, headers)), content=body)

        return asyncio.run(call())

    def over_asgi(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.mock), base_url=self.base_url)

    @property
    def lines(self) -> Sequence[Mapping[str, Any]]:
        """The log as JSON."""
        return [json.loads(line.as_json()) for line in self.log]

    @property
    def balances(self) -> Mapping[str, int]:
        """All numbers that a call can change."""
        account = self.mock.state.view(self.workspace, self.clock.now()).account
        return {
            "writes": account.writes_used,
            "passports": account.passports_used,
            "stored": len(self.workspace.passports),
            "answers": len(self.workspace.answers),
            "cents": account.overage_cents,
        }


def _as_sent(header: tuple[str, str] | tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    name, value = (each if isinstance(each, bytes) else each.encode() for each in header)
    return name, value


async def _chunks(parts: Sequence[bytes]) -> AsyncIterator[bytes]:
    for part in parts:
        yield part
