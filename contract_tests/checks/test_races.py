"""Parallel calls with room for none, some or all of them; then the meters to the unit.

| rule | dimensions and values | observed |
|---|---|---|
| limits.hold-under-concurrency | limit (budget, quota) x fitting (none, one, two, all) | admitted, left |
| | API keys (one, two) | admitted, writes left |
| items.serial-unique-per-gtin | overlapping pairs x idempotency keys (none, each its own) | created once, left |
| idempotency.executes-once | one key in two workspaces | one execution each, writes left |
"""

from collections.abc import Sequence
from typing import Any

import pytest

from tracepass_contract.contract_tests.checks import expect
from tracepass_contract.contract_tests.client.api import Api, Batch
from tracepass_contract.contract_tests.client.reply import Reply
from tracepass_contract.contract_tests.model import clock
from tracepass_contract.contract_tests.model.outcomes import Inconclusive
from tracepass_contract.contract_tests.target.workspace import Account

pytestmark = [pytest.mark.thorough, pytest.mark.needs("C"), pytest.mark.late(-1)]
_RACERS, _SIZE = 5, 3
ROOM = {"none": 2, "one": 4, "two": 7, "all": 15, "all and more": 17}


@pytest.mark.rule("limits.hold-under-concurrency")
@pytest.mark.needs("W", "Q")
@pytest.mark.price(writes=20, slots=20)
@pytest.mark.parametrize("limit", ["writes", "slots"])
@pytest.mark.parametrize("fitting", ROOM)
def test_as_many_batches_are_admitted_as_fit(api: Api, account: Account, fitting: str, limit: str) -> None:
    """Five parallel batches of three find room for none, one, two or all of them. As many are admitted as one after the
    other, and they take what they need.
    """
    left = ROOM[fitting]
    account.has(**_left(limit, left))

    replies = api.race(f"room for {fitting}", [Batch(account.passports(_SIZE)) for _ in range(_RACERS)])

    admitted = _admitted(replies, left // _SIZE, 429 if limit == "writes" else 402)
    rest = account.writes_left() if limit == "writes" else account.slots_left(up_to=15)
    expect.same(f"{limit} left", rest, left - admitted * _SIZE, *replies)


@pytest.mark.rule("limits.hold-under-concurrency", "budget.is-shared")
@pytest.mark.needs("W", "K2")
@pytest.mark.price(writes=10, slots=10)
def test_two_api_keys_share_the_last_writes(api: Api, account: Account) -> None:
    """Seven writes are left. Of six parallel batches of three, half of them with another API key, two are admitted."""
    second = account.second_key()
    account.has(writes_left=7)

    replies = api.race("two API keys", [Batch(account.passports(3)) for _ in range(6)], [api, second])

    admitted = _admitted(replies, 2, 429)
    expect.same("writes left", account.writes_left(), 7 - 3 * admitted, *replies)


@pytest.mark.rule("items.serial-unique-per-gtin", "limits.hold-under-concurrency")
@pytest.mark.needs("W", "Q")
@pytest.mark.price(writes=40, slots=15)
@pytest.mark.parametrize("limit", ["writes", "slots"])
@pytest.mark.parametrize("keys", ["without keys", "with keys"])
def test_overlapping_batches_create_each_pair_once(api: Api, account: Account, keys: str, limit: str) -> None:
    """Four parallel batches of three share one pair each with the next one. Each pair is created once, each batch takes
    its writes, and each passport a slot.
    """
    items = account.passports(9)
    account.has(**_left(limit, 17))
    batches = [
        Batch(items[2 * nth : 2 * nth + 3], key=clock.new_key() if keys == "with keys" else None) for nth in range(4)
    ]

    replies = api.race(f"overlapping, {keys}", batches)

    admitted = [reply for reply in replies if reply.is_result]
    _no_crash(replies)
    if len(admitted) == len(replies):
        created = sum(reply.created for reply in replies)
        expect.same("passports created", created, 9, *replies, rule="items.serial-unique-per-gtin")
        if limit == "writes":
            expect.same("writes left", account.writes_left(), 17 - 12, *replies)
        else:
            expect.same("passports left", account.slots_left(up_to=15), 17 - 9, *replies)


@pytest.mark.rule("idempotency.executes-once", "idempotency.scoped-to-workspace")
@pytest.mark.needs("W", "T2")
@pytest.mark.price(writes=20, slots=4)
def test_one_key_executes_once_in_each_of_two_workspaces(account: Account) -> None:
    """Two workspaces race with one key and equal serial numbers, three calls each. Each workspace creates its two
    passports once and takes two writes.
    """
    theirs, key = account.another_workspace(), clock.new_key()
    serials = [account.session.serial() for _ in range(2)]
    both = (account, theirs)
    for each in both:
        each.has(writes_left=7)
    batches = [Batch([each.passport(serial) for serial in serials], key=key) for each in both]

    replies = account.api.race("two workspaces", batches * 3, [account.api, theirs.api])

    _no_crash(replies)
    for nth, each in enumerate(both):
        mine = [reply for reply in replies[nth::2] if reply.is_result]
        again = expect.outcomes(each.api.send(batches[nth]).sure(), "created", "created")
        for reply in mine:
            expect.replayed(reply, again)
        expect.same("writes left", each.writes_left(), 5, *replies)


def _admitted(replies: Sequence[Reply], fitting: int, refusal: int) -> int:
    """How many were admitted: those that fit. Fewer, where a call was asked to wait."""
    _no_crash(replies)
    admitted = sum(reply.is_result for reply in replies)
    refused = sum(reply.status == refusal for reply in replies)
    if admitted + refused == len(replies):
        expect.same("batches admitted", admitted, fitting, *replies)
    else:
        expect.true(f"{fitting} batches admitted at most", admitted <= fitting, admitted, *replies)
    return admitted


def _no_crash(replies: Sequence[Reply]) -> None:
    """Each call is answered. Raises `Inconclusive` where an answer is lost."""
    lost = [reply.number for reply in replies if reply.exchange.lost is not None]
    if lost:
        raise Inconclusive("some answers of the race were lost", lost)
    for reply in replies:
        is_answered = reply.is_result or reply.is_refusal or reply.status == 503
        expect.true("a result, a refusal, or a request to wait", is_answered, reply.described, reply)


def _left(limit: str, number: int) -> dict[str, Any]:
    return {f"{limit}_left": number}
