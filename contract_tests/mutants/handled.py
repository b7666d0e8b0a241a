"""An operation of the mock with another handler, for faults that need the whole call."""

from typing import Any

from tracepass_contract.mockserver.http.middleware import CallOperation


def handled_by(operation: Any, handle: Any) -> Any:
    """A copy, so that the operation itself stays as it is."""
    other = object.__new__(CallOperation)
    other.__dict__.update(operation.__dict__, _handler=handle)
    return other
