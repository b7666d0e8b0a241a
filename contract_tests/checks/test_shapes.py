"""calls: bodies and queries of the documented shape succeed however they are spelled; others are refused with 400."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tracepass_contract.contract_tests.checks import arranged, expect, shown
from tracepass_contract.contract_tests.checks.arranged import PARTY
from tracepass_contract.contract_tests.checks.writes import Named, named
from tracepass_contract.contract_tests.client.api import Api
from tracepass_contract.contract_tests.client.reply import Reply
from tracepass_contract.contract_tests.model.operations import Standing
from tracepass_contract.contract_tests.model.outcomes import Untested
from tracepass_contract.contract_tests.target.workspace import Account

pytestmark = pytest.mark.needs("L", "P")
SHAPE, VALID = "calls.documented-shape", "calls.valid-calls-succeed"
MALFORMED = (400, 422)  # the documented status is 400; many APIs use 422 for bodies
LANGUAGES = "bg cs da de el en es et fi fr ga hr hu it lt lv mt nl pl pt ro sk sl sv"
STATUSES = "draft in_review approved published suspended expired archived"
SOURCES = "manual ai_suggested ai_approved reference_db supplier system"
ROLES = "manufacturer importer authorisedRepresentative distributor recycler producerResponsibilityOrg"
PRODUCT = {"name": "x" * 200, "description": "x" * 2000, "imageUrls": ["https://example.com/1"] * 20}

NEW_PRODUCT: list[dict[str, Any]] = [
    *({name: ""} for name in ("name", "model", "category")),
    *({name: 7} for name in ("name", "model", "category")),
    *({name: None} for name in ("name", "model", "category")),
    *({"name": "x" * 201}, {"model": "x" * 101}, {"description": "x" * 2001}, {"description": 7}),
    *({"defaultFieldValues": []}, {"imageUrls": "https://example.com/1"}, {"imageUrls": ["http://example.com/1"]}),
    *({"imageUrls": [f"https://example.com/{n}" for n in range(21)]}, {"sourceLocale": 7}),
    {"imageUrls": ["https://example.com/" + "x" * 2048]},
]
CHANGED_PRODUCT = [
    *(each for each in NEW_PRODUCT if "category" not in each and None not in each.values()),
    *({"status": "gone"}, {"status": None}, {"name": None}),
]
NO_PARTY: list[Any] = [
    {name: value for name, value in PARTY.items() if name != "legalName"},
    {name: value for name, value in PARTY.items() if name != "gln"},
    *({**PARTY, "legalName": ""}, {**PARTY, "legalName": "x" * 201}, {**PARTY, "legalName": 7}),
    *({**PARTY, "gln": "123"}, {**PARTY, "gln": "401234500000X"}, {**PARTY, "gln": 7}),
    *({**PARTY, "country": "de"}, {**PARTY, "country": "DEU"}, {**PARTY, "country": 7}),
    *({**PARTY, "url": 7}, [], "x"),
]
NO_FIELD: list[Any] = [{}, {"value": None}, {"value": "x", "source": "nobody"}, {"value": "x", "sourceLocale": 7}, []]
NO_ITEM: list[dict[str, Any]] = [
    *({"gs1": None}, {"gs1": "x"}, {"gs1": {}}, {"productId": 7}, {"productId": None}, {"productId": ""}),
    *({"parties": []}, {"parties": {"importer": {}}}),
]
AGREES, DISAGREES = (  # with the GLN of the party
    {**PARTY, "operatorIdentifier": {"scheme": "gln", "gln": gln}} for gln in (PARTY["gln"], "4000001000005")
)


@pytest.mark.rule(SHAPE, "calls.changes-are-kept")
@pytest.mark.parametrize("of", ["product", "change of a product", "party", "field", "reason"])
def test_a_body_without_its_shape_is_refused_and_changes_nothing(account: Account, of: str) -> None:
    """Each body breaks the documented shape in one place. It is refused with 400, and what it names is as before. A
    body of the shape is accepted.
    """
    its, api = named(account), account.api
    product, passport = shown.product(account, its.product_id), shown.passport(account, its.passport_id)
    bodies, right, send = _cases(of, api, its)
    expect.served_for_draft(send(right), of)
    before = product.look() if "product" in of else passport.look()

    replies = [send(body) for body in bodies]

    for reply in replies:
        expect.declined(reply, f"{of}: {reply.exchange.sent_json!r:.120}", *MALFORMED, rule=SHAPE)
    (product if "product" in of else passport).after(before, replies[0], but=())
    if of == "product":
        listed = expect.served(api.list_products(), "GET /products")
        expect.same("the number of products", listed.shown.get("total"), 3, *replies[:1], listed)


@pytest.mark.rule(SHAPE, "batch.same-shape-as-single")
@pytest.mark.needs("S")
def test_a_single_create_breaks_its_shape_in_one_place(account: Account) -> None:
    """Each body of a single create breaks the documented shape in one place, and is refused. None creates anything; nor
    does a batch.
    """
    bodies = [{**account.passport(), **wrong} for wrong in NO_ITEM]
    for name in ("productId", "gs1"):
        bodies.append({each: value for each, value in account.passport().items() if each != name})
    right = expect.served(account.api.create_one(account.passport()), "POST /passports")
    passport_id = str(right.shown.get("_id"))
    expect.served(account.read(passport_id), "GET /passports/{id}")
    if right.standing is Standing.OURS:  # others may not know the newer member
        bodies.append(account.passport(parties={"importer": DISAGREES}))

    for body in bodies:
        expect.declined(account.api.create_one(body), f"POST /passports with {body!r:.120}", *MALFORMED)
    for body in (bodies[-1], bodies[0]):
        in_batch = account.api.create_batch([body])
        expect.same("created", in_batch.created, 0, in_batch, rule="batch.same-shape-as-single")

    listed = expect.served(account.api.list_passports(), "GET /passports")
    expect.same("the passports", [each.get("_id") for each in shown.items(listed)], [passport_id], listed)


@pytest.mark.rule(SHAPE)
def test_a_query_without_its_shape_is_refused(account: Account) -> None:
    """Each query has one value that is not documented. The read without it succeeds."""
    its, api = named(account), account.api
    expect.served(account.read(its.passport_id), "GET /passports/{id}")
    serial = str(its.gs1["serialNumber"])
    queries: dict[Callable[..., Reply], list[dict[str, str]]] = {
        api.list_passports: [{"page": "x"}, {"page": "-1"}, {"limit": "x"}, {"limit": "-1"}],
        api.list_products: [{"page": "0"}, {"limit": "0"}, {"status": "draft"}, {"limit": "1.5"}],
    }
    if expect.served(api.list_passports(), "GET /passports").standing is Standing.OURS:  # others may pass them over
        queries |= {
            partial(api.get_passport, its.passport_id): [{"format": "short"}, {"lang": "xx"}],
            partial(api.get_by_serial, serial): [{"gtin": "1"}, {"gtin": "x" * 14}, {"lang": "english"}],
            partial(api.get_qr, its.passport_id): [
                *({"format": "gif"}, {"color": "red"}, {"color": "12345"}, {"backgroundColor": "1234567"}),
                {"useCompanyBranding": "perhaps"},
            ],
        }
    for read, wrong in queries.items():
        expect.served(read(), "a read")
        for query in wrong:
            expect.declined(read(**query), f"a read with {query}", *MALFORMED)


@pytest.mark.rule(VALID, SHAPE)
def test_every_documented_value_is_accepted(account: Account) -> None:
    """Each language, status, source and role, the largest and smallest page, and texts of the greatest length."""
    its, api = named(account), account.api
    expect.served(account.read(its.passport_id), "GET /passports/{id}")
    for language in LANGUAGES.split():
        expect.served(api.get_passport(its.passport_id, lang=language), f"GET /passports/{{id}}?lang={language}")
    for status in STATUSES.split():
        expect.served(api.list_passports(status=status), f"GET /passports?status={status}")
    for query in ({"limit": "1"}, {"limit": "100"}, {"page": "1"}, {"page": "7"}):
        expect.served(api.list_passports(**query), f"GET /passports with {query}")
        expect.served(api.list_products(**query), f"GET /products with {query}")
    for role in ROLES.split():
        expect.served(api.set_party(its.passport_id, role, PARTY), f"PATCH /passports/{{id}}/parties/{role}")
    model = {"model": account.session.serial().ljust(100, "x")}
    expect.served(api.update_product(its.product_id, {**PRODUCT, **model}), "PATCH /products/{id}")
    is_ours = expect.served(api.list_passports(), "GET /passports").standing is Standing.OURS
    if is_ours:  # others may not know the newer member
        expect.served(api.set_party(its.passport_id, "importer", AGREES), "PATCH /passports/{id}/parties/{role}")
    for source in SOURCES.split()[: None if is_ours else 2]:  # others may refuse the rest of an API key
        arranged.field_set(api.update_field(its.passport_id, its.field, {"value": its.value, "source": source}))


@pytest.mark.rule(VALID)
@pytest.mark.parametrize("media_type", ["application/json; charset=utf-8", "application/json;charset=UTF-8"])
def test_a_body_may_say_its_character_set(account: Account, media_type: str) -> None:
    """Many clients send the character set in `Content-Type`. Every write with a body accepts it."""
    its, api = named(account), account.api.with_media_type(media_type)

    for reply, operation in (
        (api.set_party(its.passport_id, "importer", PARTY), "PATCH /passports/{id}/parties/{role}"),
        (api.update_product(its.product_id, {"description": "ä"}), "PATCH /products/{id}"),
        (api.create_product(its.new_product), "POST /products"),
        (api.create_one(its.item), "POST /passports"),
    ):
        expect.served(reply, operation)
    arranged.field_set(api.update_field(its.passport_id, its.field, {"value": its.value}))
    shown.product(account, its.product_id).look()


@pytest.mark.rule(VALID)
def test_a_repeated_parameter_breaks_nothing(account: Account) -> None:
    """A client may repeat a query parameter. The pages don't say what it means, but it is no reason to fail."""
    for query in ({"limit": ["2", "2"]}, {"status": ["draft", "archived"]}, {"search": ["a", "b"]}):
        reply = account.api.list_passports(**query)
        is_answer = reply.status is not None and reply.status < 500
        expect.true(f"an answer without 5xx to {query}", is_answer, reply.described, reply)


@pytest.mark.rule("calls.changes-are-kept", VALID, "reads.agree")
def test_a_serial_number_is_decoded_in_every_path(account: Account) -> None:
    """A serial number has a slash, a plus and a percent sign. Each operation by serial number finds its passport."""
    api, serial = account.api, f"{account.session.serial()[-6:]}/+%2F"
    item = account.passport(serial)
    created = api.create_batch([item])
    if not created.created:
        raise Untested(f"serial numbers such as {serial}")
    passport, gs1 = shown.passport(account, account.id_of(item)), item["gs1"]
    before = passport.look()

    (key, value) = arranged.fields_of(account)[0]
    changed = arranged.field_set(api.update_field_by_serial(gs1, key, {"value": value}))
    after = passport.after(before, changed, but=("fields", "completionPercentage"), shows=changed.shown)
    suspended = expect.served_for_draft(api.suspend_by_serial(gs1), "POST /passports/by-serial/{serial}/suspend")
    passport.after(after, suspended, but=("status", "suspendedAt", "suspensionReason"), shows=suspended.shown)
    archived = expect.served_for_draft(api.archive_by_serial(gs1), "POST /passports/by-serial/{serial}/archive")
    passport.after(after, archived, but=("status",), shows=archived.shown)


def _cases(of: str, api: Api, its: Named) -> tuple[list[Any], Any, Callable[[Any], Reply]]:
    """Bodies that break the shape, one that does not, and how to send them."""
    match of:
        case "product":
            wrong = [{**its.new_product, **each} for each in NEW_PRODUCT]
            return wrong, its.new_product, api.create_product
        case "change of a product":
            return CHANGED_PRODUCT, {"description": "x"}, lambda body: api.update_product(its.product_id, body)
        case "party":
            is_known = api.list_passports(limit="1").standing is Standing.OURS  # others may not know the newer member
            wrong = [*NO_PARTY, *([DISAGREES] if is_known else [])]
            return wrong, PARTY, lambda body: api.set_party(its.passport_id, "importer", body)
        case "field":
            right = {"value": its.value}
            return NO_FIELD, right, lambda body: api.update_field(its.passport_id, its.field, body)
    return [{"reason": 7}], {"reason": "Recall"}, lambda body: api.suspend_passport(its.passport_id, body)
