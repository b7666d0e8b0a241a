"""Serve the mock over HTTP: listen, announce, run until a signal comes."""

import errno
import gc
import json
import logging
import os
import signal
import socket
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from secrets import token_urlsafe
from threading import Thread
from typing import Any, NamedTuple, cast

import uvicorn

from ..app import Mock
from .http_protocol import HttpProtocol

_KEEP_ALIVE_SECONDS = 75  # the default of nginx; clients that pool connections expect about a minute
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_FOR_CLIENTS = {"0.0.0.0": "127.0.0.1", "::": "::1", "localhost": "127.0.0.1"}  # noqa: S104  on this machine
_NO_SUCH_ADDRESS = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})


class Tls(NamedTuple):
    """The files (PEM) of the certificate, with its chain, and of its key. Without `key` it is in the first file."""

    certificate: Path
    key: Path | None


class CannotServe(OSError):
    """The mock cannot use an address or a file. The message says which, and what to do."""

    def __str__(self) -> str:
        return str(self.strerror)


class _Stopped(SystemExit):
    """A signal came. It is a SystemExit, because an event loop does not handle those."""


class _Server(uvicorn.Server):
    """The server. It is announced while it accepts connections."""

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
            self.failure, self.should_exit = error, True  # a regular shutdown

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._while_up.close()
        cast("Mock", self.config.app).events.close()  # it would wait for streams that do not end
        await super().shutdown(sockets)
        if self.force_exit:  # a second signal: uvicorn leaves this out, and reports a traceback
            await self.lifespan.shutdown()


def listen(host: str, port: int) -> Sequence[socket.socket]:
    """Listening sockets for a host. `localhost` is both loopback addresses with the same port: clients differ in which
    of them they try. A machine without IPv6 has one. Raises `CannotServe`.
    """
    if host != "localhost":
        return [bind(host, port)]
    first = bind("127.0.0.1", port)
    try:
        return [first, bind("::1", first.getsockname()[1])]
    except CannotServe as error:
        if port == 0 or error.errno in _NO_SUCH_ADDRESS:
            return [first]
        first.close()
        raise


def bind(host: str, port: int) -> socket.socket:
    """A listening socket. The mock announces its port before it serves. Raises `CannotServe`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        advice = " Use --port 0 to pick a free port." if error.errno in (errno.EADDRINUSE, errno.EACCES) else ""
        raise CannotServe(error.errno, f"cannot listen on {host} port {port}: {error.strerror}.{advice}") from None
    return listener


def new_control_token(host: str) -> str | None:
    """A token for the control plane if other machines can reach it, else None."""
    return None if host in _LOOPBACK else token_urlsafe(16)


def ready_object(listener: socket.socket, host: str, token: str | None, *, is_tls: bool = False) -> Mapping[str, Any]:
    """The ready object: what a program needs to use the mock."""
    reachable = _FOR_CLIENTS.get(host, host)
    scheme = "https" if is_tls else "http"
    base_url = f"{scheme}://{f'[{reachable}]' if ':' in reachable else reachable}:{listener.getsockname()[1]}"
    return {
        "event": "ready",
        "base_url": base_url,
        "control_url": f"{base_url}/_mock",
        "control_token": token,
        "pid": os.getpid(),
    }


@contextmanager
def announced(text: str, ready: Mapping[str, Any], ready_file: Path | None) -> Iterator[None]:
    """Print `text` once, and keep the ready file until the end of the block. Raises `CannotServe`."""
    if ready_file is not None:
        write_whole(ready_file, f"{json.dumps(ready)}\n".encode())
    try:
        try:
            print(text, flush=True)
        except OSError as error:
            raise CannotServe(error.errno, f"cannot write to stdout: {error.strerror}.") from None
        yield
    finally:
        if ready_file is not None:
            ready_file.unlink(missing_ok=True)


def config_for(mock: Mock, tls: Tls | None = None) -> uvicorn.Config:
    """The settings of the server for any address. Raises `CannotServe` if the TLS files can't be used."""
    config = uvicorn.Config(
        mock,
        ssl_certfile=tls.certificate if tls else None,
        ssl_keyfile=tls.key if tls else None,
        log_config=None,
        access_log=False,
        proxy_headers=False,  # the mock does not use a client's address
        server_header=False,
        date_header=False,  # `http.date_header` adds the time of the workspace
        lifespan="on",
        http=HttpProtocol,
        ws="none",
        timeout_graceful_shutdown=5,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
    )
    try:
        config.load()
    except OSError as error:  # that of TLS is one
        raise CannotServe(error.errno, f"--tls-cert, --tls-key: {error.strerror or error}.") from None
    return config


def serve(config: uvicorn.Config, listeners: Sequence[socket.socket], announced: AbstractContextManager[None]) -> None:
    """Serve until SIGINT or SIGTERM, and finish the calls that run then. Raises `CannotServe`."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(message)s")
    server = _Server(config, announced)
    with ExitStack() as until_the_end, _signals_end_normally(), _collect_rarely():
        for listener in listeners:
            until_the_end.enter_context(listener)
        server.run(sockets=[*listeners])
    if server.failure is not None:
        raise server.failure


def write_whole(path: Path, content: bytes) -> None:
    """Write a file in one step: no reader sees a part of it. Raises `CannotServe`."""
    if path.exists() and not path.is_file():  # such as /dev/stdout, which a file would replace
        raise CannotServe(None, f"cannot write {path}: not a regular file.")
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        temporary.touch(0o600)  # it may contain keys
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise CannotServe(error.errno, f"cannot write {path}: {error.strerror}.") from None


@contextmanager
def stopped_with_stdin() -> Iterator[None]:
    """Stop as by a signal when stdin ends. The other end of it is open as long as the parent process lives."""

    stdin = sys.stdin.fileno()

    def wait() -> None:
        while os.read(stdin, 1):  # without the lock of `sys.stdin`, which this process needs to end
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    Thread(target=wait, daemon=True).start()
    yield


@contextmanager
def _signals_end_normally() -> Iterator[None]:
    """End the process normally at a signal. uvicorn stops at a signal and then raises it again."""

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
def _collect_rarely() -> Iterator[None]:
    """Let the cyclic collector ignore the objects of the start and run less often. Its pauses are the longest delays of
    a request.
    """
    thresholds = gc.get_threshold()
    gc.freeze()  # without a collection first, which would take longer than the rest of the start
    gc.set_threshold(50_000, 50, 100)
    gc.enable()  # `__main__` disabled it for the start
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()
