"""The backend over HTTP/1.1 with kept connections, and the gateway in front of it."""

import gzip
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Lock, Thread
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import orjson

from tracepass_contract.contract_tests.tests.independent.server.backend import Backend, Setup
from tracepass_contract.contract_tests.tests.independent.server.messages import Answered, Call, Refused
from tracepass_contract.contract_tests.tests.independent.server.plans import Space

_HOST = "127.0.0.1"
_PREFIX = ["api", "v1"]
_TOO_FAST = b"<html><head><title>429</title></head><body><center>Too Many Requests</center></body></html>"
_SMALL = 300  # bytes that are not worth compressing


@dataclass(frozen=True, slots=True)
class Gateway:
    """What stands before the backend: it refuses every so manieth call, and delays each."""

    refuses_every: int = 0
    delay_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Served:
    """A running server."""

    url: str
    backend: Backend


@contextmanager
def served(spaces: Sequence[Space], setup: Setup, gateway: Gateway) -> Iterator[Served]:
    with TemporaryDirectory() as folder:
        backend = Backend(Path(folder), spaces, setup)
        server = _Server(backend, gateway)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield Served(f"http://{_HOST}:{server.server_address[1]}", backend)
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
            backend.rows.close()


class _Server(ThreadingHTTPServer):
    """Threads serve the connections. `Gateway` counts the calls of all."""

    def __init__(self, backend: Backend, gateway: Gateway) -> None:
        super().__init__((_HOST, 0), _Handler)
        self.backend = backend
        self.gateway = gateway
        self._calls = count(1)
        self._lock = Lock()

    def lets_through(self) -> bool:
        Event().wait(self.gateway.delay_seconds)
        with self._lock:
            self.backend.operator.carry_out()
        every = self.gateway.refuses_every
        return not every or next(self._calls) % every > 0


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def finish(self) -> None:
        super().finish()
        self.server.backend.rows.close()

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if not self.server.lets_through():
            self._write(429, {"Server": "gateway", "Content-Type": "text/html"}, _TOO_FAST)
            return
        try:
            answered = self.server.backend.answer(self._call(body))
        except Refused as refused:
            answered = refused.answer
        except Exception as error:
            answered = Answered(500, {"error": f"{type(error).__name__}: {error}"})
        self._send(answered)

    do_POST = do_PATCH = do_PUT = do_DELETE = do_GET  # noqa: N815  named by the base class

    def _call(self, body: bytes) -> Call:
        parts = urlsplit(self.path)
        segments = [unquote(each) for each in parts.path.strip("/").split("/")]
        if segments[:2] != _PREFIX:
            raise Refused(404, "nothing is here")
        headers = {name.lower(): value for name, value in self.headers.items()}
        if headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        query = dict(parse_qsl(parts.query))
        return Call(self.command, segments[2:], query, headers, body, self.server.backend.operator.now())

    def _send(self, answered: Answered) -> None:
        body = orjson.dumps(answered.body)
        headers = {"content-type": "application/json", "vary": "accept-encoding", **answered.headers}
        if self.command == "GET" and answered.status == 200:
            headers["etag"] = f'W/"{hashlib.sha256(body).hexdigest()[:16]}"'
        if "gzip" in self.headers.get("accept-encoding", "") and len(body) > _SMALL:
            body, headers = gzip.compress(body, 1), {**headers, "CONTENT-ENCODING": "gzip"}
        self._write(answered.status, headers, body)

    def _write(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        named = {"dATE": self.date_time_string(), **headers}  # by the clock of the machine, which nobody sets
        lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
        head = f"HTTP/1.1 {status} As Asked\r\n{lines}content-length: {len(body)}\r\n\r\n"
        self.wfile.write(head.encode("latin-1") + body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  named by the base class
        """Nobody reads it."""
