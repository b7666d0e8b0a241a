"""Pages of other origins may call the API, and never the control plane."""

import asyncio
from collections.abc import Sequence

import httpx
import pytest

from tracepass_contract.fixtures import accounts
from tracepass_contract.mockserver.app import create_app
from tracepass_contract.mockserver.http.browsers import ANY_ORIGIN

ACCOUNT = accounts()[0]
PAGE = "http://shop.example:5173"
BATCH = "/api/v1/passports/batch"
PREFLIGHT = {
    "Origin": PAGE,
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization,content-type,idempotency-key",
}


def asked(
    method: str, path: str, headers: dict[str, str], origins: Sequence[str] = (ANY_ORIGIN,)
) -> tuple[httpx.Response, int]:
    """The answer, and the number of calls in the journal."""
    app = create_app(cors_origins=origins)

    async def send() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
            return await client.request(method, path, headers=headers)

    reply = asyncio.run(send())
    workspace = app.state.workspace_of(ACCOUNT.api_key)
    assert workspace is not None
    return reply, len(workspace.journal.entries)


@pytest.mark.parametrize("path", [BATCH, "/api/v1/passports/6650", "/openapi.json"])
def test_a_preflight_is_answered_and_is_no_call(path: str) -> None:
    reply, calls = asked("OPTIONS", path, PREFLIGHT)

    assert reply.status_code == 200
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert reply.headers["Access-Control-Allow-Headers"] == "authorization,content-type,idempotency-key"
    assert "POST" in reply.headers["Access-Control-Allow-Methods"]
    assert "Access-Control-Allow-Credentials" not in reply.headers
    assert calls == 0


def test_a_page_can_read_the_answer_and_its_headers() -> None:
    headers = {"Origin": PAGE, "Authorization": f"Bearer {ACCOUNT.api_key}"}

    reply, calls = asked("GET", "/api/v1/passports", headers)

    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert {"Mock-Rule", "Retry-After", "Date"} <= set(reply.headers["Access-Control-Expose-Headers"].split(", "))
    assert (reply.status_code, calls) == (200, 1)


def test_a_page_can_read_a_refusal_too() -> None:
    reply, _ = asked("GET", "/api/v1/passports", {"Origin": PAGE})

    assert (reply.status_code, reply.headers["Access-Control-Allow-Origin"]) == (401, "*")


def test_a_call_without_an_origin_gets_no_header_for_browsers() -> None:
    reply, _ = asked("GET", "/openapi.json", {})

    assert not [name for name in reply.headers if name.startswith("access-control") or name == "vary"]


@pytest.mark.parametrize(("origin", "allowed"), [(PAGE, PAGE), ("http://other.example", None)])
def test_origins_can_be_named(origin: str, allowed: str | None) -> None:
    reply, _ = asked("GET", "/openapi.json", {"Origin": origin}, [PAGE])

    assert reply.headers.get("Access-Control-Allow-Origin") == allowed


def test_without_origins_no_page_of_another_origin_may_call() -> None:
    reply, _ = asked("OPTIONS", BATCH, PREFLIGHT, [])

    assert reply.status_code == 405
    assert "Access-Control-Allow-Origin" not in reply.headers


@pytest.mark.parametrize("method", ["OPTIONS", "GET"])
def test_the_control_plane_stays_closed_to_pages_of_other_origins(method: str) -> None:
    reply, _ = asked(method, "/_mock/workspaces", PREFLIGHT)

    assert reply.status_code == 403
    assert "Access-Control-Allow-Origin" not in reply.headers
