"""Lists, QR codes and the read budget."""

from datetime import timedelta

import pytest

from tracepass_contract.mockserver.tests.client import Client
from tracepass_contract.mockserver.tests.related_endpoints import NO_OWNER, created, product


@pytest.fixture
def client() -> Client:
    return Client()


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
def test_a_list_with_an_invalid_query_is_refused(client: Client, query: str) -> None:
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
    assert serials(f"productId={NO_OWNER}") == []


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
    assert client.api("GET", f"/passports/{NO_OWNER}").status_code == 404
    assert client.api("GET", f"/products/{NO_OWNER}").status_code == 404
    assert client.api("GET", f"/passports/{NO_OWNER}/qr").status_code == 404

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
