"""The small parts of the oracle: bodies, items, notes, and which calls a history has."""

from typing import Any

import orjson
import pytest

from tracepass_contract.contract_tests.judging.oracle.calls.bodies import FINGERPRINTS, same_result, same_under
from tracepass_contract.contract_tests.judging.oracle.calls.calls import (
    Call,
    deleted_id,
    is_batch,
    is_single_create,
    read_id,
)
from tracepass_contract.contract_tests.judging.oracle.calls.items import (
    Flaw,
    has_right_check_digit,
    item_of,
    loosest,
    same_but_for_spelling,
)
from tracepass_contract.contract_tests.judging.oracle.calls.notes import WITNESSES_MAX, Notes
from tracepass_contract.contract_tests.judging.oracle.judge import judge
from tracepass_contract.contract_tests.model.history import Exchange, Given, History
from tracepass_contract.contract_tests.model.verdicts import Finding, Observation, Verdict
from tracepass_contract.contract_tests.tests.helpers.histories import GTIN, NOON, PRODUCT, Story, batch, passport


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (b'{"a": 1, "b": 2}', b'{"a": 1, "b": 2}', FINGERPRINTS),
        (b'{"a": 1, "b": 2}', b'{"a":1,"b":2}', {"parsed-json", "canonical-json"}),
        (b'{"a": 1, "b": 2}', b'{"b": 2, "a": 1}', {"canonical-json"}),
        (b'{"a": 1}', b'{"a": 2}', set()),
        (b"[1, 2]", b"[2, 1]", set()),
        (b"{", b"{", FINGERPRINTS),
        (b"{", b"{}", set()),
        (None, None, FINGERPRINTS),
        (None, b"", set()),
        (None, b"{}", set()),
    ],
)
def test_two_bodies_are_the_same_as_the_reading_has_it(one: bytes | None, other: bytes | None, same: set[str]) -> None:
    assert same_under(one, other) == same
    assert same_under(other, one) == same


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"results": [1, 2], "summary": 1}, {"results": [2, 1], "summary": 1, "more": 1}, True),
        ({"results": [{"a": 1, "b": 2}]}, {"results": [{"b": 2, "a": 1}]}, True),
        ({"results": [1]}, {"results": [2]}, False),
        ({"results": [1], "summary": 1}, {"results": [1], "summary": 2}, False),
        ({"results": [1]}, {"results": "x"}, False),
        ({}, {"results": "x"}, True),
        ({}, {"summary": 1}, False),
    ],
)
def test_two_results_are_the_same_in_whatever_order(one: dict[str, Any], other: dict[str, Any], same: bool) -> None:
    assert same_result(one, other) is same


def item(gtin: Any = GTIN, serial: Any = "A-1", **members: Any) -> dict[str, Any]:
    return {"productId": PRODUCT, "gs1": {"gtin": gtin, "serialNumber": serial}, **members}


@pytest.mark.parametrize(
    ("raw", "flaws"),
    [
        (item(), set()),
        (item(serial="x" * 20), set()),
        (item(parties=[]), {Flaw.PARTIES}),
        (item(confirmOverage=True), set()),
        (item(confirmOverage="yes"), {Flaw.CONSENT}),
        (item(confirmOverage=None), {Flaw.CONSENT}),
        (item(colour="red"), {Flaw.UNKNOWN_MEMBER}),
        ({**item(), "gs1": {"gtin": GTIN, "serialNumber": "a", "batch": "b"}}, {Flaw.UNKNOWN_MEMBER}),
        (7, {Flaw.STRUCTURE}),
        ({**item(), "gs1": "x"}, {Flaw.STRUCTURE}),
        ({"productId": PRODUCT}, {Flaw.STRUCTURE}),
        ({**item(), "productId": 7}, {Flaw.STRUCTURE}),
        ({**item(), "productId": ""}, {Flaw.STRUCTURE}),
        (item(gtin=7), {Flaw.STRUCTURE}),
        (item(serial=None), {Flaw.STRUCTURE}),
        (item(serial=""), {Flaw.VALUE}),
        (item(serial="x" * 101), {Flaw.VALUE}),
        (item(serial="x" * 100), {Flaw.DOMAIN}),
        (item(serial="ä" * 101), {Flaw.DOMAIN}),
        (item(serial="x" * 21), {Flaw.DOMAIN}),
        (item(serial="a b"), {Flaw.DOMAIN}),
        (item(gtin="x"), {Flaw.VALUE}),
        (item(gtin="123456789"), {Flaw.VALUE}),
        (item(gtin="4012345000016"), {Flaw.SPELLING}),
        (item(gtin="4012345000015"), {Flaw.SPELLING, Flaw.CHECK_DIGIT}),
        (item(gtin="04012345000015"), {Flaw.CHECK_DIGIT}),
        (item(gtin="96385074"), {Flaw.SPELLING}),
        (item(gtin="036000291452"), {Flaw.SPELLING}),
    ],
)
def test_the_flaws_of_an_item_are_what_a_deployment_may_find(raw: Any, flaws: set[Flaw]) -> None:
    found = item_of(raw)

    assert found.flaws == flaws
    assert found.is_whole is not bool(flaws & {Flaw.STRUCTURE, Flaw.VALUE})
    assert found.sent is raw


def test_an_item_names_its_product_and_its_pair() -> None:
    found = item_of(item("4012345000016", "x", confirmOverage=False))

    assert (found.product_id, found.pair, found.says) == (PRODUCT, ("04012345000016", "x"), False)
    assert (item_of(7).product_id, item_of(7).pair, item_of(7).says) == (None, None, None)
    assert item_of({**item(), "productId": 7}).product_id is None


def test_serials_are_compared_as_loosely_as_any_deployment_does() -> None:
    assert loosest((GTIN, " Ä ")) == (GTIN, "ä")
    assert same_but_for_spelling(" A\u0308", "ä ")
    assert not same_but_for_spelling("a", "b")
    assert [has_right_check_digit(gtin) for gtin in ("04012345000016", "96385074", "04012345000015")] == [
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("method", "path", "batch", "single", "deleted", "read"),
    [
        ("POST", "/api/v1/passports/batch", True, False, None, None),
        ("post", "/api/v1/passports/batch/?x=/y", True, False, None, None),
        ("PUT", "/api/v1/passports/batch", False, False, None, None),
        ("POST", "/api/v1/passports", False, True, None, None),
        ("Post", "/passports/?a=b", False, True, None, None),
        ("GET", "/api/v1/passports", False, False, None, None),
        ("DELETE", "/api/v1/passports/p1?x=1", False, False, "p1", None),
        ("delete", "/api/v1/passports/p1", False, False, "p1", None),
        ("GET", "/api/v1/passports/p1/", False, False, None, "p1"),
        ("get", "/api/v1/passports/p1", False, False, None, "p1"),
        ("GET", "/api/v1/passports/pX", False, False, None, "pX"),
        ("GET", "/api/v1/products/p1", False, False, None, None),
        ("DELETE", "/api/v1/passports/p1/qr", False, False, None, None),
    ],
)
def test_a_call_is_known_by_its_method_and_path(
    method: str, path: str, batch: bool, single: bool, deleted: str | None, read: str | None
) -> None:
    exchange = Exchange(1, "main", "key", method, path, NOON)

    assert (is_batch(exchange), is_single_create(exchange)) == (batch, single)
    assert (deleted_id(exchange), read_id(exchange)) == (deleted, read)


@pytest.mark.parametrize(
    ("headers", "sound"),
    [
        ({}, True),
        ({"Content-Type": "application/json; charset=utf-8"}, True),
        ({"content-type": "APPLICATION/JSON"}, True),
        ({"Content-Type": "text/plain"}, False),
        ({"Content-Encoding": "br"}, False),
        ({"Accept": "text/plain"}, True),
    ],
)
def test_a_body_that_is_not_declared_as_plain_json_may_be_refused_for_it(headers: dict[str, str], sound: bool) -> None:
    call = Call(Exchange(1, "main", "key", "POST", "/passports/batch", NOON, headers, batch("a")))

    assert call.is_sound is sound


@pytest.mark.parametrize(("spaces", "sound"), [(1_000_000, True), (1_100_000, False)])
def test_a_body_of_more_than_a_mebibyte_may_be_refused_for_it(spaces: int, sound: bool) -> None:
    call = Call(Exchange(1, "main", "key", "POST", "/passports/batch", NOON, {}, batch("a") + b" " * spaces))

    assert call.is_sound is sound


@pytest.mark.parametrize(
    ("members", "may_be_unknown"), [({}, False), ({"operatorIdentifier": {"scheme": "gln"}}, True)]
)
def test_a_party_with_a_newer_identifier_may_be_refused_for_it(members: dict[str, Any], may_be_unknown: bool) -> None:
    item = item_of({"productId": "p", "gs1": {}, "parties": {"importer": {"legalName": "x", **members}, "other": 7}})

    assert (Flaw.UNKNOWN_MEMBER in item.flaws) is may_be_unknown


def test_an_entry_without_a_text_as_id_has_none() -> None:
    answer = {
        "results": [
            {"index": index, "status": "created", "data": data}
            for index, data in enumerate([{"_id": "x"}, {"_id": 7}, "x", {"id": "x"}])
        ]
    }
    call = Call(
        Exchange(
            1,
            "main",
            "key",
            "POST",
            "/passports/batch",
            NOON,
            {},
            batch("a", "b", "c", "d"),
            NOON,
            200,
            answer=orjson.dumps(answer),
        )
    )

    assert [(entry.created, entry.passport_id) for entry in call.entries.values()] == [
        (True, "x"),
        (True, None),
        (True, None),
        (True, None),
    ]


def test_a_finding_gathers_its_witnesses() -> None:
    notes = Notes()
    notes.conforms("summary.adds-up", "c", 2)
    notes.conforms("summary.adds-up", "c", [3, 1, 3, 2])
    notes.violates("summary.adds-up", "c", "why", 4, expected="e", actual="a")
    notes.inconclusive("summary.adds-up", "c", "why", {5})
    notes.violates("summary.adds-up", "d", "why", [6])

    assert notes.findings == [
        Finding("summary.adds-up", Verdict.VIOLATES, "c", "why", "e", "a", [4]),
        Finding("summary.adds-up", Verdict.VIOLATES, "d", "why", "", "", [6]),
        Finding("summary.adds-up", Verdict.INCONCLUSIVE, "c", "why", "", "", [5]),
        Finding("summary.adds-up", Verdict.CONFORMS, "c", witnesses=[2, 1, 3]),
    ]


def test_a_dozen_witnesses_are_enough() -> None:
    notes = Notes()
    for number in range(1, 20):
        notes.conforms("summary.adds-up", "c", number)

    assert notes.findings[0].witnesses == list(range(1, WITNESSES_MAX + 1))


def test_an_observation_is_what_all_that_was_seen_agrees_on() -> None:
    notes = Notes()
    notes.observe("idempotency.fingerprint", ["raw-bytes", "parsed-json"], 3)
    notes.observe("idempotency.fingerprint", FINGERPRINTS, 4)
    notes.observe("idempotency.fingerprint", ["parsed-json", "canonical-json", "no such answer"], [2, 3])
    notes.observe("idempotency.in-flight", ["no such answer"], 5)

    assert notes.observations == [Observation("idempotency.fingerprint", ["parsed-json"], [3, 2])]


def test_a_deployment_that_does_not_agree_with_itself_is_observed_as_it_was_seen() -> None:
    notes, vague = Notes(), Notes()
    notes.observe("idempotency.fingerprint", ["raw-bytes"], 1)
    notes.observe("idempotency.fingerprint", ["canonical-json"], 2)
    notes.observe("idempotency.fingerprint", ["parsed-json", "canonical-json"], 3)
    vague.observe("idempotency.remembered-outcomes", ["2xx", "executed"], 1)
    vague.observe("idempotency.remembered-outcomes", ["all", "all-but-429-and-5xx"], 2)

    assert [set(each.answers) for each in notes.observations] == [{"raw-bytes", "canonical-json"}]
    assert [list(each.witnesses) for each in notes.observations] == [[1, 2]]
    assert [(len(each.answers), list(each.witnesses)) for each in vague.observations] == [(4, [1, 2])]


def test_what_leaves_every_answer_open_is_no_observation() -> None:
    notes = Notes()
    notes.observe("idempotency.fingerprint", FINGERPRINTS, 1)

    assert notes.observations == []


def test_observations_come_in_the_order_of_their_names() -> None:
    notes = Notes()
    for reading in ("quota.token-place", "budget.refusal-headers"):
        notes.observe(reading, {"nested", "none"}, 1)

    assert [each.reading for each in notes.observations] == ["budget.refusal-headers", "quota.token-place"]


WRONG_DIGIT = "04012345000015"


def of(gtin: str, serial: str) -> bytes:
    return orjson.dumps({"passports": [item(gtin, serial)]})


def test_a_gtin_that_was_given_or_taken_is_good_whatever_its_check_digit() -> None:
    """So that the batch that is refused is in order, and only its size or a reading could be why; before it is open."""
    given, taken, elsewhere, unknown = Story(gtin=WRONG_DIGIT), Story(), Story(), Story()
    given.given(slots_left=9)
    taken.executed(of(WRONG_DIGIT, "CONF-r1-a"), "c")
    elsewhere.executed(of(WRONG_DIGIT, "CONF-r1-a"), "c", workspace="other")
    for story in (given, taken, elsewhere, unknown):
        story.refused(of(WRONG_DIGIT, "CONF-r1-b"), 400)

    enforced = {
        id(story): "enforced" in story.observed().get("items.gtin-check-digit", [])
        for story in (given, taken, elsewhere, unknown)
    }
    assert list(enforced.values()) == [False, False, True, True]


def test_what_is_given_is_known_of_its_own_workspace_from_then_on() -> None:
    before, other = Story(), Story()
    sent = orjson.dumps({"passports": [passport("a"), {**passport("b"), "productId": "0" * 24}]})
    before.executed(sent, "ce")
    before.given(product_id=PRODUCT)
    other.given(workspace="other", product_id=PRODUCT)
    other.executed(sent, "ce")

    assert "items.unknown-product" not in before.observed()
    assert "items.unknown-product" not in other.observed()


def test_a_history_without_calls_says_nothing() -> None:
    judgement = judge(History("http://example.test", "r1", [Given("main", NOON, writes_left=1)]))

    assert (list(judgement.findings), list(judgement.observations)) == ([], [])
