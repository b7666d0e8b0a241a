"""Events of the clock and what they leave alone.

| rule | dimensions and values | observed |
|---|---|---|
| budget.renews-each-utc-day | one midnight, several, an hour before x spent (all, some, none) | writes left, each day |
| quota.asks-for-consent, quota.consent-is-not-remembered | a new day x passports left, consent | as the day before |
| idempotency.kept-24-hours | midnight x first answer (created, mixed) | replayed, nothing taken |
| items.serial-unique-per-gtin | midnight, the end of a key, a week | the pair is taken, the passport is there |
"""

import pytest

from tracepass_contract.contract_tests.checks import arranged, expect
from tracepass_contract.contract_tests.client.api import Api, Batch
from tracepass_contract.contract_tests.model import clock
from tracepass_contract.contract_tests.target.workspace import Account

pytestmark = [pytest.mark.thorough, pytest.mark.needs("P", "T")]
_PER_DAY = 100  # of a workspace with a limit


@pytest.mark.rule("budget.renews-each-utc-day", "budget.counts-every-item")
@pytest.mark.needs("W")
def test_every_day_has_its_own_budget(api: Api, account: Account) -> None:
    """On four days all, some or none of the writes are spent. Each day begins with the whole budget, and what is spent
    on one day is missing on no other.
    """
    known = account.has(known=40, writes_left=_PER_DAY)
    for spent in (40, 0, 7):
        if spent:
            expect.executed(api.create_batch(known[:spent]))
        account.advance_clock(hours=24)

    left = account.writes_left(up_to=127)
    expect.same("writes of the fourth day", left, _PER_DAY)
    account.advance_clock(hours=11)  # 23:00
    expect.refused(api.create_batch(known[:1]), 429, rule="budget.refuses-whole-batch")
    account.advance_clock(hours=2)
    expect.executed(api.create_batch(known))


@pytest.mark.rule("quota.asks-for-consent", "quota.consent-is-not-remembered")
@pytest.mark.needs("Q", "O")
def test_a_new_day_has_no_new_quota(api: Api, account: Account) -> None:
    """Two passports are left, and one is created. The next day one is left, and then a batch needs consent. Consent of
    one day is none of the next.
    """
    arranged.leave_the_end_of_the_month(account)
    account.has(slots_left=2, overage=True)
    expect.outcomes(api.create_batch(account.passports(1)), "created")
    account.advance_clock(hours=13)

    expect.refused(api.create_batch(account.passports(2)), 402)
    expect.outcomes(api.create_batch(account.passports(1)), "created")
    expect.refused(api.create_batch(account.passports(1)), 402)
    consenting = [account.passport(confirmOverage=True)]
    expect.executed(api.create_batch(consenting, consent=True), rule="quota.consent-covers-whole-batch")
    account.advance_clock(hours=24)

    expect.refused(api.create_batch(account.passports(1)), 402, rule="quota.consent-is-not-remembered")


@pytest.mark.rule("idempotency.kept-24-hours", "idempotency.replay-changes-nothing")
@pytest.mark.needs("W")
def test_a_new_day_keeps_the_keys_of_the_last(api: Api, account: Account) -> None:
    """Batches of which all or some items were created, and a repeated one, are replayed on the next day. The replays
    take none of its writes.
    """
    known = account.has(known=2, writes_left=_PER_DAY)
    batches = [Batch(items, key=clock.new_key()) for items in (account.passports(3), [known[0], account.passport()])]
    originals = [api.send(batch).sure() for batch in batches]
    account.advance_clock(hours=12.5)

    for _ in range(2):
        for batch, original in zip(batches, originals, strict=True):
            expect.replayed(api.send(batch).sure(), original)

    left = account.writes_left(up_to=127)
    expect.same("writes of the new day", left, _PER_DAY, *originals, rule="idempotency.replay-changes-nothing")


@pytest.mark.rule("items.serial-unique-per-gtin", "items.created-is-readable")
@pytest.mark.needs("L")
def test_passports_outlive_days_and_keys(api: Api, account: Account) -> None:
    """Passports of a batch with a key and of one without it exist after midnight, after the end of the key, and after a
    week. They can be read, and their pairs are taken.
    """
    batches = [Batch(account.passports(2), key=clock.new_key()), Batch(account.passports(2))]
    ids: list[str] = []
    for batch in batches:
        reply = expect.outcomes(api.send(batch).sure(), "created", "created", rule="items.fail-independently")
        ids += reply.ids
    items = [item for batch in batches for item in batch.items]

    for hours in (13, 24, 7 * 24):
        account.advance_clock(hours=hours)
        expect.outcomes(api.create_batch(items, key=clock.new_key()), *["error"] * 4)
        for passport_id in ids:
            read = account.read(passport_id)
            expect.true("the passport to be there", read.status != 404, read.described, read)
