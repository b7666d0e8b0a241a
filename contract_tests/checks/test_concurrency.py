"""Parallel calls: a key executes once, a pair is created once, limits hold.

Each call of a race has a connection of its own. Where no two calls overlapped, the test is inconclusive.
"""

from collections.abc import Sequence

import pytest

from tracepass_contract.contract_tests.checks import expect
from tracepass_contract.contract_tests.client.api import Api, Batch
from tracepass_contract.contract_tests.client.reply import Reply
from tracepass_contract.contract_tests.model import clock
from tracepass_contract.contract_tests.model.outcomes import Inconclusive
from tracepass_contract.contract_tests.target.workspace import Account

pytestmark = pytest.mark.needs("C")
IN_FLIGHT = frozenset({409, 425, 429, 503})  # possible answers to the loser of a race: reading idempotency.in-flight


@pytest.mark.rule("idempotency.executes-once")
@pytest.mark.parametrize("racers", [4, 8])
@pytest.mark.price(writes=2, slots=2)
@pytest.mark.risk(writes=16)
def test_a_key_that_comes_at_once_executes_once(api: Api, account: Account, racers: int) -> None:
    """Parallel calls with one key and one body all get the same answer, and so does a later call."""
    batch = Batch(account.passports(2), key=clock.new_key())

    replies = api.race("one key", [batch] * racers)
    afterwards = api.send(batch).sure()

    for reply in replies:
        _no_crash(reply, "idempotency.executes-once")
        if reply.is_result:
            expect.replayed(reply, afterwards, rule="idempotency.executes-once")
    expect.outcomes(afterwards, "created", "created", rule="idempotency.executes-once")
    _overlapped(api, replies)


@pytest.mark.late(7)
@pytest.mark.rule("idempotency.executes-once", adds=True)
@pytest.mark.needs("W")
@pytest.mark.price(writes=7, slots=2)
@pytest.mark.risk(writes=8)
def test_a_race_of_one_key_takes_its_writes_once(api: Api, account: Account) -> None:
    """Seven writes are left. Four parallel calls with one key and two items take two of them."""
    account.has(writes_left=7)
    batch = Batch(account.passports(2), key=clock.new_key())

    replies = api.race("one key, few writes", [batch] * 4)

    expect.same("writes left", account.writes_left(), 5, *replies)
    _overlapped(api, replies)


@pytest.mark.rule("idempotency.executes-once")
@pytest.mark.price(writes=1, slots=1)
@pytest.mark.risk(writes=4, slots=4)
def test_of_two_bodies_under_one_key_one_takes_effect(api: Api, account: Account) -> None:
    """Different bodies race under one key. At most one of them creates something."""
    key = clock.new_key()
    batches = [Batch(account.passports(1), key=key) for _ in range(4)]

    replies = api.race("one key, four bodies", batches)

    created = [reply for reply in replies if reply.created]
    expect.true("at most one body to take effect", len(created) <= 1, f"{len(created)} did", *replies)
    _overlapped(api, replies)


@pytest.mark.rule("items.serial-unique-per-gtin")
@pytest.mark.price(writes=6, slots=1)
@pytest.mark.risk(slots=6)
def test_a_pair_that_comes_at_once_is_created_once(api: Api, account: Account) -> None:
    """One item is sent in parallel under six keys. Exactly one call creates it."""
    item = account.passport()

    replies = api.race("one pair", [Batch([item], key=clock.new_key()) for _ in range(6)])

    _answered(replies)
    created = sum(reply.created for reply in replies)
    expect.same("times that the pair was created", created, 1, *replies)
    _overlapped(api, replies)


@pytest.mark.rule("items.serial-unique-per-gtin", adds=True)
@pytest.mark.price(writes=20, slots=5)
@pytest.mark.risk(slots=20)
def test_batches_in_opposite_order_do_not_block_each_other(api: Api, account: Account) -> None:
    """Two parallel batches name the same pairs in opposite order. Each pair is created once, and no call fails with
    5xx.
    """
    items = account.passports(5)

    replies = api.race("opposite order", [Batch(items), Batch(items[::-1])] * 2)

    for reply in replies:
        _no_crash(reply, "items.serial-unique-per-gtin")
    _answered(replies)
    expect.same("passports created", sum(reply.created for reply in replies), 5, *replies)
    _overlapped(api, replies)


@pytest.mark.late(3)
@pytest.mark.rule("limits.hold-under-concurrency")
@pytest.mark.needs("W")
@pytest.mark.price(writes=3, slots=2)
@pytest.mark.risk(writes=12, slots=12)
def test_the_last_writes_are_given_once(api: Api, account: Account) -> None:
    """Three writes are left. Of six parallel batches of two, one is admitted, and one write stays."""
    account.has(writes_left=3)

    replies = api.race("the last writes", [Batch(account.passports(2)) for _ in range(6)])

    _answered(replies)
    admitted = sum(reply.is_result for reply in replies)
    expect.same("batches admitted", admitted, 1, *replies)
    expect.same("writes left", account.writes_left(), 1, *replies)
    _overlapped(api, replies)


@pytest.mark.late(-1)
@pytest.mark.rule("limits.hold-under-concurrency")
@pytest.mark.needs("Q")
@pytest.mark.price(writes=3, slots=3)
@pytest.mark.risk(writes=12, slots=12)
def test_the_last_slots_are_given_once(api: Api, account: Account) -> None:
    """Three passports are left. Of six parallel batches of two, one is admitted."""
    account.has(slots_left=3)

    replies = api.race("the last slots", [Batch(account.passports(2)) for _ in range(6)])

    _answered(replies)
    admitted = sum(reply.is_result for reply in replies)
    expect.same("batches admitted", admitted, 1, *replies)
    expect.same("passports left", account.slots_left(), 1, *replies)
    _overlapped(api, replies)


def _no_crash(reply: Reply, rule: str) -> None:
    """The loser of a race gets an answer. Which one is a reading, but it is not a server error."""
    status = reply.status or 0
    is_answered = reply.is_result or reply.is_refusal or status in IN_FLIGHT
    if reply.exchange.lost is None:
        expect.true("a result, a refusal, or a request to wait", is_answered, reply.described, reply, rule=rule)


def _answered(replies: Sequence[Reply]) -> None:
    """Counting admitted batches needs all answers. Raises `Inconclusive`."""
    lost = [reply.number for reply in replies if reply.exchange.lost is not None]
    if lost:
        raise Inconclusive("some answers of the race were lost", lost)


def _overlapped(api: Api, replies: Sequence[Reply]) -> None:
    """Note how many calls overlapped. Raises `Inconclusive` where none did."""
    times = [(r.exchange.sent_at, r.exchange.answered_at) for r in replies if r.exchange.answered_at is not None]
    pairs = [(a, b) for index, a in enumerate(times) for b in times[index + 1 :]]
    together = sum(a[0] <= b[1] and b[0] <= a[1] for a, b in pairs)
    name = replies[0].exchange.parallel
    api.session.notes.append(f"race {name!r}: {len(replies)} calls, {together} of {len(pairs)} pairs overlapped")
    if not together:
        raise Inconclusive("no two calls of the race overlapped", [reply.number for reply in replies])
