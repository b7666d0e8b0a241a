"""budget: what a batch takes from the writes of a day, and what happens when none are left."""

import re
from email.utils import parsedate_to_datetime

import pytest

from tracepass_contract.contract_tests.checks import expect
from tracepass_contract.contract_tests.client.api import Api
from tracepass_contract.contract_tests.target.workspace import BATCH_ITEMS_MAX, Account

pytestmark = pytest.mark.needs("W")


@pytest.mark.late(2)
@pytest.mark.rule("budget.refuses-whole-batch")
@pytest.mark.price(writes=2, slots=2)
@pytest.mark.risk(writes=3, slots=3)
def test_a_batch_over_the_budget_changes_nothing(api: Api, account: Account) -> None:
    """Two writes are left. A batch of three is refused; then two of its items fit exactly and are created."""
    account.has(writes_left=2)
    items = account.passports(3)

    refused = api.create_batch(items)
    fitting = api.create_batch(items[:2])
    beyond = api.create_batch(items[2:])

    expect.refused(refused, 429)
    expect.outcomes(fitting, "created", "created")
    expect.refused(beyond, 429)


@pytest.mark.late(1)
@pytest.mark.rule("budget.refuses-whole-batch", adds=True)
@pytest.mark.needs("T")
@pytest.mark.price(writes=1, slots=1)
@pytest.mark.risk(writes=1, slots=1)
def test_a_batch_over_the_budget_is_not_created_later(api: Api, account: Account) -> None:
    """One write is left, and a batch of two is refused. 15 minutes later its first item still does not exist."""
    account.has(writes_left=1)
    items = account.passports(2)
    refused = expect.refused(api.create_batch(items), 429)

    account.advance_clock(hours=0.25)

    account.lift(writes=True)
    expect.none_there(account.is_there, items[:1], refused)


@pytest.mark.late(1)
@pytest.mark.rule("budget.refuses-whole-batch")
@pytest.mark.price(writes=1)
@pytest.mark.risk(writes=2, slots=1)
def test_over_the_budget_no_item_is_looked_at(api: Api, account: Account) -> None:
    """One write is left. A batch of a known and a new item gets 429 without results, although the known item would
    fail.
    """
    known = account.has(known=1, writes_left=1)

    reply = api.create_batch([*known, account.passport()])

    expect.refused(reply, 429)


@pytest.mark.late(100)
@pytest.mark.rule("budget.refuses-whole-batch", adds=True)
@pytest.mark.price(writes=100, slots=100)
def test_the_largest_batch_fits_exactly(api: Api, account: Account) -> None:
    """100 writes are left, and a batch of 100 is admitted."""
    account.has(writes_left=100)

    expect.executed(api.create_batch(account.passports(100)))
    expect.refused(api.create_batch(account.passports(1)), 429)


@pytest.mark.late(5)
@pytest.mark.rule("budget.counts-every-item")
@pytest.mark.price(writes=5)
def test_items_that_fail_take_writes_too(api: Api, account: Account) -> None:
    """Five writes are left. A batch of three items that exist takes three of them."""
    known = account.has(known=3, writes_left=5)

    expect.outcomes(api.create_batch(known), "error", "error", "error")

    expect.same("writes left", account.writes_left(), 2)


@pytest.mark.late(5)
@pytest.mark.rule("budget.counts-every-item")
@pytest.mark.price(writes=5)
def test_equal_items_take_a_write_each(api: Api, account: Account) -> None:
    """Five writes are left. A batch that repeats one existing item three times takes three of them."""
    known = account.has(known=1, writes_left=5)

    reply = api.create_batch([*known] * 3)

    if not reply.is_refusal:  # a batch with an item twice may be refused whole
        expect.outcomes(reply, "error", "error", "error")
        expect.same("writes left", account.writes_left(), 2)


@pytest.mark.late(9)
@pytest.mark.rule("budget.counts-every-item")
@pytest.mark.price(writes=9, slots=4)
def test_every_batch_takes_its_number_of_items(api: Api, account: Account) -> None:
    """Nine writes are left. Batches of 1, 2 and 3 items leave three."""
    known = account.has(known=2, writes_left=9)

    expect.executed(api.create_batch(account.passports(1)))
    expect.executed(api.create_batch([*known[:1], account.passport()]))
    expect.executed(api.create_batch([*account.passports(2), known[1]]))

    expect.same("writes left", account.writes_left(), 3)


@pytest.mark.late(2)
@pytest.mark.rule("budget.counts-every-item")
@pytest.mark.price(writes=2)
@pytest.mark.risk(writes=2)
def test_no_write_comes_back(api: Api, account: Account) -> None:
    """Two writes are left. Two items that exist fail and take them, and no write comes back."""
    known = account.has(known=2, writes_left=2)

    expect.executed(api.create_batch(known))

    expect.refused(api.create_batch(known), 429)
    expect.refused(api.create_batch(known[:1]), 429)


@pytest.mark.late(0)
@pytest.mark.rule("budget.renews-each-utc-day")
@pytest.mark.needs("T")
@pytest.mark.price(writes=1, slots=1)
@pytest.mark.risk(writes=1, slots=1)
def test_the_budget_is_full_again_at_midnight(api: Api, account: Account) -> None:
    """No write is left. Shortly before 00:00 UTC there is still none, at 00:30 UTC there are some."""
    account.has(writes_left=0)

    at_first = api.create_batch(account.passports(1))
    account.advance_clock(hours=max(account.hours_to_midnight - 0.5, account.hours_to_midnight / 2))
    before_midnight = api.create_batch(account.passports(1))
    account.advance_clock(hours=account.hours_to_midnight + 0.5)
    after_midnight = api.create_batch(account.passports(1))

    expect.refused(at_first, 429, rule="budget.refuses-whole-batch")
    expect.refused(before_midnight, 429)
    expect.executed(after_midnight)


@pytest.mark.late(7)
@pytest.mark.rule("budget.renews-each-utc-day")
@pytest.mark.needs("T")
@pytest.mark.price(writes=100, slots=1)
def test_the_new_day_has_the_whole_budget_and_no_more(api: Api, account: Account) -> None:
    """After midnight exactly the writes of a day are left, whatever was left the day before."""
    account.has(writes_left=7)
    per_day = account.writes_per_day
    account.advance_clock(hours=account.hours_to_midnight + 1)

    for size in [BATCH_ITEMS_MAX] * (per_day // BATCH_ITEMS_MAX) + [per_day % BATCH_ITEMS_MAX]:
        if size:
            expect.executed(api.create_batch(account.spending(size)))
    expect.refused(api.create_batch(account.spending(1)), 429)


@pytest.mark.late(2)
@pytest.mark.rule("budget.is-shared")
@pytest.mark.needs("S")
@pytest.mark.price(writes=2, slots=1)
def test_a_single_create_takes_a_write(api: Api, account: Account) -> None:
    """Two writes are left. A single create takes one of them."""
    account.has(writes_left=2)

    expect.served(api.create_one(account.passport()), "POST /passports")

    expect.same("writes left", account.writes_left(), 1)


@pytest.mark.late(1)
@pytest.mark.rule("budget.is-shared")
@pytest.mark.needs("L", "P")
def test_a_change_of_a_product_takes_a_write(api: Api, account: Account) -> None:
    """One write is left. A change of the product takes it; then a batch and another change are refused."""
    account.has(writes_left=1)

    expect.served(api.update_product(account.product_id, {"description": "x"}), "PATCH /products/{id}")

    expect.refused(api.create_batch(account.passports(1)), 429)
    expect.refused(api.update_product(account.product_id, {"description": "y"}), 429)


@pytest.mark.late(2)
@pytest.mark.rule("budget.is-shared", adds=True)
@pytest.mark.needs("K2")
@pytest.mark.price(writes=2, slots=2)
def test_two_keys_share_one_budget(api: Api, account: Account) -> None:
    """Two writes are left. Each of two API keys of the workspace takes one; then both are refused."""
    second = account.second_key()
    account.has(writes_left=2)

    expect.executed(api.create_batch(account.passports(1)))
    expect.executed(second.create_batch(account.passports(1)))

    expect.refused(second.create_batch(account.passports(1)), 429)
    expect.refused(api.create_batch(account.passports(1)), 429)


@pytest.mark.late(1)
@pytest.mark.rule("budget.refuses-whole-batch", adds=True)
@pytest.mark.needs("Q", "O")
@pytest.mark.risk(writes=2, slots=2, cents=300)
def test_consent_does_not_replace_writes(api: Api, account: Account) -> None:
    """One write and no passport are left. A batch of two with consent is refused for the budget."""
    account.has(writes_left=1, slots_left=0)
    items = [account.passport(confirmOverage=True) for _ in range(2)]

    expect.refused(api.create_batch(items, consent=True), 429)


@pytest.mark.late(0)
@pytest.mark.rule("budget.renews-each-utc-day", adds=True)
@pytest.mark.risk(writes=1, slots=1)
def test_a_refusal_that_says_when_to_retry_is_right(api: Api, account: Account) -> None:
    """If a 429 has `Retry-After`, it is a number of seconds of at most one day, or a date."""
    account.has(writes_left=0)

    reply = api.create_batch(account.passports(1))

    expect.refused(reply, 429, rule="budget.refuses-whole-batch")
    found = reply.exchange.answer_headers.get("retry-after")
    if found is None:
        return
    if re.fullmatch(r"[0-9]{1,9}", found):
        expect.true("seconds until the next midnight", 0 < int(found) <= 86_400, found, reply)
    else:
        expect.true("a number of seconds or a date", _is_date(found), found, reply)


def _is_date(text: str) -> bool:
    try:
        return bool(parsedate_to_datetime(text))
    except ValueError:
        return False
