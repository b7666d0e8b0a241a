"""Products: create, change, archive and delete them, also in batches."""

from datetime import timedelta
from typing import Any

import pytest

from tracepass_contract.mockserver.tests.client import Client
from tracepass_contract.mockserver.tests.related_endpoints import NO_OWNER, created, product


@pytest.fixture
def client() -> Client:
    return Client()


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
def test_a_model_is_free_again_when_its_product_has_another_or_is_deleted(client: Client) -> None:
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
    text = client.api("PATCH", path, {**changes, "nothing": 1}).json()

    assert text == {"_id": path.rpartition("/")[2], **changes, "updatedAt": "2026-01-15T13:00:00.000Z"}
    assert text.items() <= client.api("GET", path).json().items()
    assert client.api("PATCH", path, {"defaultFieldValues": {"colour": "red"}}).json()["error"] == "invalid_field_key"
    assert client.api("PATCH", f"/products/{NO_OWNER}", {}).status_code == 404


@pytest.mark.rule("products.kept-while-used")
def test_a_product_is_kept_while_it_is_used(client: Client) -> None:
    """A product can be archived after its passports are, and deleted after they are deleted."""
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


def test_a_batch_of_products_is_a_batch() -> None:
    """It takes N writes and has a result each. The second of two items with one model fails alone."""
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


@pytest.mark.rule("calls.documented-shape")
@pytest.mark.parametrize(("answer", "status"), [("refused", 400), ("accepted", 201)])
def test_what_an_unknown_category_gets(answer: str, status: int) -> None:
    client = Client(products__unknown_category=answer)

    reply = product(client, category="batery")

    assert reply.status_code == status
    assert [product(client, model, category=model).status_code for model in ("batteries", "toys")] == [201, 201]
    if status == 400:
        assert reply.json()["message"].startswith("/category: expected one of battery, textile, steel, ")
        batch = {"products": [{"name": "A", "model": "A", "category": "batery"}]}
        assert client.api("POST", "/products/batch", batch).status_code == 400


def test_a_default_has_one_value_however_its_key_is_spelled(client: Client) -> None:
    """`rated_capacity` and `ratedCapacity` are one field. Two values for it contradict each other."""
    both = product(client, "A", defaultFieldValues={"ratedCapacity": 100, "rated_capacity": 100}).json()
    contradiction = product(client, "B", defaultFieldValues={"ratedCapacity": 100, "rated_capacity": 50})
    path = f"/products/{both['_id']}"

    assert both["defaultFieldValues"] == {"rated_capacity": 100}
    assert (contradiction.status_code, contradiction.json()["message"]) == (
        400,
        "/defaultFieldValues/rated_capacity: another spelling of this field has another value.",
    )
    changes = {"defaultFieldValues": {"ratedCapacity": 7}}
    assert client.api("PATCH", path, changes).json()["defaultFieldValues"] == {"rated_capacity": 7}
    changes["defaultFieldValues"]["rated_capacity"] = 8
    assert client.api("PATCH", path, changes).status_code == 400
