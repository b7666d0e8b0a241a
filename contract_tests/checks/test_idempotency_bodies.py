"""idempotency: a key covers the whole batch, and refuses another body."""

from collections.abc import Callable
from typing import Any

import pytest

from tracepass_contract.contract_tests.checks import expect
from tracepass_contract.contract_tests.checks.arranged import PARTY
from tracepass_contract.contract_tests.client.api import Api, Batch
from tracepass_contract.contract_tests.model import clock
from tracepass_contract.contract_tests.model.outcomes import Untested
from tracepass_contract.contract_tests.run.shared_batch import Sample
from tracepass_contract.contract_tests.target.workspace import Account

Items = list[dict[str, Any]]


@pytest.mark.rule("idempotency.covers-whole-batch", adds=True)
@pytest.mark.needs("S")
@pytest.mark.price(writes=2, slots=2)
def test_a_batch_is_not_answered_with_another_call(api: Api, account: Account) -> None:
    """A batch uses the key of a single create. It is executed or refused as another body; it does not get the answer of
    the single create.
    """
    key = clock.new_key()
    single = expect.offered(api.create_one(account.passport(), key=key), "POST /passports")

    reply = api.create_batch(account.passports(1), key=key)

    expect.true("the single create to succeed", single.exchange.succeeded, single.described, single)
    if not reply.is_refusal:
        expect.outcomes(reply, "created")
    else:
        expect.refused(reply, *expect.MISMATCH)


@pytest.mark.rule("idempotency.covers-whole-batch")
@pytest.mark.price(writes=1)
@pytest.mark.risk(writes=1)
def test_a_key_does_not_stand_for_one_of_its_items(sample: Sample) -> None:
    """One item of the sample is sent alone under the key of the sample: the call gets no stored answer. Under another
    key the item exists.
    """
    api = sample.account.api

    alone = api.create_batch([sample.new], key=sample.batch.key)
    elsewhere = api.create_batch([sample.new], key=clock.new_key())

    expect.refused(alone, *expect.MISMATCH)
    expect.outcomes(elsewhere, "error")


@pytest.mark.rule("idempotency.covers-whole-batch")
@pytest.mark.price(writes=2, slots=1)
def test_a_key_holds_the_items_that_failed(api: Api, account: Account) -> None:
    """A batch of a new and a known item is replayed with both entries."""
    batch = Batch([account.passport(), *account.known(1)], key=clock.new_key())
    original = api.send(batch).sure()
    expect.outcomes(original, "created", "error", rule="items.fail-independently")

    expect.replayed(api.send(batch).sure(), original)


@pytest.mark.rule("idempotency.refuses-another-body")
@pytest.mark.risk(writes=2)
def test_other_items_under_a_known_key_are_refused(sample: Sample) -> None:
    """The items of the sample in another order are another body: under its key the call is refused."""
    items = [sample.new, sample.known]

    reply = sample.account.api.create_batch(items, key=sample.batch.key)

    expect.refused(reply, *expect.MISMATCH)
    expect.replayed(sample.account.api.send(sample.batch).sure(), sample.reply, rule="idempotency.replays-original")


CHANGES: dict[str, Callable[[Account, Items], Items]] = {
    "another serial number in the last item": lambda account, items: [*items[:-1], account.passport()],
    "another serial number in the first item": lambda account, items: [account.passport(), *items[1:]],
    "one item more": lambda account, items: [*items, account.passport()],
    "one item less": lambda _account, items: items[:-1],
    "parties": lambda _account, items: [*items[:-1], {**items[-1], "parties": {"importer": PARTY}}],
    "another GTIN": lambda account, items: [
        *items[:-1],
        {**items[-1], "gs1": {**items[-1]["gs1"], "gtin": account.another_gtin}},
    ],
    "another product": lambda _account, items: [*items[:-1], {**items[-1], "productId": "ffffffffffffffffffffffff"}],
}


@pytest.mark.rule("idempotency.refuses-another-body")
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.price(writes=3, slots=3)
@pytest.mark.risk(writes=3, slots=1)
def test_any_change_of_the_body_is_refused(
    api: Api, account: Account, change: Callable[[Account, Items], Items]
) -> None:
    """A body with one change under a used key is refused and creates nothing."""
    items = account.passports(2)
    key = clock.new_key()
    expect.executed(api.create_batch(items, key=key))
    changed = change(account, items)

    reply = api.create_batch(changed, key=key)

    expect.refused(reply, *expect.MISMATCH)
    serials = {item["gs1"]["serialNumber"] for item in items}
    new = [item for item in changed if item["gs1"]["serialNumber"] not in serials]
    expect.none_there(account.is_there, new, reply)


@pytest.mark.late(102)  # what it takes is not missed then
@pytest.mark.rule("idempotency.refuses-another-body", adds=True)
@pytest.mark.price(writes=12)
@pytest.mark.risk(writes=12, slots=1)
def test_the_end_of_a_long_body_counts(api: Api, account: Account) -> None:
    """Twelve known items take more than 1,000 characters. A change of the last serial number makes another body, which
    is refused.
    """
    items, key = list(account.known(12)), clock.new_key()
    if (first := api.create_batch(items, key=key)).is_refusal:  # it may be, for a limit or for a pair that it has twice
        raise Untested(f"a batch of twelve passports that exist; it got {first.described}")
    expect.executed(first)

    reply = api.create_batch([*items[:-1], account.passport()], key=key)

    expect.refused(reply, *expect.MISMATCH)


@pytest.mark.rule("idempotency.refuses-another-body", adds=True)
@pytest.mark.needs("O")
@pytest.mark.price(writes=1, slots=1, cents=1)
def test_consent_makes_another_body(api: Api, account: Account) -> None:
    """A batch without consent was executed. The same batch with consent under the same key is refused."""
    items, key = account.passports(1), clock.new_key()
    expect.executed(api.create_batch(items, key=key))

    reply = api.create_batch(items, key=key, consent=True)

    expect.refused(reply, *expect.MISMATCH)


@pytest.mark.late(3)
@pytest.mark.rule("idempotency.refuses-another-body")
@pytest.mark.needs("W")
@pytest.mark.price(writes=3, slots=1)
@pytest.mark.risk(writes=1, slots=1)
def test_a_refused_body_takes_no_writes(api: Api, account: Account) -> None:
    """Three writes are left. A batch of one and another body under its key take one of them."""
    account.has(writes_left=3)
    key = clock.new_key()
    expect.executed(api.create_batch(account.passports(1), key=key))

    reply = api.create_batch(account.passports(1), key=key)

    expect.refused(reply, *expect.MISMATCH)
    expect.same("writes left", account.writes_left(), 2, reply)
