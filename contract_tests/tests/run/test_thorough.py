"""Thorough checks only add: on a given workspace they leave room for those that decide."""

import pytest

from tracepass_contract.contract_tests.model.outcomes import Untested
from tracepass_contract.contract_tests.run.pytest_run import collect_checks
from tracepass_contract.contract_tests.run.run import Run
from tracepass_contract.contract_tests.target.control_plane import ControlPlane
from tracepass_contract.contract_tests.target.settings import Settings
from tracepass_contract.contract_tests.tests.helpers.wrong_server import Answered, in_front_of

DECIDED_BY_THEM = {"calls.are-http", "calls.no-server-errors", "limits.announced-is-true"}


def test_a_thorough_check_decides_no_rule_that_others_decide() -> None:
    checks = [check for check in collect_checks(Run(Settings())) if check.room != check.price + check.risk]

    assert len(checks) > 20
    assert {rule for check in checks for rule in check.decides} <= DECIDED_BY_THEM


def test_a_control_plane_need_not_revoke_keys() -> None:
    with in_front_of("http://127.0.0.1:9", lambda _request, _ask: Answered(404)) as url:
        control = ControlPlane(url, None)

        with pytest.raises(Untested, match="revokes API keys"):
            control.revoke_key("a workspace", "a/key")
        control.close()
