"""How passports and products begin and end: created alone, deleted, and what is left of them."""

from typing import Any

import pytest

from tracepass_contract.contract_tests.checks import arranged, expect, shown
from tracepass_contract.contract_tests.checks.arranged import PARTY
from tracepass_contract.contract_tests.client.reply import Reply
from tracepass_contract.contract_tests.model.operations import Standing
from tracepass_contract.contract_tests.model.outcomes import Inconclusive
from tracepass_contract.contract_tests.target.workspace import Account

pytestmark = pytest.mark.needs("L", "P")
KEPT, LISTS, VALID = "calls.changes-are-kept", "reads.lists-show-each-match-once", "calls.valid-calls-succeed"
DELETE, DELETE_PRODUCT = "DELETE /passports/{id}", "DELETE /products/{id}"


@pytest.mark.rule(KEPT, VALID, "reads.agree", "items.created-is-readable", "items.created-carries-data")
@pytest.mark.needs("S")
def test_a_passport_of_a_single_create_is_kept_as_it_was_sent(account: Account) -> None:
    """The answer has the pair of the body and the status draft. The reads also show its product and its parties."""
    item = account.passport(parties={"manufacturer": PARTY, "recycler": PARTY})

    reply = expect.served(account.api.create_one(item), "POST /passports")

    sent = {**item, "status": "draft"}
    for name in ("gs1", "status"):
        found = reply.shown.get(name)
        found = {each: found.get(each) for each in item["gs1"]} if isinstance(found, dict) else found
        expect.same(f"`{name}` of the answer", found, sent[name], reply, rule="items.created-carries-data")
    passport = shown.passport(account, str(reply.shown.get("_id")))
    passport.after(reply, reply, but=(), shows={**sent, "gs1": reply.shown["gs1"]})


@pytest.mark.rule("items.created-is-readable", "items.created-carries-data", "reads.agree", adds=True)
def test_a_passport_of_a_batch_is_read_as_it_was_answered(account: Account) -> None:
    """Items with and without parties are created. Each documented member of their `data` is what the read shows; `gs1`
    may have fewer members.
    """
    items = [account.passport(parties={"manufacturer": PARTY, "recycler": PARTY}), account.passport()]

    reply = expect.outcomes(account.api.create_batch(items), "created", "created")

    for index in range(len(items)):
        data = reply.entry(index)["data"]
        passport = shown.passport(account, data["_id"])
        whole = passport.look().shown
        for name in passport.documented.keys() & whole.keys() & data.keys():
            found, said = whole[name], data[name]
            if name == "gs1":
                found = {each: found[each] for each in found.keys() & said.keys()}
            expect.same(f"`{name}` as answered", found, said, reply, rule="items.created-is-readable")


@pytest.mark.rule("items.serial-unique-per-gtin", "quota.failed-items-take-no-slot", VALID)
@pytest.mark.needs("S", "Q")
def test_a_single_create_takes_its_pair_and_a_slot(account: Account) -> None:
    """Two slots are left. Of two equal single creates the first takes one, and the second is refused and takes none."""
    account.has(slots_left=2)
    item = account.passport()

    first = expect.served(account.api.create_one(item), "POST /passports")
    second = account.api.create_one(item)

    expect.declined(second, "POST /passports", 409, rule="items.serial-unique-per-gtin")
    expect.outcomes(account.api.create_batch([item]), "error", rule="items.serial-unique-per-gtin")
    left = account.slots_left(up_to=3)
    expect.same("slots left", left, 1, first, second, rule="quota.failed-items-take-no-slot")


@pytest.mark.rule("quota.asks-for-consent", "quota.consent-covers-whole-batch")
@pytest.mark.needs("S", "Q", "O")
def test_a_single_create_over_the_quota_asks_for_consent(account: Account) -> None:
    """One slot is left. The second single create gets 402 and creates nothing; with consent it succeeds."""
    account.has(slots_left=1, overage=True)
    expect.served(account.api.create_one(account.passport()), "POST /passports")
    item = account.passport()

    refused = account.api.create_one(item)
    consented = account.api.create_one({**item, "confirmOverage": True})
    after = account.api.create_one(account.passport())

    expect.refused(refused, 402)
    expect.true("overage_required in the answer", refused.says_token("overage_required"), refused.described, refused)
    rule = "quota.consent-covers-whole-batch"
    expect.true("the passport to be created", consented.exchange.succeeded, consented.described, consented, rule=rule)
    expect.refused(after, 402)


@pytest.mark.rule(KEPT, VALID, "passports.only-drafts-are-deleted", LISTS)
def test_a_deleted_passport_is_nowhere(account: Account) -> None:
    """Of two passports of a product one is deleted. No read, list or count has it, and the other one is as before."""
    api, product_id = account.api, str(arranged.product(account).shown["_id"])
    first, second = (arranged.draft(account, productId=product_id) for _ in range(2))
    gone, left = shown.passport(account, first), shown.passport(account, second)
    gs1, before = gone.look().shown["gs1"], left.look()
    code = api.get_qr(first)

    reply = expect.served(api.delete_passport(first).sure(), DELETE)

    _says_what_it_deleted(reply, {"passportId": first, "serialNumber": gs1["serialNumber"], "gtin": gs1["gtin"]})
    shown.gone(account, lambda: api.get_passport(first), "GET /passports/{id}", reply)
    serial, gtin = str(gs1["serialNumber"]), str(gs1["gtin"])
    shown.gone(account, lambda: api.get_by_serial(serial, gtin=gtin), "GET /passports/by-serial/{serial}", reply)
    if code.exchange.succeeded:
        shown.gone(account, lambda: api.get_qr(first), "GET /passports/{id}/qr", reply)
    for query in ({"productId": product_id}, {"productId": product_id, "search": gtin}, {"status": "draft"}):
        listed = expect.served(api.list_passports(**query), "GET /passports")
        ids = [entry.get("_id") for entry in shown.items(listed)]
        expect.same("the passports that are listed", (ids, listed.shown.get("total")), ([second], 1), reply, listed)
    left.after(before, reply, but=())
    product = shown.product(account, product_id).look()
    expect.same("`passportCount`", product.shown.get("passportCount"), 1, reply, product)
    again = api.delete_passport(first).sure()
    expect.declined(again, DELETE, *shown.GONE, rule="calls.name-what-exists")


@pytest.mark.rule(KEPT, VALID, "products.kept-while-used")
def test_a_product_is_deleted_after_its_passports(account: Account) -> None:
    """A product with a draft is not deleted. Without it, it is; then no read and no list has it."""
    api, made = account.api, arranged.product(account)
    product_id, model = str(made.shown["_id"]), made.exchange.sent_json["model"]
    passport_id = arranged.draft(account, productId=product_id)
    refused = api.delete_product(product_id)
    expect.reasoned(expect.declined(refused, DELETE_PRODUCT, 409, rule="products.kept-while-used"))
    expect.served(api.delete_passport(passport_id).sure(), DELETE)

    reply = expect.served(api.delete_product(product_id), DELETE_PRODUCT)

    _says_what_it_deleted(reply, {"productId": product_id, "name": made.exchange.sent_json["name"]})
    shown.gone(account, lambda: api.get_product(product_id), "GET /products/{id}", reply)
    listed = expect.served(api.list_products(), "GET /products")
    ids = [entry.get("_id") for entry in shown.items(listed)]
    expect.same("the products that are listed", (ids, listed.shown.get("total")), ([account.product_id], 1), listed)
    if listed.standing is Standing.OURS:
        again = api.create_product(made.exchange.sent_json)
        expect.served(again, "POST /products, with the model of a deleted product")
        expect.same("the model", again.exchange.sent_json["model"], model, again)


@pytest.mark.rule(KEPT, "items.serial-unique-per-gtin")
def test_the_pair_of_a_deleted_passport_is_free_or_taken(account: Account) -> None:
    """The pair is sent twice after the deletion. It is created once or never (a reading). A new passport is whole."""
    passport_id = arranged.draft(account)
    gtin, serial = account.api.pairs.ids[passport_id]
    item = {**account.passport(), "gs1": {"gtin": gtin, "serialNumber": serial}}
    deleted = expect.served(account.api.delete_passport(passport_id).sure(), DELETE)

    first, second = (expect.executed(account.api.create_batch([item])) for _ in range(2))

    expect.outcomes(second, "error", rule="items.serial-unique-per-gtin")
    if first.created:
        new = str(first.entry(0)["data"]["_id"])
        expect.true("a new `_id`", new != passport_id, new, deleted, first)
        shown.passport(account, new).look()


@pytest.mark.rule("quota.failed-items-take-no-slot", KEPT)
@pytest.mark.needs("Q")
def test_a_deletion_says_whether_its_slot_is_free(account: Account) -> None:
    """One slot is left and taken by a draft. Its deletion says by how much the number of passports changes, and so it
    does.
    """
    account.has(slots_left=1)
    passport_id = arranged.draft(account)

    reply = expect.served(account.api.delete_passport(passport_id).sure(), DELETE)

    summary = reply.members.get("summary")
    delta = summary.get("dppsActiveDelta") if isinstance(summary, dict) else None
    if delta not in (-1, 0):
        raise Inconclusive("the deletion does not say whether its slot is free", [reply.number])
    expect.same("slots left", account.slots_left(up_to=3), -delta, reply)


def _says_what_it_deleted(reply: Reply, wanted: dict[str, Any]) -> None:
    summary = reply.members.get("summary")
    found = {name: summary.get(name) for name in wanted} if isinstance(summary, dict) else summary
    expect.same("the summary of the deletion", found, wanted, reply, rule=KEPT)
