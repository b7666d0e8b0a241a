"""The pytest plugin: `tracepass_mock`, a mock for the whole run; `tracepass_world`, a private world for each test."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from . import MockServer, World


@pytest.fixture(scope="session")
def tracepass_mock() -> "Iterator[MockServer]":
    """A mock of the TracePass API that serves until the end of the run."""
    from . import MockServer  # not before somebody asks for it: plugins load always

    with MockServer() as mock:
        yield mock


@pytest.fixture
def tracepass_world(tracepass_mock: "MockServer") -> "Iterator[World]":
    """A workspace without limits, with a key, product, GTIN, clock and books of its own.

    A fault that was planned in it and never played fails the test: what it should show was not shown.
    """
    world = tracepass_mock.world()
    yield world
    if unplayed := [fault for fault in world.faults() if not fault["consumed"]]:
        told = ", ".join(f"{fault['kind']} ({fault['fired']} of {fault['times']})" for fault in unplayed)
        pytest.fail(f"planned faults were not played: {told}")
