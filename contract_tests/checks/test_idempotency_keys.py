"""idempotency: what a key can be, in which workspace it counts, and for how long."""

import uuid
from collections.abc import Callable
from dataclasses import replace

import pytest

from tracepass_contract.contract_tests.checks import expect
from tracepass_contract.contract_tests.checks.arranged import PARTY
from tracepass_contract.contract_tests.client.api import Api, Batch
from tracepass_contract.contract_tests.client.reply import Reply
from tracepass_contract.contract_tests.model import clock
from tracepass_contract.contract_tests.target.workspace import Account


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


@pytest.mark.rule("idempotency.replays-original", adds=True)
@pytest.mark.risk(writes=1)
def test_a_malformed_call_does_not_hold_its_key(api: Api) -> None:
    """A call without items is refused. Sent again with the same key, it is refused with the same status."""
    empty = Batch(key=clock.new_key())

    first, again = (api.send(empty).sure() for _ in range(2))

    expect.refused(first)
    expect.same("status of the second call", again.status, first.status, first, again)


@pytest.mark.late(-1)
@pytest.mark.rule("idempotency.replays-original", adds=True)
@pytest.mark.needs("Q")
@pytest.mark.risk(writes=2, slots=2)
def test_a_refused_call_does_not_hold_its_key(api: Api, account: Account) -> None:
    """No passport is left, and a call is refused with 402. Sent again with the same key, it is refused with 402: no
    call with this key is in flight.
    """
    account.has(slots_left=0, overage=True)
    batch = Batch(account.passports(1), key=clock.new_key())

    first, again = (api.send(batch).sure() for _ in range(2))

    expect.refused(first, 402, rule="quota.asks-for-consent")
    expect.refused(again, 402)


def _two_bodies(account: Account, key: str) -> tuple[Batch, Batch]:
    """Two batches that both fail. They differ only in the parties of their item."""
    item = account.known(1)[0]
    return Batch([item], key=key), Batch([{**item, "parties": {"importer": PARTY}}], key=key)
