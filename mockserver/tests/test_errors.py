"""Calls that reach no operation: the API has its envelope, the control plane has problem documents."""

from dataclasses import replace

import pytest

from tracepass_contract.fixtures import accounts
from tracepass_contract.mockserver.app import create_app
from tracepass_contract.mockserver.tests.client import BATCH, Client


def test_an_unknown_path_and_a_wrong_method_say_where_what_and_found() -> None:
    client = Client()

    method, path = (client.request(*call).json()["details"]["problems"] for call in (("GET", BATCH), ("GET", "/x")))

    assert method == [{"where": "method", "expected": "POST", "found": "GET"}]
    assert path == [{"where": "path", "expected": "a documented one (see /openapi.json)", "found": "/x"}]


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

    assert detail == "path: expected a documented one (see /_mock/docs), found /_mock/nope"


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
