"""Failures of the server in its log. Only a fault may break it on purpose (`mutants.mutant.Broken`).

A mutant that fails by a mistake of its own answers 500 to many calls. Any check finds that, and it proves nothing, so
such a run is neither a kill nor an alarm.
"""

import re

_ON_PURPOSE = "tracepass_contract.contract_tests.mutants.mutant.Broken"
_ENTRY = re.compile(r"^(?=(?:DEBUG|INFO|WARNING|ERROR|CRITICAL) )", re.MULTILINE)
_TRACEBACK = "Traceback (most recent call last):"
_RAISED = re.compile(r"^[A-Za-z_].*$", re.MULTILINE)  # the first line behind a traceback that is not indented
_ENDED = re.compile(r"^CRITICAL (the mock exited early.*)$", re.MULTILINE)  # `mock_process` writes it


def failure_in(log: str) -> str:
    """The first exception that was not raised on purpose, or how the server exited early; empty where there is none."""
    for entry in _ENTRY.split(log):
        _, is_traceback, last = entry.rpartition(_TRACEBACK)  # the last of a chain is what was not caught
        if not is_traceback:
            continue
        raised = _RAISED.search(last)
        text = raised[0] if raised is not None else "an exception that the log does not name"
        if text.partition(":")[0] != _ON_PURPOSE:
            return text
    ended = _ENDED.search(log)
    return ended[1] if ended is not None else ""
