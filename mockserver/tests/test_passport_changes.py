"""One passport: find it by id and serial number, suspend, archive and delete it, change its fields and parties."""

from datetime import timedelta

import pytest

from tracepass_contract.mockserver.http.control.journal import curl
from tracepass_contract.mockserver.semantics.types.templates import completion
from tracepass_contract.mockserver.tests.client import Client
from tracepass_contract.mockserver.tests.related_endpoints import created, product


@pytest.fixture
def client() -> Client:
    return Client()


def test_one_serial_number_under_two_gtins_needs_the_gtin(client: Client) -> None:
    first, second = client.account.gtin, "09506000134352"
    ids = [created(client, gs1={"gtin": gtin, "serialNumber": "S-1"}) for gtin in (first, second)]

    assert client.api("GET", "/passports/by-serial/S-1").json()["error"] == "ambiguous_serial"
    assert client.api("GET", "/passports/by-serial/S-1?gtin=").status_code == 409
    for gtin, passport_id in zip((first, second, second[1:]), (*ids, ids[1]), strict=True):
        assert client.api("GET", f"/passports/by-serial/S-1?gtin={gtin}").json()["_id"] == passport_id
    assert client.api("GET", "/passports/by-serial/S-1?gtin=09506000134369").status_code == 404


def test_a_suspension_has_its_moment_and_as_much_of_its_reason_as_fits(client: Client) -> None:
    path = f"/passports/{created(client)}"
    client.clock.advance(timedelta(minutes=5))

    text = client.api("POST", f"{path}/suspend", {"reason": "x" * 501}).json()

    assert (text["suspendedAt"], text["suspensionReason"]) == ("2026-01-15T12:05:00.000Z", "x" * 500)
    read = client.api("GET", path).json()
    assert {name: read[name] for name in text} == text
    assert (read["createdAt"], read["updatedAt"]) == ("2026-01-15T12:00:00.000Z", "2026-01-15T12:05:00.000Z")


def test_the_reason_of_a_suspension_is_a_text(client: Client) -> None:
    assert client.api("POST", f"/passports/{created(client)}/suspend", {"reason": 1}).status_code == 400


@pytest.mark.rule("passports.archived-is-final")
def test_an_archived_passport_can_be_changed_and_not_brought_back_when_so_read() -> None:
    client = Client(passports__archived_changes="made")
    path = f"/passports/{created(client)}"
    client.api("POST", f"{path}/archive")

    importer = {"legalName": "A", "gln": "4" * 13}
    assert client.api("PATCH", f"{path}/fields/rated_capacity", {"value": 1}).status_code == 200
    assert client.api("PATCH", f"{path}/parties/importer", importer).status_code == 200
    assert [client.api("POST", f"{path}/{what}").status_code for what in ("archive", "suspend")] == [409, 409]
    assert client.api("GET", path).json()["status"] == "archived"


@pytest.mark.rule("passports.archived-is-final")
def test_nothing_changes_in_an_archived_passport_and_its_pair_stays_taken(client: Client) -> None:
    path = f"/passports/{created(client)}"
    assert client.api("POST", f"{path}/archive").json()["status"] == "archived"
    before = client.api("GET", path).json()

    for method, rest, body in [
        ("POST", "/archive", None),
        ("POST", "/suspend", {}),
        ("PATCH", "/fields/rated_capacity", {"value": 1}),
        ("PATCH", "/parties/importer", {"legalName": "A", "gln": "4" * 13}),
        ("DELETE", "/parties/importer", None),
    ]:
        assert client.api(method, path + rest, body).status_code == 409
    assert client.api("DELETE", path).json()["reason"].endswith("this passport is archived.")
    assert client.api("GET", path).json() == before
    assert client.api("POST", "/passports", client.item("S-1")).status_code == 409


@pytest.mark.rule("passports.only-drafts-are-deleted")
def test_a_deleted_draft_gives_its_slot_and_its_pair_back_and_takes_a_write() -> None:
    client = Client("one_slot_left")
    path = f"/passports/{created(client)}"
    assert client.api("POST", "/passports", client.item("S-2")).status_code == 402

    summary = client.api("DELETE", path).json()["summary"]

    assert (summary["serialNumber"], summary["dppsActiveDelta"]) == ("S-1", -1)
    assert client.balances["passports"] == 299
    assert client.api("GET", path).status_code == client.api("DELETE", path).status_code == 404
    assert created(client, "S-1") != path.rpartition("/")[2]


@pytest.mark.parametrize(("answer", "delta", "status"), [("on-delete", -1, 201), ("never", 0, 402)])
def test_whether_a_deletion_gives_a_slot_back(answer: str, delta: int, status: int) -> None:
    client = Client("one_slot_left", quota__slot_returns=answer)

    deleted = client.api("DELETE", f"/passports/{created(client)}").json()

    assert deleted["summary"]["dppsActiveDelta"] == delta
    assert client.api("POST", "/passports", client.item("S-2")).status_code == status
    assert client.workspace.totals.passports == client.balances["passports"] - 299


@pytest.mark.parametrize(("answer", "status"), [("free-after-delete", 201), ("stays-taken", 409)])
def test_whether_a_deletion_gives_a_pair_back(answer: str, status: int) -> None:
    client = Client(items__pair_after_removal=answer)
    client.api("DELETE", f"/passports/{created(client, 'S-1')}")

    assert client.api("GET", "/passports/by-serial/S-1").status_code == 404
    assert client.api("POST", "/passports", client.item("S-1")).status_code == status


def test_a_page_that_is_too_large_can_be_cut_to_what_a_page_holds() -> None:
    client = Client(reads__limit_out_of_range="clamped")
    client.batch(*client.items(100))
    created(client, "one more")

    data = client.api("GET", "/passports?limit=101").json()["data"]

    assert (len(data["items"]), data["limit"], data["total"], data["totalPages"]) == (100, 100, 101, 2)
    assert client.api("GET", "/products?limit=1000").json()["data"]["limit"] == 100


def test_the_journal_has_a_call_as_it_was_sent(client: Client) -> None:
    """Its curl line keeps the percent-encoding and the query."""
    client.api("GET", "/passports/by-serial/a%2Fb?gtin=")

    (entry,) = client.workspace.journal.entries
    assert entry.received.path == "/api/v1/passports/by-serial/a%2Fb?gtin="
    line = curl(entry.received)
    assert line.startswith("curl -sS -X GET 'http://127.0.0.1/api/v1/passports/by-serial/a%2Fb?gtin='")
    assert "--data" not in line


@pytest.mark.rule("calls.deletion-needs-paid-plan")
def test_the_free_plan_deletes_nothing() -> None:
    client = Client("free")
    path = f"/passports/{created(client)}"

    assert (client.api("DELETE", path).status_code, client.api("GET", path).status_code) == (403, 200)
    assert client.api("DELETE", f"/products/{client.account.product_id}").json()["reason"]


@pytest.mark.rule("idempotency.refuses-another-body")
def test_a_key_that_named_one_passport_does_not_name_another(client: Client) -> None:
    """The bodies are equal, but the calls are not."""
    first, second = created(client, "S-1"), created(client, "S-2")
    client.api("POST", f"/passports/{first}/suspend", {}, key="k")

    assert client.api("POST", f"/passports/{second}/suspend", {}, key="k").status_code == 422
    assert client.api("POST", f"/passports/{first}/archive", {}, key="k").status_code == 200  # another endpoint


def test_a_retried_deletion_is_replayed(client: Client) -> None:
    """A client retries a deletion whose answer was lost."""
    path = f"/passports/{created(client)}"
    first, again = (client.api("DELETE", path, key="k") for _ in range(2))

    assert (again.status_code, again.content) == (200, first.content)
    assert client.api("DELETE", path).status_code == 404


@pytest.mark.parametrize(
    ("source", "status"),
    [
        ("manual", "approved"),
        ("supplier", "pending_review"),
        ("ai_suggested", "pending_review"),
        ("system", "approved"),
    ],
)
def test_the_source_of_a_value_says_whether_it_is_to_be_reviewed(client: Client, source: str, status: str) -> None:
    path = f"/passports/{created(client)}/fields/rated_capacity"

    reply = client.api("PATCH", path, {"value": [1, {"a": True}], "source": source, "sourceLocale": "de"})

    assert reply.json()["fields"]["rated_capacity"] == {
        "value": [1, {"a": True}],
        "source": source,
        "status": status,
        "lastUpdatedAt": "2026-01-15T12:00:00.000Z",
        "sourceLocale": "de",
    }


def test_approved_required_fields_complete_a_passport(client: Client) -> None:
    """Two of four required fields are approved. One needs review, one is not required. The list shows the same
    number.
    """
    path = f"/passports/{created(client)}"
    for key, source in [
        ("rated_capacity", "manual"),
        ("nominalVoltage", "manual"),
        ("carbon_footprint", "supplier"),
        ("recycled_content", "manual"),
    ]:
        client.api("PATCH", f"{path}/fields/{key}", {"value": 1, "source": source})

    assert client.api("GET", path).json()["completionPercentage"] == 50
    assert client.api("GET", "/passports").json()["data"]["items"][0]["completionPercentage"] == 50


def test_of_a_category_without_a_template_every_key_is_taken_and_nothing_is_complete(client: Client) -> None:
    product_id = product(client, category="toys", defaultFieldValues={"whatever": 1}).json()["_id"]
    path = f"/passports/{created(client, productId=product_id)}"

    assert client.api("PATCH", f"{path}/fields/whatever", {"value": 1}).json()["completionPercentage"] == 0
    assert client.api("GET", f"{path}?format=full").json()["fields"]["whatever"]["value"] == 1
    assert completion("toys", {"whatever": {"status": "approved"}}) == 0


def test_the_full_format_adds_what_the_template_says(client: Client) -> None:
    path = f"/passports/{created(client)}"
    client.api("PATCH", f"{path}/fields/rated_capacity", {"value": 1})

    (field,) = client.api("GET", f"{path}?format=full").json()["fields"].values()

    assert (field["label"], field["unit"], field["accessLevel"]) == ("Rated capacity", "Ah", "public")


def test_a_party_takes_the_place_of_the_one_before(client: Client) -> None:
    path = f"/passports/{created(client)}"
    first = {"legalName": "A", "gln": "4012345000009", "country": "DE"}
    second = {"legalName": "B", "legacyOperatorId": "x"}

    for role, party in [("importer", first), ("recycler", first), ("importer", second)]:
        client.api("PATCH", f"{path}/parties/{role}", party)

    assert client.api("GET", path).json()["parties"] == {"importer": second, "recycler": first}
    for _ in range(2):
        assert client.api("DELETE", f"{path}/parties/importer").json()["parties"] == {"recycler": first}
    assert client.api("DELETE", f"{path}/parties/nobody").status_code == 400


def test_both_spellings_of_a_key_set_one_field(client: Client) -> None:
    path = f"/passports/{created(client)}"

    client.api("PATCH", f"{path}/fields/rated_capacity", {"value": 1})
    client.api("PATCH", f"{path}/fields/ratedCapacity", {"value": 2})

    fields = client.api("GET", path).json()["fields"]
    assert {key: field["value"] for key, field in fields.items()} == {"rated_capacity": 2}


@pytest.mark.rule("calls.documented-shape")
@pytest.mark.parametrize(("body", "status"), [(b"", 200), (b"{}", 200), (b"[]", 400), (b"{", 400)])
@pytest.mark.parametrize("by", ["", "by-serial/"])
def test_archiving_takes_an_empty_object(client: Client, body: bytes, status: int, by: str) -> None:
    """The vendor's clients send `{}` with every POST."""
    path = f"/api/v1/passports/{by}{'S-1' if by else created(client)}/archive"
    if by:
        created(client)
    headers = [("Authorization", f"Bearer {client.account.api_key}"), ("Content-Type", "application/json")]

    assert client.request("POST", path, headers, body).status_code == status
