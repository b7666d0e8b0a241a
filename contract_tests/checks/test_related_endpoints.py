"""passports, products: what becomes of one of them beside and after the batch.

Nearly all of it can't be taken back, so that it is shown where the deployment is provisioned for the run. Nothing that
is somebody's is ever suspended or archived.
"""

from collections.abc import Callable

import pytest

from tracepass_contract.contract_tests.checks import expect
from tracepass_contract.contract_tests.client.api import Api
from tracepass_contract.contract_tests.client.reply import Reply
from tracepass_contract.contract_tests.model.outcomes import Inconclusive, Untested
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
    """Two GTINs have the serial number: alone it is refused with 409, with either GTIN it names that passport."""
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
    """A draft is deleted, and is not there any more."""
    passport_id = _draft(account)

    expect.served(api.delete_passport(passport_id).sure(), "DELETE /passports/{id}")

    expect.refused(api.get_passport(passport_id), *GONE)


@pytest.mark.rule("passports.only-drafts-are-deleted")
@pytest.mark.needs("P")
@pytest.mark.parametrize("change", [Api.suspend_passport, Api.archive_passport], ids=["suspended", "archived"])
def test_what_is_no_draft_is_not_deleted(api: Api, account: Account, change: Callable[[Api, str], Reply]) -> None:
    """A passport that was suspended or archived is not deleted: 409 and a reason, and it is as it was."""
    passport_id = _draft(account)
    _brought_to(change(api, passport_id), "a passport that is no draft")
    before = expect.served(api.get_passport(passport_id), "GET /passports/{id} of such a passport")

    reply = api.delete_passport(passport_id).sure()

    expect.declined(reply, "DELETE /passports/{id}", 409)
    expect.true("a reason in words", reply.described.strip(), reply.described, reply)
    expect.same("the status", api.get_passport(passport_id).shown.get("status"), before.shown.get("status"), reply)


@pytest.mark.rule("passports.archived-is-final")
@pytest.mark.needs("P")
def test_an_archived_passport_stays_archived(api: Api, account: Account) -> None:
    """Suspending and deleting it are refused, and it reads as before; whether a party can be set is open."""
    passport_id = _draft(account)
    _brought_to(api.archive_passport(passport_id), "POST /passports/{id}/archive")
    before = expect.served(api.get_passport(passport_id), "GET /passports/{id} of an archived passport")

    suspended = api.suspend_passport(passport_id)
    deleted = api.delete_passport(passport_id).sure()

    expect.declined(suspended, "POST /passports/{id}/suspend", 409)
    expect.declined(deleted, "DELETE /passports/{id}", 403, 409)
    _as_before(before, api.get_passport(passport_id))


@pytest.mark.rule("passports.archived-is-final")
@pytest.mark.needs("P")
def test_archiving_twice_changes_nothing(api: Api, account: Account) -> None:
    """The second time is refused, or has nothing to do."""
    passport_id = _draft(account)
    _brought_to(api.archive_passport(passport_id), "POST /passports/{id}/archive")
    before = expect.served(api.get_passport(passport_id), "GET /passports/{id} of an archived passport")

    again = api.archive_passport(passport_id)

    if not again.exchange.succeeded:
        expect.declined(again, "POST /passports/{id}/archive", 409)
    _as_before(before, api.get_passport(passport_id))


@pytest.mark.rule("products.model-is-unique")
@pytest.mark.risk(writes=2)
def test_a_second_product_with_a_model_is_refused(api: Api, account: Account) -> None:
    """A product with the model of the workspace's own is refused with 409."""
    own = expect.served(api.get_product(account.product_id), "GET /products/{id}").shown
    wanted = {"name": "Conformance", "model": own.get("model"), "category": own.get("category")}

    reply = api.create_product(wanted)

    if reply.exchange.succeeded and isinstance(product_id := reply.shown.get("_id"), str):
        undone = api.delete_product(product_id)
        if not undone.exchange.succeeded:
            api.session.notes.append(f"the product {product_id} was created by the run and could not be deleted")
    if reply.status in (400, 422):
        raise Inconclusive("a product was refused for something else than its model", [reply.number])
    expect.declined(reply, "POST /products", 409)


@pytest.mark.rule("products.model-is-unique")
@pytest.mark.needs("P")
def test_a_product_is_not_given_the_model_of_another(api: Api, account: Account) -> None:
    """Of two products the second keeps its model: taking that of the first is refused with 409."""
    first, second = _product(account), _product(account)

    reply = api.update_product(second["_id"], {"model": first["model"]})

    expect.declined(reply, "PATCH /products/{id}", 409)
    expect.same("the model", api.get_product(second["_id"]).shown.get("model"), second["model"], reply)


@pytest.mark.rule("products.kept-while-used")
@pytest.mark.needs("P")
def test_a_product_with_a_draft_is_neither_deleted_nor_archived(api: Api, account: Account) -> None:
    """A draft refers to the product: deleting and archiving it are refused with 409, and it is there and active."""
    product_id = _product(account)["_id"]
    _exists(account, api.create_batch([account.passport(productId=product_id)]))

    deleted = api.delete_product(product_id)
    archived = api.archive_product(product_id)

    expect.declined(deleted, "DELETE /products/{id}", 409)
    left = api.get_product(product_id)
    expect.true("the product to be there", left.exchange.succeeded, left.described, deleted, left)
    expect.declined(archived, "POST /products/{id}/archive", 409)
    expect.true(
        "the product not to be archived", left.shown.get("status") != "archived", left.described, archived, left
    )


@pytest.mark.rule("products.kept-while-used")
@pytest.mark.needs("P")
def test_a_product_with_an_archived_passport_is_archived_and_not_deleted(api: Api, account: Account) -> None:
    """Its passport is archived: the product can be archived, too, and is not deleted while the passport is there."""
    product_id = _product(account)["_id"]
    passport_id = _exists(account, api.create_batch([account.passport(productId=product_id)]))
    _brought_to(api.archive_passport(passport_id), "POST /passports/{id}/archive")

    deleted = api.delete_product(product_id)
    archived = api.archive_product(product_id)

    expect.declined(deleted, "DELETE /products/{id}", 409)
    expect.served(archived, "POST /products/{id}/archive")


def _draft(account: Account) -> str:
    """The id of a new passport that can be read."""
    return _exists(account, account.api.create_batch([account.passport()], purpose="arranging: a draft"))


def _exists(account: Account, created: Reply) -> str:
    """The id of the one passport that was created, once it can be read."""
    passport_id = created.entry(0).get("data", {}).get("_id")
    if not isinstance(passport_id, str):
        raise Inconclusive(f"the test needs a passport, and call #{created.number} was answered {created.described}")
    expect.served(account.read(passport_id), "GET /passports/{id}")
    return passport_id


def _product(account: Account) -> dict[str, str]:
    """A new product of the category that the workspace has already."""
    api = account.api
    own = expect.served(api.get_product(account.product_id), "GET /products/{id}").shown
    wanted = {"name": "Conformance", "model": account.session.serial(), "category": str(own.get("category"))}
    made = expect.served(api.create_product(wanted), "POST /products")
    return {**wanted, "_id": str(made.shown.get("_id"))}


def _brought_to(reply: Reply, what: str) -> None:
    """A deployment that does not suspend or archive a draft has not promised to."""
    if reply.is_refusal or reply.status == 501:
        raise Untested(f"{what}; a draft was not brought there ({reply.described})")
    if not reply.exchange.succeeded:
        raise Inconclusive(f"call #{reply.number} should bring about {what}, and was answered {reply.described}")


def _as_before(before: Reply, after: Reply) -> None:
    for name in ("status", "fields", "parties"):
        expect.same(f"`{name}`", after.shown.get(name), before.shown.get(name), before, after)


def _is_of_gtin(reply: Reply, gtin: str) -> None:
    gs1 = reply.shown.get("gs1")
    found = gs1.get("gtin") if isinstance(gs1, dict) else None
    expect.same("the GTIN of the passport", str(found).zfill(14), gtin.zfill(14), reply)
