"""auth: who may call, and what they may touch."""

import pytest

from tracepass_contract.contract_tests import expect
from tracepass_contract.contract_tests.account import Account
from tracepass_contract.contract_tests.api import Api, Batch
from tracepass_contract.contract_tests.session import Credential

REFUSED = (401, 403)  # which of the two is told apart by sibling pages only
NOBODY = Credential("none")
STRANGER = Credential("unknown-key", None, "tp_0000000000000000000000000000000f")


@pytest.mark.early
@pytest.mark.rule("auth.bearer-required")
@pytest.mark.price(writes=1, slots=1)
def test_without_a_valid_key_nothing_is_created(api: Api, account: Account) -> None:
    """Calls with no key and with an unknown one are refused; the same item can be created afterwards."""
    item = account.passport()

    without = api.with_credential(NOBODY).create_batch([item])
    unknown = api.with_credential(STRANGER).create_batch([item])
    afterwards = api.create_batch([item])

    expect.refused(without, *REFUSED)
    expect.refused(unknown, *REFUSED)
    expect.outcomes(afterwards, "created")


@pytest.mark.rule("auth.bearer-required")
@pytest.mark.parametrize("header", ["Basic dHA6dHA=", "Bearer", "Token tp_0", "tp_without_a_scheme"])
def test_another_authorization_is_none(api: Api, account: Account, header: str) -> None:
    """Only a bearer token opens the API."""
    batch = Batch(account.known(1), headers={"Authorization": header})

    reply = api.with_credential(NOBODY).send(batch).sure()

    expect.refused(reply, *REFUSED)
