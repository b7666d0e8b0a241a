"""auth: who may call, and what a key gives access to."""

import pytest

from tracepass_contract.contract_tests.checks import expect
from tracepass_contract.contract_tests.client.api import Api, Batch
from tracepass_contract.contract_tests.client.reply import Reply
from tracepass_contract.contract_tests.client.session import Credential
from tracepass_contract.contract_tests.run.shared_batch import Sample
from tracepass_contract.contract_tests.target.workspace import Account

REFUSED = (401, 403)  # only other pages of the vendor say which of the two
NOBODY = Credential("none")
UNKNOWN_KEY = Credential("unknown-key", None, "tp_0000000000000000000000000000000f")


@pytest.mark.early
@pytest.mark.rule("auth.bearer-required")
@pytest.mark.price(writes=1, slots=1)
def test_without_a_valid_key_nothing_is_created(api: Api, account: Account) -> None:
    """Calls without a key and with an unknown key are refused. Afterwards the same item can still be created."""
    item = account.passport()

    without = api.with_credential(NOBODY).create_batch([item])
    unknown = api.with_credential(UNKNOWN_KEY).create_batch([item])
    afterwards = api.create_batch([item])

    expect.refused(without, *REFUSED)
    expect.refused(unknown, *REFUSED)
    expect.outcomes(afterwards, "created")


@pytest.mark.rule("auth.bearer-required")
@pytest.mark.risk(writes=1)
@pytest.mark.parametrize(
    "header",
    ["Basic dHA6dHA=", "Bearer", "Token tp_0", "tp_without_a_scheme", "Basic {key}", "Token {key}", "{key}"],
)
def test_another_authorization_is_none(api: Api, account: Account, header: str) -> None:
    """Only a Bearer token is accepted. The same key under another scheme or without a scheme is refused."""
    batch = Batch(account.known(1), headers={"Authorization": header.format(key=api.credential.key)})

    reply = api.with_credential(NOBODY).send(batch).sure()

    expect.refused(reply, *REFUSED)


@pytest.mark.rule("auth.bearer-required")
@pytest.mark.risk(writes=1)
def test_what_is_nearly_a_key_is_none(api: Api, account: Account) -> None:
    """A key is refused when its last character differs, when a letter has the other case, or when it is cut short."""
    known = account.known(1)
    for near in _near(api.credential.key or ""):
        account.session.keep_secret(near)  # it tells nearly all of the key

        reply = api.with_credential(Credential("nearly-a-key", None, near)).create_batch(known)

        expect.refused(reply, *REFUSED)


@pytest.mark.rule("auth.bearer-required")
@pytest.mark.risk(writes=2)
def test_a_used_key_is_no_way_in(sample: Sample) -> None:
    """A call without a valid API key is refused, even with an idempotency key that is in use."""
    caller = sample.account.api.with_credential(UNKNOWN_KEY)

    reply = caller.send(sample.batch).sure()

    expect.refused(reply, *REFUSED)


@pytest.mark.rule("auth.bearer-required")
@pytest.mark.needs("W")
@pytest.mark.late(2)
@pytest.mark.price(writes=2)
@pytest.mark.risk(writes=1, slots=1)
def test_calls_without_a_valid_key_take_no_writes(api: Api, account: Account) -> None:
    """Two writes are left. Calls without a valid key take none of them."""
    account.has(writes_left=2)

    for caller in (NOBODY, UNKNOWN_KEY):
        expect.refused(api.with_credential(caller).create_batch(account.passports(1)), *REFUSED)

    expect.same("writes left", account.writes_left(), 2, rule="auth.bearer-required")


@pytest.mark.rule("auth.workspaces-are-separate")
@pytest.mark.needs("T2")
@pytest.mark.price(writes=3)
@pytest.mark.risk(writes=3, slots=2)
def test_the_product_of_another_workspace_is_out_of_reach(api: Api, account: Account) -> None:
    """An item with the product of another workspace is not created, neither alone nor after an item with an own
    product.
    """
    theirs = account.another_workspace()

    alone = api.create_batch([account.passport(productId=theirs.product_id)])
    behind = api.create_batch([*account.known(1), account.passport(productId=theirs.product_id)])

    _not_created(alone, 1)
    _not_created(behind, 2)


@pytest.mark.rule("auth.workspaces-are-separate")
@pytest.mark.needs("T2")
@pytest.mark.price(writes=4, slots=1)
@pytest.mark.risk(writes=3, slots=2)
def test_the_gtin_of_another_workspace_is_out_of_reach(api: Api, account: Account) -> None:
    """An item with a GTIN of another workspace is not created, neither alone nor after an item with an own GTIN. The
    answer contains no data of the other workspace.
    """
    theirs = account.another_workspace()
    known = theirs.known(1)[0]
    item = {**known, "productId": account.product_id}

    alone = api.create_batch([item])
    behind = api.create_batch([*account.known(1), item])

    _not_created(alone, 1)
    _not_created(behind, 2)
    for reply in (alone, behind):
        text = reply.exchange.answer.decode(errors="replace")
        leaked = [word for word in theirs.own_texts if word in text]
        expect.same("ids of the other workspace in the answer", leaked, [], reply)


@pytest.mark.rule("auth.workspaces-are-separate")
@pytest.mark.needs("T2", "W")
@pytest.mark.late(3)
@pytest.mark.price(writes=5, slots=2)
def test_another_workspace_has_its_own_budget(api: Api, account: Account) -> None:
    """One workspace spends its whole budget. The budget of the other one does not change, in both directions."""
    theirs = account.another_workspace()
    theirs.has(writes_left=3)
    account.has(writes_left=2)

    expect.executed(api.create_batch(account.passports(2)))

    expect.same("writes left to the other workspace", theirs.writes_left(), 3)
    expect.same("writes left to the first workspace", account.writes_left(), 0)


def _near(key: str) -> list[str]:
    """Keys that differ from this one in one character near the end, so that redaction covers them, too."""
    last = "A" if key[-1:] in "0123456789wxyz-_+/" else "0"  # in base64, too, another value
    letter = max((index for index, each in enumerate(key) if each.swapcase() != each), default=None)
    near = [f"{key[:-1]}{last}"]
    if letter is not None:
        near.append(f"{key[:letter]}{key[letter].swapcase()}{key[letter + 1 :]}")
    return [*near, key[:-1]] if key[:-1] else near


def _not_created(reply: Reply, number: int) -> None:
    """The batch is refused, or each item fails: which of the two is a reading."""
    if not reply.is_refusal:
        expect.outcomes(reply, *["error"] * number)
