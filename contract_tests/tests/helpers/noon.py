"""It is noon while the suite's own tests run, whenever they are started: about midnight budgets are not looked at.

To import this moves the clocks of the suite and of the mock in this process, and so in all that are forked from it.
As a program it is a mock with a moved clock, which runs start in place of the mock. The first process that imports this
decides by how much; the others find it in their environment.
"""

import os
import runpy
from datetime import UTC, datetime, time, timedelta

from tracepass_contract.contract_tests.model import clock
from tracepass_contract.contract_tests.target import mock_process
from tracepass_contract.mockserver.state.clock import SystemClock

_VARIABLE = "SECONDS_AHEAD_IN_TESTS"


def _seconds_to_noon() -> str:
    now = clock.utc_now()
    return str((datetime.combine(now.date(), time(12), UTC) - now).total_seconds())


_ahead = timedelta(seconds=float(os.environ.setdefault(_VARIABLE, _seconds_to_noon())))


def _clock_moved() -> datetime:
    return datetime.now(UTC) + _ahead  # noqa: TID251  this is what stands for the clocks that own the time


clock.utc_now = _clock_moved
SystemClock.now = staticmethod(_clock_moved)
mock_process.COMMAND[-1] = "tracepass_contract.contract_tests.tests.helpers.noon"

if __name__ == "__main__":
    runpy.run_module("tracepass_contract.mockserver", run_name="__main__", alter_sys=True)
