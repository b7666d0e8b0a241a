"""For the tests of clients: a mock to run beside them, and worlds to run them in.

    with MockServer() as mock:
        world = mock.world(writes_per_day=10, writes_used=9)

In pytest the fixtures `tracepass_mock` and `tracepass_world` do this (see `plugin`).
"""

from .server import MockServer
from .workspace import World

__all__ = ["MockServer", "World"]
