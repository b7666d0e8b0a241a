"""What holds for every write beside the batch: its price, its replay, and that it needs a key of the workspace."""

from typing import Any

import pytest

from tracepass_contract.contract_tests.checks import expect, shown
from tracepass_contract.contract_tests.checks.writes import WRITES, Named, Write, named
from tracepass_contract.contract_tests.client.reply import Reply
from tracepass_contract.contract_tests.client.session import Credential
from tracepass_contract.contract_tests.model import clock
from tracepass_contract.contract_tests.target.workspace import Account

pytestmark = pytest.mark.needs("L", "P")
ONE_EACH = "calls.take-one-write-each"
DOCUMENTED = ("_id", "status", "summary", "gs1", "fields", "parties", "name", "model", "suspendedAt", "archivedAt")


@pytest.mark.rule(ONE_EACH, "calls.valid-calls-succeed", "calls.changes-are-kept", "idempotency.refuses-another-body")
@pytest.mark.rule("budget.is-shared", "idempotency.replays-original", "idempotency.replay-changes-nothing", adds=True)
@pytest.mark.needs("W")
@pytest.mark.parametrize("write", WRITES, ids=str)
def test_a_write_takes_one_write_and_its_replay_none(account: Account, write: Write) -> None:
    """Without a write left the call gets 429 and changes nothing. Then three are left, and the call takes one of them.
    Its replay has the same answer and takes none, and its key with another body is refused.
    """
    its, key = named(account), clock.new_key()
    resource = _resource(account, its, write)
    before = resource.look()
    account.has(writes_left=0)

    refused = write.send(account.api, its, None)

    expect.refused(refused, 429, rule="budget.is-shared")
    resource.after(before, refused, but=())
    account.has(writes_left=3)

    first = expect.served_for_draft(write.send(account.api, its, key), write.operation)
    again = write.send(account.api, its, key)
    other = write.other(account.api, its, key) if write.other else None

    replays = "idempotency.replays-original"
    expect.same("the answer to the replay", _said(again), _said(first), first, again, rule=replays)
    if other is not None:
        expect.refused(other, *expect.MISMATCH, rule="idempotency.refuses-another-body")
    expect.same("writes left", account.writes_left(up_to=3), 2, first, again)


@pytest.mark.rule("auth.workspaces-are-separate", "calls.name-what-exists")
@pytest.mark.rule("auth.bearer-required", adds=True)
@pytest.mark.needs("T2")
@pytest.mark.parametrize("write", [each for each in WRITES if not each.creates], ids=str)
def test_a_write_needs_a_key_of_the_workspace_and_a_name_that_exists(account: Account, write: Write) -> None:
    """A key of another workspace and an unknown name get 404, no key gets 401, and nothing changes. Then the same call
    with the right key succeeds.
    """
    its, api = named(account), account.api
    resource = _resource(account, its, write)
    before = resource.look()
    nobody = api.with_credential(Credential("nobody", None, None))

    foreign = write.send(account.another_workspace().api, its, None)
    keyless = write.send(nobody, its, None)
    unknown = write.send(api, its.unknown(account.session.serial()), None)

    expect.declined(foreign, write.operation, 404, rule="auth.workspaces-are-separate")
    expect.declined(keyless, write.operation, 401, 403, rule="auth.bearer-required")
    expect.declined(unknown, write.operation, 404, rule="calls.name-what-exists")
    resource.after(before, foreign, but=())
    expect.served_for_draft(write.send(api, its, None), write.operation)


def _resource(account: Account, its: Named, write: Write) -> shown.Resource:
    """What the write changes."""
    of_product = "/products" in write.operation
    return shown.product(account, its.product_id) if of_product else shown.passport(account, its.passport_id)


def _said(reply: Reply) -> Any:
    """The status class and the documented members of an answer."""
    answered = {name: reply.shown[name] for name in DOCUMENTED if name in reply.shown}
    return (reply.status or 0) // 100, answered
