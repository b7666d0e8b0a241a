"""Each limit against each operation that takes from it, and what answers announce about limits.

| rule | dimensions and values | observed |
|---|---|---|
| quota.asks-for-consent | taken by (batch, single create) x asked by both; size x left (exact, one less) | 402, left |
| quota.consent-is-not-remembered | consent of a single create and of a batch, in turn | refused without it |
| quota.failed-items-take-no-slot | failed by (single create, batch) | passports left |
| budget.is-shared | each operation that writes x with writes left or none | 429, writes left |
| budget.refuses-whole-batch | size (1, 2, 100) x left (one less, exact, one more) | admitted or refused |
| limits.announced-is-true | time to wait, rest in a 429, rest in an answer | what later calls show |
"""

import re
from collections.abc import Callable, Mapping
from itertools import pairwise

import pytest

from tracepass_contract.contract_tests.checks import expect
from tracepass_contract.contract_tests.client.api import Api
from tracepass_contract.contract_tests.client.reply import Reply
from tracepass_contract.contract_tests.client.single_calls import Item
from tracepass_contract.contract_tests.model import clock
from tracepass_contract.contract_tests.model.outcomes import NotApplicable, Untested
from tracepass_contract.contract_tests.target.workspace import Account

pytestmark = [pytest.mark.thorough, pytest.mark.late(-1)]
TOKEN = "overage_required"
SINGLE = "POST /passports"
ASKS, FAILED, SHARED = "quota.asks-for-consent", "quota.failed-items-take-no-slot", "budget.is-shared"
_PARTY = {"legalName": "Conformance Imports BV", "gln": "4012345000009"}


@pytest.mark.rule(ASKS)
@pytest.mark.needs("Q", "S")
@pytest.mark.price(writes=4, slots=4)
@pytest.mark.risk(writes=3, slots=3)
def test_single_creates_and_batches_share_the_quota(api: Api, account: Account) -> None:
    """Four passports are left. A single create, a batch of two, and a single create take them. Then nothing fits."""
    account.has(slots_left=4, overage=True)

    first = expect.offered(api.create_one(account.passport()), SINGLE)
    too_many = api.create_batch(account.passports(4))
    batch = api.create_batch(account.passports(2))
    last = api.create_one(account.passport())

    for single in (first, last):
        expect.true("the single create to fit", single.exchange.succeeded, single.described, single)
    expect.refused(too_many, 402)
    expect.outcomes(batch, "created", "created")
    for refused in (api.create_batch(account.passports(1)), api.create_one(account.passport())):
        expect.refused(refused, 402)
        expect.true(f"`{TOKEN}` in the body", refused.says_token(TOKEN), refused.error, refused)


@pytest.mark.rule(FAILED, ASKS)
@pytest.mark.needs("Q", "S")
@pytest.mark.price(writes=6, slots=3)
@pytest.mark.risk(slots=4)
def test_a_single_create_that_fails_takes_no_slot(api: Api, account: Account) -> None:
    """Three passports are left. Single creates of known pairs and unknown products fail, and three are left."""
    known = account.has(known=2, slots_left=3, overage=True)

    failed = [api.create_one(item) for item in known]
    failed += [api.create_one(account.passport(productId="f" * 24)), api.create_batch(known[:1])]

    for reply in failed[:3]:
        expect.refused(expect.offered(reply, SINGLE) if reply.status != 404 else reply)
    expect.same("passports left", account.slots_left(), 3, *failed)


@pytest.mark.rule("quota.consent-is-not-remembered", "quota.consent-covers-whole-batch")
@pytest.mark.needs("Q", "O", "S")
@pytest.mark.price(writes=4, slots=4, cents=600)
@pytest.mark.risk(writes=4, slots=4)
def test_consent_of_one_operation_is_none_of_the_other(api: Api, account: Account) -> None:
    """No passport is left. A single create and a batch with consent are created in turn; without it, both are refused
    after each.
    """
    account.has(slots_left=0, overage=True)
    for _ in range(2):
        single = expect.offered(api.create_one(account.passport(confirmOverage=True)), SINGLE)
        _both_ask(api, account)
        batch = api.create_batch([account.passport(confirmOverage=True)], consent=True)
        _both_ask(api, account)

        expect.true("the single create to succeed", single.exchange.succeeded, single.described, single)
        expect.outcomes(batch, "created", rule="quota.consent-covers-whole-batch")


Spends = Callable[[Account], Reply]
WAYS: Mapping[str, tuple[Spends, str]] = {  # an operation that takes one write, and its needs
    "a batch": (lambda account: account.api.create_batch(account.passports(1)), ""),
    "a batch that fails": (lambda account: account.api.create_batch(_existing(account)), ""),
    "a batch of a second key": (lambda account: account.second_key().create_batch(account.passports(1)), "K2"),
    "a single create": (lambda account: account.api.create_one(account.passport()), "S"),
    "a new product": (lambda account: account.api.create_product(_product()), "L"),
    "a change of a product": (
        lambda account: account.api.update_product(account.product_id, {"description": "x"}),
        "L",
    ),
    "a change of a party": (lambda account: account.api.set_party(_id(account), "importer", _PARTY), "L"),
    "a suspension": (lambda account: account.api.suspend_passport(_id(account)), "L"),
    "an archiving": (lambda account: account.api.archive_passport(_id(account)), "L"),
    "a deletion": (lambda account: account.api.delete_passport(_id(account)).sure(), "L"),
}


@pytest.mark.rule(SHARED, "budget.refuses-whole-batch")
@pytest.mark.needs("W", "P")
@pytest.mark.parametrize("way", [pytest.param(name, marks=pytest.mark.needs(*WAYS[name][1].split())) for name in WAYS])
def test_every_write_takes_from_one_budget(account: Account, way: str) -> None:
    """Four writes are left. An operation takes one of them, and a batch of four does not fit any more. With none left,
    the operation is refused.
    """
    spend, _ = WAYS[way]
    account.has(known=3, writes_left=4)

    reply = spend(account)
    if not (reply.is_result or reply.exchange.succeeded):
        raise Untested(f"{way}; it got {reply.described}")

    expect.refused(account.api.create_batch(account.passports(4)), 429)
    expect.same("writes left", account.writes_left(), 3)
    expect.refused(spend(account), 429)


@pytest.mark.rule("budget.refuses-whole-batch", "budget.counts-every-item")
@pytest.mark.needs("W", "P")
@pytest.mark.parametrize("size", [1, 2, 100])
def test_every_size_fits_exactly_or_not(api: Api, account: Account, size: int) -> None:
    """As many writes are left as a batch has items, one less, or one more. One less is too few, and nothing is taken.
    One more leaves one.
    """
    account.has(writes_left=size)
    expect.outcomes(api.create_batch(account.passports(size)), *["created"] * size)
    expect.refused(api.create_batch(account.passports(1)), 429)

    account.has(writes_left=size + 1)
    expect.outcomes(api.create_batch(account.passports(size)), *["created"] * size)
    expect.outcomes(api.create_batch(account.passports(1)), "created", rule="budget.counts-every-item")
    expect.refused(api.create_batch(account.passports(1)), 429)

    account.has(writes_left=size - 1)
    items = account.passports(size)
    expect.refused(api.create_batch(items), 429)
    if size > 1:
        expect.outcomes(api.create_batch(items[1:]), *["created"] * (size - 1))
    expect.refused(api.create_batch(items[:1]), 429)


@pytest.mark.rule(ASKS)
@pytest.mark.needs("Q", "P")
@pytest.mark.parametrize("size", [1, 2, 100])
def test_every_size_fits_the_quota_exactly_or_not(api: Api, account: Account, size: int) -> None:
    """As many passports are left as a batch has items, or one less. One less is too few, and nothing is taken."""
    account.has(slots_left=size, overage=True)
    expect.outcomes(api.create_batch(account.passports(size)), *["created"] * size)
    expect.refused(api.create_batch(account.passports(1)), 402)

    account.has(slots_left=size - 1, overage=True)
    items = account.passports(size)
    expect.refused(api.create_batch(items), 402)
    if size > 1:
        expect.outcomes(api.create_batch(items[1:]), *["created"] * (size - 1))
    expect.refused(api.create_batch(items[:1]), 402)


@pytest.mark.rule("limits.announced-is-true", decides=True)
@pytest.mark.needs("W", "T", "P")
def test_retry_after_is_the_time_to_the_next_budget(api: Api, account: Account) -> None:
    """No write is left. If a 429 says when to retry, a batch fits after that time, and not an hour before."""
    account.has(writes_left=0)
    refused = expect.refused(api.create_batch(account.passports(1)), 429, rule="budget.refuses-whole-batch")
    wait = _seconds(refused)
    if wait is None:
        raise NotApplicable("a 429 does not say when to retry")

    if wait > 3600:
        account.advance_clock(hours=(wait - 3600) / 3600)
        expect.refused(api.create_batch(account.passports(1)), 429)
        account.advance_clock(hours=1)
    else:
        account.advance_clock(hours=wait / 3600)
    account.let_pass(1)

    expect.true("a batch to fit then", api.create_batch(account.passports(1)).is_result, f"after {wait} s", refused)


@pytest.mark.rule("limits.announced-is-true", decides=True)
@pytest.mark.needs("W", "P")
def test_the_rest_in_a_refusal_is_the_rest(api: Api, account: Account) -> None:
    """Two writes are left, and a batch of three is refused. If the 429 has `RateLimit`, it says that two are left."""
    account.has(writes_left=2)
    refused = expect.refused(api.create_batch(account.passports(3)), 429, rule="budget.refuses-whole-batch")
    left = _of_rate_limit(refused, "r")
    if left is None:
        raise NotApplicable("a 429 does not say how many writes are left")

    expect.same("writes left by `RateLimit`", left, account.writes_left(), refused)


@pytest.mark.rule("limits.announced-is-true", decides=True)
@pytest.mark.needs("W", "P")
def test_what_is_said_to_remain_remains(api: Api, account: Account) -> None:
    """If answers announce the rest of the budget in a header, it falls by one for each item of a batch, or it is a rest
    of something else and does not fall so. A header that follows the budget is right at its end, too.
    """
    account.has(writes_left=9)
    replies = [api.create_batch(account.passports(size)) for size in (1, 3, 2)]
    said = {name: [reply.exchange.answer_headers.get(name, "") for reply in replies] for name in _REMAINING}

    follows = [name for name, values in said.items() if _falls(values, (3, 2))]
    if not follows:
        raise NotApplicable("no header announces the rest of the write budget")
    for name in follows:
        expect.same(name, said[name], ["8", "5", "3"], *replies)


_REMAINING = ("ratelimit-remaining", "x-ratelimit-remaining", "x-rate-limit-remaining", "x-writes-remaining")


def _falls(values: list[str], by: tuple[int, ...]) -> bool:
    numbers = [int(value) if value.isdecimal() else None for value in values]
    steps = [None if a is None or b is None else a - b for a, b in pairwise(numbers)]
    return steps == list(by)


def _seconds(refused: Reply) -> int | None:
    """The time to wait by `Retry-After` or `RateLimit`; None where both are absent, or where it is a date."""
    found = refused.exchange.answer_headers.get("retry-after", "")
    return int(found) if found.isdecimal() else _of_rate_limit(refused, "t")


def _of_rate_limit(refused: Reply, name: str) -> int | None:
    """A parameter of the header `RateLimit` of the IETF draft."""
    found = re.search(rf";\s*{name}=([0-9]+)", refused.exchange.answer_headers.get("ratelimit", ""))
    return int(found[1]) if found else None


def _both_ask(api: Api, account: Account) -> None:
    for refused in (api.create_batch(account.passports(1)), api.create_one(account.passport())):
        expect.refused(refused, 402, rule="quota.consent-is-not-remembered")


def _product() -> dict[str, str]:
    return {"name": "Conformance", "model": f"CONF-{clock.new_key()}", "category": "batteries"}


def _existing(account: Account) -> list[Item]:
    return [account.passport(serial) for _, serial in sorted(account.api.pairs.existing)[:1]]


def _id(account: Account) -> str:
    """The id of a passport of the test, another one each time."""
    passport_id = next(iter(account.api.pairs.ids), "")
    account.api.pairs.ids.pop(passport_id, None)
    return passport_id
