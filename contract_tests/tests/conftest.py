"""What the suite's own tests have in common."""

from collections.abc import Iterator

import pytest

from tracepass_contract.contract_tests.tests.helpers.warm import warm_context


@pytest.fixture(autouse=True, scope="session")
def _warm() -> None:
    """What mocks and commands are forked from is told what to import before the first of them starts."""
    warm_context()


@pytest.fixture(autouse=True, scope="module")
def _unmeasured_mocks() -> Iterator[None]:
    """The mocks that are run against here are not measured: their coverage is a matter of their own tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
        yield
