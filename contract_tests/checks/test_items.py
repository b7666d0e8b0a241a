"""items: each item has its own result, and its own entry in the answer."""

from typing import Any

import pytest

from tracepass_contract.contract_tests.checks import entries, expect
from tracepass_contract.contract_tests.client.api import Api
from tracepass_contract.contract_tests.client.reply import Reply
from tracepass_contract.contract_tests.model import clock
from tracepass_contract.contract_tests.run.shared_batch import Sample
from tracepass_contract.contract_tests.target.workspace import Account


@pytest.mark.rule("items.one-result-each")
def test_every_item_has_its_entry(sample: Sample) -> None:
    """A batch of two has two entries, at index 0 and 1. Each says `created` or `error`."""
    entries.one_entry_each(sample.reply, 2)


@pytest.mark.rule("items.fail-independently")
def test_an_item_that_fails_does_not_stop_the_next(sample: Sample) -> None:
    """The first item exists and fails. The second is new and is created."""
    expect.outcomes(sample.reply, "error", "created")


@pytest.mark.rule("items.created-carries-data")
def test_a_created_entry_shows_the_passport(sample: Sample) -> None:
    """The entry of the new item has its data and no error."""
    entries.shows_passport(sample.reply, 1, sample.new)


@pytest.mark.rule("items.error-carries-reason")
def test_an_error_entry_gives_a_reason(sample: Sample) -> None:
    """The entry of the known item has an error text and no data."""
    entries.gives_reason(sample.reply, 0)


@pytest.mark.rule("summary.adds-up")
def test_the_summary_counts_the_entries(sample: Sample) -> None:
    """The summary of one created and one failed item counts 1 created, 1 error, 2 in total."""
    entries.adds_up(sample.reply, 2)


@pytest.mark.rule("items.fail-independently")
@pytest.mark.price(writes=5, slots=4)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_order_of_items_does_not_matter(api: Api, account: Account, seed: int) -> None:
    """Known and new items in any order: each gets the same result as alone."""
    known = account.known(2)
    items = [(item, "error") for item in known] + [(item, "created") for item in account.passports(3)]
    clock.dice(seed).shuffle(items)

    reply = api.create_batch([item for item, _ in items])

    expect.outcomes(reply, *(outcome for _, outcome in items))


@pytest.mark.rule("items.fail-independently")
@pytest.mark.price(writes=5, slots=4)
def test_a_bad_item_undoes_no_other(api: Api, account: Account) -> None:
    """Next to an item without a GTIN the others are created, or (a reading) the batch is refused and none is."""
    items = account.passports(3)
    del items[1]["gs1"]["gtin"]

    reply = api.create_batch(items)

    _whole_or_alone(reply, account, [items[0], items[2]], ["created", "error", "created"])


@pytest.mark.rule("items.fail-independently")
@pytest.mark.price(writes=5, slots=4)
def test_an_unknown_product_undoes_no_other(api: Api, account: Account) -> None:
    """Next to an item of an unknown product the others are created, or the batch is refused and none is created."""
    items = [account.passport(), account.passport(productId="ffffffffffffffffffffffff"), account.passport()]

    reply = api.create_batch(items)

    _whole_or_alone(reply, account, [items[0], items[2]], ["created", "error", "created"])


@pytest.mark.rule("items.fail-independently")
@pytest.mark.rule("items.created-is-readable", adds=True)
@pytest.mark.price(writes=2, slots=1)
@pytest.mark.risk(slots=1)
def test_an_item_that_failed_left_nothing_behind(api: Api, account: Account) -> None:
    """An item fails for its product. With the right product, the same pair is created."""
    item = account.passport()

    wrong = api.create_batch([{**item, "productId": "ffffffffffffffffffffffff"}])
    right = api.create_batch([item])

    if not wrong.is_refusal:
        expect.outcomes(wrong, "error")
    expect.outcomes(right, "created")


@pytest.mark.rule("items.fail-independently", adds=True)
@pytest.mark.price(writes=8, slots=4)
def test_two_batches_are_as_one(api: Api, account: Account) -> None:
    """One large batch gives the same results as two batches with the same items."""
    known = account.known(1)

    first = api.create_batch([*known, account.passport()])
    second = api.create_batch([account.passport(), *known])
    both = api.create_batch([*known, account.passport(), account.passport(), *known])

    if not both.is_refusal:  # a batch with an item twice may be refused whole
        expect.outcomes(both, *first.outcomes, *second.outcomes)


@pytest.mark.rule("items.one-result-each", "summary.adds-up")
@pytest.mark.rule("items.created-carries-data", adds=True)
@pytest.mark.price(writes=100, slots=100)
def test_a_hundred_entries_stand_at_their_places(api: Api, account: Account) -> None:
    """In a batch of 100 every seventh item exists. Each entry is about the item at its index."""
    known = iter(account.known(15))
    items = [next(known) if index % 7 == 3 else account.passport() for index in range(100)]

    reply = api.create_batch(items)

    entries.one_entry_each(reply, 100)
    entries.adds_up(reply, 100)
    for index, item in enumerate(items):
        if index % 7 == 3:
            entries.gives_reason(reply, index)
        else:
            entries.shows_passport(reply, index, item)
    ids = {entry["data"]["_id"] for entry in reply.results if entry["status"] == "created"}
    expect.same("different ids", len(ids), reply.created, reply, rule="items.created-carries-data")


@pytest.mark.rule("summary.adds-up")
@pytest.mark.price(writes=1)
def test_the_summary_of_a_batch_that_failed_whole(api: Api, account: Account) -> None:
    """Where every item fails, the summary counts none as created."""
    reply = api.create_batch(account.known(1))

    expect.outcomes(reply, "error")
    entries.adds_up(reply, 1)


@pytest.mark.rule("items.created-carries-data")
@pytest.mark.price(writes=1, slots=1)
@pytest.mark.parametrize("mark", ["%2F/a+'", "(*)", "aBc-x_y"])
def test_a_serial_number_comes_back_as_it_was_sent(api: Api, account: Account, mark: str) -> None:
    """A serial number with all characters of GS1 is not decoded, escaped or folded."""
    item = account.passport(f"CONF-{account.session.run}{mark}")

    reply = api.create_batch([item])

    expect.outcomes(reply, "created")
    entries.shows_passport(reply, 0, item)


@pytest.mark.rule("items.created-carries-data", adds=True)
@pytest.mark.price(writes=1, slots=1)
@pytest.mark.parametrize("mark", [" inside ", "e\u0301", "\u00e9" * 85], ids=["spaces", "decomposed", "long"])
def test_an_unusual_serial_number_is_kept_or_refused(api: Api, account: Account, mark: str) -> None:
    """It is a reading which texts are serial numbers. An accepted one comes back unchanged."""
    item = account.passport(f"CONF-{account.session.run}{mark}")

    reply = api.create_batch([item])

    if reply.created:
        entries.shows_passport(reply, 0, item)


@pytest.mark.rule("items.created-carries-data")
@pytest.mark.price(writes=1, slots=1)
def test_the_caller_does_not_decide_what_the_server_does(api: Api, account: Account) -> None:
    """Members that only the server sets are refused or ignored: a new passport is a draft with a new id."""
    wanted = {"_id": "000000000000000000000001", "status": "published", "companyId": "000000000000000000000002"}
    item = account.passport(**wanted)

    reply = api.create_batch([item])

    if reply.created:
        entries.shows_passport(reply, 0, item)
        expect.true("an id from the server", reply.entry(0)["data"]["_id"] != wanted["_id"], wanted["_id"], reply)


def _whole_or_alone(reply: Reply, account: Account, good: list[Any], wanted: list[str]) -> None:
    """The batch is refused whole, or each item gets its own result (reading items.malformed-item): nothing between."""
    if reply.is_refusal:
        expect.none_there(account.is_there, good, reply)
    else:
        expect.outcomes(reply, *wanted)
