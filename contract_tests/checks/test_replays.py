"""What is replayed, and what lies between the first call and the replay.

| rule | dimensions and values | observed |
|---|---|---|
| idempotency.replays-original | first answer (all created, mixed, all failed) x `BETWEEN` | the full result |
| idempotency.replay-changes-nothing | the same | writes, passports left; nothing created |
| idempotency.replay-changes-nothing | a refusal under a key (402, 429), repeated | refused, nothing taken |
| idempotency.kept-24-hours | used again after 20 and 40 hours | lifetime-from; the pairs stay taken |
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import pytest

from tracepass_contract.contract_tests.checks import expect
from tracepass_contract.contract_tests.client.api import Api, Batch
from tracepass_contract.contract_tests.client.reply import Reply
from tracepass_contract.contract_tests.model import clock
from tracepass_contract.contract_tests.model.outcomes import Untested
from tracepass_contract.contract_tests.target.workspace import Account

pytestmark = pytest.mark.thorough

_NO_PRODUCT = "ffffffffffffffffffffffff"
_LEFT = 7
REPLAYS, NOTHING = "idempotency.replays-original", "idempotency.replay-changes-nothing"
Sent = Sequence[tuple[Batch, Reply]]


def _first_calls(account: Account) -> Sent:
    """One batch of each kind under a key, with its answer. Left out is what need not be stored: a batch that is refused
    for an unknown product (items.unknown-product), and one that failed with a 4xx (batch.all-failed-status).
    """
    known = account.known(5)
    wrong = [account.passport(productId=_NO_PRODUCT) for _ in range(2)]
    kinds = (
        (account.passports(1), 1),
        (account.passports(5), 5),
        ([known[0], account.passport(), wrong[0], account.passport(), known[1]], 2),
        (known[2:3], 0),
        ([*known[3:5], *wrong, known[0]], 0),
    )
    sent = []
    for items, created in kinds:
        batch = Batch(items, key=clock.new_key())
        reply = account.api.send(batch).sure()
        if reply.is_refusal and any(item in wrong for item in items):
            continue
        expect.executed(reply, rule="items.fail-independently")
        expect.same("passports created", reply.created, created, reply, rule="items.fail-independently")
        if reply.exchange.succeeded:
            sent.append((batch, reply))
    return sent


def _other_keys(number: int) -> Callable[[Account, Sent], object]:
    def send(account: Account, _sent: Sent) -> None:
        for item in account.known(number):
            expect.executed(account.api.create_batch([item], key=clock.new_key()))

    return send


def _calls_without_a_key(account: Account, _sent: Sent) -> None:
    for item in account.known(3):
        account.api.create_batch([item])
    account.api.create_batch([])


def _another_api_key(account: Account, _sent: Sent) -> None:
    account.second_key().create_batch(account.known(1), key=clock.new_key())


def _other_bodies(account: Account, sent: Sent) -> None:
    """Every key with another body, which is refused."""
    for batch, _ in sent:
        expect.refused(account.api.create_batch(account.known(2), key=batch.key), *expect.MISMATCH)


def _changes(account: Account, sent: Sent) -> None:
    """Created passports are suspended, archived and deleted, and the product is changed."""
    ids = [passport_id for _, reply in sent for passport_id in reply.ids]
    api = account.api
    done = [api.suspend_passport(ids[0]), api.archive_passport(ids[1]), api.delete_passport(ids[2]).sure()]
    done += [api.delete_passport(ids[-1]).sure(), api.update_product(account.product_id, {"description": "changed"})]
    if not any(reply.exchange.succeeded for reply in done):
        raise Untested("a change of a passport")


BETWEEN: Mapping[str, Callable[[Account, Sent], object]] = {
    "nothing": lambda _account, _sent: None,
    "one other key": _other_keys(1),
    "ten other keys": _other_keys(10),
    "a hundred other keys": _other_keys(100),
    "calls without a key": _calls_without_a_key,
    "other bodies": _other_bodies,
    "another API key": _another_api_key,
    "changes": _changes,
    "half an hour": lambda account, _sent: account.advance_clock(hours=0.5),
    "midnight": lambda account, _sent: account.advance_clock(hours=12.5),
    "nearly a day": lambda account, _sent: account.advance_clock(hours=10.5),
}


@pytest.mark.rule(REPLAYS, NOTHING)
@pytest.mark.needs("P", "T", "K2", "L", "W", "Q")
def test_whatever_is_between_a_replay_is_the_first_answer(api: Api, account: Account) -> None:
    """Batches of which all, some or no items were created are replayed again and again on one day, each time after
    other calls, changes, or hours. Each replay is the first answer, and takes no writes and no passports.
    """
    account.has(writes_left=1000)  # from noon on
    sent = _first_calls(account)
    for name, step in BETWEEN.items():
        account.lift(writes=True, slots=True)
        step(account, sent)
        account.has(writes_left=_LEFT, slots_left=_LEFT, overage=True)

        replays = [expect.replayed(api.send(batch).sure(), reply, rule=REPLAYS) for batch, reply in sent]

        fitting = api.create_batch(account.passports(_LEFT), purpose=name)
        expect.true(f"{_LEFT} writes and slots left", fitting.is_result, fitting, *replays, fitting, rule=NOTHING)
        beyond = api.create_batch(account.passports(1))
        account.lift(writes=beyond.status == 429, slots=beyond.status == 402)
        by_the_other_limit = api.create_batch(account.passports(1))
        statuses = sorted(str(each.status) for each in (beyond, by_the_other_limit))
        expect.same("refusals by both limits", statuses, ["402", "429"], *replays, beyond, rule=NOTHING)


@pytest.mark.rule(NOTHING, REPLAYS)
@pytest.mark.needs("L", "P")
def test_a_replay_of_failed_items_creates_nothing(api: Api, account: Account) -> None:
    """All items of a batch failed, because their pairs existed. The passports are deleted, and the batch is replayed:
    the answer is the first one, and nothing is created.
    """
    existing = account.passports(2)
    created = expect.outcomes(api.create_batch(existing), "created", "created", rule="items.fail-independently")
    batch = Batch(existing, key=clock.new_key())
    original = expect.outcomes(api.send(batch).sure(), "error", "error", rule="items.serial-unique-per-gtin")
    if not original.exchange.succeeded:
        raise Untested("a 2xx for a batch that failed whole; another status need not be stored")
    for index in range(2):
        if not api.delete_passport(created.ids[index]).sure().exchange.succeeded:
            raise Untested("a plan that allows deleting drafts")

    expect.replayed(api.send(batch).sure(), original, rule=REPLAYS)

    for item in existing:
        serial = item["gs1"]["serialNumber"]
        read = account.eventually(
            partial(api.get_by_serial, serial, gtin=account.gtin), lambda each: each.status == 404
        )
        expect.refused(read, 404)


@pytest.mark.rule("idempotency.replay-changes-nothing", "budget.refuses-whole-batch", "quota.asks-for-consent")
@pytest.mark.needs("P", "W", "Q")
@pytest.mark.parametrize("limit", ["writes", "slots"])
def test_a_refused_call_is_refused_again_and_takes_nothing(api: Api, account: Account, limit: str) -> None:
    """A batch of eight does not fit. Its repetitions under the same key are refused, too, and seven still fit."""
    account.has(**_left(limit, _LEFT))
    batch = Batch(account.passports(_LEFT + 1), key=clock.new_key())

    refusals = [api.send(batch).sure() for _ in range(3)]

    for refused in refusals:
        expect.refused(refused, 429 if limit == "writes" else 402)
    left = account.writes_left() if limit == "writes" else account.slots_left(up_to=15)
    expect.same(f"{limit} left", left, _LEFT, *refusals)


@pytest.mark.rule("idempotency.kept-24-hours", "items.serial-unique-per-gtin")
@pytest.mark.needs("T")
@pytest.mark.price(writes=4, slots=2)
def test_a_key_that_is_used_again_ends_for_all_of_its_items(api: Api, account: Account) -> None:
    """A key is used again after 20 hours, then after 40 hours. It is a reading whether the first use or the last one
    counts. When the key is forgotten, its items still exist.
    """
    batch = Batch(account.passports(2), key=clock.new_key())
    original = expect.outcomes(api.send(batch).sure(), "created", "created", rule="items.fail-independently")
    account.advance_clock(hours=20)
    expect.replayed(api.send(batch).sure(), original)
    account.advance_clock(hours=20)

    later = api.send(batch).sure()

    if later.created:
        expect.replayed(later, original)
    else:
        expect.outcomes(later, "error", "error", rule="items.serial-unique-per-gtin")


def _left(limit: str, number: int) -> dict[str, Any]:
    return {f"{limit}_left": number}
