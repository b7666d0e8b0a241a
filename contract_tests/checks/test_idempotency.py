"""idempotency: a repeated call gets the first answer and changes nothing."""

from collections.abc import Callable
from contextlib import closing
from datetime import timedelta

import pytest

from tracepass_contract.contract_tests.checks import expect
from tracepass_contract.contract_tests.checks.arranged import PARTY
from tracepass_contract.contract_tests.client.api import Api, Batch
from tracepass_contract.contract_tests.client.reply import Reply
from tracepass_contract.contract_tests.model import clock
from tracepass_contract.contract_tests.model.outcomes import Inconclusive, Untested
from tracepass_contract.contract_tests.run.shared_batch import Sample
from tracepass_contract.contract_tests.target.workspace import Account

NEARLY_A_DAY = timedelta(hours=23)
IN_FLIGHT = frozenset({409, 425, 503})  # answers for a call in flight: reading idempotency.in-flight


@pytest.mark.rule("idempotency.replays-original")
@pytest.mark.risk(writes=2)
def test_the_same_call_has_the_same_answer(sample: Sample) -> None:
    """The sample is sent again and gets its full result, although its new item exists by now."""
    replay = sample.account.api.send(sample.batch).sure()

    expect.replayed(replay, sample.reply)


@pytest.mark.rule("idempotency.replays-original")
@pytest.mark.risk(writes=2)
def test_every_replay_is_the_same(sample: Sample) -> None:
    """Six replays over separate connections get the same answer: all instances share one memory."""
    for _ in range(6):
        with closing(sample.account.session.another_wire()) as wire:
            replay = sample.account.api.send(sample.batch, wire=wire).sure()
        expect.replayed(replay, sample.reply)


@pytest.mark.late(102)  # the last but for what spends the limits, so that many keys are between
@pytest.mark.rule("idempotency.replays-original", adds=True)
@pytest.mark.risk(writes=2)
def test_the_first_answer_is_kept_for_the_whole_run(sample: Sample) -> None:
    """At the end of the run, after many other keys and within a day, the sample still gets its first answer."""
    account, first = sample.account, sample.reply.exchange
    if account.session.now(account.name) - first.sent_at > NEARLY_A_DAY:
        raise Untested("a clock that did not move since the sample")  # it may be forgotten

    replay = account.api.send(sample.batch).sure()

    if replay.status == 429:  # idempotency.replay-when-budget-spent
        raise Untested("W: writes at the end of the run; the budget is spent")
    expect.replayed(replay, sample.reply)


@pytest.mark.rule("idempotency.replays-original")
@pytest.mark.risk(writes=2)
def test_the_name_of_the_header_has_no_case(sample: Sample) -> None:
    """The header `idempotency-key` in small letters works, too."""
    key = sample.batch.key or ""
    batch = Batch(sample.batch.items, headers={"idempotency-key": key})

    expect.replayed(sample.account.api.send(batch).sure(), sample.reply)


@pytest.mark.rule("idempotency.replays-original")
@pytest.mark.price(writes=100, slots=97)
def test_a_large_answer_is_replayed_whole(api: Api, account: Account) -> None:
    """A batch of 100 is replayed with all its entries, at once and later."""
    known = account.known(3)
    batch = Batch([*account.passports(50), *known, *account.passports(47)], key=clock.new_key())

    original = api.send(batch).sure()

    for _ in range(2):
        expect.replayed(api.send(batch).sure(), original)


@pytest.mark.rule("idempotency.replays-original")
@pytest.mark.price(writes=1)
def test_a_batch_that_failed_whole_is_replayed_too(api: Api, account: Account) -> None:
    """An answer in which every item failed is replayed unchanged."""
    batch = Batch(account.known(1), key=clock.new_key())

    original = api.send(batch).sure()

    expect.outcomes(original, "error", rule="items.serial-unique-per-gtin")
    expect.replayed(api.send(batch).sure(), original)


@pytest.mark.late(5)
@pytest.mark.rule("idempotency.replay-changes-nothing")
@pytest.mark.needs("W")
@pytest.mark.price(writes=5, slots=2)
@pytest.mark.risk(writes=2)
def test_a_replay_takes_no_writes(api: Api, account: Account) -> None:
    """Five writes are left. A batch of two and its replays take two of them."""
    account.has(writes_left=5)
    batch = Batch(account.passports(2), key=clock.new_key())

    original = api.send(batch).sure()
    replays = [api.send(batch).sure() for _ in range(2)]

    for replay in replays:
        expect.replayed(replay, original, rule="idempotency.replays-original")
    expect.same("writes left", account.writes_left(), 3, original, *replays)


@pytest.mark.late(-1)
@pytest.mark.rule("idempotency.replay-changes-nothing")
@pytest.mark.needs("Q")
@pytest.mark.price(writes=3, slots=3)
@pytest.mark.risk(writes=1)
def test_a_replay_takes_no_slots(api: Api, account: Account) -> None:
    """Three passports are left. A batch of one and its replays take one of them."""
    account.has(slots_left=3)
    batch = Batch(account.passports(1), key=clock.new_key())

    original = api.send(batch).sure()
    replays = [api.send(batch).sure() for _ in range(2)]

    for replay in replays:
        expect.replayed(replay, original, rule="idempotency.replays-original")
    expect.same("passports left", account.slots_left(), 2, original, *replays)


@pytest.mark.rule("idempotency.replay-changes-nothing")
@pytest.mark.price(writes=2, slots=1)
def test_a_replay_creates_nothing_anew(api: Api, account: Account) -> None:
    """After a replay the pair exists once. A call without a key fails on it. A replay still gets the first answer."""
    batch = Batch(account.passports(1), key=clock.new_key())
    original = api.send(batch).sure()
    expect.replayed(api.send(batch).sure(), original, rule="idempotency.replays-original")

    expect.outcomes(api.create_batch(batch.items), "error", rule="items.serial-unique-per-gtin")

    expect.replayed(api.send(batch).sure(), original)


@pytest.mark.rule("idempotency.replay-changes-nothing", "idempotency.replays-original", adds=True)
@pytest.mark.needs("L")
@pytest.mark.price(writes=3, slots=2)
def test_a_replay_brings_nothing_back(api: Api, account: Account) -> None:
    """A passport is deleted, then its batch is replayed: the answer is the first one. The passport stays deleted."""
    batch = Batch(account.passports(1), key=clock.new_key())
    original = expect.outcomes(api.send(batch).sure(), "created", rule="items.fail-independently")
    passport_id = original.entry(0)["data"]["_id"]
    if not api.delete_passport(passport_id).sure().exchange.succeeded:
        raise Untested("a plan that allows deleting drafts")

    replay = api.send(batch).sure()

    expect.replayed(replay, original, rule="idempotency.replays-original")
    expect.let_writes_show(account)
    serial = batch.items[0]["gs1"]["serialNumber"]
    for read in (
        lambda: api.get_passport(passport_id),
        lambda: api.get_by_serial(serial, gtin=account.gtin),
    ):
        expect.refused(account.eventually(read, lambda reply: reply.status == 404), 404)


@pytest.mark.rule("idempotency.replays-original")
@pytest.mark.needs("L")
@pytest.mark.price(writes=2, slots=1)
@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda api, name: api.set_party(name, "importer", PARTY), id="a party"),
        pytest.param(
            Api.suspend_passport,
            id="its status",
            marks=[pytest.mark.needs("P"), pytest.mark.rule("idempotency.replays-original", adds=True)],
        ),
    ],
)
def test_a_replay_tells_what_was(api: Api, account: Account, change: Callable[[Api, str], Reply]) -> None:
    """A created passport is changed, then its batch is replayed. The answer is the first one."""
    batch = Batch(account.passports(1), key=clock.new_key())
    original = expect.outcomes(api.send(batch).sure(), "created", rule="items.fail-independently")
    if not change(api, original.entry(0)["data"]["_id"]).exchange.succeeded:
        raise Untested("a change of a draft")

    expect.replayed(api.send(batch).sure(), original)


@pytest.mark.late(-2)  # what the lost calls took is not known: no budget can be counted after them
@pytest.mark.rule("idempotency.replays-original")
@pytest.mark.price(writes=3, slots=3)
@pytest.mark.risk(writes=6)
def test_who_goes_away_gets_the_answer_later(api: Api, account: Account) -> None:
    """Clients disconnect after they sent a batch. They repeat it with the same key and get `created`."""
    for seconds in (0, 0.1, 0.3):  # a busy server may read a new connection after one that it knows
        batch = Batch(account.passports(1), key=clock.new_key())
        with closing(account.session.disconnecting_wire()) as wire:
            api.send(batch, wire=wire)
        clock.sleep(seconds)

        again = _once_it_is_over(api, batch)

        if again.status in {402, 429}:
            raise Untested(f"a limit with room for the repeated call; it got {again.described}")
        expect.outcomes(again, "created")


@pytest.mark.rule("idempotency.replays-original", adds=True)
@pytest.mark.needs("P")
@pytest.mark.price(writes=1, slots=1)
@pytest.mark.risk(writes=4)
def test_a_lost_answer_is_there_within_the_hour(api: Api, account: Account) -> None:
    """The answer is lost after the batch was executed. At most an hour later, a retry gets it."""
    batch = Batch(account.passports(1), key=clock.new_key())
    account.lose_next(executed=True)
    api.send(batch)

    for seconds in (0, 60, 600, 3000):
        if seconds:
            account.let_pass(seconds)
        again = api.send(batch)
        if again.status not in IN_FLIGHT:
            break

    expect.outcomes(again.sure(), "created")


def _once_it_is_over(api: Api, batch: Batch) -> Reply:
    """The answer to a call whose key may still be in flight. Raises `Inconclusive` where that does not end."""
    for _ in range(20):
        reply = api.send(batch)
        if reply.status not in IN_FLIGHT:
            return reply.sure()
        clock.sleep(0.5)
    raise Inconclusive("the key stayed in flight", [reply.number])
