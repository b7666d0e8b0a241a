"""Lists and search over more entries than a server keeps in one page, block or batch of its own.

| rule | dimensions and values | observed |
|---|---|---|
| reads.lists-show-each-match-once | list (300 products; 4,300 passports of two GTINs) | each id once, total |
| | page (first, middle, last, after the last) | its entries, number of pages |
| | search that matches (all, one GTIN, one of the oldest, of the newest, none) | ids, total |
| | the same after one is added; then after some are deleted (old, middle, new), one archived, one added | ids, total |
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import pytest

from tracepass_contract.contract_tests.checks import arranged, expect, shown
from tracepass_contract.contract_tests.client.known_passports import pair_of
from tracepass_contract.contract_tests.client.reply import Reply
from tracepass_contract.contract_tests.client.single_calls import Item
from tracepass_contract.contract_tests.model.operations import Standing
from tracepass_contract.contract_tests.model.outcomes import Inconclusive
from tracepass_contract.contract_tests.target.workspace import Account

pytestmark = [
    pytest.mark.rule("reads.lists-show-each-match-once", "calls.valid-calls-succeed"),
    pytest.mark.needs("L", "P"),
]
PAGE = 100  # a page has 100 at most, and so has a batch
PRODUCTS, BATCHES, MIXED = 3, 43, 3  # batches of products, of passports, and those of them with two GTINs
Ids = Mapping[str, str]  # by the text that a search finds them by
Ask = Callable[..., Reply]


def test_a_long_list_of_products_and_its_search_show_each_once(account: Account) -> None:
    """There are 300 products. All pages together show each once; so do those of a search for all of them. A search for
    one shows it alone.
    """
    ids, shows = _products(account), partial(_shows, account, account.api.list_products)
    names = list(ids)

    shows({account.product_id, *ids.values()})
    shows(set(ids.values()), search=names[0][:-6])
    for name in (names[0], names[255], names[256], names[-1]):
        shows({ids[name]}, search=name)
    shows(set(), search=f"{names[-1]}-no")


def test_thousands_of_passports_are_counted_paged_and_found(account: Account) -> None:
    """There are 4,300 passports, some of them under another GTIN. Each page shows its own. A search finds those under
    one GTIN, and each of the oldest and newest alone. So it is after one is added, and after some are deleted, one
    archived, and one more added.
    """
    api, batches = account.api, _batches(account)
    ids = {serial: passport_id for batch in batches for serial, passport_id in batch.items()}
    serials, counts = list(ids), partial(_counts, account)
    shows, everything = partial(_shows, account, api.list_passports), {"search": serials[0][:-6]}
    of_other = {passport_id for passport_id, (gtin, _) in api.pairs.ids.items() if gtin == account.another_gtin}

    counts(len(ids))
    _shows_pages(account, [set(batch.values()) for batch in reversed(batches)])
    for at in (0, 1, 255, 256, 4095, 4096, -1):
        shows({ids[serials[at]]}, search=serials[at])
    shows(of_other, search=account.another_gtin)
    counts(len(ids) - len(of_other), search=account.gtin)
    counts(len(ids), **everything)
    ids |= _created(account, account.passports(1))
    counts(len(ids), **everything)

    gone = [serials[at] for at in (10, len(serials) // 2, -300, -2)]
    between, old = serials[11:13]
    for each in gone:
        expect.served(api.delete_passport(ids[each]).sure(), "DELETE /passports/{id}")
    ids = {serial: passport_id for serial, passport_id in ids.items() if serial not in gone}
    expect.served_for_draft(api.archive_passport(ids[old]), "POST /passports/{id}/archive")
    (added, new_id), *_ = _created(account, account.passports(1)).items()
    ids[added] = new_id
    for query in ({}, everything):
        counts(len(ids), **query)
        counts(len(ids) - 1, status="draft", **query)
    shows({ids[old]}, status="archived")
    for serial in gone:
        shows(set(), search=serial)
    for serial in (between, old, added):
        shows({ids[serial]}, search=serial)


def _shows(account: Account, ask: Ask, wanted: set[str], **query: str) -> None:
    """All pages, and an empty one after the last. Another document may search for words, and find more."""
    number, found = -(-len(wanted) // PAGE), []
    for page in range(1, max(number, 1) + (number > 1) + 1):
        reply = _with_total(account, ask, len(wanted), limit=str(PAGE), page=str(page), **query)
        if "search" in query and reply.standing is not Standing.OURS:
            return
        counts = {"total": len(wanted), "page": page}
        numbers = {name: reply.shown.get(name) for name in counts}
        expect.same(f"the numbers of a page for {query}", numbers, counts, reply)
        found += [str(entry.get("_id")) for entry in shown.items(reply)]
    expect.same(f"entries for {query}", len(found), len(wanted), reply)
    expect.true(f"each entry for {query} once", set(found) == wanted, "others", reply)


def _shows_pages(account: Account, pages: Sequence[set[str]]) -> None:
    """Some pages, and an empty one. Each has its number of entries, and none of another page. Where the newest come
    first, it has its own.
    """
    seen: set[str] = set()
    for number in (1, 2, len(pages) // 2, len(pages) - 1, len(pages), len(pages) + 1):
        wanted = pages[number - 1] if number <= len(pages) else set()
        reply = expect.served(account.api.list_passports(limit=str(PAGE), page=str(number)), "GET /passports")
        counts = {"total": sum(map(len, pages)), "page": number, "totalPages": len(pages)}
        expect.same("the numbers of a page", {name: reply.shown.get(name) for name in counts}, counts, reply)
        found = {str(entry.get("_id")) for entry in shown.items(reply)}
        sizes = len(shown.items(reply)), len(found - seen)
        expect.same("entries, and new ones among them", sizes, (len(wanted), len(wanted)), reply)
        if reply.standing is Standing.OURS:
            expect.true("the entries of the page", found == wanted, "others", reply)
        seen |= found


def _counts(account: Account, wanted: int, **query: str) -> None:
    """The total, where the suite's own document says what the query means."""
    reply = _with_total(account, account.api.list_passports, wanted, limit="1", **query)
    if "search" not in query or reply.standing is Standing.OURS:
        expect.same(f"`total` for {query}", reply.shown.get("total"), wanted, reply)


def _with_total(account: Account, ask: Ask, total: int, **query: str) -> Reply:
    """The page, as soon as it shows everything (items.read-your-writes)."""
    reply = account.eventually(lambda: ask(**query), lambda each: each.shown.get("total") == total)
    return expect.served(reply, reply.exchange.path.partition("?")[0])


def _batches(account: Account) -> Sequence[Ids]:
    """Passports, batch by batch. In the first batches every tenth has another GTIN, if the workspace may use it."""
    other = {"gtin": account.another_gtin}
    first = account.passport()
    first["gs1"] |= other
    reply = account.api.create_batch([first], purpose="set-up: another GTIN")
    batches = [_ids_of(account, [first])] if reply.created else []
    mixed = MIXED if reply.created else 0
    for nth in range(BATCHES):
        items = account.passports(PAGE)
        for item in items[::10] if nth < mixed else ():
            item["gs1"] |= other
        batches.append(_created(account, items))
    return batches


def _created(account: Account, items: Sequence[Item]) -> Ids:
    account.require_created(account.api.create_batch(items, purpose="set-up: passports of a long list"))
    return _ids_of(account, items)


def _ids_of(account: Account, items: Sequence[Item]) -> Ids:
    """The ids of created passports, by serial number."""
    ids = {pair: passport_id for passport_id, pair in account.api.pairs.ids.items()}
    if missing := [item for item in items if pair_of(item) not in ids]:
        raise Inconclusive(f"no answer reported the ids of {len(missing)} passports that the test needs")
    return {item["gs1"]["serialNumber"]: ids[pair] for item in items if (pair := pair_of(item)) is not None}


def _products(account: Account) -> Ids:
    category = arranged.category_of(account)
    ids: dict[str, str] = {}
    for _ in range(PRODUCTS):
        names = [account.session.serial() for _ in range(PAGE)]
        made = [{"name": "Conformance", "model": name, "category": category} for name in names]
        reply = expect.served(account.api.create_products(made), "POST /products/batch")
        if len(reply.ids) != PAGE or not all(reply.ids):
            raise Inconclusive(f"the test needs products, but call #{reply.number} got {reply.described}"[:300])
        ids |= dict(zip(names, reply.ids, strict=True))
    return ids
