"""The mock on a real socket: requests come in pieces, break off, and follow each other on one connection."""

import json
import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn

from tracepass_contract.mockserver.http.call.document import BODY_BYTES_MAX
from tracepass_contract.mockserver.tests.client import BATCH, Client

HEAD = (
    f"POST {BATCH} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer tp_mock_unlimited\r\n"
    "Content-Type: application/json\r\n"
).encode()


class Served:
    """A mock behind uvicorn, and its answers to raw bytes."""

    def __init__(self, http: str) -> None:
        self.client = Client()
        self._listener = socket.create_server(("127.0.0.1", 0))
        config = uvicorn.Config(self.client.mock, http=http, log_config=None, lifespan="off")
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, args=([self._listener],))
        self.thread.start()
        while not self.server.started:
            time.sleep(0.01)

    def statuses(self, content: bytes, *, wanted: int) -> list[int]:
        """Send bytes. Return the statuses of this many answers, in order."""
        return [int(part[:3]) for part in self._exchange(content, wanted).split(b"HTTP/1.1 ")[1:]]

    def interrupt(self, content: bytes) -> None:
        """Send bytes, close the connection, and wait until the mock has noticed."""
        with socket.create_connection(self._listener.getsockname(), timeout=5) as connection:
            connection.sendall(content)
            connection.shutdown(socket.SHUT_WR)
            assert connection.recv(1000) == b""
        assert self.statuses(HEAD + b"Content-Length: 2\r\n\r\n{}", wanted=1) == [
            400
        ]  # the server has handled a later call

    def _exchange(self, content: bytes, wanted: int) -> bytes:
        with socket.create_connection(self._listener.getsockname(), timeout=5) as connection:
            connection.sendall(content)
            answer = b""
            while answer.count(b"HTTP/1.1 ") < wanted:
                answer += connection.recv(65_536)
            return answer

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join()


@pytest.fixture(params=["httptools", "h11"])
def served(request: pytest.FixtureRequest) -> Iterator[Served]:
    served = Served(request.param)
    yield served
    served.stop()


def body(client: Client, serial: str = "S-1") -> bytes:
    return json.dumps({"passports": [client.item(serial)]}).encode()


def chunked(content: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(content), content)


def with_length(content: bytes) -> bytes:
    return HEAD + b"Content-Length: %d\r\n\r\n" % len(content) + content


def test_a_body_in_chunks_is_a_body(served: Served) -> None:
    content = body(served.client)
    pieces = chunked(content[:20]) + chunked(content[20:]) + b"0\r\n\r\n"

    assert served.statuses(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + pieces, wanted=1) == [200]
    assert served.client.balances["stored"] == 1


def test_a_request_that_breaks_off_is_not_executed(served: Served) -> None:
    """The part that arrived is a complete batch in JSON. The rest of the request never comes."""
    content = body(served.client)

    served.interrupt(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(content))
    served.interrupt(HEAD + b"Content-Length: %d\r\n\r\n" % (len(content) + 1) + content)

    assert served.client.balances["writes"] == served.client.balances["stored"] == 0


@pytest.mark.parametrize("framing", ["length", "chunks"])
def test_a_body_over_the_limit_is_refused_and_the_connection_stays_in_step(served: Served, framing: str) -> None:
    """The next call on the same connection is handled as its own call."""
    large = b" " * (2 * BODY_BYTES_MAX)
    first = with_length(large)
    if framing == "chunks":
        first = HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(large) + b"0\r\n\r\n"

    assert served.statuses(first + with_length(body(served.client)), wanted=2) == [413, 200]
    assert served.client.balances["stored"] == 1


def test_an_unread_body_is_not_taken_for_the_next_call(served: Served) -> None:
    """The first call has no valid key, and its body looks like another call."""
    smuggled = with_length(body(served.client))
    first = HEAD.replace(b"tp_mock_unlimited", b"nobody") + b"Content-Length: %d\r\n\r\n" % len(smuggled) + smuggled

    assert served.statuses(first + with_length(b"{}"), wanted=2) == [401, 400]
    assert served.client.balances["stored"] == 0


def test_a_header_may_be_long_and_may_not_stand_twice(served: Served) -> None:
    content = body(served.client)
    length = b"Content-Length: %d\r\n\r\n" % len(content)

    assert served.statuses(HEAD + b"X-Source: " + b"x" * 10_000 + b"\r\n" + length + content, wanted=1) == [200]
    assert served.statuses(HEAD + b"Idempotency-Key: k\r\n" * 2 + length + content, wanted=1) == [400]
    assert served.client.balances["stored"] == 1
