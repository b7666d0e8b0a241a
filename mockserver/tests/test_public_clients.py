"""The exact requests of the vendor's two public clients, and their view of the answers.

The MCP server sends a new `mcp-<uuid>` key with every body, and none with a DELETE. The n8n node sends no key, always
its consent, and empty text for open fields. openapi-core checks each answer.
"""

import json
from typing import Any

import httpx
import pytest

from tracepass_contract.mockserver.tests.client import Client
from tracepass_contract.mockserver.tests.openapi_core_check import must_be_documented

API = "/api/v1"
MCP = [("Accept", "application/json"), ("X-Source", "mcp")]
N8N = [("Accept", "application/json"), ("Content-Type", "application/json"), ("X-Source", "n8n")]


class PublicClient:
    """One of the two clients, with the mock as its server."""

    def __init__(self, account: str = "unlimited") -> None:
        self.mock = Client(account)
        self._calls = 0

    def mcp(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Send a request of the MCP server. A POST without arguments has `{}`, a DELETE has no body."""
        headers = list(MCP)
        if method != "GET" and method != "DELETE":
            self._calls += 1
            key = f"mcp-00000000-0000-4000-8000-{self._calls:012d}"
            headers += [("Content-Type", "application/json"), ("Idempotency-Key", key)]
            body = {} if body is None else body
        return self._send(method, path, headers, body)

    def n8n(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        return self._send(method, path, N8N, body)

    def _send(self, method: str, path: str, headers: list[tuple[str, str]], body: Any) -> tuple[int, Any]:
        content = b"" if body is None else json.dumps(body).encode()
        key = ("Authorization", f"Bearer {self.mock.account.api_key}")
        reply = self.mock.request(method, API + path, [key, *headers], content)
        must_be_documented(method, reply, body)
        return _as_the_mcp_server_reads(reply)


def _as_the_mcp_server_reads(reply: httpx.Response) -> tuple[int, Any]:
    """The status and the JSON. Other text is in `raw`. Known members have their types."""
    try:
        body = reply.json()
    except ValueError:
        return reply.status_code, {"raw": reply.text}
    types = {"id": str, "items": list, "error": str, "message": str}
    numbers = ("total", "page", "limit", "totalPages")
    assert all(isinstance(body.get(name, kind()), kind) for name, kind in types.items())
    assert all(isinstance(body.get(name, 0), int) for name in numbers)
    if not reply.is_success:
        assert body["error"]
    return reply.status_code, body


@pytest.fixture
def client() -> PublicClient:
    return PublicClient()


def created(client: PublicClient, serial: str = "S-1") -> str:
    status, body = client.mcp("POST", "/passports", client.mock.item(serial))
    assert status == 201
    passport_id: str = body["_id"]
    return passport_id


def test_the_probe_of_both_before_they_do_anything(client: PublicClient) -> None:
    """A 401 or 403 stops the clients; any other status does not."""
    for ask in (client.mcp, client.n8n):
        status, body = ask("GET", "/products?limit=1")
        assert (status, body["data"]["limit"]) == (200, 1)


def test_a_wrong_key_is_refused_with_401(client: PublicClient) -> None:
    reply = client.mock.request("GET", f"{API}/products?limit=1", [("Authorization", "Bearer tp_wrong"), *MCP])

    must_be_documented("GET", reply, None)
    assert reply.status_code == 401


def test_parties_are_removed_again_and_other_symbols_and_templates_are_refused(client: PublicClient) -> None:
    """What is not in the conversation of `test_actions_of_the_mcp_server`."""
    named = f"/passports/{created(client)}"

    assert client.mcp("DELETE", f"{named}/parties/importer")[0] == 200
    assert client.mcp("GET", f"{named}/qr?symbology=datamatrix")[0] == 501
    assert client.mcp("GET", "/templates/nothing")[0] == 404


def test_an_archived_product_becomes_active_again(client: PublicClient) -> None:
    _, product = client.mcp("POST", "/products", {"name": "Pack", "model": "P-1", "category": "battery"})
    named = f"/products/{product['_id']}"

    assert client.mcp("POST", f"{named}/archive")[1]["status"] == "archived"
    assert client.mcp("PATCH", named, {"status": "active"})[1]["status"] == "active"


def test_a_picture_is_raw_text_to_the_mcp_server(client: PublicClient) -> None:
    status, body = client.mcp("GET", f"/passports/{created(client)}/qr")

    assert (status, body["raw"][:4]) == (200, "<svg")


def test_each_key_of_the_mcp_server_is_fresh_so_its_second_create_meets_its_first(client: PublicClient) -> None:
    created(client)

    status, body = client.mcp("POST", "/passports", client.mock.item("S-1"))

    assert (status, body["error"]) == (409, "Serial number already exists for this GTIN")


def test_a_batch_of_the_mcp_server(client: PublicClient) -> None:
    status, body = client.mcp("POST", "/passports/batch", {"passports": client.mock.items(2)})

    assert (status, body["summary"]) == (200, {"created": 2, "errors": 0, "total": 2})


def test_a_batch_of_products_of_the_mcp_server(client: PublicClient) -> None:
    products = [{"name": "A", "model": model, "category": "textile"} for model in ("A-1", "A-1", "A-2")]

    status, body = client.mcp("POST", "/products/batch", {"products": products})

    assert (status, body["summary"]) == (200, {"created": 2, "errors": 1, "total": 3})


def test_the_newer_clients_identify_a_passport_by_a_scheme(client: PublicClient) -> None:
    item = client.mock.item("S-1")
    identifier = {"scheme": "gs1", **item.pop("gs1")}
    other = {"scheme": "did", "did": "did:web:example.com", "method": "web"}

    assert client.mcp("POST", "/passports", {**item, "identifier": identifier})[0] == 201
    assert client.n8n("POST", "/passports", {**item, "identifier": identifier, "confirmOverage": False})[0] == 409
    assert client.mcp("POST", "/passports", {**item, "identifier": other})[0] == 501


def test_the_mcp_server_sends_consent_on_request() -> None:
    client = PublicClient("quota_full")

    status, body = client.mcp("POST", "/passports", client.mock.item())
    assert (status, body["error"]) == (402, "overage_required")
    assert client.mcp("POST", "/passports", client.mock.item(confirmOverage=True))[0] == 201


def test_the_n8n_node_says_no_to_overage_always_and_that_is_no_mistake(client: PublicClient) -> None:
    single = client.n8n("POST", "/passports", client.mock.item("S-1", confirmOverage=False))
    batch = client.n8n("POST", "/passports/batch", {"passports": client.mock.items(2), "confirmOverage": False})

    assert (single[0], batch[0], batch[1]["summary"]["created"]) == (201, 200, 1)


def test_the_n8n_node_sends_a_batch_as_text_and_is_refused(client: PublicClient) -> None:
    """Literal JSON in its form is sent as text, an expression as a list."""
    text = json.dumps(client.mock.items(2))

    status, body = client.n8n("POST", "/passports/batch", {"passports": text, "confirmOverage": False})

    assert (status, body["error"]) == (400, "Validation error")


def test_what_the_n8n_node_leaves_open_comes_empty(client: PublicClient) -> None:
    passport_id = created(client)
    product = {"name": "Pack", "model": "P-1", "category": "batteries", "description": ""}

    assert client.n8n("POST", "/products", product)[1]["description"] is None
    assert client.n8n("GET", "/passports/by-serial/S-1?gtin=")[1]["_id"] == passport_id
    assert client.n8n("GET", "/passports?productId=&status=&search=")[1]["data"]["total"] == 1
    assert client.n8n("GET", "/products?category=&status=&search=")[1]["data"]["total"] == 2
    assert client.n8n("POST", "/passports/by-serial/S-1/suspend?gtin=")[0] == 200  # no body, though it has a type


def test_the_n8n_node_sends_values_as_text_and_they_stay_text(client: PublicClient) -> None:
    path = f"/passports/{created(client)}/fields/rated_capacity"

    status, body = client.n8n("PATCH", path, {"value": "100", "source": "manual"})

    assert (status, body["fields"]["rated_capacity"]["value"]) == (200, "100")


@pytest.mark.parametrize(
    ("serial", "as_sent"),
    [("100% wool", "100%%20wool"), ("ä-1", "ä-1"), ("a+b", "a+b"), ("50%25", "50%2525"), ("%zz", "%zz"), ("A", "%41")],
)
def test_a_serial_number_that_is_not_quite_encoded_is_found(client: PublicClient, serial: str, as_sent: str) -> None:
    """The n8n node does not encode it. The encoding of its HTTP library still names the passport."""
    passport_id = created(client, serial)

    status, body = client.n8n("GET", f"/passports/by-serial/{as_sent}")

    assert (status, body.get("_id")) == (200, passport_id)


def test_a_raw_slash_in_a_serial_number_is_another_path(client: PublicClient) -> None:
    created(client, "a/b")

    assert client.n8n("GET", "/passports/by-serial/a/b")[0] == 404
    assert client.mcp("GET", "/passports/by-serial/a%2Fb")[0] == 200


def test_an_unknown_product_is_404_as_the_n8n_checklist_expects(client: PublicClient) -> None:
    assert client.n8n("GET", f"/products/{'0' * 24}")[0] == 404
    assert client.n8n("POST", "/passports", client.mock.item(productId="0" * 24, confirmOverage=False))[0] == 404


def test_a_spent_budget_is_429_to_both_and_leaves_reads_alone() -> None:
    client = PublicClient("budget_spent")

    assert client.mcp("POST", "/passports", client.mock.item())[0] == 429
    assert client.n8n("POST", "/passports", client.mock.item(confirmOverage=False))[0] == 429
    assert client.mcp("GET", "/passports")[0] == 200
