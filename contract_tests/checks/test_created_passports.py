"""items: reads show what was created, and nothing of what failed."""

from typing import Any

import pytest

from tracepass_contract.contract_tests.checks import entries, expect
from tracepass_contract.contract_tests.client.api import Api
from tracepass_contract.contract_tests.client.reply import Reply
from tracepass_contract.contract_tests.model.outcomes import Untested
from tracepass_contract.contract_tests.run.shared_batch import Sample
from tracepass_contract.contract_tests.target.workspace import Account

OF_PUBLISHED = ("published", "suspended", "expired", "archived")  # a draft might be sent to review by itself


@pytest.mark.rule("items.created-is-readable")
@pytest.mark.needs("L")
def test_a_created_passport_can_be_read(sample: Sample) -> None:
    """A created passport is read by its id. It has the same GTIN and serial number, and it is not published."""
    expect.outcomes(sample.reply, "error", "created")
    data = sample.reply.entry(1)["data"]

    reply = expect.offered(sample.account.read(data["_id"]), "GET /passports/{id}")

    expect.true("200 for a created passport", reply.exchange.succeeded, reply.described, sample.reply, reply)
    read = reply.json.get("data", reply.json) if isinstance(reply.json, dict) else {}
    expect.same("the pair", entries.pair(read), entries.pair(data), sample.reply, reply)
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

    expect.same("the pair", entries.pair(read.shown), entries.pair(item), created, read)


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
        return [each for each in listed if entries.pair(each) == entries.pair(sample.new)]

    reply = sample.account.eventually(lambda: api.list_passports(search=serial), lambda reply: bool(shown(reply)))

    expect.served(reply, "GET /passports")
    if not shown(reply):
        raise Untested("a list that finds a serial number")
    expect.same("entries of the passport", len(shown(reply)), 1, reply)


def _importer_of(read: Reply) -> Any:
    """The name of a passport's importer; None where none is shown."""
    parties = read.shown.get("parties")
    found = parties.get("importer") if isinstance(parties, dict) else None
    return found.get("legalName", "") if isinstance(found, dict) else None
