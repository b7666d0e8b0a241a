"""HTTP as clients speak it, over a socket: offers to upgrade, compressed bodies, large headers, other bytes."""

import gzip
import json
import socket
import struct
import zlib
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tracepass_contract.fixtures import accounts
from tracepass_contract.mockserver.tests.commandline import TIMEOUT_SECONDS, Running, running

ACCOUNT = accounts()[0]
JAVA = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAA\r\n"
OFFERS = [
    JAVA,
    "Connection: upgrade\r\nUpgrade: TLS/1.2\r\n",
    "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n",
]
BATCH = "/api/v1/passports/batch"


@pytest.fixture(scope="module")
def mock() -> Iterator[Running]:
    with running("--port", "0") as mock:
        yield mock


@pytest.fixture
def connection(mock: Running) -> Iterator[socket.socket]:
    with connected(mock) as connection:
        yield connection


def connected(mock: Running) -> socket.socket:
    host, port = mock.ready["base_url"].removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=TIMEOUT_SECONDS)


def batch(serial_number: str) -> bytes:
    gs1 = {"gtin": ACCOUNT.gtin, "serialNumber": serial_number}
    return json.dumps({"passports": [{"productId": ACCOUNT.product_id, "gs1": gs1}]}).encode()


def request(path: str, body: bytes, headers: str = "", method: str = "POST") -> bytes:
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{headers}Authorization: Bearer {ACCOUNT.api_key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def answer(connection: socket.socket) -> tuple[int, Any]:
    """The next answer on this connection: its status, and its body as JSON."""
    with connection.makefile("rb", buffering=0) as lines:  # leaves the next answer where it is
        status, length = int(lines.readline().split()[1]), 0
        while header := lines.readline().strip():
            name, _, value = header.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        body = b""
        while len(body) < length:
            body += lines.read(length - len(body)) or b""
        return status, json.loads(body)


@pytest.mark.parametrize("offer", OFFERS)
def test_an_offer_to_upgrade_is_ignored_and_the_call_is_served(connection: socket.socket, offer: str) -> None:
    """With its whole body, and the connection goes on."""
    for serial_number in (f"{OFFERS.index(offer)}-1", f"{OFFERS.index(offer)}-2"):
        connection.sendall(request(BATCH, batch(serial_number), offer))

        status, body = answer(connection)

        assert (status, body["summary"]) == (200, {"created": 1, "errors": 0, "total": 1})


@pytest.mark.parametrize("size", [1, 7, 64])
def test_an_offer_that_comes_in_pieces_is_ignored(mock: Running, size: int) -> None:
    sent = request(BATCH, batch(f"pieces-{size}"), JAVA)
    with connected(mock) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for at in range(0, len(sent), size):
            connection.sendall(sent[at : at + size])

        status, body = answer(connection)

    assert (status, body["summary"]["created"]) == (200, 1)


def test_an_offer_without_a_body_and_one_to_the_control_plane_are_ignored(connection: socket.socket) -> None:
    connection.sendall(request("/api/v1/passports", b"", JAVA, method="GET"))
    listed, _ = answer(connection)
    connection.sendall(request("/_mock/workspaces", b'{"plan": "free"}', JAVA))
    created, workspace = answer(connection)

    assert (listed, created) == (200, 201)
    assert workspace["plan"] == "free"


def test_calls_after_an_offer_in_the_same_packet_are_read(connection: socket.socket) -> None:
    connection.sendall(request(BATCH, batch("pipelined-1"), JAVA) + request(BATCH, batch("pipelined-2"), JAVA))

    assert [answer(connection)[1]["summary"]["created"] for _ in range(2)] == [1, 1]


@pytest.mark.parametrize("coding", ["gzip", "GZIP", "x-gzip", "deflate"])
def test_a_compressed_body_is_unpacked(connection: socket.socket, coding: str) -> None:
    pack = zlib.compress if coding == "deflate" else gzip.compress
    packed = pack(batch(f"packed-{coding}"))
    connection.sendall(request(BATCH, packed, f"Content-Encoding: {coding}\r\n"))

    status, body = answer(connection)

    assert (status, body["summary"]["created"]) == (200, 1)


@pytest.mark.parametrize(
    ("coding", "body", "status", "said"),
    [
        ("br", b"{}", 415, "Content-Encoding: expected gzip, deflate or identity, found br"),
        ("gzip, gzip", b"{}", 415, "Content-Encoding: expected gzip, deflate or identity, found gzip, gzip"),
        ("gzip", b"{}", 400, "body: expected gzip, as Content-Encoding says, found other bytes"),
        ("Deflate", b"{}", 400, "body: expected deflate, as Content-Encoding says, found other bytes"),
        ("gzip", gzip.compress(b"{}")[:-1], 400, "body: expected gzip, as Content-Encoding says, found a part of it"),
        ("gzip", gzip.compress(b"{}") * 2, 400, "body: expected gzip, as Content-Encoding says, found a part of it"),
        ("gzip", gzip.compress(b" " * 2_000_000), 413, "body: expected at most"),
    ],
    ids=["unknown", "twice", "other bytes", "other bytes for deflate", "a part", "two members", "large"],
)
def test_a_coding_that_cannot_be_unpacked_is_named(
    connection: socket.socket, coding: str, body: bytes, status: int, said: str
) -> None:
    connection.sendall(request(BATCH, body, f"Content-Encoding: {coding}\r\n"))

    refused, answered = answer(connection)

    assert (refused, answered["message"][: len(said)]) == (status, said)


@pytest.mark.parametrize(
    "headers",
    ["X-Large: " + "x" * 100_000 + "\r\n", "".join(f"X-{n}: 1\r\n" for n in range(201))],
    ids=["size", "count"],
)
def test_a_header_section_over_the_limit_is_refused(connection: socket.socket, headers: str) -> None:
    connection.sendall(request("/api/v1/passports", b"", headers, method="GET"))

    status, body = answer(connection)

    assert (status, body["error"]) == (431, "Request Header Fields Too Large")
    assert body["message"] == "headers: expected at most 200 headers in 65,536 bytes, found more"


@pytest.mark.parametrize("length", [40_000, 66_000, 100_000])
def test_a_target_that_is_too_long_is_named(connection: socket.socket, length: int) -> None:
    connection.sendall(request(f"/api/v1/passports?search={'x' * length}", b"", method="GET"))

    status, body = answer(connection)

    assert (status, body.get("message")) == (
        (414, "target: expected at most 32,768 bytes, found more") if length > 65_536 else (200, None)
    )


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("http://elsewhere.example", 403),
        ("http://elsewhere.example:80", 403),
        ("http://127.0.0.1:4747", 200),
        ("http://[::1]:4747", 200),
    ],
)
def test_the_host_of_an_absolute_target_counts_and_not_the_header(
    connection: socket.socket, target: str, status: int
) -> None:
    """A page cannot reach the control plane by a name that it controls and a `Host` that it does not."""
    connection.sendall(f"GET {target}/_mock/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())

    assert answer(connection)[0] == status


@pytest.mark.parametrize(
    ("headers", "status"), [("", 200), ("Origin: http://elsewhere.example\r\n", 403), ("Host:\r\n", 403)]
)
def test_a_health_check_of_http_1_0_has_no_host(connection: socket.socket, headers: str, status: int) -> None:
    """A load balancer sends it. A browser always sends a `Host`."""
    connection.sendall(f"GET /_mock/health HTTP/1.0\r\n{headers}\r\n".encode())

    assert answer(connection)[0] == status


def test_a_target_without_a_host_is_read_as_before(connection: socket.socket) -> None:
    connection.sendall(b"OPTIONS * HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")

    assert answer(connection)[0] in {400, 404, 405}


def test_a_header_section_that_never_ends_is_refused(connection: socket.socket) -> None:
    connection.sendall(b"GET / HTTP/1.1\r\nX-Endless: ")
    connection.sendall(b"x" * 70_000)

    assert answer(connection)[0] == 431


def test_a_client_that_speaks_tls_finds_a_hint_in_the_log() -> None:
    with running("--port", "0") as mock:
        with connected(mock) as connection:
            connection.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
            assert connection.recv(1) == b""
        _, _, log = mock.stop(15)

    assert "A client speaks TLS to this port, which serves http." in log


LARGE = b"[" + b" " * 3_000_000 + b"]"
REFUSED_EARLY = [(BATCH, "", 413), (BATCH, "Authorization: Bearer no\r\n", 401), ("/api/v1/nothing", "", 404)]


@pytest.mark.parametrize("connection_header", ["", "Connection: close\r\n"], ids=["keep-alive", "close"])
@pytest.mark.parametrize(("path", "headers", "status"), REFUSED_EARLY)
def test_an_early_refusal_can_be_read_after_a_large_upload(
    mock: Running, path: str, headers: str, status: int, connection_header: str
) -> None:
    """The sender reads when it has sent all of it. A connection that stays serves the next call."""
    with connected(mock) as connection:
        connection.sendall(request(path, LARGE, headers + connection_header))
        assert answer(connection)[0] == status
        if connection_header:
            assert connection.recv(1) == b""
        else:
            connection.sendall(request("/api/v1/passports", b"", method="GET"))
            assert answer(connection)[0] == 200


def test_a_sender_that_waits_for_leave_and_is_refused_may_leave_its_body_out(connection: socket.socket) -> None:
    head, _, _ = request(BATCH, LARGE, "Expect: 100-continue\r\n").partition(b"\r\n\r\n")
    connection.sendall(head + b"\r\n\r\n")

    assert answer(connection)[0] == 413
    assert connection.recv(1) == b""


def test_bytes_after_a_refused_beginning_are_dropped(connection: socket.socket) -> None:
    connection.sendall(b"hello\r\n\r\n")
    connection.sendall(LARGE)

    assert answer(connection)[0] == 400
    assert connection.recv(1) == b""


@pytest.mark.parametrize("connection_header", ["", "Connection: close\r\n"], ids=["keep-alive", "close"])
def test_an_upload_without_end_is_cut_off_after_its_refusal(mock: Running, connection_header: str) -> None:
    with connected(mock) as connection:
        head, _, _ = request("/api/v1/nothing", b"", connection_header).partition(b"Content-Length")
        connection.sendall(head + b"Content-Length: 1000000000000\r\n\r\n")
        assert answer(connection)[0] == 404

        with pytest.raises(ConnectionError):  # noqa: PT012  how much is sent before is not said
            for _ in range(200):
                connection.sendall(LARGE)


def test_a_client_that_goes_away_leaves_no_word_of_a_bug() -> None:
    """In the middle of its head, of its body, of a wait, and of a slow answer; with an end, and with a reset."""
    whole = request(BATCH, batch("gone"))
    with running("--port", "0") as mock:
        faults = f"{mock.ready['control_url']}/workspaces/{ACCOUNT.name}/faults"
        for sent, fault in (
            (whole[:40], None),
            (whole[:-5], None),
            (request("/api/v1/nothing", LARGE)[:2_000_000], None),
            (whole, {"kind": "delay", "seconds": 0.2}),
            (whole, {"kind": "delay", "seconds": 0.2, "before": "answer"}),
            (whole, {"kind": "slow-body", "seconds": 0.2}),
        ):
            for lingers in (struct.pack("ii", 0, 0), struct.pack("ii", 1, 0)):
                if fault:
                    httpx.post(faults, json=fault).raise_for_status()
                with connected(mock) as connection:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, lingers)
                    connection.sendall(sent)
                    while not all(each["consumed"] for each in httpx.get(faults).json()["faults"]):
                        pass  # until the call is there
        _, _, log = mock.stop(15)

    assert not [word for word in ("Traceback", "ERROR", "bug") if word in log]
