"""What single answers show of the readings."""

from typing import Any

import orjson
import pytest

from tracepass_contract.contract_tests.tests.helpers.histories import GTIN, PRODUCT, Story, answered, batch, passport

FORBIDDEN = {"error": "No"}


def body(*items: dict[str, Any], **members: Any) -> bytes:
    return orjson.dumps({"passports": list(items), **members})


def without(member: str) -> dict[str, Any]:
    return {name: value for name, value in passport("x").items() if name != member}


def spelled(gtin: str) -> dict[str, Any]:
    return {"productId": PRODUCT, "gs1": {"gtin": gtin, "serialNumber": "CONF-r1-g"}}


def serial(text: str) -> dict[str, Any]:
    return {"productId": PRODUCT, "gs1": {"gtin": GTIN, "serialNumber": text}}


def says(item: dict[str, Any], value: object) -> dict[str, Any]:
    return {**item, "confirmOverage": value}


OTHER = {**passport("o"), "productId": "0" * 24}
YES = passport("y", confirmOverage=True)


@pytest.mark.parametrize(
    ("sent", "outcomes", "reading", "answers"),
    [
        (batch("a"), "c", "batch.all-created-status", ["200"]),
        (batch("a", "a"), "ce", "batch.mixed-status", ["200"]),
        (batch("a"), "e", "batch.all-failed-status", ["200"]),
        (batch("a"), "c", "items.created-data", ["trimmed"]),
        (batch("a", "b", "a"), "ece", "items.duplicate-in-batch", None),
        (batch("a", "a"), "ec", "items.duplicate-in-batch", ["last-wins"]),
        (body(passport("a"), without("gs1")), "ce", "items.malformed-item", ["item-error"]),
        (body(serial("CONF-r1-" + "x" * 30)), "c", "items.serial-domain", ["any-text-1-to-100"]),
        (body(spelled("4012345000016")), "c", "items.gtin-spellings", ["8-12-13-14-padded", "13-padded"]),
        (body(spelled("04012345000015")), "c", "items.gtin-check-digit", ["not-enforced"]),
        (body(passport("a", colour="red")), "c", "batch.unknown-members", ["ignored"]),
        (body(passport("a"), passport("b", colour="red")), "ce", "batch.unknown-members", ["item-error"]),
        (body(passport("a"), OTHER), "ce", "items.unknown-product", ["item-error"]),
        (body(YES, confirmOverage=True), "c", "quota.consent-within-quota", ["ignored"]),
    ],
)
def test_an_executed_batch_shows_readings(sent: bytes, outcomes: str, reading: str, answers: list[str] | None) -> None:
    story = Story(unlimited_writes=True, unlimited_slots=True, product_id=PRODUCT)

    story.executed(sent, outcomes)

    assert story.broken() == set()
    assert story.observed().get(reading) == answers


@pytest.mark.parametrize(
    ("sent", "status", "error", "reading", "answers"),
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
def test_a_refusal_shows_readings(sent: bytes, status: int, error: Any, reading: str, answers: list[str]) -> None:
    story = Story(product_id=PRODUCT, overage_supported=False)

    story.call(sent, status, {"error": error})

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


@pytest.mark.parametrize(
    ("sent", "outcomes", "reading", "answers"),
    [
        (body(spelled("96385074")), "c", "items.gtin-spellings", ["8-12-13-14-padded"]),
        (body(spelled("96385074")), "e", "items.gtin-spellings", None),
        (body(passport("a"), passport("b", colour="red")), "ee", "batch.unknown-members", None),
        (body(passport("a", colour="red")), "e", "batch.unknown-members", None),
        (body(passport("a"), passport("b"), passport("c", colour="red")), "cee", "batch.unknown-members", None),
        (body(passport("a"), passport("a"), passport("b", colour="red")), "cce", "batch.unknown-members", None),
        (
            body(passport("a"), {**passport("b", colour="red"), "productId": "0" * 24}),
            "ce",
            "batch.unknown-members",
            None,
        ),
        (body(passport("a", colour="red", parties=[])), "c", "batch.unknown-members", None),
        (body(passport("a", colour="red"), says(passport("b"), True)), "cc", "batch.unknown-members", None),
        (body(passport("a", colour="red"), extra=1), "c", "batch.unknown-members", None),
        (body(passport("a", colour="red"), confirmOverage=True), "c", "batch.unknown-members", ["ignored"]),
        (body(serial("")), "e", "items.malformed-item", ["item-error", "by-kind"]),
        (body(passport("a"), OTHER), "ec", "items.unknown-product", None),
        (body(passport("a"), OTHER), "ee", "items.unknown-product", None),
        (body(passport("a"), OTHER), "cc", "items.unknown-product", None),
        (body(OTHER), "e", "items.unknown-product", None),
        (body(passport("a"), passport("b")), "ce", "items.unknown-product", None),
        (body(YES, confirmOverage=True), "e", "quota.consent-within-quota", ["ignored"]),
        (body(YES), "c", "quota.consent-within-quota", None),
        (body(passport("a"), confirmOverage=True), "c", "quota.consent-within-quota", None),
    ],
)
def test_an_executed_batch_shows_no_more_than_it_does(
    sent: bytes, outcomes: str, reading: str, answers: list[str] | None
) -> None:
    story = Story(unlimited_writes=True, unlimited_slots=True, product_id=PRODUCT)

    story.executed(sent, outcomes)

    assert story.observed().get(reading) == answers


@pytest.mark.parametrize(
    ("sent", "status", "error", "reading", "answers"),
    [
        (body(spelled("4012345000016")), 422, "No", "items.gtin-spellings", ["14-digits"]),
        (body(spelled("4012345000016")), 413, "No", "items.gtin-spellings", ["14-digits"]),
        (body(spelled("4012345000016")), 404, "No", "items.gtin-spellings", None),
        (body(spelled("96385074")), 400, "No", "items.gtin-spellings", ["14-digits", "13-padded"]),
        (body(spelled("4012345000016"), confirmOverage=False), 400, "No", "items.gtin-spellings", None),
        (body(passport("a", colour="red")), 400, "No", "batch.unknown-members", ["refused"]),
        (body(serial("CONF-r1-" + "x" * 30)), 400, "No", "items.serial-domain", ["gs1-1-to-20"]),
        (body(OTHER), 400, "No", "items.unknown-product", None),
        (body({**OTHER, "colour": "red"}), 404, "No", "items.unknown-product", None),
        (body(passport("a")), 404, "No", "items.unknown-product", None),
        (batch("a", "a"), 409, "No", "items.duplicate-in-batch", ["whole-refused"]),
        (batch("a", "b"), 409, "No", "items.duplicate-in-batch", None),
        (batch("a", "a"), 400, "No", "items.duplicate-in-batch", None),
        (b"{}", 413, "No", "batch.size-refusal", None),
        (batch("a"), 413, "No", "batch.size-refusal", None),
        (batch(*"x" * 101), 422, "No", "batch.size-refusal", ["422"]),
        (batch("a"), 402, "No", "quota.token-place", None),
        (body(YES, confirmOverage=True), 402, "No", "quota.without-overage", ["402-other-token"]),
        (body(YES, confirmOverage=True), 429, "No", "quota.without-overage", None),
        (body(YES), 403, "No", "quota.without-overage", None),
        (body(YES, confirmOverage=True), 400, "No", "quota.consent-within-quota", ["refused"]),
        (body(YES, confirmOverage=True), 422, "No", "quota.consent-within-quota", None),
    ],
)
def test_a_refusal_shows_no_more_than_it_does(
    sent: bytes, status: int, error: Any, reading: str, answers: list[str] | None
) -> None:
    story = Story(product_id=PRODUCT, overage_supported=False, unlimited_slots=True)

    story.call(sent, status, {"error": error})

    assert story.observed().get(reading) == answers


@pytest.mark.parametrize(
    ("headers", "answers"),
    [
        ({"RateLimit-Limit": "5", "Retry-After": "60"}, ["ratelimit"]),
        ({"RATELIMIT": "x"}, ["ratelimit"]),
        ({"Retry-After": "60"}, ["retry-after"]),
        ({"X-Retry-After": "60", "X-RateLimit": "1"}, ["none"]),
    ],
)
def test_the_headers_of_a_429_are_a_reading(headers: dict[str, str], answers: list[str]) -> None:
    story = Story()

    story.refused(batch("a"), 429, answer_headers=headers)

    assert story.observed()["budget.refusal-headers"] == answers


@pytest.mark.parametrize(
    ("member", "answers"), [("productId", ["full"]), ("createdAt", ["full"]), ("name", ["trimmed"])]
)
def test_the_data_of_a_created_item_is_full_where_it_says_more(member: str, answers: list[str]) -> None:
    story, answer = Story(), answered(batch("a"), "c")
    answer["results"][0]["data"][member] = "x"

    story.call(batch("a"), 200, answer)

    assert story.observed()["items.created-data"] == answers


def test_the_first_created_item_tells_how_much_data_there_is() -> None:
    story, answer = Story(), answered(batch("a", "b"), "cc")
    answer["results"][1]["data"]["productId"] = PRODUCT

    story.call(batch("a", "b"), 200, answer)

    assert story.observed()["items.created-data"] == ["trimmed"]


@pytest.mark.parametrize(
    "answer",
    [
        {"error": {"error": "overage_required"}},
        {"error": "x", "code": "overage_required"},
        {"type": "overage_required"},
        {"error": "x", "details": {"type": "overage_required"}},
        {"details": {"code": "overage_required"}},
        {"error": {"type": "overage_required"}},
    ],
)
def test_the_token_of_a_402_is_found_wherever_it_is(answer: dict[str, Any]) -> None:
    story = Story()

    story.call(batch("a"), 402, answer)

    assert story.observed()["quota.token-place"] == ["nested"]


@pytest.mark.parametrize(
    ("sent", "key", "status", "observed"),
    [
        (batch("a"), "mcp-1", 422, {}),
        (batch("a", confirmOverage=True), "mcp-1", 400, {}),
        (body(says(passport("a"), True)), "mcp-1", 400, {}),
        (body(passport("a", colour="red")), "mcp-1", 400, {}),
        (body(), "mcp-1", 400, {"batch.size-refusal": ["400"]}),
        (batch("a"), "7b4f1e2c-9a3d-4e5b-8c1a-2d3e4f5a6b7c", 400, {}),
        (batch("a"), "", 422, {}),
        (batch("a", confirmOverage=True), "", 400, {}),
        (body(passport("a", colour="red")), "", 400, {}),
        (body(says(passport("a"), False)), "x" * 256, 400, {}),
        (body(), "x" * 256, 400, {"batch.size-refusal": ["400"]}),
    ],
)
def test_a_refusal_that_may_have_another_reason_shows_nothing_of_keys(
    sent: bytes, key: str, status: int, observed: dict[str, list[str]]
) -> None:
    story = Story()

    story.refused(sent, status, key=key)

    assert story.observed() == observed


def test_keys_of_255_characters_are_keys() -> None:
    longest, too_long = Story(), Story()

    longest.executed(batch("a"), "c", key="x" * 255)
    too_long.executed(batch("a"), "c", key="x" * 256)

    assert longest.observed()["idempotency.key-syntax"] == ["any-1-to-255"]
    assert "idempotency.key-is-opaque" in longest.kept()
    assert too_long.observed()["idempotency.key-out-of-range"] == ["ignored"]
    assert "idempotency.key-is-opaque" not in too_long.kept()


def test_an_unknown_member_of_an_item_that_was_named_before_may_not_be_why_it_failed() -> None:
    story = Story()
    story.executed(batch("b"), "c")
    story.executed(batch("c"), "c")

    story.executed(body(passport("a"), passport("b", colour="red")), "ce")

    assert "batch.unknown-members" not in story.observed()


def test_calls_that_are_not_the_workspaces_own_show_no_readings() -> None:
    unknown, replay, both = Story(), Story(), Story()
    unknown.refused(batch("a"), 402, "overage_required", workspace=None)
    first = replay.executed(batch("a"), "c", key="7b4f1e2c-9a3d-4e5b-8c1a-2d3e4f5a6b7c")
    replay.call(batch("a"), 201, first, key="7b4f1e2c-9a3d-4e5b-8c1a-2d3e4f5a6b7c")
    replay.executed(batch("b"), "c")
    both.executed(batch("a"), "c", status=201, workspace=None)
    both.executed(batch("b"), "c")

    assert unknown.observed() == {}
    assert both.observed()["batch.all-created-status"] == ["200"]
    assert replay.observed()["batch.all-created-status"] == ["200"]


def test_an_item_without_an_entry_shows_no_reading() -> None:
    story, sent = Story(), body(passport("a"), passport("b", colour="red"))

    story.call(sent, 200, answered(batch("a"), "c"))

    assert "batch.unknown-members" not in story.observed()


def test_where_no_product_is_known_none_is_known_to_be_unknown() -> None:
    story = Story(slots_left=5)

    story.refused(body(OTHER), 404)

    assert "items.unknown-product" not in story.observed()
