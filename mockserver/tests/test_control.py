"""Health check, documents, HTML pages, and access to the control plane."""

from html.parser import HTMLParser

import pytest
from openapi_spec_validator import validate

from tracepass_contract.fixtures import accounts
from tracepass_contract.mockserver.app import create_app
from tracepass_contract.mockserver.cli.terminal import banner
from tracepass_contract.mockserver.tests.client import Client
from tracepass_contract.spec import document_under, openapi_document, sha256_of


def test_health_says_what_the_server_is() -> None:
    health = Client(batch__mixed_status="207").request("GET", "/_mock/health").json()

    assert (health["status"], health["version"]) == ("ok", "0.1.0")
    assert health["readings"]["batch.mixed-status"] == "207"
    assert health["spec_sha256"] == sha256_of(openapi_document())


def test_the_document_that_is_served_is_the_original_in_31_with_the_mock_as_its_server() -> None:
    here = [{"url": "http://127.0.0.1/api/v1", "description": "This mock"}]

    assert Client().request("GET", "/openapi.json").json() == openapi_document() | {"servers": here}


@pytest.mark.parametrize("host", ["localhost:4747", "[::1]:4747", "mock.example"])
def test_the_document_names_the_address_of_the_request(host: str) -> None:
    document = Client().request("GET", "/openapi.json", headers=[("Host", host)]).json()

    assert document["servers"] == [{"url": f"http://{host}/api/v1", "description": "This mock"}]


def test_the_document_that_is_served_is_that_of_the_readings_in_force() -> None:
    served = Client(items__gtin_spellings="13-padded").request("GET", "/openapi.json").json()

    assert served["components"] == document_under({"items.gtin-spellings": "13-padded"})["components"]


class Assets(HTMLParser):
    """Collects the assets of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name in ("src", "href")]


def test_the_docs_page_needs_no_network() -> None:
    """The page loads everything from this server, and its document points to this server."""
    client = Client()
    page = client.request("GET", "/_mock/docs")
    assets = Assets()
    assets.feed(page.text)

    assert len(assets.found) == 5
    for path in assets.found:
        assert path.startswith("/_mock/")
        assert client.request("GET", path).status_code == 200
    document = client.request("GET", "/openapi.json").json()
    control = client.request("GET", "/_mock/docs/control.json").json()
    assert [each["servers"][0]["url"] for each in (document, control)] == ["http://127.0.0.1/api/v1", "/_mock"]
    for each in (document, control):
        validate(each)


@pytest.mark.parametrize("token", [None, "the-token"])
@pytest.mark.parametrize("path", ["/", "/_mock"])
def test_whoever_begins_at_a_root_is_led_to_the_dashboard(path: str, token: str | None) -> None:
    client = Client()
    client.mock = create_app(clock=client.clock, control_token=token)

    reply = client.request("GET", path)

    assert (reply.status_code, reply.headers["location"]) == (307, "/_mock/")


def test_the_control_plane_answers_as_documented_or_not_at_all(caplog: pytest.LogCaptureFixture) -> None:
    client = Client()
    client.workspace.totals.writes = "many"  # type: ignore[assignment]

    reply = client.request("GET", "/_mock/workspaces/unlimited/ledger")

    assert reply.status_code == 500
    assert "UndocumentedAnswer: getLedger: the document has no answer 200 with this body" in caplog.text


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/_mock/nothing", 404), ("POST", "/_mock/health", 405)])
def test_what_the_control_plane_does_not_have(method: str, path: str, status: int) -> None:
    assert Client().request(method, path).status_code == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([("Host", "127.0.0.1:4747")], 200),
        ([("Host", "localhost")], 200),
        ([("Host", "[::1]:4747")], 200),
        ([("Host", "evil.example")], 403),
        ([("Origin", "http://localhost:3000")], 403),
        ([("Origin", "http://127.0.0.1")], 200),
        ([("Origin", "https://evil.example")], 403),
    ],
)
def test_the_control_plane_is_for_this_machine_only(headers: list[tuple[str, str]], status: int) -> None:
    """Another website in the developer's browser cannot reach it."""
    reply = Client().request("GET", "/_mock/health", headers)

    assert reply.status_code == status
    assert "access-control-allow-origin" not in reply.headers
    if status == 403:
        assert reply.headers["content-type"] == "application/problem+json"
        assert reply.json()["status"] == 403


@pytest.mark.parametrize(
    ("path", "token", "status"),
    [
        ("/_mock/workspaces/free", None, 401),
        ("/_mock/workspaces/free", "another", 401),
        ("/_mock/workspaces/free", "the-token", 200),
        ("/_mock/health", None, 200),
        ("/_mock/docs", None, 200),
        ("/openapi.json", None, 200),
        ("/_mock/docs/../workspaces/free", None, 401),
    ],
)
def test_a_required_token_opens_the_control_plane_from_anywhere(path: str, token: str | None, status: int) -> None:
    """The health check and the HTML pages need no token. The API needs only its own keys."""
    client = Client()
    client.mock = create_app(clock=client.clock, control_token="the-token")
    headers = [("Host", "mock.example")] + ([("Authorization", f"Bearer {token}")] if token else [])

    reply = client.request("GET", path, headers)

    assert reply.status_code == status
    assert reply.headers.get("www-authenticate") == ("Bearer" if status == 401 else None)
    assert client.batch(client.item()).status_code == 200


def test_the_banner_shows_the_token_where_there_is_one() -> None:
    ready = {"base_url": "http://127.0.0.1:1", "control_url": "http://127.0.0.1:1/_mock", "control_token": "the-token"}

    assert "Authorization: Bearer the-token" in banner(ready, "0" * 64, {}, accounts()[0], is_default=True)
