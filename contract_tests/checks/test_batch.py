"""batch: how many items a call holds, and what an item looks like."""

from typing import Any

import pytest

from tracepass_contract.contract_tests.checks import expect
from tracepass_contract.contract_tests.client.api import Api, Batch
from tracepass_contract.contract_tests.client.reply import Reply
from tracepass_contract.contract_tests.model.outcomes import Inconclusive, Untested
from tracepass_contract.contract_tests.target.workspace import Account

ARABIC_DIGITS = {ord("0") + digit: chr(0x660 + digit) for digit in range(10)}
URL = "https://example.com/".ljust(120, "x")
PARTIES = {
    "manufacturer": {"legalName": "Conformance Works GmbH", "gln": "4012345000009", "country": "DE"},
    "importer": {"legalName": "Conformance Imports BV", "legacyOperatorId": "NL-0042"},
}
LONG = {
    role: {"legalName": f"Conformance {role} ".ljust(180, "x"), "gln": "4012345000009", "country": "DE", "url": URL}
    for role in ("manufacturer", "importer", "distributor", "recycler")
}


@pytest.mark.rule("batch.holds-1-to-100-items", "errors.envelope")
@pytest.mark.parametrize(
    "body",
    ["{}", '{"passports":[]}', '{"passports":null}', '{"passports":{}}', '{"passports":"two"}', "[]", "null", '{"pass'],
)
@pytest.mark.risk(writes=1)
def test_a_call_without_items_is_refused(api: Api, body: str) -> None:
    """A body without an array of items is refused, and not for its API key, which is valid."""
    reply = api.send(Batch(raw=body.encode())).sure()

    expect.refused(reply)
    expect.true("another status than 401", reply.status != 401, reply.described, reply)


@pytest.mark.rule("batch.holds-1-to-100-items", "errors.envelope", adds=True)
@pytest.mark.price(writes=1)
@pytest.mark.risk(writes=1)
def test_a_form_holds_no_items(api: Api, account: Account) -> None:
    """A form is refused. JSON with another media type may be accepted or refused, but must not break the server."""
    of_form, of_text = ({"Content-Type": name} for name in ("application/x-www-form-urlencoded", "text/plain"))

    form = api.send(Batch(raw=b"passports=two", headers=of_form)).sure()
    text = api.send(Batch(account.known(1), headers=of_text)).sure()

    expect.refused(form)
    if not text.is_refusal:
        expect.executed(text)


@pytest.mark.rule("errors.envelope")
@pytest.mark.risk(writes=1, slots=1)
@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_another_method_creates_nothing(api: Api, account: Account, method: str) -> None:
    """An undocumented method is refused and causes no server error."""
    items = () if method == "GET" else account.passports(1)

    reply = api.send(Batch(items, raw=b"" if method == "GET" else None, method=method)).sure()

    if reply.status != 501:
        expect.refused(reply)


@pytest.mark.rule("batch.holds-1-to-100-items")
@pytest.mark.price(writes=2, slots=2)
@pytest.mark.risk(writes=101, slots=101)
def test_a_hundred_and_one_items_are_too_many(api: Api, account: Account) -> None:
    """A batch of 101 new items is refused, and none of them exists afterwards."""
    items = account.passports(101)

    reply = api.create_batch(items)

    expect.refused(reply)
    expect.none_there(account.is_there, [items[0], items[-1]], reply)


@pytest.mark.rule("batch.holds-1-to-100-items")
@pytest.mark.price(writes=1, slots=1)
def test_one_item_is_a_batch(api: Api, account: Account) -> None:
    """The smallest batch, one item, is executed."""
    expect.outcomes(api.create_batch(account.passports(1)), "created")


@pytest.mark.rule("batch.holds-1-to-100-items")
@pytest.mark.price(writes=100, slots=100)
def test_a_hundred_items_are_a_batch(api: Api, account: Account) -> None:
    """A batch of 100 items with all documented members, more than 100 KiB, is executed."""
    items = [account.passport(parties=LONG) for _ in range(100)]

    reply = api.create_batch(items)

    expect.outcomes(reply, *["created"] * 100)


@pytest.mark.rule("batch.same-shape-as-single")
@pytest.mark.price(writes=1, slots=1)
def test_an_item_may_name_parties(api: Api, account: Account) -> None:
    """An item with documented parties is created."""
    expect.outcomes(api.create_batch([account.passport(parties=PARTIES)]), "created")


@pytest.mark.rule("batch.same-shape-as-single")
@pytest.mark.price(writes=1)
@pytest.mark.risk(writes=1, slots=1)
@pytest.mark.parametrize("path", [("productId",), ("gs1",), ("gs1", "gtin"), ("gs1", "serialNumber")], ids=".".join)
def test_an_item_without_a_required_member_is_not_created(api: Api, account: Account, path: tuple[str, ...]) -> None:
    """The item fails, or the batch is refused: which of the two is a reading."""
    item = account.passport()
    inner = item if len(path) == 1 else item[path[0]]
    del inner[path[-1]]

    _is_not_created(api, item)


@pytest.mark.rule("batch.same-shape-as-single", adds=True)
@pytest.mark.needs("T2")
@pytest.mark.price(writes=1, slots=1)
def test_product_gtin_and_serial_number_are_enough(account: Account) -> None:
    """An item with only product, GTIN and serial number is created, in two workspaces with GTINs of their own."""
    for each in (account, account.another_workspace()):
        expect.outcomes(each.api.create_batch(each.passports(1)), "created")


@pytest.mark.rule("batch.same-shape-as-single")
@pytest.mark.price(writes=3, slots=1)
@pytest.mark.risk(writes=2, slots=1)
def test_an_item_takes_no_product_from_another_item(api: Api, account: Account) -> None:
    """An item without a product is not created, even next to an item that has one."""
    item = account.passport()
    del item["productId"]

    reply = api.create_batch([*account.known(1), item])

    if not reply.is_refusal:
        expect.outcomes(reply, "error", "error")


@pytest.mark.rule("batch.same-shape-as-single")
@pytest.mark.price(writes=1)
@pytest.mark.risk(writes=1, slots=1)
@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("gtin", lambda gtin: f"{gtin}8"),
        ("gtin", lambda gtin: f"{gtin[:10]}O{gtin[11:]}"),
        ("gtin", lambda gtin: f" {gtin[1:]}"),
        ("gtin", lambda gtin: f"+{gtin[1:]}"),
        ("gtin", lambda gtin: gtin.translate(ARABIC_DIGITS)),
        ("gtin", ""),
        ("gtin", None),
        ("serialNumber", ""),
        ("serialNumber", "S" * 101),
        ("serialNumber", None),
        ("serialNumber", ["S-1"]),
    ],
    ids=[
        "15 digits",
        "a letter",
        "a space",
        "a sign",
        "other digits",
        "no text",
        "null",
        "an empty serial",
        "101 characters",
        "no serial",
        "an array",
    ],
)
def test_a_value_outside_its_domain_is_not_created(api: Api, account: Account, member: str, value: Any) -> None:
    """A GTIN has 14 digits, a serial number is a text of 1 to 100 characters. An item with another value is not
    created. Each wrong GTIN is a misspelling of the workspace's own GTIN, so that only the spelling is wrong.
    """
    item = account.passport()
    item["gs1"][member] = value(account.gtin) if callable(value) else value

    _is_not_created(api, item)


@pytest.mark.rule("batch.same-shape-as-single")
@pytest.mark.price(writes=2)
@pytest.mark.risk(writes=1, slots=1)
@pytest.mark.parametrize(("member", "value"), [("gtin", "0950600014O186"), ("serialNumber", "")])
def test_every_item_is_looked_at(api: Api, account: Account, member: str, value: Any) -> None:
    """An item of the wrong shape is not created, even after an item of the right shape."""
    item = account.passport()
    item["gs1"][member] = value

    reply = api.create_batch([*account.known(1), item])

    if not reply.is_refusal:
        expect.outcomes(reply, "error", "error")


@pytest.mark.rule("batch.same-shape-as-single", adds=True)
@pytest.mark.price(writes=60)
@pytest.mark.risk(writes=1, slots=1)
@pytest.mark.parametrize(("member", "value"), [("gtin", "0950600014O186"), ("serialNumber", "")])
def test_the_last_of_many_items_is_looked_at(api: Api, account: Account, member: str, value: Any) -> None:
    """An item of the wrong shape is not created, even at the end of a long batch."""
    item = account.passport()
    item["gs1"][member] = value

    reply = api.create_batch([*account.known(59), item])

    if not reply.is_refusal:
        expect.executed(reply)
        expect.same("passports created", reply.created, 0, reply)


@pytest.mark.rule("batch.same-shape-as-single")
@pytest.mark.needs("S")
@pytest.mark.price(writes=2, slots=2)
def test_a_check_digit_counts_alike_alone_and_in_a_batch(api: Api, account: Account) -> None:
    """The single create and the batch treat a GTIN with a wrong check digit in the same way."""
    gtin = f"{account.gtin[:-1]}{(int(account.gtin[-1]) + 1) % 10}"
    alone, in_batch = account.passports(2)
    for item in (alone, in_batch):
        item["gs1"]["gtin"] = gtin

    single = api.create_one(alone)
    batch = api.create_batch([in_batch])

    for reply in (single, batch):
        _tells_of_an_item(reply)
    expect.same("passports of the batch with such a GTIN", batch.created, int(single.exchange.succeeded), single, batch)


@pytest.mark.rule("batch.same-shape-as-single")
@pytest.mark.needs("L")
@pytest.mark.price(writes=1, slots=1)
def test_parties_are_kept(api: Api, account: Account) -> None:
    """The passport of a created item has the parties of the item."""
    created = expect.outcomes(api.create_batch([account.passport(parties=PARTIES)]), "created")

    names = _names_of_parties(account, created)

    wanted = {role: party["legalName"] for role, party in PARTIES.items()}
    found = {role: name for role, name in names.items() if role in wanted}
    expect.same("the names of the parties", found, wanted, created)


@pytest.mark.rule("batch.same-shape-as-single", adds=True)
@pytest.mark.needs("L")
@pytest.mark.price(writes=1, slots=1)
def test_a_role_that_there_is_not_is_not_kept(api: Api, account: Account) -> None:
    """An item with an unknown party role is not created, or it is created without this party."""
    item = account.passport(parties={"confNoSuchRole": PARTIES["manufacturer"]})

    reply = api.create_batch([item])

    if reply.created:
        names = _names_of_parties(account, reply)
        expect.same("roles of the party", sorted(names), [], reply)


@pytest.mark.rule("batch.same-shape-as-single")
@pytest.mark.price(writes=1)
@pytest.mark.risk(writes=1, slots=1)
def test_a_gtin_that_is_a_number_loses_nothing(api: Api, account: Account) -> None:
    """A GTIN as a JSON number is refused, or it is read as text with all its 14 digits."""
    item = account.passport()
    item["gs1"]["gtin"] = int(account.gtin)

    reply = api.create_batch([item])

    if reply.created:
        expect.same("the GTIN", reply.entry(0).get("data", {}).get("gs1", {}).get("gtin"), account.gtin, reply)
    elif not reply.is_refusal:
        expect.outcomes(reply, "error")


@pytest.mark.rule("batch.same-shape-as-single")
@pytest.mark.price(writes=1)
@pytest.mark.risk(writes=1, slots=1)
@pytest.mark.parametrize("product", ["ffffffffffffffffffffffff", "zzz"])
def test_a_product_that_is_not_there_creates_nothing(api: Api, account: Account, product: str) -> None:
    """An item of an unknown product is not created."""
    _is_not_created(api, account.passport(productId=product))


def _tells_of_an_item(reply: Reply) -> None:
    """Whether the answer is about the item, and not about a reached limit or a missing operation."""
    if reply.status in {403, 404, 405, 501} and not reply.is_result:
        raise Untested(f"a single create and a batch that judge the item; one got {reply.described}")
    if reply.status in {402, 429} or not (reply.exchange.succeeded or reply.is_refusal or reply.is_result):
        raise Inconclusive(f"call #{reply.number} does not judge the item: it got {reply.described}", [reply.number])


def _names_of_parties(account: Account, created: Reply) -> dict[str, Any]:
    """The party names of the first created passport by role, as read back."""
    read = expect.served(account.read(created.entry(0)["data"]["_id"]), "GET /passports/{id}")
    parties = read.shown.get("parties")
    if not isinstance(parties, dict):
        raise Untested("a GET /passports/{id} that shows parties by role")
    return {role: party.get("legalName") for role, party in parties.items() if isinstance(party, dict)}


def _is_not_created(api: Api, item: dict[str, Any]) -> None:
    reply = api.create_batch([item])
    if not reply.is_refusal:
        expect.outcomes(reply, "error")
