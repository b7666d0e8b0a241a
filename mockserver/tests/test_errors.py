"""Calls that reach no operation: the API has its envelope, the control plane has problem documents."""

import asyncio
from dataclasses import replace

import httpx
import pytest

from tracepass_contract.fixtures import accounts
from tracepass_contract.mockserver.app import create_app
from tracepass_contract.mockserver.tests.client import BATCH, Client


def test_an_unknown_path_and_a_wrong_method_say_where_what_and_found() -> None:
    client = Client()

    method, path = (client.request(*call).json()["details"]["problems"] for call in (("GET", BATCH), ("GET", "/x")))

    assert method == [{"where": "method", "expected": "POST", "found": "GET"}]
    assert path == [{"where": "path", "expected": "a path of /openapi.json", "found": "/x"}]


@pytest.mark.parametrize(
    ("path", "likely"),
    [
        ("/passports/batch", "/api/v1/passports/batch"),
        ("/v1/passports/batch", "/api/v1/passports/batch"),
        ("/api/passports/batch", "/api/v1/passports/batch"),
        ("/api/v1/passports/batch/", "/api/v1/passports/batch"),
        ("/api/v1/passport/6650a1b2/fields/colour", "/api/v1/passports/6650a1b2/fields/colour"),
        ("/api/v1/product", "/api/v1/products"),
        ("/health", "/_mock/health"),
        ("/api/v1/readyz", "/_mock/health"),
        ("/api/v1/invoices", None),
        ("/x", None),
    ],
)
def test_an_unknown_path_names_the_one_that_the_caller_may_mean(path: str, likely: str | None) -> None:
    message = Client().request("POST", path).json()["message"]

    hint = f'Did you mean "{likely}"?' if likely else "/openapi.json lists all paths."
    assert message == f'unknown path "{path}". {hint}'


@pytest.mark.rule("auth.bearer-required")
def test_a_401_names_the_keys_of_the_mock() -> None:
    for headers in ([], [("Authorization", "Bearer tp_wrong")]):
        body = Client().request("POST", BATCH, headers).json()

        assert "Try tp_REDACTED_xxxxxxxxxxxx, or another key in details.keys" in body["message"]
        assert body["details"]["keys"]["budget_spent"] == "tp_mock_budget_spent"


@pytest.mark.parametrize(
    ("address", "token", "headers"),
    [
        ("192.0.2.7", None, []),
        ("a socket", None, []),
        ("127.0.0.1", "secret", []),
        ("127.0.0.1", None, [("Origin", "https://elsewhere.example")]),
        ("127.0.0.1", None, [("Host", "elsewhere.example")]),
        ("127.0.0.1", None, [("X-Forwarded-For", "192.0.2.7")]),
    ],
)
def test_a_401_names_no_key_to_a_program_elsewhere(
    address: str, token: str | None, headers: list[tuple[str, str]]
) -> None:
    mock = create_app(control_token=token)

    async def call() -> httpx.Response:
        transport = httpx.ASGITransport(mock, client=(address, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.post(BATCH, headers=headers)

    reply = asyncio.run(call())

    assert (reply.status_code, "tp_" in reply.text) == (401, False)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/_mock/nothing", 404),
        ("GET", "/_mock/health/", 404),
        ("GET", "/_mock/docs/assets/none.js", 404),
        ("GET", "/_mock/docs/assets/../../app.py", 404),
        ("POST", "/_mock/health", 405),
    ],
)
def test_an_error_of_the_control_plane_is_never_taken_for_one_of_the_api(method: str, path: str, status: int) -> None:
    reply = Client().request(method, path)

    assert reply.headers["content-type"] == "application/problem+json"
    assert (reply.status_code, reply.json()["status"], reply.json()["type"]) == (status, status, "about:blank")
    assert "error" not in reply.json()


def test_a_path_that_the_control_plane_does_not_have_says_where_its_paths_are() -> None:
    detail = Client().request("GET", "/_mock/nope").json()["detail"]

    assert detail == 'unknown path "/_mock/nope". /_mock/docs lists all paths.'


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Host", "[::1"),
        ("Host", ""),
        ("Host", "127.0.0.1.evil.example"),
        ("Origin", "http://["),
        ("Origin", "null"),
        ("Origin", "http://localhost.evil.example"),
    ],
)
def test_a_header_that_names_nothing_here_is_foreign(header: str, value: str) -> None:
    """Whatever its form: an invalid header gives no access and causes no error."""
    assert Client().request("GET", "/_mock/health", [(header, value)]).status_code == 403


def test_the_address_that_the_mock_is_bound_to_is_a_name_of_it() -> None:
    """In a container or a network it is not 127.0.0.1. The API itself accepts any name."""
    client = Client()
    client.base_url = "http://10.1.2.3"

    assert client.request("GET", "/_mock/health").status_code == 200
    assert client.request("GET", "/_mock/health", [("Host", "mock.internal")]).status_code == 403
    assert client.request("POST", BATCH, [("Host", "mock.internal")]).status_code == 401


def test_a_key_from_a_seed_file_is_a_text_on_the_page_and_nothing_else() -> None:
    client = Client()
    client.mock = create_app(seed_with=[replace(accounts()[0], api_key='"</script><b>')])

    page = client.request("GET", "/_mock/docs").text

    assert page.count("</script>") == 3
    assert r'"\"\u003c/script>\u003cb>"' in page
    assert "persistAuthorization: true" in page
