"""The pytest plugin: a mock for the whole run, and an isolated workspace for each test.

pytest always loads it, so it imports the tools in `testing` only for a test that uses them.
"""

import os
import warnings
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .testing import RunningMock, Workspace

_URL = "--tracepass-mock-url"
_OPTIONS = "tracepass_mock_options"
_VARIABLES = ("TRACEPASS_MOCK_URL", "TRACEPASS_MOCK_CONTROL_TOKEN")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        _URL,
        metavar="URL",
        help="Use the mock that serves at this URL, such as one in a container, and start none. Default: "
        f"{_VARIABLES[0]}, else a mock is started. {_VARIABLES[1]} is the token of its control plane.",
    )
    parser.addini(_OPTIONS, "Options of `tracepass-mock serve` for the mock that the tests start.", "args", [])


def pytest_configure(config: pytest.Config) -> None:
    line = "tracepass_workspace(**limits): what the test's workspace has (limits, balances, readings), "
    config.addinivalue_line("markers", line + "as in POST /_mock/workspaces")


@pytest.fixture(scope="session")
def tracepass_mock_options(pytestconfig: pytest.Config) -> Sequence[str]:
    """The options of the mock, from the ini option `tracepass_mock_options`. A project can override this fixture."""
    options: Sequence[str] = pytestconfig.getini(_OPTIONS)
    return options


@pytest.fixture(scope="session")
def tracepass_mock(pytestconfig: pytest.Config, tracepass_mock_options: Sequence[str]) -> "Iterator[RunningMock]":
    """A mock of the TracePass API that serves until the end of the test run: a `MockServer`, or the one of
    `--tracepass-mock-url`.
    """
    from .testing import MockServer, RunningMock

    url, token = (os.environ.get(each) for each in _VARIABLES)
    url = pytestconfig.getoption(_URL) or url
    with RunningMock(url, token) if url else MockServer(*tracepass_mock_options) as mock:
        yield mock


@pytest.fixture
def tracepass_workspace(tracepass_mock: "RunningMock", request: pytest.FixtureRequest) -> "Iterator[Workspace]":
    """An isolated workspace: with its own key, product, GTIN, clock and balances. It is unlimited where the marker
    `tracepass_workspace` gives no limits.

    The test fails if one of its planned faults does not fire.
    """
    marker = request.node.get_closest_marker("tracepass_workspace")
    workspace = tracepass_mock.workspace(**(marker.kwargs if marker else {}))
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
