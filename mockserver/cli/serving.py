"""Serve the mock over HTTP: bind, announce, run until told to stop."""

import errno
import gc
import json
import logging
import os
import signal
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

import uvicorn

from ..app import Mock

_KEEP_ALIVE_SECONDS = 75  # as nginx has it; clients that pool connections expect a minute or so
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  where a client on this machine finds it


class CannotServe(OSError):
    """An address or a file can't be used; the message says which and what to do."""


class _Stopped(SystemExit):
    """A signal came. An exit, because an event loop lets those through at once."""


class _Server(uvicorn.Server):
    """Is announced from the moment it accepts connections until it stops to."""

    def __init__(self, config: uvicorn.Config, announced: AbstractContextManager[None]) -> None:
        super().__init__(config)
        self._announced = announced
        self._while_up = ExitStack()
        self.failure: CannotServe | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        try:
            self._while_up.enter_context(self._announced)
        except CannotServe as error:
            self.failure, self.should_exit = error, True  # down again in good order

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._while_up.close()
        await super().shutdown(sockets)


def bind(host: str, port: int) -> socket.socket:
    """A listening socket, so that the port that is announced is the one that is served. Raises `CannotServe`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        advice = " --port 0 picks a free one." if error.errno in (errno.EADDRINUSE, errno.EACCES) else ""
        raise CannotServe(f"can't serve on {host} port {port}: {error.strerror}.{advice}") from None
    return listener


def new_control_token(host: str) -> str | None:
    """A token for the control plane, where other machines can reach it."""
    return None if host in _LOOPBACK else token_urlsafe(16)


def ready_object(listener: socket.socket, host: str, token: str | None) -> Mapping[str, Any]:
    """What a program needs to know to use the mock."""
    reachable = _ANY_ADDRESS.get(host, host)
    base_url = f"http://{f'[{reachable}]' if ':' in reachable else reachable}:{listener.getsockname()[1]}"
    return {
        "event": "ready",
        "base_url": base_url,
        "control_url": f"{base_url}/_mock",
        "control_token": token,
        "pid": os.getpid(),
    }


@contextmanager
def announced(text: str, ready: Mapping[str, Any], ready_file: Path | None) -> Iterator[None]:
    """While this lasts the ready file is there; `text` is printed once. Raises `CannotServe`."""
    if ready_file is not None:
        write_whole(ready_file, f"{json.dumps(ready)}\n".encode())
    print(text, flush=True)
    try:
        yield
    finally:
        if ready_file is not None:
            ready_file.unlink(missing_ok=True)


def config_for(mock: Mock) -> uvicorn.Config:
    """How the mock is served, whatever the address."""
    return uvicorn.Config(
        mock,
        log_config=None,
        access_log=False,
        proxy_headers=False,  # nobody asks for the address of a client
        server_header=False,
        date_header=False,  # each answer has the date of its workspace (http/dated.py)
        lifespan="on",
        timeout_graceful_shutdown=5,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        h11_max_incomplete_event_size=65_536,
    )


def serve(mock: Mock, listener: socket.socket, announced: AbstractContextManager[None]) -> None:
    """Serve until SIGINT or SIGTERM; answers that are under way are finished first. Raises `CannotServe`."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(message)s")
    server = _Server(config_for(mock), announced)
    with listener, _signals_end_in_peace(), _quiet_collector():
        server.run(sockets=[listener])
    if server.failure is not None:
        raise server.failure


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that is never seen half written. Raises `CannotServe`."""
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        beside.touch(0o600)  # there may be keys in it
        beside.write_bytes(content)
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise CannotServe(f"can't write {path}: {error.strerror}.") from None


@contextmanager
def _signals_end_in_peace() -> Iterator[None]:
    """uvicorn stops at a signal and then raises it again, for whoever had it before: here it means a normal end."""

    def stop(*_: object) -> None:
        raise _Stopped

    before = {each: signal.signal(each, stop) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    except _Stopped:
        pass
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


@contextmanager
def _quiet_collector() -> Iterator[None]:
    """Pauses of the cyclic collector are the slowest thing that a request could meet: what is there at start stays out
    of its sight, and it looks less often.
    """
    thresholds = gc.get_threshold()
    gc.freeze()  # with what little could be thrown away: to look for it takes longer than all else here
    gc.set_threshold(50_000, 50, 100)
    gc.enable()  # it rested while the mock started (`__main__`)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()
