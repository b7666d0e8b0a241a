"""The JSON type of each member: a wrong one is refused or fails alone, and does nothing else.

| rule | dimensions and values | observed |
|---|---|---|
| batch.same-shape-as-single | member, also within `gs1` and `parties`, or the item x `VALUES` | not created; no 5xx |
| items.fail-independently | the same, with a good item beside it | created once, or refused with it |
| batch.holds-1-to-100-items | type of the body and of `passports`; bytes that are no JSON | refused |
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from tracepass_contract.contract_tests.checks import expect
from tracepass_contract.contract_tests.client.api import Api, Batch
from tracepass_contract.contract_tests.client.reply import Reply
from tracepass_contract.contract_tests.client.single_calls import Item
from tracepass_contract.contract_tests.target.workspace import Account

pytestmark = pytest.mark.thorough

VALUES: Mapping[str, Any] = {
    "text": "seven",
    "empty text": "",
    "number": 7,
    "large number": 2**63 - 1,
    "true": True,
    "false": False,
    "null": None,
    "array": [],
    "array of text": ["seven"],
    "object": {},
}
TEXTS = ("text", "empty text")
_PARTIES = {"importer": {"legalName": "Conformance", "gln": "4012345000009"}}
_NEWER = ("lineage",)  # a deployment may know it and not serve it
_DEPTH = 2_000


def _put(item: Item, path: Sequence[str], value: Any) -> Item:
    """A copy of the item with another value in this place."""
    first, *rest = path
    return {**item, first: _put(item.get(first, {}), rest, value) if rest else value}


@pytest.mark.rule("batch.same-shape-as-single", "items.fail-independently")
@pytest.mark.price(writes=40, slots=1)
@pytest.mark.risk(slots=20)
@pytest.mark.parametrize("path", [("productId",), ("gs1",), ("gs1", "gtin"), ("gs1", "serialNumber")], ids=".".join)
def test_a_required_member_of_another_type_is_not_taken(api: Api, account: Account, path: Sequence[str]) -> None:
    """A required member has another JSON type. The batch is refused, or the item fails alone."""
    beside = _Beside(account)
    for name, value in VALUES.items():
        if path == ("gs1", "serialNumber") and name in TEXTS:
            continue  # "seven" is a serial number
        reply = beside.sends(api, _put(account.passport(), path, value))

        _is_answered(reply, name)
        expect.true(f"{name} to be no {path[-1]}", reply.entry(0).get("status") != "created", reply.entry(0), reply)
    beside.was_created_at_most_once(api)


@pytest.mark.rule("batch.same-shape-as-single", "items.fail-independently")
@pytest.mark.price(writes=40, slots=1)
@pytest.mark.risk(slots=20)
def test_an_item_is_an_object(api: Api, account: Account) -> None:
    """Instead of an item there is text, a number, a boolean, null, an array or another object. Nothing is created of
    it.
    """
    beside = _Beside(account)
    inside = [account.passport()]
    for name, value in {**VALUES, "array of an item": inside, "batch": {"passports": inside}}.items():
        reply = beside.sends(api, value)

        _is_answered(reply, name)
        expect.true(f"{name} to be no item", reply.entry(0).get("status") != "created", reply.entry(0), reply)
    beside.was_created_at_most_once(api)


@pytest.mark.rule("batch.same-shape-as-single", "items.fail-independently")
@pytest.mark.price(writes=72, slots=36)
@pytest.mark.parametrize(
    "path",
    [
        ("parties",),
        ("parties", "importer"),
        ("parties", "importer", "legalName"),
        ("parties", "importer", "gln"),
        ("identifier",),
        _NEWER,
        pytest.param(("confirmOverage",), marks=pytest.mark.needs("O")),
    ],
    ids=".".join,
)
def test_an_optional_member_of_another_type_breaks_nothing(api: Api, account: Account, path: Sequence[str]) -> None:
    """It is a reading what happens to an item with such a member. Each call is answered, and the other item is created
    with it or refused with it.
    """
    beside = _Beside(account)
    for name, value in VALUES.items():
        if path == ("confirmOverage",) and value is True:
            continue  # consent
        reply = beside.sends(api, _put(account.passport(parties=_PARTIES), path, value))
        if not (path == _NEWER and reply.status == 501):
            _is_answered(reply, name)
    beside.was_created_at_most_once(api)


@pytest.mark.rule("batch.holds-1-to-100-items", "errors.envelope")
@pytest.mark.risk(writes=20, slots=20)
def test_passports_are_an_array_and_the_body_is_an_object(api: Api, account: Account) -> None:
    """`passports` of another type and a body of another type are refused. Nothing is created of an item inside."""
    item = account.passport()
    passports = {name: value for name, value in VALUES.items() if not isinstance(value, list) or not value}
    bodies: list[Any] = [
        {"passports": value} for value in (*passports.values(), item, {"0": item, "length": 1}, json.dumps([item]))
    ]
    bodies += [{"items": [item]}, {"data": {"passports": [item]}}, [{"passports": [item]}]]
    for body in (*bodies, *VALUES.values(), [item], item):
        expect.refused(api.send(Batch(raw=json.dumps(body).encode())).sure())


@pytest.mark.rule("batch.holds-1-to-100-items", "errors.envelope")
@pytest.mark.risk(writes=10, slots=10)
def test_what_is_no_json_is_refused(api: Api, account: Account) -> None:
    """Bytes that no parser takes for JSON are refused."""
    good = json.dumps({"passports": [account.passport()]})
    for body in (
        b"",
        b" ",
        b"\x00",
        b"\xff\xfe",
        good[:-1].encode(),
        good.replace('"', "'").encode(),
        good.replace("[{", "[{,").encode(),
        f"callback({good})".encode(),
        good.replace("CONF", "CO\nNF").encode(),
    ):
        expect.refused(api.send(Batch(raw=body)).sure())


@pytest.mark.rule("batch.holds-1-to-100-items", "errors.envelope")
@pytest.mark.price(writes=8, slots=8)
def test_what_is_hardly_json_breaks_nothing(api: Api, account: Account) -> None:
    """Some parsers take comments, other encodings, bytes that are no UTF-8, text after the document, or 2,000 levels of
    arrays. The call is executed or refused; it is no server error.
    """
    for body in (
        lambda good: good.encode() + b"}",
        lambda good: good.encode() * 2,
        lambda good: good.replace("}]", "},]").encode(),
        lambda good: f"// comment\n{good}".encode(),
        lambda good: b"\xef\xbb\xbf" + good.encode(),
        lambda good: good.encode("utf-16"),
        lambda good: good.encode().replace(b"CONF", b"CO\xff\xfeNF"),
        lambda good: good.replace("CONF", "CO\\ud800NF").encode(),
        lambda good: good.replace('"gs1"', '"productId": NaN, "gs1"').encode(),
        lambda _good: b'{"passports":' + b"[" * _DEPTH + b"]" * _DEPTH + b"}",
        lambda _good: b'{"passports":' + b'[{"gs1":' * _DEPTH + b"1" + b"}]" * _DEPTH + b"}",
    ):
        items = account.passports(1)
        raw = body(json.dumps({"passports": items}))
        _is_answered(api.send(Batch(items, raw=raw)).sure(), repr(raw[:40]))


class _Beside:
    """A good item that is sent beside each wrong one: after it. It is created once, or not at all."""

    def __init__(self, account: Account) -> None:
        self._item = account.passport()
        self._is_created = False

    def sends(self, api: Api, wrong: Any) -> Reply:
        """The answer. Where it has results, the good item has its own, whatever the wrong one has."""
        reply = api.create_batch([wrong, self._item])
        if reply.is_result:
            wanted = "error" if self._is_created else "created"
            found = reply.entry(1).get("status")
            expect.same("the item beside it", found, wanted, reply, rule="items.fail-independently")
            self._is_created = True
        return reply

    def was_created_at_most_once(self, api: Api) -> None:
        reply = api.create_batch([self._item])
        expect.outcomes(reply, "error" if self._is_created else "created", rule="items.fail-independently")


def _is_answered(reply: Reply, name: str) -> None:
    """A result or a refusal; a server error is neither."""
    expect.true(f"a result or a refusal for {name}", reply.is_result or reply.is_refusal, reply.described, reply)
