"""items: a pair of a GTIN and a serial number exists once."""

from typing import Any

import pytest

from tracepass_contract.contract_tests.checks import entries, expect
from tracepass_contract.contract_tests.client.api import Api
from tracepass_contract.contract_tests.client.single_calls import Item
from tracepass_contract.contract_tests.model import clock
from tracepass_contract.contract_tests.model.outcomes import Untested
from tracepass_contract.contract_tests.run.shared_batch import Sample
from tracepass_contract.contract_tests.target.workspace import Account


@pytest.mark.rule("items.serial-unique-per-gtin")
@pytest.mark.price(writes=2)
def test_what_exists_is_not_created_again(sample: Sample) -> None:
    """Both pairs of the sample fail when they are sent again, alone and without a key."""
    for item in (sample.known, sample.new):
        reply = sample.account.api.create_batch([item])
        expect.outcomes(reply, "error")


@pytest.mark.rule("items.serial-unique-per-gtin", adds=True)
@pytest.mark.needs("K2")
@pytest.mark.price(writes=1)
def test_what_one_key_created_exists_for_another(sample: Sample) -> None:
    """The new pair of the sample fails with another API key of the workspace."""
    second = sample.account.second_key()

    reply = second.create_batch([sample.new])

    expect.outcomes(reply, "error")


@pytest.mark.rule("items.serial-unique-per-gtin")
@pytest.mark.needs("S")
@pytest.mark.price(writes=4, slots=2)
def test_one_by_one_or_in_a_batch_a_pair_is_the_same(api: Api, account: Account) -> None:
    """A single create refuses a pair that a batch created. A batch fails an item that a single create created."""
    of_batch, of_single = account.passports(2)
    expect.outcomes(api.create_batch([of_batch]), "created", rule="items.fail-independently")
    created = expect.offered(api.create_one(of_single), "POST /passports")

    again = api.create_one(of_batch)

    expect.true("the single create to succeed", created.exchange.succeeded, created.described, created)
    expect.refused(again)
    expect.outcomes(api.create_batch([of_single]), "error")


@pytest.mark.rule("items.serial-unique-per-gtin", "items.one-result-each")
@pytest.mark.price(writes=5, slots=2)
@pytest.mark.parametrize("changes", [{}, {"parties": {"importer": {"legalName": "Other", "gln": "4012345000009"}}}])
def test_a_pair_that_stands_twice_is_created_once(api: Api, account: Account, changes: dict[str, Any]) -> None:
    """Of [x, x, y], one x and y are created, or the batch is refused and neither is."""
    twice, other = account.passport(), account.passport()

    reply = api.create_batch([twice, {**twice, **changes}, other])

    if reply.is_refusal:
        expect.none_there(account.is_there, [twice, other], reply, rule="items.fail-independently")
        return
    entries.one_entry_each(reply, 3)
    found = [reply.entry(index).get("status") for index in range(3)]
    wanted = (["created", "error", "created"], ["error", "created", "created"])
    expect.true("exactly one x and y to be created", found in wanted, reply.described, reply)


@pytest.mark.rule("items.serial-unique-per-gtin")
@pytest.mark.price(writes=4, slots=2)
def test_a_repeated_pair_is_found_at_any_distance(api: Api, account: Account) -> None:
    """Of [x, y, x, x], one x and y are created, or the batch is refused."""
    many, other = account.passports(2)

    reply = api.create_batch([many, other, many, many])

    if not reply.is_refusal:
        entries.one_entry_each(reply, 4)
        expect.same("the entry of y", reply.entry(1).get("status"), "created", reply, rule="items.fail-independently")
        expect.same("passports created of x", reply.created - 1, 1, reply)


@pytest.mark.rule("items.serial-unique-per-gtin", adds=True)
@pytest.mark.price(writes=4, slots=4)
def test_what_is_one_serial_number_in_two_batches_is_one_within_a_batch(api: Api, account: Account) -> None:
    """It is a reading whether serial numbers that differ in case are equal. The answer is the same in one batch and in
    two.
    """
    together, apart = (
        [account.passport(f"CONF-{account.session.run}-{each}-{n}") for each in ("Ab", "aB")] for n in "12"
    )

    both = api.create_batch(together)
    first, second = (api.create_batch([item]) for item in apart)

    if not both.is_refusal:  # a batch with an item twice may be refused whole
        wanted = first.created + second.created
        expect.same("passports of two such items", both.created, wanted, both, first, second)


@pytest.mark.rule("items.serial-unique-per-gtin", adds=True)
@pytest.mark.needs("P")
@pytest.mark.price(writes=5, slots=5)
def test_a_serial_number_may_stand_under_two_gtins(api: Api, account: Account) -> None:
    """A pair is a GTIN and a serial number. Under another GTIN the same serial number is free, in one batch or two."""

    def under_another(item: Item) -> Item:
        return {**item, "gs1": {**item["gs1"], "gtin": account.another_gtin}}

    if not api.create_batch([under_another(account.passport())]).created:
        raise Untested("a second GTIN that the workspace may use")
    known, new = account.passports(2)
    expect.outcomes(api.create_batch([known]), "created", rule="items.fail-independently")

    reply = api.create_batch([under_another(known), new, under_another(new)])

    expect.outcomes(reply, "created", "created", "created")


@pytest.mark.rule("items.serial-unique-per-gtin", adds=True)
@pytest.mark.price(writes=64, slots=60)
@pytest.mark.risk(writes=60)
def test_all_that_a_large_batch_created_exists(api: Api, account: Account) -> None:
    """A batch has 60 items and repeats the first one. Each pair is created once; then the first, the middle and the
    last pair exist. Where a batch with a repeated pair is refused, the 60 items are sent alone.
    """
    items = account.passports(60)
    reply = api.create_batch([*items, items[0]])
    if reply.is_refusal:
        reply = expect.outcomes(api.create_batch(items), *["created"] * 60, rule="items.fail-independently")
    else:
        expect.executed(reply, rule="items.fail-independently")
        found = [reply.entry(index).get("status") for index in range(61)]
        expect.same("the others", found[1:60], ["created"] * 59, reply, rule="items.fail-independently")
        expect.same("of the two that are one", sorted(map(str, (found[0], found[60]))), ["created", "error"], reply)

    expect.outcomes(api.create_batch([items[0], items[30], items[59]]), "error", "error", "error")


@pytest.mark.rule("items.serial-unique-per-gtin")
@pytest.mark.price(writes=3, slots=1)
def test_a_pair_stays_taken_under_any_key(api: Api, account: Account) -> None:
    """A created pair fails under a new key, without a key, and with other parties."""
    item = account.passport()
    expect.outcomes(api.create_batch([item], key=clock.new_key()), "created")

    under_new_key = api.create_batch([item], key=clock.new_key())
    otherwise = api.create_batch([{**item, "parties": {"importer": {"legalName": "Other", "gln": "4012345000009"}}}])

    expect.outcomes(under_new_key, "error")
    if not otherwise.is_refusal:
        expect.outcomes(otherwise, "error")


@pytest.mark.rule("items.serial-unique-per-gtin", adds=True)
@pytest.mark.price(writes=1)
@pytest.mark.risk(writes=1, slots=1)
def test_a_shorter_spelling_of_a_gtin_is_the_same_gtin(api: Api, account: Account) -> None:
    """A known pair without the leading zero of its GTIN is refused or fails. It is not created."""
    known = account.known(1)[0]
    shorter = {**known, "gs1": {**known["gs1"], "gtin": account.gtin.lstrip("0")}}

    reply = api.create_batch([shorter])

    if account.gtin.startswith("0") and not reply.is_refusal:
        expect.outcomes(reply, "error")
