"""A serial number is kept as it was sent: in the answer, in a replay, when it is read, and as identity.

| rule | dimensions (values: `spellings.py`) | observed |
|---|---|---|
| items.created-carries-data | change x place x domain | the pair in each entry, also in the replay |
| items.created-is-readable | change x domain, places in turn | the pair that is read back |
| items.serial-unique-per-gtin | change x place x domain; same batch, next batch | two texts, two passports; each once |
"""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from tracepass_contract.contract_tests.checks import expect
from tracepass_contract.contract_tests.checks.spellings import (
    GS1,
    NUMBERS,
    OF_ANY_TEXT,
    PLACES,
    WORDS,
    Serials,
    serials_of,
)
from tracepass_contract.contract_tests.client.api import Api, Batch
from tracepass_contract.contract_tests.client.reply import Reply
from tracepass_contract.contract_tests.model import clock
from tracepass_contract.contract_tests.model.outcomes import Untested
from tracepass_contract.contract_tests.target.workspace import Account

pytestmark = pytest.mark.thorough

_OF_A_FILTER = (403, 406)  # some gateways take markup or quotes for an attack
_TRIPLES = 33  # of three serial numbers each, in one batch
UNIQUE, DATA = "items.serial-unique-per-gtin", "items.created-carries-data"


@pytest.mark.rule("items.created-carries-data", "items.serial-unique-per-gtin")
@pytest.mark.price(writes=600, slots=300)
def test_every_character_of_gs1_counts(api: Api, account: Account) -> None:
    """Serial numbers with characters of GS1 that differ in one mark are different passports. Each comes back as it was
    sent, also in a replay, and exists once.
    """
    for triples in _chunks([*serials_of(GS1, account.session.run)]):
        reply = _sent(api, account, triples)

        expect.outcomes(reply, *["created"] * len(triples) * 3, rule="items.fail-independently")
        _exist_once(api, account, reply, triples)


@pytest.mark.rule("items.created-carries-data", "items.serial-unique-per-gtin")
@pytest.mark.price(writes=90, slots=45)
@pytest.mark.parametrize("group", OF_ANY_TEXT)
def test_any_other_text_is_kept_or_refused(api: Api, account: Account, group: str) -> None:
    """It is a reading which texts are serial numbers. What is accepted comes back as it was sent, also in a replay,
    and texts that differ are different passports.
    """
    triples = [*serials_of(group, account.session.run)]

    reply = _sent(api, account, triples)

    if reply.is_refusal:
        expect.refused(reply, 400, 422)
    else:
        _exist_once(api, account, reply, triples)


@pytest.mark.rule("items.created-is-readable")
@pytest.mark.needs("L")
@pytest.mark.price(writes=70, slots=70)
def test_every_spelling_is_read_as_it_was_sent(account: Account) -> None:
    """Each accepted serial number is read back as it was sent."""
    for nth, group in enumerate([GS1, *OF_ANY_TEXT]):
        triples = serials_of(group, account.session.run, PLACES[nth % 3 :][:1], start=300)
        items = [account.passport(serials.one) for serials in triples]

        reply = account.api.create_batch(items)

        for index in _created(reply):
            read = expect.served(account.read(str(_data(reply, index).get("_id"))), "GET /passports/{id}")
            expect.same("the pair", _pair(read.shown), _pair(items[index]), reply, read)


@pytest.mark.rule("items.created-carries-data", "items.serial-unique-per-gtin")
@pytest.mark.needs("P")  # they do not contain the name of the run
@pytest.mark.price(writes=60, slots=30)
def test_a_serial_number_is_no_number_and_no_word(api: Api, account: Account) -> None:
    """Texts that look like numbers, dates or JSON are serial numbers of their own, unless they are refused."""
    items = [account.passport(text) for text in (*NUMBERS, *WORDS)]

    reply = api.create_batch(items)

    for index in _created(reply):
        expect.same(f"the pair of item {index}", _pair(_data(reply, index)), _pair(items[index]), reply)
    digits = [str(reply.entry(index).get("status")) for index in range(3)]  # plain digits and a dot
    if not reply.is_refusal:
        expect.same("the first three", digits, ["created"] * 3, reply, rule=UNIQUE)
        _none_created_again(api, [items[index] for index in _created(reply)])


@pytest.mark.rule("items.serial-unique-per-gtin")
@pytest.mark.price(writes=24, slots=24)
def test_one_reading_says_when_serial_numbers_are_equal(api: Api, account: Account) -> None:
    """It is a reading whether white space around a serial number, its case, or its normal form counts. The answer is
    the same in one batch and in two.
    """
    for one, other in ((" ", ""), ("Ab", "aB"), ("\u00c9", "E\u0301")):
        together, apart = (
            [account.passport(f"{mark}CONF-{account.session.run}-{n}{mark}") for mark in (one, other)] for n in "34"
        )
        both = api.create_batch(together)
        first, second = (api.create_batch([item]) for item in apart)

        if not any(reply.is_refusal for reply in (both, first, second)):
            wanted = first.created + second.created
            expect.same(f"passports of {one!r} and {other!r}", both.created, wanted, both, first, second)


def _chunks(triples: Sequence[Serials]) -> Iterator[Sequence[Serials]]:
    for start in range(0, len(triples), _TRIPLES):
        yield triples[start : start + _TRIPLES]


def _sent(api: Api, account: Account, triples: Sequence[Serials]) -> Reply:
    """The triples in one batch, and its replay."""
    batch = Batch([account.passport(serial) for each in triples for serial in each.all], key=clock.new_key())
    reply = api.send(batch).sure()
    if reply.status in _OF_A_FILTER:
        raise Untested(f"a gateway that lets such serial numbers pass; it answered {reply.status}")
    if not reply.is_refusal:
        expect.executed(reply, rule=DATA)
        expect.replayed(api.send(batch).sure(), reply, rule="idempotency.replays-original")
    return reply


def _exist_once(api: Api, account: Account, reply: Reply, triples: Sequence[Serials]) -> None:
    """Created items show their own pair. Where a mark is accepted at all, both texts of a change are created."""
    created, sent = _created(reply), [serial for each in triples for serial in each.all]
    for index in sorted(created):
        pair = account.gtin, sent[index]
        expect.same(f"the pair of item {index}", _pair(_data(reply, index)), pair, reply, rule=DATA)
    for nth, each in enumerate(triples):
        one, other, alone = (3 * nth + place in created for place in range(3))
        if one and alone:
            what = f"{each.other!r} next to {each.one!r} to be created"
            expect.true(what, other, reply.entry(3 * nth + 1), reply, rule=UNIQUE)
    _none_created_again(api, [account.passport(sent[index]) for index in sorted(created)])


def _none_created_again(api: Api, items: Sequence[Any]) -> None:
    if items:
        again = expect.executed(api.create_batch(items), rule=UNIQUE)
        expect.same("passports created again", again.created, 0, again, rule=UNIQUE)


def _created(reply: Reply) -> set[int]:
    """The positions of the created items."""
    return {index for index in range(100) if reply.entry(index).get("status") == "created"}


def _data(reply: Reply, index: int) -> Any:
    data = reply.entry(index).get("data")
    return data if isinstance(data, dict) else {}


def _pair(value: Any) -> tuple[Any, Any]:
    gs1 = value.get("gs1") if isinstance(value, dict) else None
    return (gs1.get("gtin"), gs1.get("serialNumber")) if isinstance(gs1, dict) else (None, None)
