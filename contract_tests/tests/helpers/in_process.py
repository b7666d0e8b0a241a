"""The mock, right or wrong, in this process: quick to start, for the tests of the suite itself."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from threading import Thread

import uvicorn

from tracepass_contract.contract_tests.mutants.catalogue import catalogue
from tracepass_contract.mockserver.app import Mock, create_app
from tracepass_contract.mockserver.cli.serving import bind
from tracepass_contract.mockserver.state.clock import FrozenClock

HOST = "127.0.0.1"


def at_noon() -> tuple[Mock, FrozenClock]:
    """A mock whose time stands still, and what moves it."""
    clock = FrozenClock(datetime(2026, 1, 15, 12, tzinfo=UTC))
    return create_app(clock=clock), clock


@contextmanager
def serving(mutant: str | None = None, readings: Mapping[str, str] | None = None) -> Iterator[str]:
    """The base URL of a mock that is served from another thread until the end of the block."""
    with catalogue()[mutant].in_force() if mutant else nullcontext():
        app = create_app(readings=readings)
        listener = bind(HOST, 0)
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="on"))
        thread = Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        with listener:
            thread.start()
            try:
                yield f"http://{HOST}:{listener.getsockname()[1]}"
            finally:
                server.should_exit = True
                thread.join(timeout=60)
