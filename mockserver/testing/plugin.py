"""The pytest plugin: a mock for the whole run, and an isolated workspace for each test."""

import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from . import MockServer, Workspace


@pytest.fixture(scope="session")
def tracepass_mock() -> "Iterator[MockServer]":
    """A mock of the TracePass API (`MockServer`) that serves until the end of the test run."""
    from . import MockServer  # pytest always loads the plugin, so import this only if a test uses it

    with MockServer() as mock:
        yield mock


@pytest.fixture
def tracepass_workspace(tracepass_mock: "MockServer") -> "Iterator[Workspace]":
    """An isolated workspace: unlimited, with its own key, product, GTIN, clock and balances.

    The test fails if one of its planned faults does not fire.
    """
    workspace = tracepass_mock.workspace()
    yield workspace
    if unfired := [fault for fault in workspace.faults() if not fault["consumed"]]:
        text = ", ".join(f"{fault['kind']} ({fault['fired']} of {fault['times']})" for fault in unfired)
        pytest.fail(f"planned faults did not fire: {text}")


@pytest.fixture
def tracepass_world(tracepass_workspace: "Workspace") -> "Workspace":
    """Deprecated: use `tracepass_workspace`."""
    warnings.warn(
        "the fixture tracepass_world is deprecated; use tracepass_workspace", DeprecationWarning, stacklevel=2
    )
    return tracepass_workspace
