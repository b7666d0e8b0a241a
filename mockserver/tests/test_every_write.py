"""Every write goes through the same checks. An operation that is not served answers 501."""

from typing import Any

import pytest

from tracepass_contract.mockserver.tests.client import Client
from tracepass_contract.mockserver.tests.related_endpoints import GLN, NO_OWNER, created, product
from tracepass_contract.spec import openapi_document


@pytest.fixture
def client() -> Client:
    return Client()


WRITES: list[tuple[str, str, Any, Any]] = [  # each with a body of the wrong shape, if it has a body
    ("POST", "/passports", {"productId": NO_OWNER, "gs1": {"gtin": "0" * 14, "serialNumber": "S"}}, {}),
    ("POST", "/passports/batch", {"passports": [{"productId": NO_OWNER}]}, {"passports": []}),
    ("POST", f"/passports/{NO_OWNER}/suspend", {}, {"reason": 1}),
    ("POST", "/passports/by-serial/S/suspend", {}, {"reason": 1}),
    ("POST", f"/passports/{NO_OWNER}/archive", None, None),
    ("POST", "/passports/by-serial/S/archive", None, None),
    ("DELETE", f"/passports/{NO_OWNER}", None, None),
    ("PATCH", f"/passports/{NO_OWNER}/fields/x", {"value": 1}, {}),
    ("PATCH", "/passports/by-serial/S/fields/x", {"value": 1}, {}),
    ("PATCH", f"/passports/{NO_OWNER}/parties/importer", {"legalName": "A", "gln": "4" * 13}, {}),
    ("DELETE", f"/passports/{NO_OWNER}/parties/importer", None, None),
    ("POST", "/products", {"name": "N", "model": "BP-48V-100", "category": "battery"}, {}),
    ("POST", "/products/batch", {"products": [{"name": "N", "model": "M", "category": "toys"}]}, {"products": []}),
    ("PATCH", f"/products/{NO_OWNER}", {}, {"name": 1}),
    ("POST", f"/products/{NO_OWNER}/archive", None, None),
    ("DELETE", f"/products/{NO_OWNER}", None, None),
]


def test_no_write_of_the_document_is_left_out() -> None:
    paths = openapi_document()["paths"].values()

    assert len(WRITES) == sum(method not in {"get", "parameters"} for path in paths for method in path)


@pytest.mark.rule("budget.is-shared")
@pytest.mark.parametrize(("method", "path", "body", "malformed"), WRITES, ids=lambda each: str(each)[:40])
def test_every_write_checks_shape_then_key_then_budget_then_names(
    method: str, path: str, body: Any, malformed: Any
) -> None:
    """The names are unknown and no write is left. A write that the budget refuses looks up no name."""
    client = Client("budget_spent")
    if path == "/passports/batch":
        body = {"passports": [client.item()]}

    assert client.api(method, path, body).headers["mock-rule"] == "budget.refuses-whole-batch"
    assert client.api(method, path, body, key="").headers["mock-rule"] == "idempotency.key-is-opaque"
    if malformed is not None:
        assert client.api(method, path, malformed).status_code == 400
    assert client.balances["writes"] == 100


@pytest.mark.rule("idempotency.replays-original")
def test_every_kind_of_write_is_replayed_and_refused_for_another_body(client: Client) -> None:
    passport, made = f"/passports/{created(client)}", f"/products/{product(client).json()['_id']}"
    calls: list[tuple[str, str, Any, Any]] = [
        ("PATCH", f"{passport}/fields/rated_capacity", {"value": 1}, {"value": 2}),
        ("PATCH", f"{passport}/parties/importer", {"legalName": "A", "gln": GLN}, {"legalName": "B", "gln": GLN}),
        ("POST", f"{passport}/suspend", {"reason": "a"}, {"reason": "b"}),
        ("PATCH", made, {"name": "A"}, {"name": "B"}),
        (
            "POST",
            "/products",
            {"name": "N", "model": "X", "category": "toys"},
            {"name": "N", "model": "Y", "category": "toys"},
        ),
    ]
    for nth, (method, path, body, other) in enumerate(calls):
        first, again = (client.api(method, path, body, key=f"k{nth}") for _ in range(2))
        assert (again.content, again.headers["mock-rule"]) == (first.content, "idempotency.replays-original")
        assert client.api(method, path, other, key=f"k{nth}").status_code == 422
    assert client.balances["writes"] == 2 + len(calls)


@pytest.mark.rule("calls.not-served-here")
def test_what_is_documented_elsewhere_is_501_with_what_is_served(client: Client) -> None:
    reply = client.api("GET", f"/passports/{NO_OWNER}/compliance")

    assert reply.status_code == 501
    assert {"POST /passports/batch", "GET /products/{id}"} <= set(reply.json()["details"]["implemented"])
    assert client.api("POST", "/epcis/capture", {"x": 1}).status_code == 501
    assert client.api("GET", "/epcis/nothing").status_code == 404
    assert client.api("GET", "/epcis/capture").headers["allow"] == "POST"


def test_an_operation_that_is_not_served_requires_a_key(client: Client) -> None:
    assert client.request("GET", "/api/v1/epcis/events").status_code == 401


@pytest.mark.parametrize(
    ("path", "allow"),
    [("/passports", "GET, HEAD, POST"), ("/passports/batch", "POST"), ("/products/1", "DELETE, GET, HEAD, PATCH")],
)
def test_a_path_names_all_of_its_methods(client: Client, path: str, allow: str) -> None:
    reply = client.api("PUT", path, {})

    assert (reply.status_code, reply.headers["allow"]) == (405, allow)
