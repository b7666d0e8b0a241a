"""idempotency: what an idempotency key covers, and how a repeated call is answered."""

import uuid
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tracepass_contract.contract_tests.checks import expect
from tracepass_contract.contract_tests.client.api import Api, Batch
from tracepass_contract.contract_tests.client.reply import Reply
from tracepass_contract.contract_tests.model import clock
from tracepass_contract.contract_tests.model.outcomes import Inconclusive, Untested
from tracepass_contract.contract_tests.run.shared_batch import Sample
from tracepass_contract.contract_tests.target.workspace import Account

OTHER_PARTY = {"importer": {"legalName": "Conformance Imports BV", "gln": "4012345000009"}}
NEARLY_A_DAY = timedelta(hours=23)
IN_FLIGHT = frozenset({409, 425, 503})  # answers for a call in flight: reading idempotency.in-flight
Items = list[dict[str, Any]]


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
        pytest.param(lambda api, name: api.set_party(name, "importer", OTHER_PARTY["importer"]), id="a party"),
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
    batches = [Batch(account.passports(1), key=clock.new_key()) for _ in range(3)]
    for batch in batches:
        with closing(account.session.disconnecting_wire()) as wire:
            api.send(batch, wire=wire)

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


@pytest.mark.rule("idempotency.covers-whole-batch", adds=True)
@pytest.mark.needs("S")
@pytest.mark.price(writes=2, slots=2)
def test_a_batch_is_not_answered_with_another_call(api: Api, account: Account) -> None:
    """A batch uses the key of a single create. It is executed or refused as another body; it does not get the answer of
    the single create.
    """
    key = clock.new_key()
    single = expect.offered(api.create_one(account.passport(), key=key), "POST /passports")

    reply = api.create_batch(account.passports(1), key=key)

    expect.true("the single create to succeed", single.exchange.succeeded, single.described, single)
    if not reply.is_refusal:
        expect.outcomes(reply, "created")
    else:
        expect.refused(reply, *expect.MISMATCH)


@pytest.mark.rule("idempotency.covers-whole-batch")
@pytest.mark.price(writes=1)
@pytest.mark.risk(writes=1)
def test_a_key_does_not_stand_for_one_of_its_items(sample: Sample) -> None:
    """One item of the sample is sent alone under the key of the sample: the call gets no stored answer. Under another
    key the item exists.
    """
    api = sample.account.api

    alone = api.create_batch([sample.new], key=sample.batch.key)
    elsewhere = api.create_batch([sample.new], key=clock.new_key())

    expect.refused(alone, *expect.MISMATCH)
    expect.outcomes(elsewhere, "error")


@pytest.mark.rule("idempotency.covers-whole-batch")
@pytest.mark.price(writes=2, slots=1)
def test_a_key_holds_the_items_that_failed(api: Api, account: Account) -> None:
    """A batch of a new and a known item is replayed with both entries."""
    batch = Batch([account.passport(), *account.known(1)], key=clock.new_key())
    original = api.send(batch).sure()
    expect.outcomes(original, "created", "error", rule="items.fail-independently")

    expect.replayed(api.send(batch).sure(), original)


@pytest.mark.rule("idempotency.key-is-optional")
@pytest.mark.price(writes=2, slots=1)
def test_calls_without_a_key_know_nothing_of_each_other(api: Api, account: Account) -> None:
    """The same batch is sent twice without a key. The first call creates its items, the second fails because they
    exist.
    """
    items = account.passports(1)

    first, second = api.create_batch(items), api.create_batch(items)

    expect.outcomes(first, "created")
    expect.outcomes(second, "error")


@pytest.mark.rule("idempotency.key-is-optional")
@pytest.mark.price(writes=2)
def test_a_call_without_a_key_is_executed(api: Api, account: Account) -> None:
    """A batch without a key is executed, and it is executed again when it is sent again."""
    known = account.known(1)

    for _ in range(2):
        expect.executed(api.create_batch(known))


@pytest.mark.rule("idempotency.refuses-another-body")
@pytest.mark.risk(writes=2)
def test_other_items_under_a_known_key_are_refused(sample: Sample) -> None:
    """The items of the sample in another order are another body: under its key the call is refused."""
    items = [sample.new, sample.known]

    reply = sample.account.api.create_batch(items, key=sample.batch.key)

    expect.refused(reply, *expect.MISMATCH)
    expect.replayed(sample.account.api.send(sample.batch).sure(), sample.reply, rule="idempotency.replays-original")


CHANGES: dict[str, Callable[[Account, Items], Items]] = {
    "another serial number in the last item": lambda account, items: [*items[:-1], account.passport()],
    "another serial number in the first item": lambda account, items: [account.passport(), *items[1:]],
    "one item more": lambda account, items: [*items, account.passport()],
    "one item less": lambda _account, items: items[:-1],
    "parties": lambda _account, items: [*items[:-1], {**items[-1], "parties": OTHER_PARTY}],
    "another GTIN": lambda account, items: [
        *items[:-1],
        {**items[-1], "gs1": {**items[-1]["gs1"], "gtin": account.another_gtin}},
    ],
    "another product": lambda _account, items: [*items[:-1], {**items[-1], "productId": "ffffffffffffffffffffffff"}],
}


@pytest.mark.rule("idempotency.refuses-another-body")
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.price(writes=3, slots=3)
@pytest.mark.risk(writes=3, slots=1)
def test_any_change_of_the_body_is_refused(
    api: Api, account: Account, change: Callable[[Account, Items], Items]
) -> None:
    """A body with one change under a used key is refused and creates nothing."""
    items = account.passports(2)
    key = clock.new_key()
    expect.executed(api.create_batch(items, key=key))
    changed = change(account, items)

    reply = api.create_batch(changed, key=key)

    expect.refused(reply, *expect.MISMATCH)
    serials = {item["gs1"]["serialNumber"] for item in items}
    new = [item for item in changed if item["gs1"]["serialNumber"] not in serials]
    expect.none_there(account.is_there, new, reply)


@pytest.mark.late(102)  # what it takes is not missed then
@pytest.mark.rule("idempotency.refuses-another-body", adds=True)
@pytest.mark.price(writes=12)
@pytest.mark.risk(writes=12, slots=1)
def test_the_end_of_a_long_body_counts(api: Api, account: Account) -> None:
    """Twelve known items take more than 1,000 characters. A change of the last serial number makes another body, which
    is refused.
    """
    items, key = list(account.known(12)), clock.new_key()
    if (first := api.create_batch(items, key=key)).is_refusal:  # it may be, for a limit or for a pair that it has twice
        raise Untested(f"a batch of twelve passports that exist; it got {first.described}")
    expect.executed(first)

    reply = api.create_batch([*items[:-1], account.passport()], key=key)

    expect.refused(reply, *expect.MISMATCH)


@pytest.mark.rule("idempotency.refuses-another-body", adds=True)
@pytest.mark.needs("O")
@pytest.mark.price(writes=1, slots=1, cents=1)
def test_consent_makes_another_body(api: Api, account: Account) -> None:
    """A batch without consent was executed. The same batch with consent under the same key is refused."""
    items, key = account.passports(1), clock.new_key()
    expect.executed(api.create_batch(items, key=key))

    reply = api.create_batch(items, key=key, consent=True)

    expect.refused(reply, *expect.MISMATCH)


@pytest.mark.late(3)
@pytest.mark.rule("idempotency.refuses-another-body")
@pytest.mark.needs("W")
@pytest.mark.price(writes=3, slots=1)
@pytest.mark.risk(writes=1, slots=1)
def test_a_refused_body_takes_no_writes(api: Api, account: Account) -> None:
    """Three writes are left. A batch of one and another body under its key take one of them."""
    account.has(writes_left=3)
    key = clock.new_key()
    expect.executed(api.create_batch(account.passports(1), key=key))

    reply = api.create_batch(account.passports(1), key=key)

    expect.refused(reply, *expect.MISMATCH)
    expect.same("writes left", account.writes_left(), 2, reply)


@pytest.mark.rule("idempotency.scoped-to-workspace")
@pytest.mark.needs("T2")
@pytest.mark.price(writes=2, slots=2)
def test_two_workspaces_may_use_one_key(api: Api, account: Account) -> None:
    """Another workspace sends a batch of its own under the same key, and it is executed."""
    theirs, key = account.another_workspace(), clock.new_key()
    expect.outcomes(api.create_batch(account.passports(1), key=key), "created")

    reply = theirs.api.create_batch(theirs.passports(1), key=key)

    expect.outcomes(reply, "created")


@pytest.mark.rule("idempotency.scoped-to-workspace")
@pytest.mark.needs("T2")
@pytest.mark.price(writes=2, slots=1)
@pytest.mark.risk(writes=1, slots=1)
def test_no_workspace_reads_the_answer_of_another(api: Api, account: Account) -> None:
    """Another workspace sends the very same call. It does not get the passports of the first workspace."""
    theirs, batch = account.another_workspace(), Batch(account.passports(1), key=clock.new_key())
    original = api.send(batch).sure()
    expect.outcomes(original, "created")

    reply = theirs.api.send(batch).sure()

    passport_id = str(original.entry(0).get("data", {}).get("_id"))
    leaked = passport_id in reply.exchange.answer.decode(errors="replace")
    expect.true("nothing of the other workspace's answer", not leaked, passport_id, original, reply)


@pytest.mark.rule("idempotency.kept-24-hours")
@pytest.mark.needs("T")
@pytest.mark.price(writes=2, slots=2)
def test_a_key_is_good_for_a_day(api: Api, account: Account) -> None:
    """23.5 hours after a call, a retry gets the first answer. This is tested twice, half a day apart, so that one of
    the two periods includes midnight.
    """
    earlier, later = (Batch(account.passports(1), key=clock.new_key()) for _ in range(2))
    original = api.send(earlier).sure()
    account.advance_clock(hours=12)
    original_of_later = api.send(later).sure()
    account.advance_clock(hours=11.5)
    again = api.send(earlier).sure()
    account.advance_clock(hours=12)

    expect.replayed(again, original)
    expect.replayed(api.send(later).sure(), original_of_later)


@pytest.mark.rule("idempotency.kept-24-hours")
@pytest.mark.needs("T")
@pytest.mark.price(writes=2, slots=2)
def test_a_key_is_forgotten_one_day(api: Api, account: Account) -> None:
    """More than a week later, beyond any reading of "24 hours", the key executes a batch again."""
    key = clock.new_key()
    expect.outcomes(api.create_batch(account.passports(1), key=key), "created")
    account.advance_clock(hours=8 * 24)

    expect.outcomes(api.create_batch(account.passports(1), key=key), "created")


@pytest.mark.rule("idempotency.key-is-opaque")
@pytest.mark.price(writes=1)
@pytest.mark.risk(writes=2)
@pytest.mark.parametrize(
    "make",
    [
        lambda key: f"mcp-{key}",
        lambda key: key.replace("-", ""),
        lambda key: f"order {key} / retry: 1",
        lambda key: (key * 8)[:255],
    ],
    ids=["mcp", "bare", "words", "255 characters"],
)
def test_any_text_is_a_key(api: Api, account: Account, make: Callable[[str], str]) -> None:
    """A key can be any text, and another body under it is refused. Or (a reading: UUIDs only) the key is refused."""
    one, other = _two_bodies(account, make(clock.new_key()))

    first = api.send(one).sure()

    if first.is_refusal:
        expect.refused(first, 400, 422)
    else:
        expect.replayed(api.send(one).sure(), first)
        expect.refused(api.send(other).sure(), *expect.MISMATCH)


@pytest.mark.rule("idempotency.key-is-opaque")
@pytest.mark.price(writes=2)
def test_keys_that_differ_in_case_are_different(api: Api, account: Account) -> None:
    """Two keys that differ only in case are two keys, unless only UUIDs are keys."""
    text = f"Order-{clock.new_key()}"
    one, other = _two_bodies(account, text)
    if api.send(one).sure().is_refusal:
        return

    expect.executed(api.send(replace(other, key=text.lower())).sure())


@pytest.mark.rule("idempotency.key-is-opaque")
@pytest.mark.price(writes=2, slots=2)
@pytest.mark.parametrize("make", [str, lambda key: f"{key * 8}"[:255]], ids=["uuid", "255 characters"])
def test_keys_that_differ_at_their_end_are_different(api: Api, account: Account, make: Callable[[str], str]) -> None:
    """Two keys that differ only in the last character are two keys. Each executes its batch."""
    key = make(clock.new_key())
    one, other = (Batch(account.passports(1), key=each) for each in (key, f"{key[:-1]}{'10'[key[-1] == '1']}"))
    if api.send(one).sure().is_refusal:
        return  # only UUIDs are keys

    expect.executed(api.send(other).sure())


@pytest.mark.rule("idempotency.key-is-opaque")
@pytest.mark.price(writes=2)
@pytest.mark.parametrize("key", ["", "k" * 256], ids=["empty", "256 characters"])
def test_what_is_no_key_protects_nothing(api: Api, account: Account, key: str) -> None:
    """An empty or overlong key is refused, or it is ignored: then two bodies are both executed."""
    replies = [api.send(batch).sure() for batch in _two_bodies(account, key)]

    if any(reply.is_refusal for reply in replies):
        for reply in replies:
            expect.refused(reply, 400, 413, 422, 431)
    else:
        for reply in replies:
            expect.executed(reply)


@pytest.mark.rule("idempotency.key-is-opaque")
@pytest.mark.price(writes=1, slots=1)
def test_a_uuid_is_a_key_everywhere(api: Api, account: Account) -> None:
    """A UUID, as on the page, is accepted as a key."""
    batch = Batch(account.passports(1), key=str(uuid.UUID(clock.new_key())))

    original: Reply = expect.outcomes(api.send(batch).sure(), "created")

    expect.replayed(api.send(batch).sure(), original)


def _once_it_is_over(api: Api, batch: Batch) -> Reply:
    """The answer to a call whose key may still be in flight. Raises `Inconclusive` where that does not end."""
    for _ in range(20):
        reply = api.send(batch)
        if reply.status not in IN_FLIGHT:
            return reply.sure()
        clock.sleep(0.5)
    raise Inconclusive("the key stayed in flight", [reply.number])


def _two_bodies(account: Account, key: str) -> tuple[Batch, Batch]:
    """Two batches that both fail. They differ only in the parties of their item."""
    item = account.known(1)[0]
    return Batch([item], key=key), Batch([{**item, "parties": OTHER_PARTY}], key=key)
