"""calls, reads: rules that all operations other than the batch share.

A rule stays untested where the deployment does not have the operation. To find out, each test first sees a call
succeed, or looks at the status.
"""

from typing import Any

import pytest

from tracepass_contract.contract_tests.checks import expect
from tracepass_contract.contract_tests.client.api import Api
from tracepass_contract.contract_tests.client.reply import Reply
from tracepass_contract.contract_tests.model.outcomes import Untested
from tracepass_contract.contract_tests.run.shared_batch import Sample
from tracepass_contract.contract_tests.target.workspace import Account

pytestmark = pytest.mark.needs("L")
MALFORMED = (400, 422)  # the documented status is 400; many APIs use 422 for bodies
NOBODY = "0" * 24  # an id of the documented form that does not exist
NO_FIELD = "conf_no_such_field"
VALUES: dict[str, Any] = {"number": 1, "boolean": True, "array": ["1"], "object": {"a": "1"}}  # by a field's type
PARTY = {"legalName": "Conformance", "gln": "4012345000009"}


@pytest.mark.rule("calls.documented-shape")
@pytest.mark.parametrize("query", [{"page": "0"}, {"limit": "0"}, {"status": "gone"}], ids=str)
def test_a_list_is_not_asked_for_what_can_not_be(api: Api, query: dict[str, str]) -> None:
    """A list is refused for a page before the first, a page size of 0, or an unknown status."""
    expect.served(api.list_passports(limit="1"), "GET /passports")

    reply = api.list_passports(**query)

    expect.declined(reply, "GET /passports", *MALFORMED)


@pytest.mark.rule("calls.documented-shape")
def test_a_page_holds_a_hundred_at_most(api: Api) -> None:
    """A page size of 101 is refused, or (a reading) the page has 100 entries."""
    expect.served(api.list_passports(limit="1"), "GET /passports")

    reply = api.list_passports(limit="101")

    if reply.exchange.succeeded:
        items = reply.shown.get("items")
        number = len(items) if isinstance(items, list) else 0
        expect.true("at most 100 passports", number <= 100, number, reply)
    else:
        expect.declined(reply, "GET /passports", *MALFORMED)


@pytest.mark.rule("calls.documented-shape")
@pytest.mark.risk(writes=1)
def test_a_field_is_not_set_to_nothing(sample: Sample) -> None:
    """Setting a field without a `value` is refused, and the passport does not change."""
    account, passport_id = sample.account, sample.account.id_of(sample.new)
    key, _ = _field(account)
    before = expect.served(account.read(passport_id), "GET /passports/{id}")

    reply = account.api.update_field(passport_id, key, {"source": "manual"})

    expect.declined(reply, "PATCH /passports/{id}/fields/{key}", *MALFORMED)
    _unchanged(before, account.read(passport_id), reply)


@pytest.mark.rule("calls.documented-shape")
@pytest.mark.risk(writes=1)
def test_a_party_has_a_role_that_there_is(sample: Sample) -> None:
    """A party with an undocumented role is refused, and the passport does not change."""
    account, passport_id = sample.account, sample.account.id_of(sample.new)
    before = expect.served(account.read(passport_id), "GET /passports/{id}")

    reply = account.api.set_party(passport_id, "conf-no-such-role", PARTY)

    expect.declined(reply, "PATCH /passports/{id}/parties/{role}", *MALFORMED)
    _unchanged(before, account.read(passport_id), reply)


@pytest.mark.rule("calls.documented-shape")
@pytest.mark.needs("S", "P")
def test_a_single_create_without_its_shape_creates_nothing(api: Api, account: Account) -> None:
    """A single create whose product is not a text is refused, and its pair does not exist afterwards."""
    item = account.passport()

    reply = api.create_one({**item, "productId": 7})

    expect.declined(reply, "POST /passports", *MALFORMED)
    expect.none_there(account.is_there, [item], reply)


@pytest.mark.rule("calls.name-what-exists")
def test_an_id_that_no_passport_has_is_not_found(sample: Sample) -> None:
    """The passport of the sample is found by its id. An unknown id gets 404."""
    api = sample.account.api
    expect.served(sample.account.read(sample.account.id_of(sample.new)), "GET /passports/{id}")

    expect.declined(api.get_passport(NOBODY), "GET /passports/{id}", 404)


@pytest.mark.rule("calls.name-what-exists")
def test_a_serial_number_that_no_passport_has_is_not_found(sample: Sample) -> None:
    """The passport of the sample is found by its serial number. An unknown serial number gets 404."""
    account = sample.account
    expect.served(account.read(account.id_of(sample.new)), "GET /passports/{id}")
    gtin, serial = sample.new["gs1"]["gtin"], sample.new["gs1"]["serialNumber"]
    expect.served(account.api.get_by_serial(serial, gtin=gtin), "GET /passports/by-serial/{serial}")

    reply = account.api.get_by_serial(account.session.serial(), gtin=gtin)

    expect.declined(reply, "GET /passports/by-serial/{serial}", 404)


@pytest.mark.rule("calls.name-what-exists")
def test_an_id_that_no_product_has_is_not_found(api: Api, account: Account) -> None:
    """The product of the workspace is found by its id. An unknown id gets 404."""
    expect.served(api.get_product(account.product_id), "GET /products/{id}")

    expect.declined(api.get_product(NOBODY), "GET /products/{id}", 404)


@pytest.mark.rule("calls.name-what-exists")
def test_a_category_without_a_template_is_not_found(api: Api) -> None:
    """Templates exist. An unknown category gets 404."""
    expect.served(api.list_templates(), "GET /templates")

    expect.declined(api.get_template("conf-no-such-category"), "GET /templates/{category}", 404)


@pytest.mark.rule("calls.name-what-exists", "auth.workspaces-are-separate")
@pytest.mark.needs("T2")
def test_what_another_workspace_has_is_not_found(sample: Sample) -> None:
    """A passport is found with a key of its workspace. A key of another workspace does not find it by id, by serial
    number, or in a list.
    """
    passport_id, gs1 = sample.account.id_of(sample.new), sample.new["gs1"]
    theirs = sample.account.another_workspace().api
    mine = expect.served(sample.account.read(passport_id), "GET /passports/{id}")

    reply = theirs.get_passport(passport_id)
    others = (
        theirs.get_by_serial(gs1["serialNumber"], gtin=gs1["gtin"]),
        theirs.list_passports(search=gs1["serialNumber"]),
    )

    rule, what = "auth.workspaces-are-separate", "nothing of another workspace"
    answered = reply.exchange.answer.decode(errors="replace")
    expect.true(
        what, not (reply.exchange.succeeded or gs1["serialNumber"] in answered), answered, mine, reply, rule=rule
    )
    for other in others:  # the answer may repeat the serial number, but not contain the id
        answered = other.exchange.answer.decode(errors="replace")
        expect.true(what, passport_id not in answered, answered, mine, other, rule=rule)
    expect.declined(reply, "GET /passports/{id}", 404)


@pytest.mark.rule("calls.name-what-exists")
@pytest.mark.needs("P")
def test_what_does_not_exist_is_not_changed(api: Api, account: Account) -> None:
    """Changes of a passport and of a product succeed for a known id and get 404 for an unknown id."""
    passport_id, (key, value) = account.id_of(account.known(1)[0]), _field(account)
    expect.served(api.update_field(passport_id, key, {"value": value}), "PATCH /passports/{id}/fields/{key}")
    expect.served(api.set_party(passport_id, "importer", PARTY), "PATCH /passports/{id}/parties/{role}")
    expect.served(api.update_product(account.product_id, {"description": "x"}), "PATCH /products/{id}")

    expect.declined(api.update_field(NOBODY, key, {"value": value}), "PATCH /passports/{id}/fields/{key}", 404)
    expect.declined(api.set_party(NOBODY, "importer", PARTY), "PATCH /passports/{id}/parties/{role}", 404)
    expect.declined(api.update_product(NOBODY, {"description": "x"}), "PATCH /products/{id}", 404)
    expect.declined(api.delete_passport(NOBODY).sure(), "DELETE /passports/{id}", 404)


@pytest.mark.rule("calls.name-what-exists")
@pytest.mark.needs("S")
@pytest.mark.risk(writes=1, slots=1)
def test_a_passport_is_not_created_for_a_product_that_is_not_there(api: Api, account: Account) -> None:
    """A single create for an unknown product is refused."""
    reply = api.create_one(account.passport(productId="f" * 24))

    expect.declined(reply, "POST /passports", 404)


@pytest.mark.rule("calls.field-keys-are-of-template")
@pytest.mark.risk(writes=1)
def test_a_field_that_the_template_has_not_is_not_set(sample: Sample) -> None:
    """Setting a field that the template of the category does not have is refused, and the passport does not change."""
    account, passport_id = sample.account, sample.account.id_of(sample.new)
    _field(account)
    before = expect.served(account.read(passport_id), "GET /passports/{id}")

    reply = account.api.update_field(passport_id, NO_FIELD, {"value": "x"})

    expect.declined(reply, "PATCH /passports/{id}/fields/{key}", *MALFORMED)
    _unchanged(before, account.read(passport_id), reply)


@pytest.mark.rule("calls.field-keys-are-of-template", "calls.no-server-errors")
@pytest.mark.needs("P")
def test_a_product_gives_no_field_that_the_template_has_not(api: Api, account: Account) -> None:
    """A default value for a field that the template does not have is refused on a product, too: a new one and one that
    is there. A default value in two spellings that disagree is refused, or one of them counts.
    """
    key, value = _field(account)
    own = expect.served(api.get_product(account.product_id), "GET /products/{id}").shown
    new = {"name": "Conformance", "model": account.session.serial(), "category": own.get("category")}
    expect.served(api.update_product(account.product_id, {"description": "x"}), "PATCH /products/{id}")

    changed = api.update_product(account.product_id, {"defaultFieldValues": {NO_FIELD: "x"}})
    created = api.create_product({**new, "defaultFieldValues": {NO_FIELD: "x"}})
    twice = {"defaultFieldValues": {key: value, _other_spelling(key): f"{value} again"}}
    ambiguous = api.update_product(account.product_id, twice), api.create_product({**new, **twice})

    expect.declined(changed, "PATCH /products/{id}", *MALFORMED)
    expect.declined(created, "POST /products", *MALFORMED)
    for reply in ambiguous:
        is_answer = reply.exchange.succeeded or reply.is_refusal
        expect.true("a success or a refusal", is_answer, reply.described, reply, rule="calls.no-server-errors")


@pytest.mark.rule("calls.deletion-needs-paid-plan")
@pytest.mark.price(writes=1)
def test_the_free_plan_deletes_no_passport(account: Account) -> None:
    """On the free plan, deleting a draft gets 403 with a reason, and the draft still exists."""
    free = account.of_plan("free")
    passport_id = free.id_of(free.known(1)[0])

    reply = free.api.delete_passport(passport_id).sure()

    expect.declined(reply, "DELETE /passports/{id}", 403)
    expect.reasoned(reply)
    left = free.read(passport_id)
    expect.true("the draft to exist", left.exchange.succeeded, left.described, reply, left)


@pytest.mark.rule("calls.deletion-needs-paid-plan")
@pytest.mark.needs("P")
def test_the_free_plan_deletes_no_product(account: Account) -> None:
    """On the free plan, deleting a product without passports gets 403."""
    free = account.of_plan("free")

    reply = free.api.delete_product(free.product_id)

    expect.declined(reply, "DELETE /products/{id}", 403)
    expect.reasoned(reply)


@pytest.mark.rule("reads.draw-on-own-budget")
@pytest.mark.needs("P")
def test_reads_of_passports_and_products_share_their_budget(api: Api, account: Account) -> None:
    """Two reads are left. A read of passports and a read of products take them; the next read is refused, a write is
    not.
    """
    account.has_reads(2)

    expect.served(api.list_passports(), "GET /passports")
    expect.served(api.get_product(account.product_id), "GET /products/{id}")

    expect.refused(api.list_passports(), 429)
    expect.refused(api.get_product(account.product_id), 429)
    expect.outcomes(api.create_batch(account.passports(1)), "created")


@pytest.mark.rule("reads.draw-on-own-budget")
@pytest.mark.needs("P", "T")
def test_reads_are_there_again_at_midnight(api: Api, account: Account) -> None:
    """At noon no read is left. After midnight a read succeeds."""
    account.has_reads(0)
    expect.refused(api.list_passports(), 429)

    account.advance_clock(hours=12.5)

    reply = api.list_passports()
    expect.true("a read after midnight", reply.exchange.succeeded, reply.described, reply)


@pytest.mark.late(1)
@pytest.mark.rule("reads.draw-on-own-budget")
@pytest.mark.needs("W")
@pytest.mark.price(writes=1)
@pytest.mark.risk(writes=1)
def test_reads_take_no_writes(api: Api, account: Account) -> None:
    """One write is left. After two reads it is still left."""
    known = account.has(known=1, writes_left=1)

    for _ in range(2):
        expect.served(api.get_product(account.product_id), "GET /products/{id}")

    expect.executed(api.create_batch(known))
    expect.refused(api.create_batch(known), 429, rule="budget.refuses-whole-batch")


def _field(account: Account) -> tuple[str, Any]:
    """A field of the template of the product's category, and a value for it. Raises `Untested` where there is none."""
    product = expect.served(account.api.get_product(account.product_id), "GET /products/{id}")
    category = str(product.shown.get("category"))
    template = expect.served(account.api.get_template(category), "a template of the product's category")
    shown = template.shown.get("fields")
    fields = [field for field in shown if isinstance(field, dict)] if isinstance(shown, list) else []
    keys = [field.get("key") for field in fields]
    if not keys or NO_FIELD in keys or not isinstance(keys[0], str):
        raise Untested("a template with the keys of its fields")
    return keys[0], VALUES.get(str(fields[0].get("type")), "1")


def _other_spelling(key: str) -> str:
    """The key in camelCase: the vendor's pages spell keys in two ways."""
    first, *others = key.split("_")
    return first + "".join(part.capitalize() for part in others)


def _unchanged(before: Reply, after: Reply, cause: Reply) -> None:
    """The refused call did not change the members of the passport that it names."""
    for name in ("status", "fields", "parties"):
        found, wanted = after.shown.get(name), before.shown.get(name)
        expect.same(f"`{name}` after a refused call", found, wanted, before, cause, after)
