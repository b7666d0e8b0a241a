"""items: the result of each item, and its entry in the answer."""

from typing import Any

import pytest

from tracepass_contract.contract_tests.checks import expect
from tracepass_contract.contract_tests.client.api import Api
from tracepass_contract.contract_tests.client.reply import Reply
from tracepass_contract.contract_tests.client.single_calls import Item
from tracepass_contract.contract_tests.model import clock
from tracepass_contract.contract_tests.model.outcomes import Untested
from tracepass_contract.contract_tests.run.shared_batch import Sample
from tracepass_contract.contract_tests.target.workspace import Account

OF_PUBLISHED = ("published", "suspended", "expired", "archived")  # a draft might be sent to review by itself


@pytest.mark.rule("items.one-result-each")
def test_every_item_has_its_entry(sample: Sample) -> None:
    """A batch of two has two entries, at index 0 and 1. Each says `created` or `error`."""
    _one_entry_each(sample.reply, 2)


@pytest.mark.rule("items.fail-independently")
def test_an_item_that_fails_does_not_stop_the_next(sample: Sample) -> None:
    """The first item exists and fails. The second is new and is created."""
    expect.outcomes(sample.reply, "error", "created")


@pytest.mark.rule("items.created-carries-data")
def test_a_created_entry_shows_the_passport(sample: Sample) -> None:
    """The entry of the new item has its data and no error."""
    _shows_passport(sample.reply, 1, sample.new)


@pytest.mark.rule("items.error-carries-reason")
def test_an_error_entry_gives_a_reason(sample: Sample) -> None:
    """The entry of the known item has an error text and no data."""
    _gives_reason(sample.reply, 0)


@pytest.mark.rule("summary.adds-up")
def test_the_summary_counts_the_entries(sample: Sample) -> None:
    """The summary of one created and one failed item counts 1 created, 1 error, 2 in total."""
    _adds_up(sample.reply, 2)


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


@pytest.mark.rule("items.created-is-readable")
@pytest.mark.needs("L")
def test_a_created_passport_can_be_read(sample: Sample) -> None:
    """A created passport is read by its id. It has the same GTIN and serial number, and it is not published."""
    expect.outcomes(sample.reply, "error", "created")
    data = sample.reply.entry(1)["data"]

    reply = expect.offered(sample.account.read(data["_id"]), "GET /passports/{id}")

    expect.true("200 for a created passport", reply.exchange.succeeded, reply.described, sample.reply, reply)
    read = reply.json.get("data", reply.json) if isinstance(reply.json, dict) else {}
    expect.same("the pair", _pair(read), _pair(data), sample.reply, reply)
    status = read.get("status")
    expect.true("a passport that is not published", status not in OF_PUBLISHED, status, sample.reply, reply)


@pytest.mark.rule("items.created-is-readable")
@pytest.mark.needs("L")
@pytest.mark.price(writes=1, slots=1)
def test_a_serial_number_is_kept_as_it_was_answered(api: Api, account: Account) -> None:
    """A serial number with small and capital letters is read back as it was sent."""
    item = account.passport(f"CONF-{account.session.run}-aBc")
    created = expect.outcomes(api.create_batch([item]), "created", rule="items.fail-independently")

    read = expect.served(account.read(str(created.entry(0).get("data", {}).get("_id"))), "GET /passports/{id}")

    expect.same("the pair", _pair(read.shown), _pair(item), created, read)


@pytest.mark.rule("items.created-is-readable")
@pytest.mark.needs("L")
@pytest.mark.price(writes=2, slots=1)
@pytest.mark.risk(writes=1, slots=1)
def test_what_failed_can_not_be_read(api: Api, account: Account) -> None:
    """An item failed, or was refused with its batch. No passport is found by its serial number."""
    item = account.passport(productId="ffffffffffffffffffffffff")
    failed = api.create_batch([item])
    expect.let_writes_show(account)

    reply = api.get_by_serial(item["gs1"]["serialNumber"], gtin=account.gtin)

    expect.same("passports created", failed.created, 0, failed, rule="batch.same-shape-as-single")
    expect.refused(reply, 404)


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

    _one_entry_each(reply, 100)
    _adds_up(reply, 100)
    for index, item in enumerate(items):
        if index % 7 == 3:
            _gives_reason(reply, index)
        else:
            _shows_passport(reply, index, item)
    ids = {entry["data"]["_id"] for entry in reply.results if entry["status"] == "created"}
    expect.same("different ids", len(ids), reply.created, reply, rule="items.created-carries-data")


@pytest.mark.rule("summary.adds-up")
@pytest.mark.price(writes=1)
def test_the_summary_of_a_batch_that_failed_whole(api: Api, account: Account) -> None:
    """Where every item fails, the summary counts none as created."""
    reply = api.create_batch(account.known(1))

    expect.outcomes(reply, "error")
    _adds_up(reply, 1)


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
    _one_entry_each(reply, 3)
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
        _one_entry_each(reply, 4)
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


@pytest.mark.rule("items.fail-independently", "items.created-is-readable", adds=True)
@pytest.mark.needs("L")
@pytest.mark.price(writes=2, slots=1)
def test_the_other_of_two_equal_items_changes_nothing(api: Api, account: Account) -> None:
    """Two items with one pair name different importers. The passport has the importer of the item that created it."""
    item = account.passport()
    importers = [{"importer": {"legalName": name, "gln": "4012345000009"}} for name in ("Conformance", "Other")]

    reply = api.create_batch([{**item, "parties": parties} for parties in importers])

    if reply.is_refusal:
        return  # a batch with an item twice may be refused whole
    expect.same("passports created", reply.created, 1, reply, rule="items.serial-unique-per-gtin")
    winner = reply.outcomes.index("created")
    read = expect.served(account.read(account.id_of(item)), "GET /passports/{id}")
    found = _importer_of(read)
    if found is None:
        raise Untested("a GET /passports/{id} that shows the importer")
    wanted = importers[winner]["importer"]["legalName"]
    expect.same("the importer", found, wanted, reply, read)


@pytest.mark.rule("items.created-is-readable")
@pytest.mark.rule("items.fail-independently", adds=True)
@pytest.mark.needs("L")
@pytest.mark.price(writes=3, slots=2)
def test_parties_are_those_of_their_own_item(api: Api, account: Account) -> None:
    """One of two items names an importer; later it fails with another one. It keeps the first importer, and the other
    passport has none.
    """
    item, other = account.passports(2)
    first = {"importer": {"legalName": "First Imports", "gln": "4012345000023"}}
    later = {"importer": {"legalName": "Later Imports", "gln": "4012345000030"}}
    created = api.create_batch([{**item, "parties": first}, other])
    expect.outcomes(created, "created", "created", rule="items.fail-independently")

    again = api.create_batch([{**item, "parties": later}])

    if again.is_result:
        expect.outcomes(again, "error", rule="items.serial-unique-per-gtin")
    ids = [str(created.entry(index).get("data", {}).get("_id")) for index in range(2)]
    reads = [expect.served(account.read(passport_id), "GET /passports/{id}") for passport_id in ids]
    kept, of_other = map(_importer_of, reads)
    if kept is None:
        raise Untested("a GET /passports/{id} that shows the importer")
    expect.same("the importer", kept, "First Imports", created, again, reads[0])
    expect.true("another importer or none", of_other not in ("First Imports", "Later Imports"), of_other, *reads)


@pytest.mark.rule("items.created-is-readable", "items.serial-unique-per-gtin", adds=True)
@pytest.mark.needs("L")
def test_a_passport_is_listed_once(sample: Sample) -> None:
    """A list filtered by the serial number of the sample shows its passport once."""
    api, serial = sample.account.api, sample.new["gs1"]["serialNumber"]

    def shown(reply: Reply) -> list[Any]:
        items = reply.shown.get("items")
        listed = items if isinstance(items, list) else []
        return [each for each in listed if _pair(each) == _pair(sample.new)]

    reply = sample.account.eventually(lambda: api.list_passports(search=serial), lambda reply: bool(shown(reply)))

    expect.served(reply, "GET /passports")
    if not shown(reply):
        raise Untested("a list that finds a serial number")
    expect.same("entries of the passport", len(shown(reply)), 1, reply)


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


@pytest.mark.rule("items.created-carries-data")
@pytest.mark.price(writes=1, slots=1)
@pytest.mark.parametrize("mark", ["%2F/a+'", "(*)", "aBc-x_y"])
def test_a_serial_number_comes_back_as_it_was_sent(api: Api, account: Account, mark: str) -> None:
    """A serial number with all characters of GS1 is not decoded, escaped or folded."""
    item = account.passport(f"CONF-{account.session.run}{mark}")

    reply = api.create_batch([item])

    expect.outcomes(reply, "created")
    _shows_passport(reply, 0, item)


@pytest.mark.rule("items.created-carries-data", adds=True)
@pytest.mark.price(writes=1, slots=1)
@pytest.mark.parametrize("mark", [" inside ", "e\u0301", "\u00e9" * 85], ids=["spaces", "decomposed", "long"])
def test_an_unusual_serial_number_is_kept_or_refused(api: Api, account: Account, mark: str) -> None:
    """It is a reading which texts are serial numbers. An accepted one comes back unchanged."""
    item = account.passport(f"CONF-{account.session.run}{mark}")

    reply = api.create_batch([item])

    if reply.created:
        _shows_passport(reply, 0, item)


@pytest.mark.rule("items.created-carries-data")
@pytest.mark.price(writes=1, slots=1)
def test_the_caller_does_not_decide_what_the_server_does(api: Api, account: Account) -> None:
    """Members that only the server sets are refused or ignored: a new passport is a draft with a new id."""
    wanted = {"_id": "000000000000000000000001", "status": "published", "companyId": "000000000000000000000002"}
    item = account.passport(**wanted)

    reply = api.create_batch([item])

    if reply.created:
        _shows_passport(reply, 0, item)
        expect.true("an id from the server", reply.entry(0)["data"]["_id"] != wanted["_id"], wanted["_id"], reply)


def _one_entry_each(reply: Reply, number: int) -> None:
    expect.executed(reply, rule="items.one-result-each")
    indexes = sorted(str(entry.get("index")).zfill(3) for entry in reply.results)
    wanted = [str(index).zfill(3) for index in range(number)]
    expect.same("the indexes", indexes, wanted, reply, rule="items.one-result-each")
    unknown = sorted(set(reply.outcomes) - {"created", "error"})
    expect.same("statuses other than created and error", unknown, [], reply, rule="items.one-result-each")


def _shows_passport(reply: Reply, index: int, item: Item) -> None:
    rule = "items.created-carries-data"
    entry = reply.entry(index)
    expect.same(f"the status of item {index}", entry.get("status"), "created", reply, rule="items.fail-independently")
    data: Any = entry.get("data")
    expect.true(f"data of item {index}", isinstance(data, dict), data, reply, rule=rule)
    expect.true(
        f"a text `_id` of item {index}", isinstance(data.get("_id"), str) and data["_id"], data, reply, rule=rule
    )
    expect.same(f"the pair of item {index}", _pair(data), _pair(item), reply, rule=rule)
    expect.same(f"the state of passport {index}", data.get("status"), "draft", reply, rule=rule)
    expect.true(
        f"no error next to the data of item {index}", not entry.get("error"), entry.get("error"), reply, rule=rule
    )


def _gives_reason(reply: Reply, index: int) -> None:
    rule = "items.error-carries-reason"
    entry = reply.entry(index)
    expect.same(f"the status of item {index}", entry.get("status"), "error", reply, rule="items.fail-independently")
    reason = entry.get("error")
    in_words = isinstance(reason, str) and bool(reason.strip()) and reason != "[object Object]"
    expect.true(f"an error text for item {index}", in_words, reason, reply, rule=rule)
    expect.true(
        f"no data next to the error of item {index}", not entry.get("data"), entry.get("data"), reply, rule=rule
    )


def _adds_up(reply: Reply, number: int) -> None:
    wanted = {"created": reply.created, "errors": reply.outcomes.count("error"), "total": number}
    found = {name: reply.summary.get(name, "absent") for name in wanted}
    expect.same("the summary", found, wanted, reply, rule="summary.adds-up")


def _whole_or_alone(reply: Reply, account: Account, good: list[Any], wanted: list[str]) -> None:
    """The batch is refused whole, or each item gets its own result (reading items.malformed-item): nothing between."""
    if reply.is_refusal:
        expect.none_there(account.is_there, good, reply)
    else:
        expect.outcomes(reply, *wanted)


def _importer_of(read: Reply) -> Any:
    """The name of a passport's importer; None where none is shown."""
    parties = read.shown.get("parties")
    found = parties.get("importer") if isinstance(parties, dict) else None
    return found.get("legalName", "") if isinstance(found, dict) else None


def _pair(value: Any) -> tuple[Any, Any]:
    gs1 = value.get("gs1") if isinstance(value, dict) else None
    return (gs1.get("gtin"), gs1.get("serialNumber")) if isinstance(gs1, dict) else (None, None)
