"""One workspace with hundreds of calls: what is true of the first call is true of the last.

| rule | dimensions and values | observed |
|---|---|---|
| idempotency.replays-original | age of a key (0 to 23 hours, 0 to 60 other calls) | the full first answer |
| items.serial-unique-per-gtin | age of a pair (0 to 3 days), beside new pairs | created once |
| items.fail-independently, summary.adds-up | every call | each status, counts |
| budget.counts-every-item, idempotency.replay-changes-nothing | every call | writes left, each day |
| quota.failed-items-take-no-slot | the same | passports left at the end |
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from tracepass_contract.contract_tests.checks import arranged, expect
from tracepass_contract.contract_tests.client.api import Batch
from tracepass_contract.contract_tests.client.reply import Reply
from tracepass_contract.contract_tests.client.single_calls import Item
from tracepass_contract.contract_tests.model import clock
from tracepass_contract.contract_tests.target.workspace import Account

pytestmark = [pytest.mark.thorough, pytest.mark.needs("P", "T")]
_DAYS, _CALLS_A_DAY = 4, 50
_PER_DAY = 250  # writes, more than the calls of a day take
_SLOTS = 450  # more than the calls of all days take, and a batch more
_SIZE_MAX = 4
_DISTINCT = 50  # passports exist after the first day, or more
_FRESH = timedelta(hours=23)


@dataclass
class Past:
    """What the workspace was sent, and what it took. `dice` decides what comes next, the same in each run."""

    account: Account
    dice: clock.Dice
    writes: int = 0  # of today
    slots: int = 0
    items: list[Item] = field(default_factory=list)  # that exist, the oldest first
    sent: list[tuple[Batch, Reply, datetime]] = field(default_factory=list)  # under a key

    @property
    def now(self) -> datetime:
        return self.account.session.now(self.account.name)

    def old(self) -> Item:
        """An item that exists: often one of the first."""
        return self.dice.choice([*self.items[:3], self.dice.choice(self.items)])

    def remembered(self) -> tuple[Batch, Reply]:
        """A call whose key is not forgotten yet: often the oldest."""
        good = [(batch, reply) for batch, reply, at in self.sent if self.now - at < _FRESH]
        return self.dice.choice([*good[:2], self.dice.choice(good)])


def _sends_new(past: Past) -> None:
    _sends(past, old=0, key=past.dice.random() < 0.7)


def _sends_mixed(past: Past) -> None:
    _sends(past, old=past.dice.randint(1, 2), key=past.dice.random() < 0.7)


def _sends_old(past: Past) -> None:
    _sends(past, old=past.dice.randint(1, 3), new=0, key=past.dice.random() < 0.7)


def _sends(past: Past, old: int, new: int | None = None, *, key: bool = False) -> None:
    """A batch of items that exist and of new ones, in any order."""
    new = past.dice.randint(1, _SIZE_MAX) if new is None else new
    known = {item["gs1"]["serialNumber"]: item for item in (past.old() for _ in range(old))}
    items = [
        *((item, "error") for item in known.values()),
        *((item, "created") for item in past.account.passports(new)),
    ]
    past.dice.shuffle(items)
    batch = Batch([item for item, _ in items], key=clock.new_key() if key else None)

    reply = past.account.api.send(batch).sure()

    expect.outcomes(reply, *(outcome for _, outcome in items), rule="items.serial-unique-per-gtin")
    counts = {"created": new, "errors": len(known), "total": len(items)}
    expect.same(
        "the summary", {name: reply.summary.get(name) for name in counts}, counts, reply, rule="summary.adds-up"
    )
    past.writes += len(items)
    past.slots += new
    past.items += [item for item, outcome in items if outcome == "created"]
    if key and reply.exchange.succeeded:
        past.sent.append((batch, reply, past.now))


def _replays(past: Past) -> None:
    batch, original = past.remembered()
    expect.replayed(past.account.api.send(batch).sure(), original, rule="idempotency.replays-original")


def _sends_another_body(past: Past) -> None:
    batch, _ = past.remembered()
    other = [*batch.items[1:], past.account.passport()]
    refused = past.account.api.create_batch(other, key=batch.key)
    expect.refused(refused, *expect.MISMATCH, rule="idempotency.refuses-another-body")


_CALLS: tuple[Callable[[Past], None], ...] = (
    *(_sends_new,) * 3,
    *(_sends_mixed,) * 3,
    *(_sends_old,) * 2,
    *(_replays,) * 5,
    _sends_another_body,
)


@pytest.mark.rule(
    "idempotency.replays-original",
    "items.serial-unique-per-gtin",
    "budget.counts-every-item",
    "idempotency.replay-changes-nothing",
    "quota.failed-items-take-no-slot",
)
@pytest.mark.needs("W", "Q")
def test_after_hundreds_of_calls_everything_is_counted(account: Account) -> None:
    """A workspace gets 50 calls on each of four days: new, mixed and failing batches, replays, other bodies. Each
    answer is right. At the end of each day as many writes are left as there must be, and at last as many passports.
    """
    past = Past(account, clock.dice(1))
    arranged.leave_the_end_of_the_month(account)
    account.has(writes_left=_PER_DAY, slots_left=_SLOTS, overage=True)
    account.advance_clock(hours=13)
    for _ in range(_DAYS):
        _spends_a_day(past)
        _spends_the_rest_of_the_writes(past)
        account.advance_clock(hours=16.5)
    _fills_the_quota(past)


def _spends_a_day(past: Past) -> None:
    """The calls of some hours after 01:00. They begin with a new batch, so that there is something to replay."""
    _sends(past, old=0, key=True)
    for nth in range(_CALLS_A_DAY):
        past.dice.choice(_CALLS)(past)
        if nth % 10 == 9:
            past.account.advance_clock(hours=1.5)


def _spends_the_rest_of_the_writes(past: Past) -> None:
    """Exactly the writes that must be left are left. Items that exist take them."""
    api, left = past.account.api, _PER_DAY - past.writes
    while left:
        size = min(left, _DISTINCT)
        reply = api.create_batch(past.items[:size], purpose="the rest of the writes")
        expect.executed(reply, rule="budget.counts-every-item")
        left -= size
    expect.refused(api.create_batch(past.items[:1]), 429, rule="budget.counts-every-item")
    past.writes = 0


def _fills_the_quota(past: Past) -> None:
    """Exactly the passports that must be left are left."""
    account, left, rule = past.account, _SLOTS - past.slots, "quota.failed-items-take-no-slot"
    account.lift(writes=True)
    while left:
        size = min(left, 100)
        expect.executed(account.api.create_batch(account.passports(size)), rule=rule)
        left -= size
    expect.refused(account.api.create_batch(account.passports(1)), 402, rule=rule)
