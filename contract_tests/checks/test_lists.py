"""reads: pages, counts, filters and search of the lists, templates, and the forms of a QR code."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import pytest

from tracepass_contract.contract_tests.checks import arranged, expect, shown
from tracepass_contract.contract_tests.client.api import Api
from tracepass_contract.contract_tests.client.reply import Reply
from tracepass_contract.contract_tests.model.operations import Standing
from tracepass_contract.contract_tests.run.shared_batch import Sample
from tracepass_contract.contract_tests.target.workspace import Account

LISTS, AGREE, QR = "reads.lists-show-each-match-once", "reads.agree", "reads.qr-code-as-asked"
pytestmark = [pytest.mark.rule(LISTS, "calls.valid-calls-succeed", "calls.required-members"), pytest.mark.needs("L")]
OF_PASSPORTS, OF_PRODUCTS = "GET /passports", "GET /products"
DESCRIBED = ("label", "unit", "accessLevel")
OF_TEMPLATE = {
    **dict.fromkeys(("category", "categoryLabel", "regulation", "version"), str),
    **dict.fromkeys(("fieldCount", "requiredFieldCount"), int),
}
OF_FIELD = {**dict.fromkeys(("key", "label", "type"), str), "required": bool}
MANY = 3  # templates
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.mark.needs("P")
def test_the_pages_of_the_passports_show_each_once(account: Account) -> None:
    """Three passports come on pages of two: two, one, none. Total and number of pages are right on each page."""
    ids = _passports(account, 3)

    pages = _pages(account, lambda number: account.api.list_passports(page=number, limit="2"), len(ids))

    _are_pages(pages, ids, OF_PASSPORTS)
    _are_newest_first(account.api.list_passports(), ids)


@pytest.mark.needs("P")
def test_the_pages_of_the_products_show_each_once(account: Account) -> None:
    """Two more products come, newest first, on pages of two with the first product of the workspace."""
    ids = [account.product_id, *(str(arranged.product(account).shown["_id"]) for _ in range(2))]

    pages = _pages(account, lambda number: account.api.list_products(page=number, limit="2"), len(ids))

    _are_pages(pages, ids, OF_PRODUCTS)
    for product_id in ids:
        shown.product(account, product_id).look()
    times = [str(entry.get("createdAt")) for page in pages for entry in shown.items(page)]
    expect.same("the times of creation, newest first", times, sorted(times, reverse=True), *pages, rule=LISTS)
    _are_newest_first(account.api.list_products(), ids)


@pytest.mark.needs("P")
def test_a_list_of_passports_is_filtered(account: Account) -> None:
    """There is a draft, an archived passport, and a passport of another product. Each filter finds its own, and filters
    together find what matches all of them.
    """
    api, own, other = account.api, account.product_id, str(arranged.product(account).shown["_id"])
    draft, archived = _passports(account, 2)
    of_other = arranged.draft(account, productId=other)
    expect.served_for_draft(api.archive_passport(archived), "POST /passports/{id}/archive")
    serial = str(account.read(draft).shown["gs1"]["serialNumber"])
    everything = [draft, archived, of_other]

    finds = partial(_finds, account, api.list_passports)
    finds([draft, archived], productId=own)
    finds([of_other], productId=other)
    finds([archived], status="archived")
    finds([draft, of_other], status="draft")
    finds([], status="published")
    finds([of_other], productId=other, status="draft")
    finds([], productId=other, status="archived")
    finds([draft], search=serial)
    finds(everything, search=account.gtin)
    if expect.served(api.list_passports(), OF_PASSPORTS).standing is Standing.OURS:  # other documents leave these open
        finds([draft], search=serial[2:].lower())
        finds([], search=f"{serial}-no")
        finds([draft], search=account.gtin[2:], productId=own, status="draft")
        finds([], productId=other, search=serial)
        finds([], productId="f" * 24)
        finds(everything, search="", productId="", status="", color="red")


@pytest.mark.needs("P")
def test_a_list_of_products_is_filtered(account: Account) -> None:
    """There are an active and an archived product. Each filter finds its own, and filters together find what matches
    all of them.
    """
    api, category = account.api, arranged.category_of(account)
    active, archived = (arranged.product(account, name=name).shown for name in ("Kettle 4711", "Teapot 4712"))
    expect.served(api.archive_product(str(archived["_id"])), "POST /products/{id}/archive")
    everything = [account.product_id, str(active["_id"]), str(archived["_id"])]

    finds = partial(_finds, account, api.list_products)
    finds(everything, category=category)
    finds(everything[:2], status="active")
    finds(everything[2:], status="archived")
    finds(everything[2:], category=category, status="archived")
    finds(everything[1:2], search="Kettle 4711")
    finds(everything[2:], search=str(archived["model"]))
    if expect.served(api.list_products(), OF_PRODUCTS).standing is Standing.OURS:  # other documents leave these open
        finds(everything[2:], search="teapot", status="archived")
        finds([], search=str(active["model"]), status="archived")
        finds([], search="conf-no-such-product")
        finds([], category="conf-no-such-category")
        finds([], category="conf-no-such-category", status="active")
        finds(everything, search="", category="", status="")


@pytest.mark.rule(AGREE)
@pytest.mark.needs("P")
def test_a_product_counts_its_passports(account: Account) -> None:
    """A product has two passports. A passport of another product does not count."""
    other = str(arranged.product(account).shown["_id"])
    _passports(account, 2)
    arranged.draft(account, productId=other)

    for product_id, wanted in ((account.product_id, 2), (other, 1)):
        reply = shown.product(account, product_id).look()
        expect.same("`passportCount`", reply.shown.get("passportCount"), wanted, reply)


@pytest.mark.rule(AGREE)
def test_the_templates_are_listed_as_they_are_read(api: Api) -> None:
    """Each template of the list is read as it is listed, with all documented members. No category is listed twice."""
    reply = expect.served(api.list_templates(), "GET /templates")
    templates = reply.members.get("templates")
    listed = [each for each in templates if isinstance(each, dict)] if isinstance(templates, list) else []
    expect.true("a list of templates", listed, templates, reply)
    categories = [each.get("category") for each in listed]
    expect.same("categories that differ", len(set(map(str, categories))), len(categories), reply, rule=LISTS)
    for each in listed[:MANY]:
        whole = expect.served(api.get_template(str(each.get("category"))), "GET /templates/{category}")
        _has_members("a listed template", each, OF_TEMPLATE, reply)
        for name in OF_TEMPLATE.keys() & each.keys() & whole.shown.keys():
            expect.same(f"`{name}` as in the list", whole.shown[name], each[name], reply, whole)
        if whole.standing is Standing.OURS:  # other documents don't say what is counted
            _has_members("the template", whole.shown, {**OF_TEMPLATE, "fields": list}, whole)
            for field in whole.shown["fields"]:
                _has_members("a field", field, OF_FIELD, whole)
            keys = [field["key"] for field in whole.shown["fields"]]
            expect.same("keys that differ", len(set(keys)), len(keys), whole)
            required = [field.get("required") for field in whole.shown["fields"]]
            numbers = each.get("fieldCount"), each.get("requiredFieldCount")
            expect.same("the numbers of fields", numbers, (len(required), required.count(True)), reply, whole)


@pytest.mark.rule(AGREE)
@pytest.mark.needs("P")
def test_a_passport_is_the_same_in_every_format_and_language(account: Account) -> None:
    """`format` and `lang` change no value. The full format describes each field as the template does."""
    api, passport = account.api, shown.passport(account, arranged.draft_with_content(account))
    plain = passport.look()
    gs1 = plain.shown["gs1"]

    for reply in (
        api.get_passport(passport.id, format="full"),
        api.get_passport(passport.id, lang="de"),
        api.get_passport(passport.id, format="full", lang="fr"),
        api.get_by_serial(gs1["serialNumber"], gtin=gs1["gtin"], format="full"),
    ):
        expect.served(reply, "GET /passports/{id}")
        is_ours = reply.standing is Standing.OURS
        if is_ours or "lang" not in reply.exchange.path:  # others may translate values
            passport.agrees(plain, reply.shown, reply)
        if is_ours and "format" in reply.exchange.path:
            _are_described(account, reply)


@pytest.mark.rule(QR)
def test_a_qr_code_comes_in_each_form(sample: Sample) -> None:
    """SVG if the call does not say, PNG, and JSON with the SVG; also by serial number."""
    account, gs1 = sample.account, sample.new["gs1"]
    api, passport_id = account.api, account.id_of(sample.new)
    expect.served(account.read(passport_id), "GET /passports/{id}")

    for query, media, sign in (
        ({}, "image/svg+xml", b"<svg"),
        ({"format": "svg"}, "image/svg+xml", b"<svg"),
        ({"format": "png"}, "image/png", PNG),
        ({"format": "json"}, "application/json", b'"result"'),
    ):
        by_id = expect.served(api.get_qr(passport_id, **query), "GET /passports/{id}/qr")
        _is_picture(by_id, media, sign)
        by_serial = api.get_qr_by_serial(gs1["serialNumber"], gtin=gs1["gtin"], **query)
        if shown.is_there(by_serial, "GET /passports/by-serial/{serial}/qr"):
            _is_picture(by_serial, media, sign)
        if by_serial.standing is Standing.OURS:
            same = _picture(by_serial) == _picture(by_id)
            expect.true("the same code by serial number", same, "another one", by_id, by_serial, rule=QR)
    svg = by_id.members.get("result")
    expect.true("the SVG in `result`", isinstance(svg, str) and "<svg" in svg, svg, by_id, rule=QR)


@pytest.mark.rule(QR)
@pytest.mark.needs("P")
def test_a_qr_code_has_its_passport_and_its_colours(account: Account) -> None:
    """The codes of two passports differ. A colour for the modules and one for the background change the picture."""
    one, other = _passports(account, 2)
    for passport_id in (one, other):
        expect.served(account.read(passport_id), "GET /passports/{id}")

    replies = [
        expect.served(account.api.get_qr(passport_id, **query), "GET /passports/{id}/qr")
        for passport_id, query in (
            (one, {}),
            (other, {}),
            (one, {"color": "1A2B3C"}),
            (one, {"backgroundColor": "D4E5F6"}),
            (one, {"color": "1A2B3C", "backgroundColor": "D4E5F6", "useCompanyBranding": "false"}),
        )
    ]

    different = len({_picture(reply) for reply in replies})
    expect.same("pictures that differ", different, len(replies), *replies, rule=QR)


def _has_members(what: str, shown: Any, members: Mapping[str, type], reply: Reply) -> None:
    """The documented members, each with its type."""
    found = {name: type(shown.get(name)) for name in members} if isinstance(shown, dict) else shown
    expect.same(f"the members of {what}", found, members, reply, rule="calls.required-members")


def _passports(account: Account, number: int) -> list[str]:
    """The ids of new passports, each of a batch of its own, in their order."""
    return [arranged.draft(account) for _ in range(number)]


def _pages(account: Account, page: Callable[[str], Reply], total: int) -> Sequence[Reply]:
    """Three pages, as soon as the list shows everything."""
    account.eventually(lambda: page("1"), lambda reply: reply.shown.get("total") == total)
    return [page(number) for number in ("1", "2", "3")]


def _are_pages(pages: Sequence[Reply], wanted: Sequence[str], operation: str) -> None:
    """The pages of two show all of them once, and each page has the right numbers."""
    for number, page in enumerate(pages, 1):
        expect.served(page, operation)
        numbers = {"total": len(wanted), "page": number, "limit": 2, "totalPages": 2}
        found = {name: page.shown.get(name) for name in numbers}
        expect.same("the numbers of the page", found, numbers, page, rule=LISTS)
    sizes = [len(shown.items(page)) for page in pages]
    expect.same("entries on the pages", sizes, [2, len(wanted) - 2, 0], *pages, rule=LISTS)
    ids = sorted(str(entry.get("_id")) for page in pages for entry in shown.items(page))
    expect.same("the entries of all pages", ids, sorted(wanted), *pages, rule=LISTS)


def _are_newest_first(reply: Reply, ids: Sequence[str]) -> None:
    """Entries of one millisecond have no documented order, and passports have none in other documents."""
    if reply.standing is Standing.OURS:
        found = [entry.get("_id") for entry in shown.items(reply)]
        expect.same("the entries, newest first", found, list(reversed(ids)), reply, rule=LISTS)


def _finds(account: Account, ask: Callable[..., Reply], wanted: Sequence[str], **query: str) -> None:
    """The list shows these ids and no others. Another document may search for words instead of texts, and find more."""

    def found(reply: Reply) -> list[str]:
        return sorted(str(entry.get("_id")) for entry in shown.items(reply))

    reply = account.eventually(lambda: ask(**query), lambda each: found(each) == sorted(wanted))
    expect.served(reply, OF_PASSPORTS if "/passports" in reply.exchange.path else OF_PRODUCTS)
    if "search" in query and reply.standing is not Standing.OURS:
        expect.true(f"all that {query} matches", set(wanted) <= set(found(reply)), found(reply), reply, rule=LISTS)
    else:
        expect.same(f"what {query} matches", found(reply), sorted(wanted), reply, rule=LISTS)
        expect.same("`total`", reply.shown.get("total"), len(wanted), reply, rule=LISTS)


def _is_picture(reply: Reply, media: str, sign: bytes) -> None:
    expect.same("the media type", reply.exchange.media_type, media, reply, rule=QR)
    expect.true(f"an answer with {sign!r}", sign in reply.exchange.answer, reply.described, reply, rule=QR)


def _picture(reply: Reply) -> Any:
    """The picture, or the SVG within the JSON."""
    return reply.members.get("result", reply.exchange.answer)


def _are_described(account: Account, reply: Reply) -> None:
    """The fields of the full format have label, unit and access level of the template."""
    template = account.api.get_template(arranged.category_of(account)).shown
    described = {field["key"]: {name: field.get(name) for name in DESCRIBED} for field in template["fields"]}
    for key, field in reply.shown["fields"].items():
        found = {name: field.get(name) for name in DESCRIBED}
        expect.same(f"the description of `{key}`", found, described[key], reply, rule=AGREE)
