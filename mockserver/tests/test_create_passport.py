"""The single create: the part that it shares with the batch, and its own part."""

from typing import Any

import pytest

from tracepass_contract.mockserver.tests.client import Client
from tracepass_contract.mockserver.tests.related_endpoints import NO_OWNER, created, product


@pytest.fixture
def client() -> Client:
    return Client()


@pytest.mark.rule("items.created-is-readable")
def test_what_a_create_answers_is_what_is_read_back(client: Client) -> None:
    """Both for a single create and a batch, read by id and by serial number."""
    parties = {"importer": {"legalName": "A", "gln": "4012345000009"}}
    single = client.api("POST", "/passports", client.item("S-1", parties=parties)).json()
    batch = client.batch(client.item("S-2", parties=parties)).json()["results"][0]["data"]

    assert client.api("GET", f"/passports/{single['_id']}").json() == single
    assert client.api("GET", "/passports/by-serial/S-2").json() == batch
    assert single | {"_id": 0, "gs1": 0} == batch | {"_id": 0, "gs1": 0}


@pytest.mark.rule("budget.is-shared")
def test_single_and_batch_draw_on_one_budget() -> None:
    client = Client("one_write_left")

    assert client.api("POST", "/passports", client.item("S-1")).status_code == 201
    assert client.batch(client.item("S-2")).status_code == 429
    assert product(client).status_code == 429


@pytest.mark.rule("items.serial-unique-per-gtin")
def test_a_pair_is_unique_across_single_and_batch(client: Client) -> None:
    created(client, "S-1")

    assert client.batch(client.item("S-1")).json()["summary"]["errors"] == 1
    assert client.api("POST", "/passports", client.item("S-1")).json()["error"] == (
        "Serial number already exists for this GTIN"
    )


@pytest.mark.rule("calls.name-what-exists")
def test_a_single_create_for_no_product_or_with_a_foreign_gtin_takes_nothing(client: Client) -> None:
    before = client.balances
    foreign = {"gtin": "09506000140094", "serialNumber": "S-1"}

    assert client.api("POST", "/passports", client.item(productId=NO_OWNER)).status_code == 404
    assert client.api("POST", "/passports", client.item(gs1=foreign)).status_code == 409
    assert client.balances == before


@pytest.mark.rule("idempotency.replays-original")
def test_a_single_create_is_replayed_under_its_key(client: Client) -> None:
    first = client.api("POST", "/passports", client.item("S-1"), key="k")
    again = client.api("POST", "/passports", client.item("S-1"), key="k")

    assert (again.status_code, again.content) == (201, first.content)
    assert client.balances["writes"] == client.balances["stored"] == 1


@pytest.mark.rule("quota.asks-for-consent")
def test_a_single_create_beyond_the_quota_needs_consent_and_is_charged() -> None:
    client = Client("quota_full")

    assert client.api("POST", "/passports", client.item("S-1")).json()["error"] == "overage_required"
    assert client.api("POST", "/passports", client.item("S-1", confirmOverage=True)).status_code == 201
    assert client.balances["cents"] == 150


@pytest.mark.rule("calls.documented-shape")
@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"gs1": {"gtin": "1", "serialNumber": "S"}}, "/gs1/gtin"),
        ({"gs1": None}, "/gs1"),
        ({"confirmOverage": "yes"}, "/confirmOverage"),
        ({"parties": {"importer": {"legalName": "A"}}}, "/parties/importer"),
        ({"productId": ""}, "/productId"),
    ],
)
def test_a_malformed_single_create_says_where(client: Client, change: Any, where: str) -> None:
    reply = client.api("POST", "/passports", client.item(**change))

    assert (reply.status_code, reply.json()["details"]["problems"][0]["where"]) == (400, where)
    assert reply.headers["mock-rule"] == "calls.documented-shape"


@pytest.mark.parametrize("answer", ["whole-batch", "item-error"])
def test_an_enforced_check_digit_refuses_a_single_create(answer: str) -> None:
    """It does so under every reading for the items of a batch."""
    client = Client(items__gtin_check_digit="enforced", items__malformed_item=answer)
    wrong = {"gtin": "09506000134353", "serialNumber": "S-1"}

    reply = client.api("POST", "/passports", client.item(gs1=wrong))

    assert (reply.status_code, reply.json()["details"]["problems"][0]["where"]) == (400, "/gs1/gtin")
    assert client.api("POST", "/passports", client.item("S-1")).status_code == 201
