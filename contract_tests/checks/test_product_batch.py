"""The batch of products: each item has its own result, and the batch takes one write for each.

| rule | dimensions and values | observed |
|---|---|---|
| items.fail-independently | failing (first, middle, last; all but one; all) x reason (`PATTERNS`) | status of each |
| items.one-result-each | the same, 1, 2, 5 and 100 items | index, members of each entry, summary |
| calls.changes-are-kept | the same | each created product in every read; list, count |
| calls.take-one-write-each | the same, and replays of each, and a key with another body | writes left, exactly |
| budget.refuses-whole-batch | size (2, 100) x left (one less, exact) | refused or admitted; number of products |
| batch.same-shape-as-single | JSON type of an item and of each member, or none | refused, or fails alone; no 5xx |
| batch.holds-1-to-100-items | size (0, 101), `products` of another type | refused |
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from tracepass_contract.contract_tests.checks import arranged, expect, shown
from tracepass_contract.contract_tests.client.reply import Reply
from tracepass_contract.contract_tests.model import clock
from tracepass_contract.contract_tests.model.operations import Standing
from tracepass_contract.contract_tests.target.workspace import Account

pytestmark = pytest.mark.needs("L", "P")
PRODUCT_BATCH, KEPT = "POST /products/batch", "calls.changes-are-kept"
ONE_EACH, ALONE = "items.one-result-each", "items.fail-independently"
WHOLE, ANSWERED = "calls.required-members", "calls.no-server-errors"
NO_LIST: Sequence[Any] = (None, {}, "seven", 7)  # instead of the products
Product = Mapping[str, Any]
REQUIRED = ("_id", "name", "model", "category", "passportCount", "status", "createdAt", "updatedAt")
# The items of a batch: "+" a new model, "k" a model that exists, "r" the model of the item before it.
PATTERNS = ("k", "k+k+r", "+rrrr", "kkkk+", "kkkkk")
ABSENT = object()  # in place of the value of a member
MALFORMED: Sequence[Any] = (
    *("seven", 7, True, None, [], {}),
    *({"name": ABSENT}, {"model": ABSENT}, {"category": ABSENT}),
    *({"name": 7}, {"name": ""}, {"model": None}, {"model": ["x"]}, {"category": {}}, {"description": 7}),
)


@pytest.mark.rule(ONE_EACH, "summary.adds-up", ALONE, KEPT, "calls.valid-calls-succeed", "products.model-is-unique")
@pytest.mark.rule("calls.take-one-write-each", "idempotency.replay-changes-nothing", "quota.failed-items-take-no-slot")
@pytest.mark.rule("idempotency.replays-original", "idempotency.refuses-another-body", "items.error-carries-reason")
@pytest.mark.needs("W", "Q")
@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_batch_of_products_creates_what_it_can(account: Account, pattern: str) -> None:
    """Items fail that have an existing model or that of another item. Each has its own result, the rest is readable,
    and the batch takes a write for each and no slot. A replay has the same answer and takes none; so does a refusal of
    the key with another body.
    """
    api, known, key = account.api, arranged.product(account).exchange.sent_json, clock.new_key()
    items = _items(account, known, pattern)
    left = (
        len(items) + 2
    )  # after the batch: a replay may need as many as its items (idempotency.replay-when-budget-spent)
    account.has(writes_left=len(items) + left, slots_left=0)

    reply = _executed(api.create_products(items, key))
    is_remembered = "+" in pattern  # whether other results are remembered is a reading
    replay, other = (api.create_products(each, key) for each in (items, items[1:])) if is_remembered else (None, None)

    wanted = ["created" if kind == "+" else "error" for kind in pattern]
    _has_one_result_each(reply, len(items))
    expect.outcomes(reply, *wanted, rule=ALONE)
    if replay is not None and other is not None:
        expect.replayed(replay, reply, rule="idempotency.replays-original")
        expect.refused(other, *expect.MISMATCH, rule="idempotency.refuses-another-body")
    for index in (index for index, status in enumerate(wanted) if status == "created"):
        _is_kept(account, reply, index, items[index])
    _are_counted(account, 2 + wanted.count("created"), reply)
    expect.same("writes left", account.writes_left(up_to=left + 1), left, reply, rule="calls.take-one-write-each")


@pytest.mark.rule("budget.refuses-whole-batch", "calls.take-one-write-each", KEPT)
@pytest.mark.needs("W")
@pytest.mark.parametrize("size", [2, 100])
def test_a_batch_of_products_fits_the_budget_or_is_refused(account: Account, size: int) -> None:
    """One write too few is left: the batch is refused, and nothing is created. As many as it has items are enough."""
    api, known = account.api, arranged.product(account).exchange.sent_json
    items = _items(account, known, "+" * size)
    account.has(writes_left=size - 1)

    refused = api.create_products(items)
    account.has(writes_left=size)
    admitted = api.create_products(items)

    expect.declined(refused, PRODUCT_BATCH, 429, rule="budget.refuses-whole-batch")
    expect.served(admitted, PRODUCT_BATCH)
    _has_one_result_each(admitted, size)
    expect.outcomes(admitted, *["created"] * size, rule="budget.refuses-whole-batch")
    _are_counted(account, 2 + size, refused, admitted)
    expect.refused(api.create_products(items[:1]), 429, rule="calls.take-one-write-each")


@pytest.mark.rule("batch.same-shape-as-single", ALONE, ANSWERED)
def test_a_malformed_product_of_a_batch_is_not_created(account: Account) -> None:
    """A malformed item stands between two good ones. The batch is refused, or the item fails alone."""
    api, known = account.api, arranged.product(account).exchange.sent_json
    created = 0
    for wrong in MALFORMED:
        first, second, third = _items(account, known, "+++")
        item = _without_absent({**second, **wrong}) if isinstance(wrong, dict) and wrong else wrong

        reply = api.create_products([first, item, third])

        if not reply.exchange.succeeded:
            expect.declined(reply, PRODUCT_BATCH, 400, 422, rule="batch.same-shape-as-single")
            continue
        _has_one_result_each(reply, 3)
        expect.outcomes(reply, "created", "error", "created", rule=ALONE)
        created += 2
    expect.outcomes(_executed(api.create_products([known])), "error", rule=ALONE)
    _are_counted(account, 2 + created, reply)


@pytest.mark.rule("batch.holds-1-to-100-items", "budget.refuses-whole-batch")
@pytest.mark.needs("W")
def test_a_batch_of_products_that_is_refused_creates_nothing(account: Account) -> None:
    """No item, 101 items and another type are refused; so are two items where one write is left. None
    of them exists.
    """
    api, known = account.api, arranged.product(account).exchange.sent_json
    items = [{**known, "model": f"{account.session.serial()}-{n}"} for n in range(101)]
    expect.served(api.create_products(items[:1]), PRODUCT_BATCH)

    for wrong in ([], items[1:] + items[:1], *NO_LIST):
        expect.declined(api.create_products(wrong), PRODUCT_BATCH, 400, 413, 422)
    account.has(writes_left=1)
    expect.declined(api.create_products(items[1:3]), PRODUCT_BATCH, 429, rule="budget.refuses-whole-batch")

    listed = expect.served(api.list_products(), "GET /products")
    expect.same("the number of products", listed.shown.get("total"), 3, listed)


def _without_absent(item: Product) -> Product:
    return {name: value for name, value in item.items() if value is not ABSENT}


def _items(account: Account, known: Product, pattern: str) -> list[Product]:
    items: list[Product] = []
    for place, kind in enumerate(pattern):
        new = {**known, "name": f"Product {place}", "model": account.session.serial(), "description": "x"}
        items.append(new if kind == "+" else known if kind == "k" else {**new, "model": items[-1]["model"]})
    return items


def _executed(reply: Reply) -> Reply:
    """The batch succeeded; or all of its items failed, whatever the status is (batch.all-failed-status)."""
    return reply if reply.is_result and not reply.created else expect.served(reply, PRODUCT_BATCH)


def _has_one_result_each(reply: Reply, number: int) -> None:
    """Each position once, with either the product or the reason; and a summary that adds up."""
    indexes = sorted(str(entry.get("index")) for entry in reply.results)
    expect.same("the indexes", indexes, sorted(map(str, range(number))), reply, rule=ONE_EACH)
    for entry in reply.results:
        is_created = entry.get("status") == "created"
        data, reason = entry.get("data"), entry.get("error")
        has_data = isinstance(data, dict) and reason is None
        has_reason = isinstance(reason, str) and bool(reason.strip()) and data is None
        rule = ONE_EACH if is_created else "items.error-carries-reason"
        expect.true("either `data` or `error`", has_data if is_created else has_reason, entry, reply, rule=rule)
    created = reply.created
    wanted = {"created": created, "errors": number - created, "total": number}
    found = {name: reply.summary.get(name) for name in wanted}
    expect.same("the summary", found, wanted, reply, rule="summary.adds-up")


def _is_kept(account: Account, reply: Reply, index: int, sent: Product) -> None:
    """`data` is the product as it was sent, and every read shows it so."""
    data: Any = reply.entry(index).get("data")
    new = {**sent, "passportCount": 0, "status": "active"}
    said = {name: data[name] for name in new.keys() & data.keys()}
    expect.same("the product of the answer", said, {name: new[name] for name in said}, reply, rule=KEPT)
    if reply.standing is Standing.OURS:
        lacks = [name for name in REQUIRED if name not in data]
        expect.same("required members that the product lacks", lacks, [], reply, rule=WHOLE)
    product = shown.product(account, str(data.get("_id")))
    product.after(reply, reply, but=product.documented, shows={**data, **new})


def _are_counted(account: Account, number: int, *replies: Reply) -> None:
    """The products of the workspace: its own, the known one, and what was created."""
    listed = expect.served(account.api.list_products(limit="100"), "GET /products")
    expect.same("the number of products", listed.shown.get("total"), number, *replies, listed, rule=KEPT)
