"""Ids and calls without a key: a passport that a second call names again."""

from typing import Any

import orjson
import pytest

from tracepass_contract.contract_tests.model.verdicts import Verdict
from tracepass_contract.contract_tests.tests.helpers.histories import (
    GTIN,
    PRODUCT,
    Story,
    answered,
    batch,
    found,
    with_a_known_product,
)


def repeated(**about: Any) -> Story:
    """A passport of a first call, told again in a second one with another body."""
    story = Story()
    first = story.executed(batch("a"), "c", key=about.pop("first", None))
    workspace = about.pop("workspace", "main")
    serial = about.pop("serial", "a")
    answer = answered(batch(serial), "c")
    answer["results"][0]["data"]["_id"] = first["results"][0]["data"]["_id"]
    story.call(batch(serial), 200, answer, workspace=workspace, **about)
    return story


@pytest.mark.parametrize(
    ("about", "rule"),
    [
        ({"workspace": "other"}, "auth.workspaces-are-separate"),
        ({"workspace": "other", "first": "k1", "key": "k2"}, "auth.workspaces-are-separate"),
        ({"workspace": "other", "first": "k1"}, "auth.workspaces-are-separate"),
        ({"workspace": "other", "first": "k1", "key": "k1"}, "idempotency.scoped-to-workspace"),
        ({"serial": "b"}, "items.created-carries-data"),
        ({"serial": "b", "first": "k1", "key": "k2"}, "items.created-carries-data"),
        ({}, "idempotency.key-is-optional"),
        ({"first": "k1"}, "idempotency.key-is-optional"),
        ({"key": "k1"}, "idempotency.key-is-optional"),
        ({"first": "k1", "key": "k2"}, "idempotency.key-is-opaque"),
    ],
)
def test_a_passport_that_is_repeated_is_somebodys(about: dict[str, Any], rule: str) -> None:
    assert (rule, [1, 2]) in found(repeated(**about))


def test_an_item_without_a_pair_is_no_pair_of_a_deleted_passport() -> None:
    story = Story()
    body = orjson.dumps({"passports": [{"productId": PRODUCT, "gs1": {"gtin": GTIN, "serialNumber": 7}}]})
    first = story.executed(body, "c")
    story.call(b"", 200, {}, method="DELETE", path=f"/api/v1/passports/{first['results'][0]['data']['_id']}")
    story.executed(batch("a"), "c")

    assert story.broken() == {"batch.same-shape-as-single", "items.created-carries-data"}


def test_the_same_body_without_a_key_is_executed_each_time() -> None:
    again, other, failed = Story(), Story(), Story()
    again.executed(batch("a"), "c")
    again.executed(batch("a"), "e")
    other.executed(batch("a"), "c")
    other.executed(batch("a", "a"), "ee")
    failed.executed(batch("a"), "e")
    failed.executed(batch("a"), "e")

    assert ("idempotency.key-is-optional", [1, 2]) in found(again, verdict=Verdict.CONFORMS)
    assert "idempotency.key-is-optional" not in other.kept() | failed.kept()


def test_a_passport_that_failed_beside_it_does_not_hide_one_that_is_repeated() -> None:
    story = with_a_known_product()
    first = story.executed(batch("z", "a"), "ec")
    answer = answered(batch("a"), "c")
    answer["results"][0]["data"]["_id"] = first["results"][1]["data"]["_id"]
    story.call(batch("a"), 200, answer)

    assert found(story) == [("idempotency.key-is-optional", [2, 3])]
