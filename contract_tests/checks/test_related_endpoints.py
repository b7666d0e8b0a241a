"""passports, products: operations on single passports and products.

Most of these changes can't be undone, so the tests need isolated workspaces. They never suspend or archive anything in
a given workspace.
"""

from collections.abc import Callable

import pytest

from tracepass_contract.contract_tests.checks import arranged, expect, shown
from tracepass_contract.contract_tests.client.api import Api
from tracepass_contract.contract_tests.client.reply import Reply
from tracepass_contract.contract_tests.model.outcomes import Inconclusive
from tracepass_contract.contract_tests.run.shared_batch import Sample
from tracepass_contract.contract_tests.target.workspace import Account

pytestmark = pytest.mark.needs("L")
GONE = (404, 410)


@pytest.mark.rule("passports.serial-alone-is-unambiguous")
def test_a_serial_number_of_one_gtin_names_its_passport(sample: Sample) -> None:
    """The serial number of the sample's passport is enough to read it."""
    account = sample.account
    expect.served(account.read(account.id_of(sample.new)), "GET /passports/{id}")

    reply = account.api.get_by_serial(sample.new["gs1"]["serialNumber"])

    expect.served(reply, "GET /passports/by-serial/{serial}")
    _is_of_gtin(reply, account.gtin)


@pytest.mark.rule("passports.serial-alone-is-unambiguous")
@pytest.mark.needs("P")
def test_a_serial_number_of_two_gtins_needs_one_of_them(api: Api, account: Account) -> None:
    """Two GTINs have the serial number. Without a GTIN the read gets 409; with either GTIN it returns that passport."""
    first = account.passport()
    serial = first["gs1"]["serialNumber"]
    second = {**first, "gs1": {"gtin": account.another_gtin, "serialNumber": serial}}
    for item in (first, second):
        _exists(account, api.create_batch([item]))

    alone = api.get_by_serial(serial)

    expect.declined(alone, "GET /passports/by-serial/{serial}", 409)
    for item in (first, second):
        gtin = item["gs1"]["gtin"]
        _is_of_gtin(expect.served(api.get_by_serial(serial, gtin=gtin), "GET /passports/by-serial/{serial}"), gtin)


@pytest.mark.rule("passports.only-drafts-are-deleted")
@pytest.mark.needs("P")
def test_a_draft_is_deleted(api: Api, account: Account) -> None:
    """A draft is deleted and can't be read any more."""
    passport_id = _draft(account)

    expect.served(api.delete_passport(passport_id).sure(), "DELETE /passports/{id}")

    expect.refused(api.get_passport(passport_id), *GONE)


@pytest.mark.rule("passports.only-drafts-are-deleted")
@pytest.mark.needs("P")
@pytest.mark.parametrize("change", [Api.suspend_passport, Api.archive_passport], ids=["suspended", "archived"])
def test_what_is_no_draft_is_not_deleted(api: Api, account: Account, change: Callable[[Api, str], Reply]) -> None:
    """Deleting a suspended or archived passport gets 409 with a reason, and the passport does not change."""
    passport_id = _draft(account)
    expect.served_for_draft(change(api, passport_id), "POST /passports/{id}/suspend or /archive")
    before = expect.served(api.get_passport(passport_id), "GET /passports/{id} of a suspended or archived passport")

    reply = api.delete_passport(passport_id).sure()

    expect.declined(reply, "DELETE /passports/{id}", 409)
    expect.reasoned(reply)
    expect.same("the status", api.get_passport(passport_id).shown.get("status"), before.shown.get("status"), reply)


@pytest.mark.rule("passports.archived-is-final")
@pytest.mark.needs("P")
def test_an_archived_passport_stays_archived(api: Api, account: Account) -> None:
    """Suspending and deleting an archived passport are refused, and it does not change. Setting a party may succeed."""
    passport_id = _draft(account)
    expect.served_for_draft(api.archive_passport(passport_id), "POST /passports/{id}/archive")
    before = expect.served(api.get_passport(passport_id), "GET /passports/{id} of an archived passport")

    suspended = api.suspend_passport(passport_id)
    deleted = api.delete_passport(passport_id).sure()

    expect.declined(suspended, "POST /passports/{id}/suspend", 409)
    expect.declined(deleted, "DELETE /passports/{id}", 403, 409)
    _as_before(before, api.get_passport(passport_id))


@pytest.mark.rule("passports.archived-is-final")
@pytest.mark.needs("P")
def test_archiving_twice_changes_nothing(api: Api, account: Account) -> None:
    """Archiving again is refused or changes nothing."""
    passport_id = _draft(account)
    expect.served_for_draft(api.archive_passport(passport_id), "POST /passports/{id}/archive")
    before = expect.served(api.get_passport(passport_id), "GET /passports/{id} of an archived passport")

    again = api.archive_passport(passport_id)

    if not again.exchange.succeeded:
        expect.declined(again, "POST /passports/{id}/archive", 409)
    _as_before(before, api.get_passport(passport_id))


@pytest.mark.rule("passports.archived-is-final", "calls.changes-are-kept")
@pytest.mark.needs("P")
def test_an_archived_passport_keeps_or_refuses_all_changes(api: Api, account: Account) -> None:
    """Changes of fields and parties of an archived passport are all refused or all made (a reading). It stays archived,
    and a refused change leaves it as it was.
    """
    passport = shown.passport(account, arranged.draft_with_content(account))
    expect.served_for_draft(api.archive_passport(passport.id), "POST /passports/{id}/archive")
    before, (key, value) = passport.look(), arranged.fields_of(account)[-1]

    every = [
        api.update_field(passport.id, key, {"value": value}),
        api.update_field_by_serial(before.shown["gs1"], key, {"value": value}),
        api.set_party(passport.id, "recycler", arranged.PARTY),
        api.remove_party(passport.id, "manufacturer"),
    ]

    replies = [reply for reply in every if expect.is_served(reply)]
    statuses = {reply.status for reply in replies}
    made = all(reply.exchange.succeeded for reply in replies)
    expect.true("409 to each change, or 2xx to each", made or statuses == {409}, statuses, *replies)
    changed = ("fields", "parties", "completionPercentage") if made else ()
    passport.after(before, replies[0], but=changed, shows={"status": "archived"})


@pytest.mark.rule("products.model-is-unique")
@pytest.mark.risk(writes=2)
def test_a_second_product_with_a_model_is_refused(api: Api, account: Account) -> None:
    """Creating a product with an existing model gets 409."""
    own = expect.served(api.get_product(account.product_id), "GET /products/{id}").shown
    wanted = {"name": "Conformance", "model": own.get("model"), "category": own.get("category")}

    reply = api.create_product(wanted)

    if reply.exchange.succeeded and isinstance(product_id := reply.shown.get("_id"), str):
        undone = api.delete_product(product_id)
        if not undone.exchange.succeeded:
            api.session.notes.append(f"the run created product {product_id} and could not delete it")
    if reply.status in (400, 422):
        raise Inconclusive("the deployment refused a product for another reason than its model", [reply.number])
    expect.declined(reply, "POST /products", 409)


@pytest.mark.rule("products.model-is-unique", "calls.valid-calls-succeed")
@pytest.mark.needs("P")
def test_a_product_is_not_given_the_model_of_another(api: Api, account: Account) -> None:
    """Changing the model of a product to that of another product gets 409, and the model does not change. Once the
    other has a new model, the change succeeds.
    """
    first, second = _product(account), _product(account)

    reply = api.update_product(second["_id"], {"model": first["model"]})

    expect.declined(reply, "PATCH /products/{id}", 409)
    expect.same("the model", api.get_product(second["_id"]).shown.get("model"), second["model"], reply)
    expect.served(api.update_product(first["_id"], {"model": account.session.serial()}), "PATCH /products/{id}")
    reply = expect.served(api.update_product(second["_id"], {"model": first["model"]}), "PATCH /products/{id}")
    expect.same("the model", api.get_product(second["_id"]).shown.get("model"), first["model"], reply)


@pytest.mark.rule("products.kept-while-used")
@pytest.mark.needs("P")
def test_a_product_with_a_draft_is_neither_deleted_nor_archived(api: Api, account: Account) -> None:
    """A draft refers to the product. Deleting and archiving the product get 409, and it stays active."""
    product_id = _product(account)["_id"]
    _exists(account, api.create_batch([account.passport(productId=product_id)]))

    deleted = api.delete_product(product_id)
    archived = api.archive_product(product_id)

    expect.declined(deleted, "DELETE /products/{id}", 409)
    left = api.get_product(product_id)
    expect.true("the product to exist", left.exchange.succeeded, left.described, deleted, left)
    expect.declined(archived, "POST /products/{id}/archive", 409)
    expect.true("the product to stay active", left.shown.get("status") != "archived", left.described, archived, left)


@pytest.mark.rule("products.kept-while-used")
@pytest.mark.needs("P")
def test_a_product_with_an_archived_passport_is_archived_and_not_deleted(api: Api, account: Account) -> None:
    """The only passport of the product is archived. The product can be archived, but not deleted."""
    product_id = _product(account)["_id"]
    passport_id = _exists(account, api.create_batch([account.passport(productId=product_id)]))
    expect.served_for_draft(api.archive_passport(passport_id), "POST /passports/{id}/archive")

    deleted = api.delete_product(product_id)
    archived = api.archive_product(product_id)

    expect.declined(deleted, "DELETE /products/{id}", 409)
    expect.served(archived, "POST /products/{id}/archive")


def _draft(account: Account) -> str:
    """The id of a new passport that can be read."""
    return _exists(account, account.api.create_batch([account.passport()], purpose="set-up: a draft"))


def _exists(account: Account, created: Reply) -> str:
    """The id of the one created passport, once it can be read."""
    passport_id = created.entry(0).get("data", {}).get("_id")
    if not isinstance(passport_id, str):
        raise Inconclusive(f"the test needs a passport, but call #{created.number} got {created.described}")
    expect.served(account.read(passport_id), "GET /passports/{id}")
    return passport_id


def _product(account: Account) -> dict[str, str]:
    """A new product in the category of the workspace's own product."""
    api = account.api
    own = expect.served(api.get_product(account.product_id), "GET /products/{id}").shown
    wanted = {"name": "Conformance", "model": account.session.serial(), "category": str(own.get("category"))}
    made = expect.served(api.create_product(wanted), "POST /products")
    return {**wanted, "_id": str(made.shown.get("_id"))}


def _as_before(before: Reply, after: Reply) -> None:
    for name in ("status", "fields", "parties"):
        expect.same(f"`{name}`", after.shown.get(name), before.shown.get(name), before, after)


def _is_of_gtin(reply: Reply, gtin: str) -> None:
    gs1 = reply.shown.get("gs1")
    found = gs1.get("gtin") if isinstance(gs1, dict) else None
    expect.same("the GTIN of the passport", str(found).zfill(14), gtin.zfill(14), reply)
