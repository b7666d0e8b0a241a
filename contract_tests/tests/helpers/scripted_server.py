"""A server that gives planned answers and keeps what it was asked, and the calls and keys to ask it with."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tracepass_contract.contract_tests.client import access as network
from tracepass_contract.contract_tests.client.access import Access
from tracepass_contract.contract_tests.client.session import Credential, Outgoing, Session
from tracepass_contract.contract_tests.client.spend import Purse
from tracepass_contract.contract_tests.model.history import BATCH

TLS = Path(__file__).resolve().parents[3] / "mockserver/tests/tls"
CERTIFICATE, KEY = TLS / "certificate.pem", TLS / "key.pem"
Answer = tuple[int, dict[str, str], bytes]
OK: Answer = (200, {"content-type": "application/json"}, b'{"results": []}')
MAIN = Credential("main-key-1", "main", "tp_first_key")
WRITE, READ = Outgoing("POST", BATCH, body=b"{}"), Outgoing("GET", "/api/v1/passports/x")


class Asked(BaseHTTPRequestHandler):
    """Answers with what was planned, the last one again and again; keeps the headers of each request."""

    server: "Scripted"
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.asked.append(dict(self.headers.items()))
        self.rfile.read(int(self.headers.get("content-length", 0)))
        answers = self.server.answers
        status, headers, body = answers.pop(0) if len(answers) > 1 else answers[0]
        self.send_response(status)
        for name, value in {**headers, "content-length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815  named by the base class

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  likewise
        """Nobody reads it."""


class Scripted(ThreadingHTTPServer):
    def __init__(self, answers: tuple[Answer, ...], tls: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", 0), Asked)
        self.answers, self.asked = list(answers), list[dict[str, str]]()
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A handshake that failed."""


@contextmanager
def serving(*answers: Answer, tls: ssl.SSLContext | None = None) -> Iterator[Scripted]:
    server = Scripted(answers or (OK,), tls)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def session_of(url: str, *, seconds: float = 60, access: Access = network.ANYWHERE) -> Session:
    return Session(url, Purse(), call_seconds=5, time_limit_seconds=seconds, access=access)
