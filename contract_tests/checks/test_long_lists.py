"""Lists and search over more entries than a server keeps in one page, block or batch of its own.

| rule | dimensions and values | observed |
|---|---|---|
| reads.lists-show-each-match-once | list (passports, products) of 300 entries: three pages | each id once |
| | search that matches (all, the first, one in the middle, the last, none) | ids, total, number of pages |
"""

from collections.abc import Callable, Mapping, Sequence

import pytest

from tracepass_contract.contract_tests.checks import arranged, expect, shown
from tracepass_contract.contract_tests.client.reply import Reply
from tracepass_contract.contract_tests.model.operations import Standing
from tracepass_contract.contract_tests.model.outcomes import Inconclusive
from tracepass_contract.contract_tests.target.workspace import Account

pytestmark = [
    pytest.mark.rule("reads.lists-show-each-match-once", "calls.valid-calls-succeed"),
    pytest.mark.needs("L", "P"),
]
MANY, PAGE = 300, 100  # a page has 100 at most
Ids = Mapping[str, str]  # by the text that a search finds them by
Ask = Callable[..., Reply]


@pytest.mark.parametrize("of", ["passports", "products"])
def test_a_long_list_and_its_search_show_each_once(account: Account, of: str) -> None:
    """There are 300 entries. All pages together show each once; so do those of a search for all of them. A search for
    one shows it alone.
    """
    api = account.api
    make, ask = (_passports, api.list_passports) if of == "passports" else (_products, api.list_products)
    ids = make(account)
    names = list(ids)
    all_of_them = {account.product_id, *ids.values()} if of == "products" else set(ids.values())
    account.eventually(lambda: ask(limit="1"), lambda reply: reply.shown.get("total") == len(all_of_them))

    _shows(ask, all_of_them, of)
    _shows(ask, set(ids.values()), of, search=names[0][:-6])
    for name in (names[0], names[255], names[256], names[-1]):
        _shows(ask, {ids[name]}, of, search=name)
    _shows(ask, set(), of, search=f"{names[-1]}-no")


def _shows(ask: Ask, wanted: set[str], of: str, **query: str) -> None:
    """All pages, and an empty one after the last. Another document may search for words, and find more."""
    number, found = -(-len(wanted) // PAGE), []
    for page in range(1, max(number, 1) + (number > 1) + 1):
        reply = expect.served(ask(limit=str(PAGE), page=str(page), **query), f"GET /{of}")
        if query and reply.standing is not Standing.OURS:
            return
        counts = {"total": len(wanted), "page": page}
        numbers = {name: reply.shown.get(name) for name in counts}
        expect.same(f"the numbers of a page for {query}", numbers, counts, reply)
        found += [str(entry.get("_id")) for entry in shown.items(reply)]
    expect.same(f"entries for {query}", len(found), len(wanted), reply)
    expect.true(f"each entry for {query} once", set(found) == wanted, "others", reply)


def _passports(account: Account) -> Ids:
    items = account.known(MANY)
    names: Sequence[str] = [item["gs1"]["serialNumber"] for item in items]
    by_serial = {serial: passport_id for passport_id, (_, serial) in account.api.pairs.ids.items()}
    if missing := [name for name in names if name not in by_serial]:
        raise Inconclusive(f"no answer reported the ids of {len(missing)} passports that the test needs")
    return {name: by_serial[name] for name in names}


def _products(account: Account) -> Ids:
    category = arranged.category_of(account)
    ids: dict[str, str] = {}
    for _ in range(MANY // PAGE):
        names = [account.session.serial() for _ in range(PAGE)]
        made = [{"name": "Conformance", "model": name, "category": category} for name in names]
        reply = expect.served(account.api.create_products(made), "POST /products/batch")
        if len(reply.ids) != PAGE or not all(reply.ids):
            raise Inconclusive(f"the test needs products, but call #{reply.number} got {reply.described}"[:300])
        ids |= dict(zip(names, reply.ids, strict=True))
    return ids
