"""HTTP around a batch: what clients and proxies may do to a call or an answer changes no result.

| rule | dimensions and values | observed |
|---|---|---|
| calls.are-http | media type (charset, capitals), Accept, Accept-Encoding, other headers | result, replay |
| | compression x size (2 and 100 items); connection (kept, new, closed) | the same result |
| idempotency.key-is-opaque | the header twice (equal, different) | answered; one passport |
| batch.same-shape-as-single | how the JSON is written (`WRITINGS`) | created, and known afterwards |
| | a repeated member (of the body, an item, `gs1`) | refused, or one value counts |
"""

import json
import re
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any

import pytest

from tracepass_contract.contract_tests.checks import expect
from tracepass_contract.contract_tests.client.api import Api, Batch
from tracepass_contract.contract_tests.model import clock
from tracepass_contract.contract_tests.target.workspace import Account

pytestmark = pytest.mark.thorough

HEADERS: Mapping[str, Mapping[str, str]] = {
    "a charset": {"Content-Type": "application/json; charset=utf-8"},
    "a charset in capitals": {"Content-Type": "application/json;charset=UTF-8"},
    "a type in capitals": {"Content-Type": "Application/JSON"},
    "compression": {"Accept-Encoding": "gzip"},
    "two compressions": {"Accept-Encoding": "gzip, deflate"},  # that the suite can decode
    "a preferred compression": {"Accept-Encoding": "gzip;q=1.0, identity;q=0.5, *;q=0"},
    "anything": {"Accept": "*/*"},
    "JSON first": {"Accept": "application/json, text/plain, */*"},
    "a closed connection": {"Connection": "close"},
    "headers of a browser": {
        "Cookie": "a=b",
        "User-Agent": "Mozilla/5.0",
        "Accept-Language": "de-DE,de;q=0.9",
    },
    "headers of a proxy": {"X-Forwarded-For": "203.0.113.7", "Via": "1.1 edge", "X-Request-Id": "r" * 200},
    "headers of clients": {
        "X-Source": "n8n",
        "traceparent": f"00-{'a' * 32}-{'b' * 16}-01",
        "Cache-Control": "no-cache",
    },
}


def _escaped(texts: Any) -> str:
    """JSON of nothing but texts, in which each letter and digit is an escape."""
    written = json.dumps(texts, ensure_ascii=False)
    return re.sub(r"(?<!\\)[A-Za-z0-9]", lambda found: f"\\u{ord(found[0]):04X}", written)


WRITINGS: Mapping[str, Callable[[Any], str]] = {
    "escapes": _escaped,
    "spaces": lambda value: json.dumps(value, indent="\r\n\t", separators=(" , ", " : ")),
}


@pytest.mark.rule("calls.are-http", decides=True)
@pytest.mark.price(writes=2, slots=1)
@pytest.mark.parametrize("headers", HEADERS.values(), ids=HEADERS)
def test_other_headers_change_no_result(api: Api, account: Account, headers: Mapping[str, str]) -> None:
    """A batch with headers that clients and proxies send is executed. Its replay without them has the same result."""
    key, items = clock.new_key(), [account.passport(), *account.known(1)]

    reply = api.send(Batch(items, key=key, headers=headers)).sure()
    replay = api.send(Batch(items, key=key)).sure()

    expect.outcomes(reply, "created", "error")
    expect.replayed(replay, reply)


@pytest.mark.rule("calls.are-http", decides=True)
@pytest.mark.price(writes=100)
def test_a_large_answer_may_be_compressed(api: Api, account: Account) -> None:
    """A client that accepts compression gets the same result of a large batch as one that does not."""
    batch = Batch(account.known(100), key=clock.new_key())

    plain = api.send(batch).sure()
    compressed = api.send(Batch(batch.items, key=batch.key, headers={"Accept-Encoding": "gzip, deflate"})).sure()

    if not plain.is_refusal:  # a batch with an item twice may be refused whole
        expect.replayed(compressed, plain)


@pytest.mark.rule("calls.are-http", decides=True)
@pytest.mark.price(writes=4, slots=4)
def test_every_connection_is_as_good(api: Api, account: Account) -> None:
    """Calls over new connections and over one that is kept are executed alike."""
    for _ in range(2):
        with closing(account.session.another_wire()) as wire:
            for item in account.passports(2):
                expect.outcomes(api.send(Batch([item]), wire=wire).sure(), "created")


@pytest.mark.rule("idempotency.key-is-opaque", "errors.envelope")
@pytest.mark.price(writes=4, slots=2)
@pytest.mark.parametrize("keys", ["two keys", "one key twice"])
def test_a_header_that_comes_twice_breaks_nothing(api: Api, account: Account, keys: str) -> None:
    """`Idempotency-Key` comes twice. The batch is refused or executed, and its pair is created at most once."""
    first = clock.new_key()
    second = first if keys == "one key twice" else clock.new_key()
    batch = Batch(account.passports(1), headers={"Idempotency-Key": first, "idempotency-key": second})

    replies = [api.send(batch).sure() for _ in range(2)]

    for reply in replies:
        expect.true("a result or a refusal", reply.is_result or reply.is_refusal, reply.described, reply)
    ids = {passport_id for reply in replies for passport_id in reply.ids}
    expect.true("one passport at most", len(ids) <= 1, ids, *replies, rule="items.serial-unique-per-gtin")


@pytest.mark.rule("batch.same-shape-as-single", "items.serial-unique-per-gtin")
@pytest.mark.price(writes=4, slots=2)
@pytest.mark.parametrize("write", WRITINGS.values(), ids=WRITINGS)
def test_json_is_read_however_it_is_written(api: Api, account: Account, write: Callable[[Any], str]) -> None:
    """A new item and one that exists come in JSON with escapes or spaces. Afterwards both exist."""
    items = [account.passport(), *account.known(1)]

    reply = api.send(Batch(items, raw=write({"passports": items}).encode())).sure()

    expect.outcomes(reply, "created", "error", rule="batch.same-shape-as-single")
    expect.outcomes(api.create_batch(items), "error", "error", rule="items.serial-unique-per-gtin")


@pytest.mark.rule("batch.same-shape-as-single")
@pytest.mark.price(writes=5, slots=5)
def test_of_a_repeated_member_one_value_counts(api: Api, account: Account) -> None:
    """A member of the body or of an item comes twice. The batch is refused, or one of the two values counts."""
    one, other = account.passports(2)
    serials = [item["gs1"]["serialNumber"] for item in (one, other)]
    first, second = (json.dumps(item) for item in (one, other))
    for items, raw in (
        ([one, other], f'{{"passports":[{first}],"passports":[{second}]}}'),
        ([one, other], f'{{"passports":[{first[:-1]},{second[1:]}]}}'),
        ([one, other], f'{{"passports":[{first.replace("}}", f", {_member(serials[1])}}}}}")}]}}'),
    ):
        reply = api.send(Batch(items, raw=raw.encode())).sure()

        if not reply.is_refusal:
            expect.executed(reply)
            expect.same("entries", len(reply.results), 1, reply)
            data = reply.entry(0).get("data")
            gs1 = data.get("gs1") if isinstance(data, dict) else None
            shown = [gs1.get("serialNumber")] if isinstance(gs1, dict) else []
            expect.true("one of the two serial numbers", set(shown) <= set(serials), shown, reply)


def _member(serial: str) -> str:
    return f'"serialNumber": {json.dumps(serial)}'
