"""What single answers show of the readings."""

from typing import Any

import orjson
import pytest

from tracepass_contract.contract_tests.selftest.histories import GTIN, PRODUCT, Story, batch, passport

FORBIDDEN = {"error": "No"}


def body(*items: dict[str, Any], **members: Any) -> bytes:
    return orjson.dumps({"passports": list(items), **members})


def without(member: str) -> dict[str, Any]:
    return {name: value for name, value in passport("x").items() if name != member}


def spelled(gtin: str) -> dict[str, Any]:
    return {"productId": PRODUCT, "gs1": {"gtin": gtin, "serialNumber": "CONF-r1-g"}}


def serial(text: str) -> dict[str, Any]:
    return {"productId": PRODUCT, "gs1": {"gtin": GTIN, "serialNumber": text}}


OTHER = {**passport("o"), "productId": "0" * 24}
YES = passport("y", confirmOverage=True)


@pytest.mark.parametrize(
    ("asked", "outcomes", "reading", "answers"),
    [
        (batch("a"), "c", "batch.all-created-status", ["200"]),
        (batch("a", "a"), "ce", "batch.mixed-status", ["200"]),
        (batch("a"), "e", "batch.all-failed-status", ["200"]),
        (batch("a"), "c", "items.created-data", ["trimmed"]),
        (batch("a", "b", "a"), "ece", "items.duplicate-in-batch", None),
        (batch("a", "a"), "ec", "items.duplicate-in-batch", ["last-wins"]),
        (body(passport("a"), without("gs1")), "ce", "items.malformed-item", ["item-error"]),
        (body(serial("CONF-r1-" + "x" * 30)), "c", "items.serial-domain", ["any-text-1-to-100"]),
        (body(spelled("4012345000016")), "c", "items.gtin-spellings", ["13-padded", "8-12-13-14-padded"]),
        (body(spelled("04012345000015")), "c", "items.gtin-check-digit", ["not-enforced"]),
        (body(passport("a", colour="red")), "c", "batch.unknown-members", ["ignored"]),
        (body(passport("a"), passport("b", colour="red")), "ce", "batch.unknown-members", ["item-error"]),
        (body(passport("a"), OTHER), "ce", "items.unknown-product", ["item-error"]),
        (body(YES, confirmOverage=True), "c", "quota.consent-within-quota", ["ignored"]),
    ],
)
def test_an_executed_batch_shows_readings(asked: bytes, outcomes: str, reading: str, answers: list[str] | None) -> None:
    story = Story(unlimited_writes=True, unlimited_slots=True, product_id=PRODUCT)

    story.executed(asked, outcomes)

    assert story.broken() == set()
    assert story.observed().get(reading) == answers


@pytest.mark.parametrize(
    ("asked", "status", "error", "reading", "answers"),
    [
        (body(), 413, "No", "batch.size-refusal", ["413"]),
        (body(without("gs1")), 400, "No", "items.malformed-item", ["whole-batch", "by-kind"]),
        (body(serial("")), 400, "No", "items.malformed-item", ["whole-batch"]),
        (body(spelled("4012345000016")), 400, "No", "items.gtin-spellings", ["14-digits"]),
        (body(spelled("04012345000015")), 400, "No", "items.gtin-check-digit", ["enforced"]),
        (body(OTHER), 404, "No", "items.unknown-product", ["whole-404"]),
        (batch("a"), 402, "overage_required", "quota.token-place", ["error"]),
        (batch("a"), 402, {"code": "overage_required"}, "quota.token-place", ["nested"]),
        (batch("a"), 429, "No", "budget.refusal-headers", ["none"]),
        (body(YES, confirmOverage=True), 402, "overage_required", "quota.without-overage", ["same-402"]),
        (body(YES, confirmOverage=True), 403, "No", "quota.without-overage", ["403"]),
    ],
)
def test_a_refusal_shows_readings(asked: bytes, status: int, error: Any, reading: str, answers: list[str]) -> None:
    story = Story(product_id=PRODUCT, overage_supported=False)

    story.call(asked, status, {"error": error})

    assert story.broken() == set()
    assert story.observed()[reading] == answers


@pytest.mark.parametrize(
    ("key", "executed", "reading", "answers"),
    [
        ("mcp-1", True, "idempotency.key-syntax", ["any-1-to-255"]),
        ("mcp-1", False, "idempotency.key-syntax", ["uuid"]),
        ("", True, "idempotency.key-out-of-range", ["ignored"]),
        ("x" * 256, False, "idempotency.key-out-of-range", ["refused"]),
    ],
)
def test_keys_of_other_forms_show_readings(key: str, executed: bool, reading: str, answers: list[str]) -> None:
    story = Story()

    if executed:
        story.executed(batch("a"), "c", key=key)
    else:
        story.refused(batch("a"), 400, key=key)

    assert story.broken() == set()
    assert story.observed()[reading] == answers


def test_a_status_that_is_not_always_the_same_is_no_fault() -> None:
    story = Story()
    story.executed(batch("a"), "c", status=200)

    story.executed(batch("b"), "c", status=201)

    assert story.broken() == set()
    assert story.observed()["batch.all-created-status"] == ["200", "201"]
