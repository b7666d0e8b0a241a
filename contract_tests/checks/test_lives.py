"""How passports and products begin and end: created alone and in a batch, deleted, and what is left of them."""

from typing import Any

import pytest

from tracepass_contract.contract_tests.checks import arranged, expect, shown
from tracepass_contract.contract_tests.checks.arranged import PARTY
from tracepass_contract.contract_tests.client.reply import Reply
from tracepass_contract.contract_tests.model import clock
from tracepass_contract.contract_tests.model.operations import Standing
from tracepass_contract.contract_tests.model.outcomes import Inconclusive
from tracepass_contract.contract_tests.target.workspace import Account

pytestmark = pytest.mark.needs("L", "P")
KEPT, LISTS, VALID = "calls.changes-are-kept", "reads.lists-show-each-match-once", "calls.valid-calls-succeed"
DELETE, DELETE_PRODUCT = "DELETE /passports/{id}", "DELETE /products/{id}"
PRODUCT_BATCH = "POST /products/batch"


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


@pytest.mark.rule("items.one-result-each", "summary.adds-up", "items.fail-independently", KEPT, VALID)
@pytest.mark.needs("W")
def test_a_batch_of_products_creates_what_it_can(account: Account) -> None:
    """Of four products, one has an existing model and one the model of another item. Each has its own result, the rest
    is readable, and the batch takes four writes. A replay has the same answer and takes none.
    """
    known, key = arranged.product(account).exchange.sent_json, clock.new_key()
    new = [{**known, "name": f"Product {n}", "model": account.session.serial(), "description": "x"} for n in range(2)]
    account.has(writes_left=8)

    reply = account.api.create_products([new[0], known, new[1], new[0]], key)
    replay = account.api.create_products([new[0], known, new[1], new[0]], key)

    expect.served(reply, PRODUCT_BATCH)
    expect.outcomes(reply, "created", "error", "created", "error", rule="items.fail-independently")
    summary = {name: reply.summary.get(name) for name in ("created", "errors", "total")}
    expect.same("the summary", summary, {"created": 2, "errors": 2, "total": 4}, reply, rule="summary.adds-up")
    expect.replayed(replay, reply, rule="idempotency.replays-original")
    for index, sent in ((0, new[0]), (2, new[1])):
        data = _data(reply, index)
        product = shown.product(account, str(data.get("_id")))
        product.after(reply, reply, but=product.documented, shows={**data, **sent, "passportCount": 0})
    for index in (1, 3):
        reason = reply.entry(index).get("error")
        expect.true("an error text", isinstance(reason, str) and reason.strip(), reason, reply)
    expect.same("writes left", account.writes_left(up_to=7), 4, reply, rule="calls.take-one-write-each")


@pytest.mark.rule("batch.holds-1-to-100-items", "budget.refuses-whole-batch")
@pytest.mark.needs("W")
def test_a_batch_of_products_that_is_refused_creates_nothing(account: Account) -> None:
    """No item and 101 items are refused; so are two items where one write is left. None of them exists."""
    api, known = account.api, arranged.product(account).exchange.sent_json
    items = [{**known, "model": f"{account.session.serial()}-{n}"} for n in range(101)]
    expect.served(api.create_products(items[:1]), PRODUCT_BATCH)

    for wrong in ([], items[1:] + items[:1]):
        expect.declined(api.create_products(wrong), PRODUCT_BATCH, 400, 413, 422)
    account.has(writes_left=1)
    expect.declined(api.create_products(items[1:3]), PRODUCT_BATCH, 429, rule="budget.refuses-whole-batch")

    listed = expect.served(api.list_products(), "GET /products")
    expect.same("the number of products", listed.shown.get("total"), 3, listed)


def _data(reply: Reply, index: int) -> Any:
    data = reply.entry(index).get("data")
    expect.true("the product in `data`", isinstance(data, dict), data, reply, rule="items.one-result-each")
    return data


def _says_what_it_deleted(reply: Reply, wanted: dict[str, Any]) -> None:
    summary = reply.members.get("summary")
    found = {name: summary.get(name) for name in wanted} if isinstance(summary, dict) else summary
    expect.same("the summary of the deletion", found, wanted, reply, rule=KEPT)
