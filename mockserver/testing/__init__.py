"""For the tests of clients: a mock to run beside them, and workspaces to run them in.

    with MockServer() as mock:
        workspace = mock.workspace(writes_per_day=10, writes_used=9)

In pytest the fixtures `tracepass_mock` and `tracepass_workspace` do this (see `plugin`).
"""

from .server import MockServer
from .workspace import Workspace

__all__ = ["MockServer", "Workspace"]
