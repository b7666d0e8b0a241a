"""mock: rules for a mock only. A deployment without a control plane is not known to be a mock."""

import pytest

from tracepass_contract.contract_tests.checks import expect
from tracepass_contract.contract_tests.client.api import Api
from tracepass_contract.contract_tests.model.history import BATCH
from tracepass_contract.contract_tests.model.outcomes import NotApplicable, Untested
from tracepass_contract.contract_tests.target.workspace import Account


@pytest.mark.rule("calls.not-served-here")
def test_an_operation_that_is_not_served_gets_501(api: Api, account: Account) -> None:
    """The compliance operation is known but not served: it gets 501 with the list of served operations."""
    if not api.session.is_provisioned:
        raise NotApplicable("the rule is only about mocks, and without a control plane this is not known to be one")
    passport_id = account.id_of(account.known(1)[0])

    reply = api.get_compliance(passport_id)

    if reply.exchange.succeeded:
        raise Untested("an operation that is not served; GET /passports/{id}/compliance is served")
    expect.same("the status of an operation that is not served", reply.status, 501, reply)
    named = BATCH.removeprefix("/api/v1") in reply.exchange.answer.decode(errors="replace")
    expect.true("the operations that are served", named, reply.described, reply)
