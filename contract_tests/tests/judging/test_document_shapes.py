"""Answers that the schemas can't tell apart are looked at once, and nothing is missed or told wrongly for it."""

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema_rs import Draft202012Validator

from tracepass_contract import spec
from tracepass_contract.contract_tests.judging.document_shapes import (
    Shown,
    _first_text,
    _kinds,
    body_errors,
    header_errors,
)

ID, OTHER_ID = "65f1a2b3c4d5e6f7a8b9c0d1", "75f1a2b3c4d5e6f7a8b9c0d2"
PASSPORT = {
    "_id": ID,
    "gs1": {"gtin": "09506000140018", "serialNumber": "CONF-ABCDEFGH-000001"},
    "status": "draft",
    "createdAt": "2026-01-15T12:00:00Z",
}
CREATED = {"index": 0, "status": "created", "data": PASSPORT}


def batch(entry: Any) -> Shown:
    result = {"results": [entry], "summary": {"created": 1, "errors": 0, "total": 1}}
    return Shown("post", "/api/v1/passports/batch", 200, "application/json", orjson.dumps(result))


def test_a_result_is_as_shown_whatever_it_names() -> None:
    gs1 = {"gtin": "09506000140025", "serialNumber": "CONF-BCDEFGHA-000002"}

    assert body_errors(batch(CREATED)) == []
    assert body_errors(batch({**CREATED, "data": {**PASSPORT, "_id": OTHER_ID, "gs1": gs1}})) == []


@pytest.mark.parametrize(
    "wrong", [{"_id": None}, {"gs1": {"gtin": "0950600014001"}}, {"status": ID}, {"status": OTHER_ID}]
)
def test_what_is_reported_is_what_was_answered(wrong: Any) -> None:
    """The last two are alike but for a name, which stands where no name may."""
    entry = {**CREATED, "data": {**PASSPORT, **wrong}}

    [error] = body_errors(batch(entry))

    assert error.startswith(f"/results/0: {entry} ")


def test_a_long_number_is_no_name() -> None:
    """Taken for one it would be no JSON any more."""
    entry = orjson.dumps({"results": [CREATED], "summary": {"created": 1, "errors": 0, "total": 1}})
    answer = entry.replace(b'"index":0', b'"index": 10000000000000')

    assert body_errors(Shown("post", "/api/v1/passports/batch", 200, "application/json", answer)) == []


def test_two_members_that_are_names_stay_two() -> None:
    """The first has a count below zero, the second a right one."""
    counts = {"CONF-ABCDEFGH-000001": -1, "CONF-ABCDEFGH-000002": 1}
    summary = {"passportId": ID, "serialNumber": "S", "gtin": "09506000140018", "dppsActiveDelta": 0}
    deleted = {"message": "Passport permanently deleted", "summary": {**summary, "deletedCounts": counts}}
    shown = Shown("delete", "/api/v1/passports/…", 200, "application/json", orjson.dumps(deleted))

    assert any("-1 is less than the minimum" in line for line in body_errors(shown))


def test_texts_of_one_kind_are_counted() -> None:
    """Only objects are looked at once: the document says how many pictures a product has at most."""

    def pictures(number: int) -> Shown:
        changed = {"_id": ID, "updatedAt": "now", "imageUrls": [f"https://example.com/{n}" for n in range(number)]}
        return Shown("patch", "/api/v1/products/…", 200, "application/json", orjson.dumps(changed))

    assert body_errors(pictures(20)) == []
    assert any("20 items" in line or "too long" in line for line in body_errors(pictures(21)))


def test_a_header_that_is_described_is_looked_at() -> None:
    refused = Shown("post", "/api/v1/passports/batch", 429, "application/json", b'{"error":"no"}')

    assert header_errors(refused, {"retry-after": "60", "date": "whenever", "content-length": "many"}) == []
    assert header_errors(refused, {"retry-after": "0"}) != []


UNTOLD = {"format", "multipleOf", "exclusiveMinimum", "exclusiveMaximum", "uniqueItems", "contains", "prefixItems"}
TOLD = {"const", "enum", "pattern", "minLength", "maxLength", "minimum", "maximum"}
TEXTS = st.one_of(
    st.text(max_size=3),
    st.from_regex(r"[0-9]{12,15}|[A-Z]{1,3}|https?://[a-z]{1,3}", fullmatch=True),
    st.integers(90, 2100).map(lambda length: "x" * length),
)


def objects_of(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
    for each in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from objects_of(each)


OBJECTS = [*objects_of(spec.openapi_document())]
PLAIN = [
    {name: each[name] for name in TOLD & each.keys()} for each in OBJECTS if TOLD & each.keys() and "$ref" not in each
]
SCHEMAS = [Draft202012Validator(each) for each in PLAIN if not isinstance(each.get("enum", []), dict)]


def test_the_document_has_no_keyword_that_tells_more_values_apart() -> None:
    """Else two answers would be taken for alike of which only one is as the document says."""
    assert not UNTOLD & {name for each in OBJECTS for name in each}


@given(TEXTS)
def test_a_text_and_the_first_of_its_kind_are_right_or_wrong_together(text: str) -> None:
    first = _first_text(text)

    assert [each.is_valid(text) for each in SCHEMAS] == [each.is_valid(first) for each in SCHEMAS]


@given(st.one_of(st.integers(-3, 3), st.integers(90, 110), st.integers(-(2**63), 2**63 - 1)))
def test_a_number_and_the_first_of_its_kind_are_right_or_wrong_together(number: int) -> None:
    first = _kinds().first_number(number)

    assert [each.is_valid(number) for each in SCHEMAS] == [each.is_valid(first) for each in SCHEMAS]
