"""The pytest plugin: a mock for the whole run (`tracepass_mock`), an isolated workspace for each test."""

import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from . import MockServer, Workspace


@pytest.fixture(scope="session")
def tracepass_mock() -> "Iterator[MockServer]":
    """A mock of the TracePass API that serves until the end of the run."""
    from . import MockServer  # not before somebody asks for it: plugins load always

    with MockServer() as mock:
        yield mock


@pytest.fixture
def tracepass_workspace(tracepass_mock: "MockServer") -> "Iterator[Workspace]":
    """A workspace without limits, with a key, product, GTIN, clock and balances of its own.

    A fault that was planned in it and never played fails the test: what it should show was not shown.
    """
    workspace = tracepass_mock.workspace()
    yield workspace
    if unplayed := [fault for fault in workspace.faults() if not fault["consumed"]]:
        text = ", ".join(f"{fault['kind']} ({fault['fired']} of {fault['times']})" for fault in unplayed)
        pytest.fail(f"planned faults were not played: {text}")


@pytest.fixture
def tracepass_world(tracepass_workspace: "Workspace") -> "Workspace":
    """The former name of `tracepass_workspace`."""
    warnings.warn("tracepass_world is now called tracepass_workspace", DeprecationWarning, stacklevel=2)
    return tracepass_workspace
