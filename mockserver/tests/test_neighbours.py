"""What the neighbours of the batch do, call by call."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from tracepass_contract.mockserver.http.journal_pages import curl
from tracepass_contract.mockserver.semantics.templates import completion
from tracepass_contract.mockserver.tests.client import Client
from tracepass_contract.spec import openapi_document

NOBODY = "0" * 24
GLN = "4012345000009"


@pytest.fixture
def client() -> Client:
    return Client()


def created(client: Client, serial: str = "S-1", **changes: Any) -> str:
    reply = client.api("POST", "/passports", client.item(serial, **changes))
    assert reply.status_code == 201, reply.text
    passport_id: str = reply.json()["_id"]
    return passport_id


def product(client: Client, model: str = "M-1", **more: Any) -> httpx.Response:
    return client.api("POST", "/products", {"name": "Pack", "model": model, "category": "battery", **more})


# The single create


@pytest.mark.rule("items.created-is-readable")
def test_what_a_create_answers_is_what_is_read_back(client: Client) -> None:
    """Single and batch, by id and by serial number."""
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

    assert client.api("POST", "/passports", client.item(productId=NOBODY)).status_code == 404
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
def test_a_wrong_check_digit_refuses_a_single_create_where_it_is_looked_at(answer: str) -> None:
    """Whatever it does to an item of a batch."""
    client = Client(items__gtin_check_digit="enforced", items__malformed_item=answer)
    wrong = {"gtin": "09506000134353", "serialNumber": "S-1"}

    reply = client.api("POST", "/passports", client.item(gs1=wrong))

    assert (reply.status_code, reply.json()["details"]["problems"][0]["where"]) == (400, "/gs1/gtin")
    assert client.api("POST", "/passports", client.item("S-1")).status_code == 201


# One passport


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

    told = client.api("POST", f"{path}/suspend", {"reason": "x" * 501}).json()

    assert (told["suspendedAt"], told["suspensionReason"]) == ("2026-01-15T12:05:00.000Z", "x" * 500)
    read = client.api("GET", path).json()
    assert {name: read[name] for name in told} == told
    assert (read["createdAt"], read["updatedAt"]) == ("2026-01-15T12:00:00.000Z", "2026-01-15T12:05:00.000Z")


def test_the_reason_of_a_suspension_is_a_text(client: Client) -> None:
    assert client.api("POST", f"/passports/{created(client)}/suspend", {"reason": 1}).status_code == 400


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
    """Its curl line asks the same again: what is encoded stays so, and the query is there."""
    client.api("GET", "/passports/by-serial/a%2Fb?gtin=")

    (entry,) = client.workspace.journal.entries
    assert entry.asked.path == "/api/v1/passports/by-serial/a%2Fb?gtin="
    line = curl(entry.asked)
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
    """The bodies are equal, and the calls are not."""
    first, second = created(client, "S-1"), created(client, "S-2")
    client.api("POST", f"/passports/{first}/suspend", {}, key="k")

    assert client.api("POST", f"/passports/{second}/suspend", {}, key="k").status_code == 422
    assert client.api("POST", f"/passports/{first}/archive", {}, key="k").status_code == 200  # another endpoint


def test_what_a_key_did_is_told_again_when_it_is_done_already(client: Client) -> None:
    """A deletion whose answer was lost, and its retry."""
    path = f"/passports/{created(client)}"
    first, again = (client.api("DELETE", path, key="k") for _ in range(2))

    assert (again.status_code, again.content) == (200, first.content)
    assert client.api("DELETE", path).status_code == 404


# Fields and parties


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
    """Two of four; one of them is to be reviewed, and one is not required. The list says the same."""
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


# QR codes


@pytest.mark.parametrize(
    ("query", "media_type", "begins"),
    [
        ("", "image/svg+xml", b"<svg"),
        ("?format=", "image/svg+xml", b"<svg"),
        ("?format=png&useCompanyBranding=true", "image/png", b"\x89PNG"),
        ("?format=json&color=ff0000", "application/json", b'{"result":"<svg'),
        ("?color=ff0000&backgroundColor=00000000", "image/svg+xml", b"<svg"),
    ],
)
def test_a_qr_code_in_each_form(client: Client, query: str, media_type: str, begins: bytes) -> None:
    reply = client.api("GET", f"/passports/{created(client)}/qr{query}")

    assert (reply.status_code, reply.headers["content-type"]) == (200, media_type)
    assert reply.content.startswith(begins)


@pytest.mark.parametrize("query", ["format=gif", "color=red", "backgroundColor=fff", "useCompanyBranding=maybe"])
def test_a_qr_code_that_can_not_be_drawn_is_refused(client: Client, query: str) -> None:
    assert client.api("GET", f"/passports/{created(client)}/qr?{query}").status_code == 400


# Lists


def test_pages_hold_everything_once_the_newest_first(client: Client) -> None:
    client.batch(*client.items(5))
    pages = [client.api("GET", f"/passports?limit=2&page={page}").json()["data"] for page in (1, 2, 3, 4, 10**9)]

    serials = [[each["gs1"]["serialNumber"] for each in page["items"]] for page in pages]
    assert serials == [["S-4", "S-3"], ["S-2", "S-1"], ["S-0"], [], []]
    assert {(page["total"], page["totalPages"], page["limit"]) for page in pages} == {(5, 3, 2)}


@pytest.mark.parametrize(
    "query",
    [
        "page=0",
        "page=x",
        "page=1000000000000000000000",
        "page=1.5",
        "limit=0",
        "limit=101",
        "status=gone",
        "page=1&page=2",
        "page=",
    ],
)
def test_a_list_is_refused_for_what_it_can_not_be_asked(client: Client, query: str) -> None:
    reply = client.api("GET", f"/passports?{query}")

    assert (reply.status_code, reply.headers["mock-rule"]) == (400, "calls.documented-shape")


def test_what_is_not_documented_in_a_query_is_ignored(client: Client) -> None:
    assert client.api("GET", "/passports?sort=asc&sort=desc").status_code == 200


def test_a_list_by_product_status_and_text(client: Client) -> None:
    other = product(client).json()["_id"]
    created(client, "A-1")
    created(client, "a-2", productId=other)
    client.api("POST", f"/passports/{created(client, 'B-1', productId=other)}/suspend")

    def serials(query: str) -> list[str]:
        items = client.api("GET", f"/passports?{query}").json()["data"]["items"]
        return [each["gs1"]["serialNumber"] for each in items]

    assert serials("search=a-") == ["a-2", "A-1"]
    assert serials(f"productId={other}") == ["B-1", "a-2"]
    assert serials("status=suspended") == serials(f"productId={other}&status=suspended") == ["B-1"]
    assert serials(f"search={client.account.gtin[5:]}&status=draft") == ["a-2", "A-1"]
    assert serials(f"productId={NOBODY}") == []


# The order of checks

WRITES: list[tuple[str, str, Any, Any]] = [  # each with a body of the wrong shape, where it takes one
    ("POST", "/passports", {"productId": NOBODY, "gs1": {"gtin": "0" * 14, "serialNumber": "S"}}, {}),
    ("POST", "/passports/batch", {"passports": [{"productId": NOBODY}]}, {"passports": []}),
    ("POST", f"/passports/{NOBODY}/suspend", {}, {"reason": 1}),
    ("POST", "/passports/by-serial/S/suspend", {}, {"reason": 1}),
    ("POST", f"/passports/{NOBODY}/archive", None, None),
    ("POST", "/passports/by-serial/S/archive", None, None),
    ("DELETE", f"/passports/{NOBODY}", None, None),
    ("PATCH", f"/passports/{NOBODY}/fields/x", {"value": 1}, {}),
    ("PATCH", "/passports/by-serial/S/fields/x", {"value": 1}, {}),
    ("PATCH", f"/passports/{NOBODY}/parties/importer", {"legalName": "A", "gln": "4" * 13}, {}),
    ("DELETE", f"/passports/{NOBODY}/parties/importer", None, None),
    ("POST", "/products", {"name": "N", "model": "BP-48V-100", "category": "battery"}, {}),
    ("POST", "/products/batch", {"products": [{"name": "N", "model": "M", "category": "x"}]}, {"products": []}),
    ("PATCH", f"/products/{NOBODY}", {}, {"name": 1}),
    ("POST", f"/products/{NOBODY}/archive", None, None),
    ("DELETE", f"/products/{NOBODY}", None, None),
]


def test_no_write_of_the_document_is_left_out() -> None:
    paths = openapi_document()["paths"].values()

    assert len(WRITES) == sum(method not in {"get", "parameters"} for path in paths for method in path)


@pytest.mark.rule("budget.is-shared")
@pytest.mark.parametrize(("method", "path", "body", "malformed"), WRITES, ids=lambda each: str(each)[:40])
def test_every_write_asks_for_shape_then_memory_then_budget_then_what_it_names(
    method: str, path: str, body: Any, malformed: Any
) -> None:
    """None of these names anything that is there, and no write is left: what the budget refuses is not looked up."""
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
            {"name": "N", "model": "X", "category": "x"},
            {"name": "N", "model": "Y", "category": "x"},
        ),
    ]
    for nth, (method, path, body, other) in enumerate(calls):
        first, again = (client.api(method, path, body, key=f"k{nth}") for _ in range(2))
        assert (again.content, again.headers["mock-rule"]) == (first.content, "idempotency.replays-original")
        assert client.api(method, path, other, key=f"k{nth}").status_code == 422
    assert client.balances["writes"] == 2 + len(calls)


# Reads and their budget


@pytest.mark.rule("reads.draw-on-own-budget")
def test_reads_of_passports_and_products_share_a_budget_that_renews_and_templates_are_free(client: Client) -> None:
    client.mock.state.set_balances(client.workspace, writes_used=0, passports_used=0, now=client.clock.now())
    passport_id = created(client)
    plan = client.workspace.plan
    client.workspace.plan = type(plan)(plan.name, None, None, None, reads_per_day=4)

    for path in ("/passports", f"/passports/{passport_id}", "/products", f"/products/{client.account.product_id}"):
        assert client.api("GET", path).status_code == 200
    refused = client.api("GET", "/passports")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "43200")
    assert refused.json()["error"] == "Daily read budget exceeded"
    assert client.api("GET", "/templates").status_code == client.api("GET", "/templates/steel").status_code == 200
    assert client.api("POST", "/passports", client.item("S-2")).status_code == 201
    client.clock.advance(timedelta(hours=12))
    assert client.api("GET", "/passports").status_code == 200


def test_a_read_that_finds_nothing_takes_nothing(client: Client) -> None:
    assert client.api("GET", f"/passports/{NOBODY}").status_code == 404
    assert client.api("GET", f"/products/{NOBODY}").status_code == 404
    assert client.api("GET", f"/passports/{NOBODY}/qr").status_code == 404

    assert client.mock.state.view(client.workspace, client.clock.now()).account.reads_used == 0


@pytest.mark.rule("auth.workspaces-are-separate")
def test_nothing_of_another_workspace_is_found_or_changed(client: Client) -> None:
    other = Client("other_workspace")
    other.mock, other.workspace = client.mock, client.mock.state.workspaces["other_workspace"]
    passport_id, product_id = created(client), client.account.product_id

    for method, path in [
        ("GET", f"/passports/{passport_id}"),
        ("GET", "/passports/by-serial/S-1"),
        ("GET", f"/passports/{passport_id}/qr"),
        ("POST", f"/passports/{passport_id}/archive"),
        ("DELETE", f"/passports/{passport_id}"),
        ("GET", f"/products/{product_id}"),
        ("POST", f"/products/{product_id}/archive"),
        ("DELETE", f"/products/{product_id}"),
    ]:
        assert other.api(method, path).status_code == 404, path
    assert other.api("GET", "/passports").json()["data"]["total"] == 0
    assert client.api("GET", f"/passports/{passport_id}").json()["status"] == "draft"


# Products


def test_a_product_is_read_back_as_it_was_created(client: Client) -> None:
    made = product(
        client,
        description="48 V",
        defaultFieldValues={"rated_capacity": 100},
        imageUrls=["https://example.com/1.png"],
        sourceLocale="de",
    ).json()

    assert client.api("GET", f"/products/{made['_id']}").json() == made
    assert (made["defaultFieldValues"], made["templateId"]) == ({"rated_capacity": 100}, "battery")


@pytest.mark.rule("calls.documented-shape")
@pytest.mark.parametrize(
    "more",
    [
        {"name": ""},
        {"model": "m" * 101},
        {"imageUrls": ["http://example.com/1.png"]},
        {"imageUrls": ["https://example.com/1.png"] * 21},
        {"description": "x" * 2001},
        {"category": 1},
        {"defaultFieldValues": {"colour": "red"}},
    ],
    ids=str,
)
def test_a_malformed_product_is_refused(client: Client, more: Any) -> None:
    before = client.balances

    assert product(client, **more).status_code == 400
    assert client.balances == before


@pytest.mark.rule("products.model-is-unique")
def test_a_model_is_free_again_when_its_product_has_another_or_is_gone(client: Client) -> None:
    first, second = (product(client, model).json()["_id"] for model in ("M-1", "M-2"))

    assert client.api("PATCH", f"/products/{second}", {"model": "M-1"}).status_code == 409
    assert client.api("PATCH", f"/products/{first}", {"model": "M-3"}).json()["model"] == "M-3"
    assert client.api("PATCH", f"/products/{second}", {"model": "M-1"}).status_code == 200
    assert client.api("DELETE", f"/products/{first}").status_code == 200
    assert product(client, "M-3").status_code == 201


def test_a_change_of_a_product_replaces_what_it_names(client: Client) -> None:
    path = f"/products/{product(client, description='x').json()['_id']}"
    client.clock.advance(timedelta(hours=1))

    changes: dict[str, Any] = {
        "description": None,
        "imageUrls": ["https://example.com/1.png"],
        "defaultFieldValues": {},
    }
    told = client.api("PATCH", path, {**changes, "nothing": 1}).json()

    assert told == {"_id": path.rpartition("/")[2], **changes, "updatedAt": "2026-01-15T13:00:00.000Z"}
    assert told.items() <= client.api("GET", path).json().items()
    assert client.api("PATCH", path, {"defaultFieldValues": {"colour": "red"}}).json()["error"] == "invalid_field_key"
    assert client.api("PATCH", f"/products/{NOBODY}", {}).status_code == 404


@pytest.mark.rule("products.kept-while-used")
def test_a_product_is_kept_while_it_is_used(client: Client) -> None:
    """Archiving waits for its passports to be archived, deleting for them to be gone."""
    product_id = product(client).json()["_id"]
    path, passport = f"/products/{product_id}", f"/passports/{created(client, productId=product_id)}"

    calls: list[tuple[str, str, Any]] = [
        ("POST", f"{path}/archive", None),
        ("PATCH", path, {"status": "archived"}),
        ("DELETE", path, None),
    ]
    for call in calls:
        refused = client.api(*call)
        assert (refused.status_code, refused.json()["reason"][0]) == (409, "1")
    client.api("POST", f"{passport}/archive")
    assert client.api("POST", f"{path}/archive").json()["status"] == "archived"
    assert client.api("DELETE", path).status_code == 409
    assert client.api("GET", path).json()["passportCount"] == 1
    assert client.api("POST", "/passports", client.item("S-2", productId=product_id)).status_code == 404
    assert client.api("PATCH", path, {"status": "active"}).status_code == 200
    assert created(client, "S-2", productId=product_id)


def test_an_archived_product_by_its_status(client: Client) -> None:
    archived = product(client).json()["_id"]
    client.api("PATCH", f"/products/{archived}", {"status": "archived"})

    def ids(query: str) -> list[str]:
        return [each["_id"] for each in client.api("GET", f"/products?{query}").json()["data"]["items"]]

    assert ids("status=archived") == ids("search=PACK&status=archived") == ids("search=m-1") == [archived]
    assert ids("status=active") == [client.account.product_id]
    assert ids("category=textile") == []


# The batch of products


def test_a_batch_of_products_is_a_batch() -> None:
    """N writes up front, a result each, and the second of two with one model fails alone."""
    client = Client("free")
    items = [{"name": "N", "model": model, "category": "battery"} for model in ("A", "B", "A")]

    reply = client.api("POST", "/products/batch", {"products": items}, key="k")

    assert [each["status"] for each in reply.json()["results"]] == ["created", "created", "error"]
    assert client.api("POST", "/products/batch", {"products": items}, key="k").content == reply.content
    assert client.balances["writes"] == 3
    assert client.api("GET", f"/products/{reply.json()['results'][1]['data']['_id']}").json()["model"] == "B"
    many = [{"name": "N", "model": f"C-{n}", "category": "battery"} for n in range(98)]
    assert client.api("POST", "/products/batch", {"products": many}).status_code == 429


@pytest.mark.parametrize(
    "body", [{}, {"products": []}, {"products": "x"}, {"products": [{"name": "N"}]}, {"products": [1] * 101}], ids=str
)
def test_a_malformed_batch_of_products_is_refused_whole(client: Client, body: Any) -> None:
    before = client.balances

    assert client.api("POST", "/products/batch", body).status_code == 400
    assert client.balances == before


def test_a_malformed_item_of_a_batch_of_products_fails_alone_where_the_readings_say_so() -> None:
    client = Client(items__malformed_item="item-error", budget__counted_items="created-items")
    items = [{"name": "N"}, {"name": "N", "model": "A", "category": "battery"}]

    reply = client.api("POST", "/products/batch", {"products": items})

    assert [each["status"] for each in reply.json()["results"]] == ["error", "created"]
    assert client.balances["writes"] == 1


# What is not served


@pytest.mark.rule("calls.not-served-here")
def test_what_is_documented_elsewhere_is_501_with_what_is_served(client: Client) -> None:
    reply = client.api("GET", f"/passports/{NOBODY}/compliance")

    assert reply.status_code == 501
    assert {"POST /passports/batch", "GET /products/{id}"} <= set(reply.json()["details"]["implemented"])
    assert client.api("POST", "/epcis/capture", {"x": 1}).status_code == 501
    assert client.api("GET", "/epcis/nothing").status_code == 404
    assert client.api("GET", "/epcis/capture").headers["allow"] == "POST"


def test_what_is_not_served_is_not_told_to_strangers(client: Client) -> None:
    assert client.request("GET", "/api/v1/epcis/events").status_code == 401


@pytest.mark.parametrize(
    ("path", "allow"),
    [("/passports", "GET, HEAD, POST"), ("/passports/batch", "POST"), ("/products/1", "DELETE, GET, HEAD, PATCH")],
)
def test_a_path_names_all_of_its_methods(client: Client, path: str, allow: str) -> None:
    reply = client.api("PUT", path, {})

    assert (reply.status_code, reply.headers["allow"]) == (405, allow)
