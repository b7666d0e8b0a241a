"""mock: what only a mock promises. Of a deployment without a control plane nobody says that it is one."""

import pytest

from tracepass_contract.contract_tests.checks import expect
from tracepass_contract.contract_tests.client.api import Api
from tracepass_contract.contract_tests.model.history import BATCH
from tracepass_contract.contract_tests.model.outcomes import NotApplicable, Untested
from tracepass_contract.contract_tests.target.workspace import Account


@pytest.mark.rule("calls.not-served-here")
def test_what_is_not_served_is_told_with_what_is(api: Api, account: Account) -> None:
    """The compliance of a passport is known and not served: 501, and the operations that are served are named."""
    if not api.session.is_provisioned:
        raise NotApplicable("a rule of the mock, and nothing says that this is one: it has no control plane")
    passport_id = account.id_of(account.known(1)[0])

    reply = api.get_compliance(passport_id)

    if reply.exchange.succeeded:
        raise Untested("an operation that the mock does not serve; GET /passports/{id}/compliance is served")
    expect.same("the status of an operation that is not served", reply.status, 501, reply)
    named = BATCH.removeprefix("/api/v1") in reply.exchange.answer.decode(errors="replace")
    expect.true("the operations that are served", named, reply.described, reply)
