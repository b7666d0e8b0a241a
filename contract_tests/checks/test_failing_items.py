"""How many items of a batch fail, which of them, and why: the same is true of every mixture.

| rule | dimensions and values | observed |
|---|---|---|
| items.fail-independently | size (1, 2, 5, 99, 100) x failing (0, 1, half, all but one, all) | each status |
| items.one-result-each, summary.adds-up | x place (first, middle, last) | indexes, counts |
| items.created-carries-data, items.error-carries-reason | x cause (known pair, no product) | data or reason |
| idempotency.replays-original | all of these, at once and at the end | the full result again |
| items.serial-unique-per-gtin | equal items (2, 3, 100) x place | created once |
| budget.counts-every-item, quota.failed-items-take-no-slot | all of these, added up | writes, passports left |
"""

from collections.abc import Iterator, Sequence

import pytest

from tracepass_contract.contract_tests.checks import entries, expect
from tracepass_contract.contract_tests.client.api import Api, Batch
from tracepass_contract.contract_tests.client.reply import Reply
from tracepass_contract.contract_tests.client.single_calls import Item
from tracepass_contract.contract_tests.model import clock
from tracepass_contract.contract_tests.target.workspace import Account

pytestmark = pytest.mark.thorough

_NO_PRODUCT = "ffffffffffffffffffffffff"
_LEFT = 5
Mixture = frozenset[int]  # the places of the items that fail


def _mixtures(size: int) -> Iterator[Mixture]:
    """The places of failing items: none, one, half, all but one, all; first, middle, last."""
    every, places = frozenset(range(size)), sorted({0, size // 2, size - 1})
    yield frozenset()
    yield every
    yield frozenset(range(0, size, 2))
    yield frozenset(range(size // 2))
    for place in places:
        yield frozenset({place})
        yield every - {place}


@pytest.mark.rule(
    "items.fail-independently", "items.one-result-each", "summary.adds-up", "idempotency.replays-original"
)
@pytest.mark.price(writes=99, slots=50)
@pytest.mark.parametrize("size", [1, 2, 5])
def test_every_mixture_of_a_small_batch(account: Account, size: int) -> None:
    """None, one, half, all but one or all of the items fail, at every place: each item gets its own result."""
    failures = _failures(account, size)
    for failing in dict.fromkeys(_mixtures(size)):
        _sent(account, size, failing, failures)


@pytest.mark.rule(
    "items.fail-independently",
    "idempotency.replays-original",
    "budget.counts-every-item",
    "quota.failed-items-take-no-slot",
)
@pytest.mark.needs("W", "Q")
@pytest.mark.late(-1)
@pytest.mark.price(writes=1_700, slots=1_000)
@pytest.mark.risk(writes=4, slots=2)
def test_every_mixture_of_a_large_batch(api: Api, account: Account) -> None:
    """Of 99 and 100 items none, one, half, all but one or all fail. Each item gets its own result, now and in a replay
    at the end. All that they take is counted: then exactly 100 passports and five writes are left.
    """
    failures = _failures(account, 100)
    mixtures = [(99, frozenset({98})), *((100, failing) for failing in dict.fromkeys(_mixtures(100)))]
    writes, slots = sum(size for size, _ in mixtures), sum(size - len(failing) for size, failing in mixtures)
    account.has(writes_left=writes + 100 + _LEFT + 1, slots_left=slots + 100, overage=True)

    sent = [_sent(account, size, failing, failures) for size, failing in mixtures]

    for batch, reply in sent:
        expect.replayed(api.send(batch).sure(), reply, rule="idempotency.replays-original")
    rule = "quota.failed-items-take-no-slot"
    expect.outcomes(api.create_batch(account.passports(100)), *["created"] * 100, rule=rule)
    expect.refused(api.create_batch(account.passports(1)), 402, rule="quota.asks-for-consent")
    account.lift(slots=True)
    rule = "budget.counts-every-item"
    expect.executed(api.create_batch(failures[:_LEFT]), rule=rule)
    expect.refused(api.create_batch(failures[:2]), 429, rule=rule)  # one is left, unless a 402 takes writes


@pytest.mark.rule("items.serial-unique-per-gtin", "items.fail-independently")
@pytest.mark.price(writes=310, slots=210)
def test_equal_items_at_any_place_are_created_once(api: Api, account: Account) -> None:
    """Two, three or a hundred equal items stand at different places of a batch. One of them is created, and so is each
    other item, or the batch is refused.
    """
    for size, places in ((100, (0, 99)), (100, (0, 50, 99)), (100, range(100)), (3, (0, 1)), (3, (1, 2)), (4, (0, 2))):
        twin, equal = account.passport(), set(places)
        items = [twin if index in equal else account.passport() for index in range(size)]

        reply = api.create_batch(items)

        if not reply.is_refusal:
            expect.executed(reply)
            statuses = [reply.entry(index).get("status") for index in range(size)]
            among = [statuses[index] for index in sorted(equal)]
            others = {statuses[index] for index in range(size) if index not in equal}
            what = f"created of {len(equal)} equal items"
            expect.same(what, among.count("created"), 1, reply)
            expect.true(
                "the others to be created", others <= {"created"}, others, reply, rule="items.fail-independently"
            )


def _failures(account: Account, number: int) -> Sequence[Item]:
    """Items that fail, each for itself: they exist, or (where that fails alone) have an unknown product."""
    items = [*account.known(number)]
    wrong = account.passport(productId=_NO_PRODUCT)
    if account.api.create_batch([wrong]).is_result:  # items.unknown-product
        items[1::2] = [account.passport(productId=_NO_PRODUCT) for _ in items[1::2]]
    return items


def _sent(account: Account, size: int, failing: Mixture, failures: Sequence[Item]) -> tuple[Batch, Reply]:
    """A batch with failing items at these places, and its answer."""
    api, each = account.api, iter(failures)
    items = [next(each) if index in failing else account.passport() for index in range(size)]
    batch = Batch(items, key=clock.new_key())
    reply = api.send(batch).sure()

    wanted = ["error" if index in failing else "created" for index in range(size)]
    expect.outcomes(reply, *wanted, rule="items.fail-independently")
    entries.one_entry_each(reply, size)
    entries.adds_up(reply, size)
    for index, item in enumerate(items):
        if index in failing:
            entries.gives_reason(reply, index)
        else:
            entries.shows_passport(reply, index, item)
    expect.replayed(api.send(batch).sure(), reply, rule="idempotency.replays-original")
    return batch, reply
