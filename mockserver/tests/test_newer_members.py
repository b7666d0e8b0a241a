"""Newer members of the vendor's clients: `identifier` is another spelling of `gs1`, and what is not served gets 501."""

from typing import Any

import pytest

from tracepass_contract.mockserver.tests.client import Client
from tracepass_contract.mockserver.tests.related_endpoints import created


def newer(client: Client, serial: str = "S-1", **changes: Any) -> dict[str, Any]:
    """An item with `identifier` instead of `gs1`."""
    item = client.item(serial, **changes)
    return item | {"identifier": {"scheme": "gs1", **item.pop("gs1")}} | changes


@pytest.mark.rule("batch.same-shape-as-single", "items.serial-unique-per-gtin")
def test_an_identifier_of_gs1_is_another_spelling_of_gs1() -> None:
    client = Client()

    one = client.api("POST", "/passports", newer(client))
    batch = client.batch(client.item("S-1"), newer(client, "S-2"), client.item("S-3") | newer(client, "S-3"))

    assert (one.status_code, one.json()["gs1"]["serialNumber"]) == (201, "S-1")
    assert batch.json()["summary"] == {"created": 2, "errors": 1, "total": 3}
    assert [each.get("data", {}).get("gs1", {}).get("serialNumber") for each in batch.json()["results"]] == [
        None,
        "S-2",
        "S-3",
    ]


def test_an_older_deployment_does_not_know_the_identifier() -> None:
    client = Client(items__identifier="ignored")

    without_gs1 = client.batch(newer(client))
    both = client.batch(client.item("S-1") | newer(client, "S-2"))

    assert without_gs1.json()["message"] == "/passports/0/gs1: expected the member gs1, found nothing"
    assert both.json()["results"][0]["data"]["gs1"]["serialNumber"] == "S-1"


def test_two_spellings_that_differ_contradict_each_other() -> None:
    client = Client()
    item = client.item("S-1") | newer(client, "S-2")
    expected = f"expected the GTIN and serial number of gs1, found {client.account.gtin} and S-2"

    batch, one = client.batch(item), client.api("POST", "/passports", item)

    assert (batch.status_code, batch.json()["message"]) == (400, f"/passports/0/identifier: {expected}")
    assert (one.status_code, one.json()["message"]) == (400, f"/identifier: {expected}")
    assert client.balances["stored"] == client.balances["writes"] == 0


@pytest.mark.parametrize(
    ("identifier", "message"),
    [
        (None, "/passports/0: expected gs1 or identifier, found none of them"),
        ({"scheme": "gs1"}, "/passports/0/identifier/gtin: expected the member gtin, found nothing"),
        ({"scheme": "ean"}, '/passports/0/identifier/scheme: expected gs1, found "ean"'),
        (7, "/passports/0/identifier: expected object, found 7"),
    ],
)
def test_an_identifier_has_its_shape(identifier: Any, message: str) -> None:
    client = Client()
    item = {"productId": client.account.product_id} | ({} if identifier is None else {"identifier": identifier})

    details = client.batch(item, client.item("S-2") | {"identifier": {"scheme": "gs1"}}).json()["details"]

    listed = [f"{each['where']}: expected {each['expected']}, found {each['found']}" for each in details["problems"]]
    assert message.replace("expected gs1,", "expected one of gs1,") in listed or message in listed


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"lineage": {"predecessorId": "x"}}, "/lineage"),
        ({"identifier": {"scheme": "iso15459", "issuingAgencyCode": "UN", "primaryId": "1"}}, "/identifier/scheme"),
        ({"identifier": {"scheme": "doi", "doi": "10.1/x", "granularity": "item"}}, "/identifier/scheme"),
    ],
)
def test_what_changes_the_meaning_and_is_not_served_is_501_and_named(changes: Any, part: str) -> None:
    client = Client()

    one = client.api("POST", "/passports", client.item(**changes))
    batch = client.batch(client.item("S-2"), client.item("S-3", **changes), 7)

    for reply, where in ((one, ""), (batch, "/passports/1")):
        assert (reply.status_code, reply.json()["error"]) == (501, "Not Implemented")
        assert reply.json()["details"]["notServed"][0].startswith(where + part)
        assert reply.json()["message"].startswith(f"The mock knows {where}{part}")
    assert client.balances["stored"] == client.balances["writes"] == 0


def test_an_absent_lineage_is_served() -> None:
    client = Client()

    assert client.batch(client.item(lineage=None)).json()["summary"]["created"] == 1
    assert client.batch(*[1] * 101).status_code == client.send(b"[]").status_code == 400


def test_a_datamatrix_is_501_and_never_a_qr_code() -> None:
    client = Client()
    path = f"/passports/{created(client)}/qr?symbology="

    replies = [client.api("GET", path + kind) for kind in ("datamatrix", "qr", "", "aztec")]

    assert [reply.status_code for reply in replies] == [501, 200, 200, 400]
    assert replies[0].json()["message"].startswith("The mock knows symbology=datamatrix and does not serve it.")
    assert client.api("GET", "/passports/by-serial/S-1/qr?symbology=datamatrix").status_code == 501


@pytest.mark.parametrize("account", ["quota_full", "quota_full_no_overage"])
def test_a_message_of_a_single_create_speaks_of_a_passport(account: str) -> None:
    client = Client(account)
    item = client.item(confirmOverage=account != "quota_full")

    assert client.api("POST", "/passports", item).json()["message"].startswith("The passport does not fit into ")
    assert client.batch(item).json()["message"].startswith("The batch does not fit into ")


def test_each_refusal_of_a_single_create_has_a_message() -> None:
    client = Client()
    created(client, "S-1")
    foreign = client.item() | {"gs1": {"gtin": Client("other_workspace").account.gtin, "serialNumber": "x"}}

    for item, status, message in (
        (client.item("S-1"), 409, "/gs1: a passport with this GTIN and serial number exists."),
        (client.item("S-2", productId="0" * 24), 404, "/productId: no product of this workspace"),
        (foreign, 409, "/gs1/gtin: another workspace has this GTIN."),
    ):
        reply = client.api("POST", "/passports", item)
        assert reply.status_code == status
        assert reply.json()["message"].startswith(message)


@pytest.mark.rule("batch.same-shape-as-single")
@pytest.mark.parametrize("wrong", ["seven", 7, None, []])
def test_of_two_spellings_one_that_is_no_object_is_refused(wrong: object) -> None:
    client = Client()

    for item in (client.item("S-1") | newer(client) | {"gs1": wrong}, client.item("S-1") | {"identifier": wrong}):
        reply = client.batch(item)
        assert reply.status_code == 400
        assert "expected object" in reply.json()["message"]
    assert client.batch(client.item("S-1")).json()["summary"]["created"] == 1
