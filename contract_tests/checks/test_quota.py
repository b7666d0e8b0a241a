"""quota: the passports of the plan, and consent to pay for more."""

from collections.abc import Sequence
from typing import Any

import pytest

from tracepass_contract.contract_tests.checks import expect
from tracepass_contract.contract_tests.client.api import Api
from tracepass_contract.contract_tests.client.reply import Reply
from tracepass_contract.contract_tests.target.workspace import Account

pytestmark = [pytest.mark.needs("Q"), pytest.mark.late(-1)]
TOKEN = "overage_required"


@pytest.mark.rule("quota.asks-for-consent")
@pytest.mark.price(writes=2, slots=2)
@pytest.mark.risk(writes=3, slots=3)
def test_a_batch_over_the_quota_changes_nothing(api: Api, account: Account) -> None:
    """Two passports are left. A batch of three is refused; then two of its items fit exactly and are created."""
    account.has(slots_left=2, overage=True)
    items = account.passports(3)

    refused = api.create_batch(items)
    fitting = api.create_batch(items[:2])
    beyond = api.create_batch(items[2:])

    _asks_for_consent(refused)
    expect.outcomes(fitting, "created", "created")
    _asks_for_consent(beyond)


@pytest.mark.rule("quota.asks-for-consent", adds=True)
@pytest.mark.needs("T")
@pytest.mark.price(writes=1, slots=1)
@pytest.mark.risk(writes=1, slots=1)
def test_a_batch_over_the_quota_is_not_created_later(api: Api, account: Account) -> None:
    """One passport is left, and a batch of two is refused. 15 minutes later its first item still does not exist."""
    account.has(slots_left=1, overage=True)
    items = account.passports(2)
    refused = api.create_batch(items)
    _asks_for_consent(refused)

    account.advance_clock(hours=0.25)

    account.lift(slots=True)
    expect.none_there(account.is_there, items[:1], refused)


@pytest.mark.rule("quota.asks-for-consent", adds=True)
@pytest.mark.price(writes=1, slots=1)
@pytest.mark.risk(writes=2, slots=2)
def test_a_plan_without_overage_lets_no_one_in(api: Api, account: Account) -> None:
    """One passport is left on a plan without overage. A batch of two is refused, a batch of one is created."""
    account.has(slots_left=1, overage=False)
    items = account.passports(2)

    refused = api.create_batch(items)
    fitting = api.create_batch(items[:1])

    expect.refused(refused, 402, 403)
    expect.outcomes(fitting, "created")


@pytest.mark.rule("quota.asks-for-consent", adds=True)
@pytest.mark.risk(writes=1, slots=1, cents=150)
def test_consent_on_a_plan_without_overage_is_refused(api: Api, account: Account) -> None:
    """No passport is left on a plan without overage. A batch with consent is refused and creates nothing."""
    account.has(slots_left=0, overage=False)

    refused = api.create_batch(_consenting(account, 1), consent=True)

    expect.refused(refused, 400, 402, 403)
    expect.same("passports left", account.slots_left(), 0)


@pytest.mark.rule("quota.failed-items-take-no-slot")
@pytest.mark.price(writes=3, slots=2)
@pytest.mark.risk(writes=1, slots=1)
def test_only_created_passports_take_a_slot(api: Api, account: Account) -> None:
    """Two passports are left. Of a known and a new item only the new one takes a slot, and one is left."""
    known = account.has(known=1, slots_left=2, overage=True)

    expect.outcomes(api.create_batch([*known, account.passport()]), "error", "created")
    expect.outcomes(api.create_batch(account.passports(1)), "created")

    _asks_for_consent(api.create_batch(account.passports(1)))


@pytest.mark.rule("quota.consent-covers-whole-batch")
@pytest.mark.needs("O")
@pytest.mark.price(writes=3, slots=3, cents=450)
def test_with_consent_the_whole_batch_is_created(api: Api, account: Account) -> None:
    """One passport is left. A batch of three is refused; with consent in every place where it is read, all three are
    created.
    """
    account.has(slots_left=1, overage=True)
    items = _consenting(account, 3)

    refused = api.create_batch(_without_consent(items))
    admitted = api.create_batch(items, consent=True)

    _asks_for_consent(refused)
    expect.outcomes(admitted, "created", "created", "created")


@pytest.mark.rule("items.serial-unique-per-gtin", adds=True)
@pytest.mark.needs("O")
@pytest.mark.price(writes=2, slots=1, cents=300)
def test_consent_lets_nothing_else_pass(api: Api, account: Account) -> None:
    """Over the quota and with consent, a pair that exists still fails."""
    known = account.has(known=1, slots_left=0)
    items = [{**known[0], "confirmOverage": True}, *_consenting(account, 1)]

    expect.outcomes(api.create_batch(items, consent=True), "error", "created")


@pytest.mark.rule("quota.consent-is-not-remembered")
@pytest.mark.needs("O")
@pytest.mark.price(writes=2, slots=1, cents=150)
def test_consent_is_given_for_one_call(api: Api, account: Account) -> None:
    """A batch with consent is created. The next one without consent is refused."""
    account.has(slots_left=0)

    expect.executed(api.create_batch(_consenting(account, 1), consent=True), rule="quota.consent-covers-whole-batch")

    expect.refused(api.create_batch(account.passports(1)), 402)
    expect.refused(api.create_batch(account.passports(1)), 402)


@pytest.mark.rule("quota.consent-is-not-remembered")
@pytest.mark.needs("O")
@pytest.mark.price(writes=2, slots=1, cents=150)
@pytest.mark.risk(writes=1, slots=1)
def test_consent_is_not_saved_up(api: Api, account: Account) -> None:
    """Consent while a passport is left counts for this call only, or (a reading) is refused. It does not count for a
    later call.
    """
    account.has(slots_left=1, overage=True)

    early = api.create_batch(_consenting(account, 1), consent=True)
    if early.is_refusal:
        expect.executed(api.create_batch(account.passports(1)))

    expect.refused(api.create_batch(account.passports(1)), 402)


@pytest.mark.rule("quota.consent-is-not-remembered")
@pytest.mark.needs("O")
@pytest.mark.parametrize("value", [False, "true", 1, {}, [True]], ids=repr)
@pytest.mark.risk(writes=1, slots=1, cents=150)
def test_nothing_but_true_is_consent(api: Api, account: Account, value: Any) -> None:
    """`false` and values that are not booleans are no consent, next to the items and in them. Nothing is created."""
    account.has(slots_left=0)

    at_top = api.create_batch(account.passports(1), consent=value)
    inside = api.create_batch([account.passport(confirmOverage=value)])

    for reply in (at_top, inside):
        if not _failed_alone(reply):
            expect.refused(reply, 400, 402, 422)
    expect.same("passports left", account.slots_left(), 0, at_top, inside)


@pytest.mark.rule("quota.consent-covers-whole-batch", adds=True)
@pytest.mark.needs("O")
@pytest.mark.price(writes=6, slots=6, cents=900)
@pytest.mark.parametrize("consenting", [1, 2], ids=["one of two", "both"])
def test_consent_in_items_means_the_same_each_time(api: Api, account: Account, consenting: int) -> None:
    """It is a reading whether items can consent for the batch. The answer is the same for all calls."""
    account.has(slots_left=0)

    replies = [
        api.create_batch([*_consenting(account, consenting), *account.passports(2 - consenting)]) for _ in range(3)
    ]

    answers = {(reply.status, *reply.outcomes, reply.says_token("overage_required")) for reply in replies}
    expect.same("different answers to one question", len(answers), 1, *replies)
    for reply in replies:
        whole = reply.is_refusal or reply.outcomes == ["created", "created"]
        expect.true("all or nothing", whole, reply.described, reply)


@pytest.mark.rule("quota.asks-for-consent", adds=True)
@pytest.mark.needs("W")
@pytest.mark.price(writes=1, slots=1)
@pytest.mark.risk(writes=2, slots=2)
def test_over_both_limits_nothing_changes(api: Api, account: Account) -> None:
    """One write and one passport are left. A batch of two gets 429 or 402; then a batch of one fits exactly."""
    account.has(writes_left=1, slots_left=1)
    items = account.passports(2)

    reply = api.create_batch(items)

    expect.refused(reply, 429, 402)
    if reply.status == 429:  # whether a 402 takes writes is a reading
        expect.outcomes(api.create_batch(items[:1]), "created")


def _consenting(account: Account, number: int) -> list[dict[str, Any]]:
    """Items that also say `confirmOverage: true`, since the place of consent is a reading."""
    return [account.passport(confirmOverage=True) for _ in range(number)]


def _without_consent(items: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in item.items() if name != "confirmOverage"} for item in items]


def _asks_for_consent(reply: Reply) -> None:
    expect.refused(reply, 402, rule="quota.asks-for-consent")
    expect.true(f"`{TOKEN}` in the body", reply.says_token(TOKEN), reply.error, reply, rule="quota.asks-for-consent")


def _failed_alone(reply: Reply) -> bool:
    """Whether the item failed for its value that is not a boolean."""
    return reply.is_result and not reply.created
