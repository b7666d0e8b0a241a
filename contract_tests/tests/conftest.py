"""What the suite's own tests have in common."""

from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="module")
def _unmeasured_mocks() -> Iterator[None]:
    """The mocks that are run against here are not measured: their coverage is a matter of their own tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
        yield
