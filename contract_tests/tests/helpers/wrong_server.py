"""Wrong servers: a proxy before a mock, which changes what is asked or answered on the way through."""

import http.client
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import orjson

_HOP = frozenset({"connection", "content-length", "date", "host", "server", "transfer-encoding"})


@dataclass(frozen=True)
class Request:
    """A call on its way to the mock. Names of headers are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return None

    @property
    def is_batch(self) -> bool:
        return self.path.endswith("/passports/batch")

    @property
    def is_in_api(self) -> bool:
        return self.path.startswith("/api/v1/") or self.is_for_document

    @property
    def is_for_document(self) -> bool:
        return self.path == "/openapi.json"

    def without(self, header: str) -> "Request":
        return replace(self, headers={name: value for name, value in self.headers.items() if name != header})

    def with_header(self, header: str, value: str) -> "Request":
        return replace(self, headers={**self.headers, header: value})

    def with_json(self, value: Any) -> "Request":
        return replace(self, body=orjson.dumps(value))


@dataclass(frozen=True)
class Answered:
    """An answer on its way back. A `cut` one breaks off the connection instead."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    cut: bool = False

    @property
    def json(self) -> Any:
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return None

    def with_json(self, value: Any) -> "Answered":
        return replace(self, body=orjson.dumps(value))


Ask = Callable[[Request], Answered]
Behaviour = Callable[[Request, Ask], Answered]


@contextmanager
def in_front_of(
    base_url: str, behaviour: Behaviour, *, beside: bool = False, tls: ssl.SSLContext | None = None
) -> Iterator[str]:
    """The URL of a server that asks the mock, and does otherwise as the behaviour says: for batches, or beside them."""
    host = urlsplit(base_url).netloc
    of_thread = threading.local()

    def ask(request: Request) -> Answered:
        connection = of_thread.connection
        connection.request(request.method, request.path, request.body or None, dict(request.headers))
        response = connection.getresponse()
        headers = {name.lower(): value for name, value in response.getheaders() if name.lower() not in _HOP}
        return Answered(response.status, headers, response.read())

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def handle(self) -> None:
            """A connection to the mock for each connection of the client."""
            with closing(http.client.HTTPConnection(host, timeout=60)) as of_thread.connection:
                super().handle()

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except (ConnectionError, TimeoutError):
                self.close_connection = True

        def do_GET(self) -> None:
            length = int(self.headers.get("content-length", 0))
            headers = {name.lower(): value for name, value in self.headers.items() if name.lower() not in _HOP}
            request = Request(self.command, self.path, headers, self.rfile.read(length))
            answered = behaviour(request, ask) if request.is_in_api and request.is_batch is not beside else ask(request)
            if answered.cut:
                self.close_connection = True
                return
            content = b"HTTP/1.1 %d X\r\n" % answered.status
            for name, value in {**answered.headers, "content-length": str(len(answered.body))}.items():
                content += f"{name}: {value}\r\n".encode("latin-1")
            self.wfile.write(content + b"\r\n" + answered.body)

        do_POST = do_PATCH = do_PUT = do_DELETE = do_GET  # noqa: N815  named by the base class

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  likewise
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
