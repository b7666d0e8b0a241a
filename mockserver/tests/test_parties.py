"""The parties of a passport: one message for one mistake wherever the party stands, and the GLNs that identify it."""

from typing import Any

import httpx
import pytest

from tracepass_contract.mockserver.tests.client import Client
from tracepass_contract.mockserver.tests.control_client import WorkspaceOwner
from tracepass_contract.mockserver.tests.related_endpoints import GLN, created

WRONG_GLN = "4012345000008"
OTHER_GLN = "4012345000016"


def in_each_place(party: Any, **readings: str) -> list[httpx.Response]:
    """A party in the PATCH of one role, in a single create and in a batch."""
    client = Client(**readings)
    item = client.item("S-2", parties={"importer": party})
    return [
        client.api("PATCH", f"/passports/{created(client)}/parties/importer", party),
        client.api("POST", "/passports", item),
        client.batch(item),
    ]


@pytest.mark.rule("calls.documented-shape", "batch.same-shape-as-single")
@pytest.mark.parametrize(
    ("party", "message"),
    [
        ({"legalName": "A"}, "expected gln, legacyOperatorId or operatorIdentifier, found none of them"),
        ({"gln": GLN}, "legalName: expected the member legalName, found nothing"),
        ({"legalName": "A", "gln": "1"}, 'gln: expected text that matches ^[0-9]{13}$, found "1"'),
        (
            {"legalName": "A", "gln": GLN, "operatorIdentifier": {"scheme": "gln", "gln": OTHER_GLN}},
            f'operatorIdentifier/gln: expected the GLN of the party, "{GLN}", found "{OTHER_GLN}"',
        ),
    ],
)
def test_one_mistake_has_one_message_in_every_place(party: Any, message: str) -> None:
    replies = in_each_place(party)

    assert [reply.status_code for reply in replies] == [400, 400, 400]
    for reply in replies:
        assert reply.json()["message"].endswith(message)


def test_a_party_may_have_an_identifier_of_a_newer_kind_only() -> None:
    party = {"legalName": "A", "operatorIdentifier": {"scheme": "did", "did": "did:web:example.com"}}

    replies = in_each_place(party)

    assert [reply.status_code for reply in replies] == [200, 201, 200]
    assert replies[0].json()["parties"]["importer"] == replies[1].json()["parties"]["importer"] == party


@pytest.mark.parametrize(
    "party",
    [
        {"legalName": "A", "gln": WRONG_GLN},
        {"legalName": "A", "operatorIdentifier": {"scheme": "gln", "gln": WRONG_GLN}},
    ],
)
def test_the_check_digit_of_a_gln_is_checked_where_that_of_a_gtin_is(party: Any) -> None:
    enforced = in_each_place(party, items__gtin_check_digit="enforced")

    assert [reply.status_code for reply in enforced] == [400, 400, 400]
    for reply in enforced:
        assert reply.json()["message"].endswith(f'expected a GLN with a valid check digit, found "{WRONG_GLN}"')
    assert [reply.status_code for reply in in_each_place(party)] == [200, 201, 200]


def test_a_gln_with_a_wrong_check_digit_can_fail_its_item_only() -> None:
    client = Client(items__gtin_check_digit="enforced", items__bad_parties="item-error")
    wrong = client.item("S-2", parties={"importer": {"legalName": "A", "gln": WRONG_GLN}})

    assert client.batch(client.item(), wrong).json()["summary"] == {"created": 1, "errors": 1, "total": 2}


def test_a_party_without_its_shape_is_not_looked_at_for_its_numbers() -> None:
    client = Client(items__malformed_item="item-error", items__gtin_check_digit="enforced")

    reply = client.batch(client.item(), client.item("S-2", parties={"importer": 1}))

    assert reply.json()["summary"] == {"created": 1, "errors": 1, "total": 2}


def test_the_journal_warns_of_a_gln_with_a_wrong_check_digit() -> None:
    reader = WorkspaceOwner()
    key, party = reader.created["api_key"], {"legalName": "A", "gln": WRONG_GLN}
    headers = [("Authorization", f"Bearer {key}"), ("Content-Type", "application/json")]
    item = reader.item("a") | {"parties": {"importer": party, "recycler": {"legalName": "B", "legacyOperatorId": "x"}}}
    passport_id = reader.request("POST", "/api/v1/passports", headers, httpx.Request("POST", "/", json=item).content)
    path = f"/api/v1/passports/{passport_id.json()['_id']}/parties/importer"
    reader.request("PATCH", path, headers, httpx.Request("PATCH", "/", json=party).content)

    places = [reader.read(f"journal/{n}", "JournalEntry")["warnings"][0]["where"] for n in (1, 2)]

    assert places == ["/parties/importer/gln", "/gln"]
