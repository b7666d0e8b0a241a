"""Serve the mock over HTTP: bind, announce, run until told to stop."""

import gc
import json
import logging
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import uvicorn

from tracepass_contract.mockserver.app import Mock


class CannotServe(OSError):
    """The address can't be bound; the message says which and what to do."""


class _Server(uvicorn.Server):
    """Announces itself once it really accepts connections, and takes the announcement back at the end."""

    def __init__(self, config: uvicorn.Config, ready: dict[str, Any], ready_file: Path | None) -> None:
        super().__init__(config)
        self._ready = ready
        self._ready_file = ready_file

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._ready_file is not None:
            write_whole(self._ready_file, json.dumps(self._ready) + "\n")

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._ready_file is not None:
            self._ready_file.unlink(missing_ok=True)
        await super().shutdown(sockets)


def bind(host: str, port: int) -> socket.socket:
    """A listening socket, so that the port that is announced is the one that is served. Raises `CannotServe`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except (OSError, OverflowError) as error:
        listener.close()
        reason = getattr(error, "strerror", None) or str(error)
        raise CannotServe(f"can't serve on {host} port {port}: {reason}. --port 0 picks a free one.") from None
    return listener


def announcement(listener: socket.socket, host: str) -> dict[str, Any]:
    """What a program needs to know to use the mock: the ready object of the command line."""
    shown = f"[{host}]" if ":" in host else host
    base_url = f"http://{shown}:{listener.getsockname()[1]}"
    return {
        "event": "ready",
        "base_url": base_url,
        "control_url": f"{base_url}/_mock",
        "control_token": None,
        "pid": os.getpid(),
    }


def serve(mock: Mock, listener: socket.socket, ready: dict[str, Any], ready_file: Path | None) -> None:
    """Serve until SIGINT or SIGTERM; answers that are under way are finished first."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(message)s")
    config = uvicorn.Config(
        mock,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=5,
        h11_max_incomplete_event_size=65_536,
    )
    with _quiet_collector(), listener:
        _Server(config, ready, ready_file).run(sockets=[listener])


def write_whole(path: Path, text: str) -> None:
    """Write a file that is never seen half written."""
    with NamedTemporaryFile("w", dir=path.parent, prefix=path.name, delete=False, encoding="utf-8") as file:
        file.write(text)
    Path(file.name).replace(path)


@contextmanager
def _quiet_collector() -> Iterator[None]:
    """Pauses of the cyclic collector are the slowest thing that a request could meet: what is there at start stays out
    of its sight, and it looks less often.
    """
    thresholds = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 100)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()
