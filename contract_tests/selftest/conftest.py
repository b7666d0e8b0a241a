"""What the suite's own tests have in common."""

import pytest


@pytest.fixture(autouse=True, scope="session")
def _unmeasured_mocks() -> None:
    """The mocks that are run against here are not measured: their coverage is a matter of their own tests."""
    pytest.MonkeyPatch().delenv("COVERAGE_PROCESS_CONFIG", raising=False)
