"""Passports of the run in a given workspace: each way to read them shows the same, and lists show each once.

| rule | dimensions and values | observed |
|---|---|---|
| reads.agree | by ID, by serial number, in a list; now and again later | every documented member |
| | marks of a serial number in a path (slash, plus, percent, query) | by ID and by serial number |
| reads.lists-show-each-match-once | pages of two (full, half full, empty) | each ID once, the numbers of each page |
| | status and product (theirs, another) with a search | which IDs it has |
| | a search for what nobody has; marks of patterns | no entry of the run; no server error |
| | after a deletion | list, ID and serial number |
"""

from collections.abc import Sequence

import pytest

from tracepass_contract.contract_tests.checks import expect, shown
from tracepass_contract.contract_tests.client.api import Api
from tracepass_contract.contract_tests.client.reply import Reply
from tracepass_contract.contract_tests.model.outcomes import Untested
from tracepass_contract.contract_tests.target.workspace import Account

pytestmark = [pytest.mark.thorough, pytest.mark.needs("L")]
LIST, BY_SERIAL = "GET /passports", "GET /passports/by-serial/{serial}"
AGREE, LISTS = "reads.agree", "reads.lists-show-each-match-once"
MARKS = ("a/b", "a+b", "a%2Bb", "a&b=c", "a?b", "a;b:c", "..", "a%b_c*")
OF_PATTERNS = ("(", "[", "*", "%", "_", "\\", "'")
_MOST = "100"  # on one page


@pytest.mark.rule(AGREE, "items.created-is-readable", "calls.changes-are-kept", adds=True)
@pytest.mark.price(writes=2, slots=2)
def test_a_passport_is_the_same_in_each_read_and_later(account: Account) -> None:
    """Two passports, one of them with a manufacturer. Each read shows the same of them, and so it does later."""
    parties = {"manufacturer": {"legalName": "Conformance", "gln": "4012345000009"}}
    one, other = account.passports(2)
    reply = expect.outcomes(account.api.create_batch([{**one, "parties": parties}, other]), "created", "created")

    passports = [shown.passport(account, each) for each in reply.ids]
    for each, before in [(each, each.look()) for each in passports]:
        each.later(before, before)


@pytest.mark.rule(AGREE, "items.created-is-readable", adds=True)
@pytest.mark.price(writes=len(MARKS) + 1, slots=len(MARKS) + 1)
def test_any_mark_of_a_serial_number_may_stand_in_a_path(api: Api, account: Account) -> None:
    """Serial numbers have marks that mean something in a URL. Each passport is found by its own serial number."""
    run = account.session.run
    items = [account.passport(f"CONF-{run}-{marks}") for marks in ("plain", *MARKS)]
    reply = expect.executed(api.create_batch(items))

    for index, item in enumerate(items):
        if reply.entry(index).get("status") == "created":
            _is_found_by_serial(account, str(reply.entry(index)["data"].get("_id")), item["gs1"])


@pytest.mark.rule(LISTS)
@pytest.mark.price(writes=5, slots=5)
def test_pages_show_each_passport_of_the_run_once(account: Account) -> None:
    """Five passports are searched for, two on a page. Each is on one page, and the numbers of the pages are right."""
    prefix, ids = _searchable(account, 5)

    queries = [{"search": prefix, "limit": "2", "page": str(number)} for number in range(1, 5)]
    pages = [expect.served(account.api.list_passports(**query), LIST) for query in queries]

    found = [str(entry.get("_id")) for page in pages for entry in shown.items(page)]
    expect.same("the IDs of all pages", sorted(found), sorted(ids), *pages)
    expect.same("entries on the pages", [len(shown.items(page)) for page in pages], [2, 2, 1, 0], *pages)
    for number, page in enumerate(pages, 1):
        wanted = {"total": 5, "page": number, "limit": 2, "totalPages": 3}
        expect.same("the numbers of the page", {name: page.shown.get(name) for name in wanted}, wanted, page)


@pytest.mark.rule(LISTS)
@pytest.mark.price(writes=2, slots=2)
def test_filters_leave_out_what_they_exclude(account: Account) -> None:
    """Two drafts are searched for. A list of their product has them; one of archived passports, or of a product that
    does not exist, has not.
    """
    prefix, ids = _searchable(account, 2)
    of_product = _list(account, ids, search=prefix, productId=account.product_id)
    archived = account.api.list_passports(search=prefix, status="archived")
    of_nobody = account.api.list_passports(search=prefix, productId="f" * 24)

    expect.same("IDs of their product", _ids(expect.served(of_product, LIST)), set(ids), of_product)
    expect.same("IDs of archived passports", _ids(expect.served(archived, LIST)) & set(ids), set(), archived)
    expect.same("IDs of no product", _ids(of_nobody) & set(ids), set(), of_nobody)


@pytest.mark.rule(LISTS, "calls.no-server-errors")
@pytest.mark.price(writes=1, slots=1)
def test_a_search_is_a_text(account: Account) -> None:
    """A search for a text of nobody finds no passport of the run. One with marks that databases and patterns give a
    meaning succeeds.
    """
    api, run = account.api, account.session.run
    created = expect.outcomes(api.create_batch(account.passports(1)), "created", rule="items.fail-independently")
    expect.served(_list(account, created.ids), LIST)

    nothing = expect.served(api.list_passports(search="QXZJ" * 3, limit="100"), LIST)
    marked = [api.list_passports(search=f"{run}{mark}") for mark in OF_PATTERNS]

    found = [serial for entry in shown.items(nothing) if run in (serial := str(entry.get("gs1")))]
    expect.same("passports that do not match the search", found, [], nothing)
    for reply in marked:
        expect.served(reply, LIST)


@pytest.mark.rule(LISTS, "calls.changes-are-kept", adds=True)
@pytest.mark.price(writes=3, slots=2)
def test_a_deleted_draft_is_nowhere(account: Account) -> None:
    """Of two drafts one is deleted. No read shows it any more, and the other one is as before."""
    api, (prefix, (one, other)) = account.api, _searchable(account, 2)
    gtin, serial = api.pairs.ids[one]
    stays = shown.passport(account, other)
    before = stays.look()

    deleted = expect.served(api.delete_passport(one).sure(), "DELETE /passports/{id}")

    shown.gone(account, lambda: api.get_passport(one), "GET /passports/{id}", deleted)
    shown.gone(account, lambda: api.get_by_serial(serial, gtin=gtin), BY_SERIAL, deleted)
    listed = account.eventually(lambda: api.list_passports(search=prefix), lambda each: one not in _ids(each))
    expect.same("deleted IDs in the list", _ids(listed) & {one}, set(), deleted, listed)
    stays.later(before, deleted)


def _searchable(account: Account, number: int) -> tuple[str, Sequence[str]]:
    """The common beginning of serial numbers, and the IDs of passports that have them. Raises `Untested` where a search
    finds more than these: it may be one for words.
    """
    prefix = account.session.serial().replace("CONF-", "C-")  # some deployments allow 20 characters at most
    items = [account.passport(f"{prefix}{nth}") for nth in range(number)]
    created = expect.outcomes(account.api.create_batch(items), *["created"] * number, rule="items.fail-independently")
    reply = expect.served(_list(account, created.ids, search=prefix), LIST)
    found, wanted = _ids(reply), set(created.ids)
    if found - wanted or len(shown.items(reply)) == int(_MOST):
        raise Untested("a search that finds only passports that have its text")
    expect.same("the IDs that a search finds", found, wanted, created, reply, rule=LISTS)
    return prefix, created.ids


def _list(account: Account, ids: Sequence[str], **query: str) -> Reply:
    """A list of as many as one page can have, as soon as it shows these passports."""
    query |= {"limit": _MOST}
    return account.eventually(lambda: account.api.list_passports(**query), lambda reply: set(ids) <= _ids(reply))


def _ids(reply: Reply) -> set[str]:
    return {str(entry.get("_id")) for entry in shown.items(reply)}


def _is_found_by_serial(account: Account, passport_id: str, gs1: dict[str, str]) -> None:
    whole = expect.served(account.read(passport_id), "GET /passports/{id}")
    serial, gtin = gs1["serialNumber"], gs1["gtin"]
    reply = account.eventually(
        lambda: account.api.get_by_serial(serial, gtin=gtin), lambda each: each.exchange.succeeded
    )
    if shown.is_there(reply, BY_SERIAL):
        shown.passport(account, passport_id).agrees(whole, reply.shown, reply)
