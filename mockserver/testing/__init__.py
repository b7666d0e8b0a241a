"""For tests of clients: a mock as a child process, and an isolated workspace for each test.

    with MockServer() as mock:
        workspace = mock.workspace(writes_per_day=10, writes_used=9)

`RunningMock` uses a mock that already serves. The pytest fixtures `tracepass_mock` and `tracepass_workspace` do this
(see `mockserver.pytest_plugin`).
"""

from .server import MockServer, RunningMock
from .workspace import Workspace

__all__ = ["MockServer", "RunningMock", "Workspace"]
