"""Bytes that are not a request, and requests that end too soon: the answer names what is wrong. Nothing is lost."""

import socket
from collections.abc import Iterator

import httptools
import httpx
import pytest

from tracepass_contract.mockserver.cli.bad_requests import of_parser
from tracepass_contract.mockserver.tests.commandline import Running, running
from tracepass_contract.mockserver.tests.test_http_protocol import ACCOUNT, BATCH, answer, batch, connected, request

CHUNKED = "Transfer-Encoding: chunked\r\n"
GET = b"GET /api/v1/passports HTTP/1.1\r\n"
LINE_END = "line: expected CR LF (\\r\\n) at its end, found another end"
LENGTH = "Content-Length: expected a number of bytes, found another value"
HEADER = "header: expected name: value, without control characters, found another form"
METHOD = "method: expected one of HTTP in capitals, such as POST, found "
TARGET = "target: expected a path or a URL in ASCII, with other characters as %XX, found another character or form"
VERSION = "version: expected HTTP/1.1, found another"
CHUNKS = "body: expected chunks: a size in hexadecimal digits, CR LF, as many bytes, CR LF, found other bytes"
WRONG = [
    (b"hello\r\n\r\n", METHOD + "hello"),
    (b"post / HTTP/1.1\r\n\r\n", METHOD + "post"),
    (b"SSH-2.0-OpenSSH_9.2p1 Debian\r\n", METHOD + "SSH-2.0-OpenSSH_9.2p"),
    (b"\x80\x2e\x01\x00\x02", METHOD + "other bytes"),
    (b"CONNECT a:443 HTTP/1.1\r\n\r\n", "method: expected a method of the API, found CONNECT, which is for proxies"),
    (b"GET / HTTP/1.2\r\n\r\n", VERSION),
    (b"GET / HTTP/3\r\n\r\n", VERSION),
    (
        b"GET /a b HTTP/1.1\r\n\r\n",
        "request line: expected METHOD TARGET HTTP/1.1, found a space in the target, or another protocol",
    ),
    ("GET /é HTTP/1.1\r\n\r\n".encode(), TARGET),
    (b"GET http://x:99999999/ HTTP/1.1\r\nHost: x\r\n\r\n", TARGET),
    (b"GET / HTTP/1.1\nHost: x\n\n", LINE_END),
    (GET + b"X: a\rb\r\n\r\n", LINE_END),
    (GET + b"X: a\r\n b\r\n\r\n", "header: expected all of it in one line, found a line that begins with a space"),
    (GET + b"X\r\n\r\n", HEADER),
    (GET + b"X: a\0b\r\n\r\n", HEADER),
    (GET + b"Content-Length: -5\r\n\r\n", LENGTH),
    (GET + b"Content-Length:\r\n\r\n", LENGTH),
    (
        GET + b"Content-Length: 1\r\nContent-Length: 1\r\n\r\n",
        "Content-Length: expected the header once, found 2 times",
    ),
    (
        GET + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "Content-Length: expected it or Transfer-Encoding, found both",
    ),
    (
        GET + b"Transfer-Encoding: identity\r\n\r\n",
        "Transfer-Encoding: expected chunked as the last coding, found another",
    ),
    (GET + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", CHUNKS),
    (GET + b"Transfer-Encoding: chunked\r\n\r\n2\n{}\n", CHUNKS),
]


@pytest.fixture(scope="module")
def mock() -> Iterator[Running]:
    with running("--port", "0") as mock:
        yield mock


@pytest.fixture
def connection(mock: Running) -> Iterator[socket.socket]:
    with connected(mock) as connection:
        yield connection


@pytest.mark.parametrize(("sent", "said"), WRONG)
def test_an_answer_to_bytes_that_are_not_a_request_names_what_is_wrong(
    connection: socket.socket, sent: bytes, said: str
) -> None:
    connection.sendall(sent)

    status, body = answer(connection)
    (problem,) = body["details"]["problems"]

    assert (status, body["error"], body["message"]) == (400, "Bad Request", said)
    assert said == f"{problem['where']}: expected {problem['expected']}, found {problem['found']}"
    assert connection.recv(1) == b""


def test_a_client_that_begins_with_http_2_is_told_so_in_its_protocol(connection: socket.socket) -> None:
    """Settings, then the end of the connection with the code HTTP_1_1_REQUIRED (RFC 9113, 6.8 and 7)."""
    connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes.fromhex("000000040000000000"))

    with connection.makefile("rb") as frames:
        settings, goaway = frames.read(9), frames.read(9)
        payload = frames.read(int.from_bytes(goaway[:3]))
        rest = frames.read()

    assert (settings, goaway[3:], rest) == (b"\0\0\0\4\0\0\0\0\0", b"\7\0\0\0\0\0", b"")
    assert payload[:8] == b"\0\0\0\0\0\0\0\x0d"
    assert payload[8:] == b"version: expected HTTP/1.1, found HTTP/2. Turn off prior knowledge of HTTP/2 in the client"


def test_a_sentence_of_the_parser_that_is_not_known_is_not_shown() -> None:
    wrong = of_parser(httptools.HttpParserError("A sentence of a newer parser"), b"", is_first=True)

    assert wrong.message == "request: expected HTTP/1.1, found other bytes"


def test_a_call_with_bytes_after_its_body_gets_its_answer() -> None:
    """What follows is not a request, and perhaps the Content-Length is too small. The call is executed all the same."""
    with running("--port", "0") as mock:
        with connected(mock) as connection:
            connection.sendall(request(BATCH, batch("more-1")) + b"}}")
            connection.sendall(b"}" * 100_000)
            assert answer(connection)[0] == 200
            assert connection.recv(1) == b""
        with connected(mock) as connection:
            connection.sendall(request(BATCH, batch("more-2")))
            assert answer(connection)[0] == 200
            connection.sendall(b"}}")
            assert answer(connection)[1]["message"] == (
                "request: expected the next one, found other bytes. Is the Content-Length of the one before too small?"
            )
        _, _, log = mock.stop(15)

    assert not [word for word in ("Traceback", "ERROR", "bug") if word in log]


def test_a_method_in_small_letters_is_named_after_another_call_too(connection: socket.socket) -> None:
    """`fetch` sends "patch" as it is written, and connections are shared."""
    connection.sendall(request("/api/v1/passports", b"", method="GET"))
    assert answer(connection)[0] == 200

    connection.sendall(request("/api/v1/passports/x/fields/y", b"{}", method="patch"))

    assert answer(connection)[1]["message"] == METHOD + "patch"


def test_a_chunk_that_is_wrong_after_an_early_refusal_ends_the_connection(connection: socket.socket) -> None:
    head, _, _ = request("/api/v1/nothing", b"", CHUNKED).partition(b"Content-Length")
    connection.sendall(head + b"\r\n")
    assert answer(connection)[0] == 404

    connection.sendall(b"zz\r\n")

    assert connection.recv(1) == b""


def test_a_trailer_is_no_header(connection: socket.socket) -> None:
    """It comes after the body, and replaces no header and adds none (RFC 9110, 6.5.1)."""
    head, _, _ = request(BATCH, b"", CHUNKED).partition(b"Content-Length")
    body = batch("trailer")
    trailer = b"Authorization: Bearer no\r\nContent-Type: text/plain\r\n"
    connection.sendall(head + b"\r\n%x\r\n%b\r\n0\r\n%b\r\n" % (len(body), body, trailer))

    assert answer(connection)[1]["summary"]["created"] == 1


@pytest.mark.parametrize("fault", [None, "commit", "answer", "slow-body"])
def test_a_client_that_sends_no_more_gets_its_answer(mock: Running, fault: str | None) -> None:
    """As `nc -N` does at the end of its input. The answer is the last one."""
    faults = f"{mock.ready['control_url']}/workspaces/{ACCOUNT.name}/faults"
    if fault:
        delay = {"kind": "delay", "before": fault} if fault != "slow-body" else {"kind": fault}
        httpx.post(faults, json={**delay, "seconds": 0.1}).raise_for_status()
    with connected(mock) as connection:
        connection.sendall(request(BATCH, batch(f"no-more-{fault}")))
        connection.shutdown(socket.SHUT_WR)

        assert answer(connection)[1]["summary"]["created"] == 1
        assert connection.recv(1) == b""


def test_each_call_of_a_client_that_sends_no_more_is_answered(connection: socket.socket) -> None:
    connection.sendall(request(BATCH, batch("all-1")) + request(BATCH, batch("all-2")))
    connection.shutdown(socket.SHUT_WR)

    assert [answer(connection)[0] for _ in range(2)] == [200, 200]
    assert connection.recv(1) == b""


@pytest.mark.parametrize("part", ["headers", "body"])
def test_a_request_that_ends_too_soon_is_refused_in_words(connection: socket.socket, part: str) -> None:
    whole = request(BATCH, batch("too-soon"))
    connection.sendall(whole[:40] if part == "headers" else whole[:-5])
    connection.shutdown(socket.SHUT_WR)

    status, body = answer(connection)

    assert (status, body["message"].partition(". ")[0]) == (
        400,
        f"{part}: expected all of it, found the end of what the client sends",
    )
    assert connection.recv(1) == b""


def test_a_client_that_sends_nothing_or_no_more_after_a_refusal_is_left_alone(mock: Running) -> None:
    for sent in (b"", b"hello\r\n\r\n"):
        with connected(mock) as connection:
            connection.sendall(sent)
            if sent:
                assert answer(connection)[0] == 400
            connection.shutdown(socket.SHUT_WR)
            assert connection.recv(1) == b""


def test_a_stream_of_events_ends_with_its_follower(connection: socket.socket) -> None:
    connection.sendall(b"GET /_mock/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
    received = b""
    while b"event: ready" not in received:
        received += connection.recv(1000)

    connection.shutdown(socket.SHUT_WR)

    assert b"" in [connection.recv(1000) for _ in range(2)]
