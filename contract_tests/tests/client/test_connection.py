"""A call is sent once, whatever becomes of it."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import httpcore
import pytest

from tracepass_contract.contract_tests.client.api import Api, Batch
from tracepass_contract.contract_tests.client.connection import Wire
from tracepass_contract.contract_tests.client.known_passports import Pairs
from tracepass_contract.contract_tests.client.session import Credential, Session
from tracepass_contract.contract_tests.client.spend import FREE, Price, Purse
from tracepass_contract.contract_tests.model.history import Lost

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"


@pytest.fixture
def dropping() -> Iterator[tuple[str, list[bytes]]]:
    """A server that answers the first request of a connection, and drops the connection at the second."""
    requests: list[bytes] = []

    def talk(connection: socket.socket) -> None:
        with connection:
            for answer in (ANSWER, None):
                received = b""
                while b"\r\n\r\n" not in received:
                    more = connection.recv(65536)
                    if not more:
                        return
                    received += more
                requests.append(received)
                if answer is not None:
                    connection.sendall(answer)

    def serve() -> None:
        while True:
            try:
                talk(server.accept()[0])
            except OSError:
                return

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", requests


def test_a_keep_alive_connection_that_drops_is_a_lost_answer(dropping: tuple[str, list[bytes]]) -> None:
    url, requests = dropping
    wire = Wire(url)

    first = wire.send("POST", "/1", {}, b"{}", 5)
    second = wire.send("POST", "/2", {}, b"{}", 5)
    wire.close()

    assert (first.status, first.lost) == (200, None)
    assert (second.status, second.lost) == (None, Lost.CONNECTION)
    assert [request.split(b" ")[1] for request in requests] == [b"/1", b"/2"]


def test_a_client_that_disconnects_reads_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even one that is there at once: how many calls a run sends must not depend on who was faster."""
    monkeypatch.setattr(httpcore.ConnectionPool, "handle_request", lambda *_: httpcore.Response(200))
    wire = Wire("http://127.0.0.1:9", disconnects=True)

    answer = wire.send("POST", "/1", {}, b"{}", 5)
    wire.close()

    assert (answer.status, answer.lost) == (None, Lost.CONNECTION)


@pytest.mark.parametrize("scheme", ["http://", ""])
def test_a_proxy_of_the_environment_is_used_except_for_this_machine(
    dropping: tuple[str, list[bytes]], scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, requests = dropping
    monkeypatch.setenv("http_proxy", scheme + url.removeprefix("http://"))
    for base_url in ("http://tracepass.test", "http://127.0.0.1:9"):
        wire = Wire(base_url)
        wire.send("GET", "/1", {}, None, 5)
        wire.close()

    assert [request.split(b"\r\n")[0] for request in requests] == [b"GET http://tracepass.test/1 HTTP/1.1"]


def test_no_call_of_a_race_is_complete_before_all_are_under_way() -> None:
    """A server that reads nothing after the first bytes of three calls has all of them but one byte each."""
    body, paths = b'{"passports": []}', ("/1", "/2", "/3")
    race = Barrier(len(paths))
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(len(paths)) as pool:
        wires = [Wire(f"http://127.0.0.1:{server.getsockname()[1]}", race=race) for _ in paths]
        first = pool.submit(wires[0].send, "POST", paths[0], {}, body, 5)
        alone = server.accept()[0]
        received = received_until(alone, body[:-1])
        alone.setblocking(False)
        with pytest.raises(BlockingIOError):
            alone.recv(1)

        others = [
            pool.submit(wire.send, "POST", path, {}, body, 5) for wire, path in zip(wires[1:], paths[1:], strict=True)
        ]
        alone.setblocking(True)
        connections = [alone, *(server.accept()[0] for _ in others)]
        for connection in connections:
            received_until(connection, body[-1:])
            connection.sendall(ANSWER)
        answers = [call.result() for call in (first, *others)]
        for connection in connections:
            connection.close()
        for wire in wires:
            wire.close()

    assert b"content-length: 17" in received.lower()
    assert [answer.status for answer in answers] == [200] * len(paths)


def test_a_race_goes_on_without_a_call_that_could_not_be_sent(dropping: tuple[str, list[bytes]]) -> None:
    url, _ = dropping
    race = Barrier(2)
    wires = [Wire(base_url, race=race) for base_url in (url, "http://127.0.0.1:1")]
    with ThreadPoolExecutor(len(wires)) as pool:
        answers = list(pool.map(lambda wire: wire.send("POST", "/1", {}, b"{}", 60), wires))
    for wire in wires:
        wire.close()

    assert [answer.lost for answer in answers] == [None, Lost.NEVER_SENT]


def received_until(connection: socket.socket, end: bytes) -> bytes:
    received = b""
    while not received.endswith(end):
        received += connection.recv(65536)
    return received


def test_what_a_lost_call_may_have_taken_is_not_to_be_had_and_it_stands_in_the_history(
    dropping: tuple[str, list[bytes]],
) -> None:
    url, requests = dropping
    session = Session(url, Purse(), call_seconds=5, time_limit_seconds=60)
    api = Api(session, Credential("key", "main", "tp_secret"), Pairs())
    batch = Batch([{"productId": "p", "gs1": {"gtin": "g", "serialNumber": "s"}}] * 2)

    for _ in range(2):
        api.send(batch)
    session.close()

    assert len(requests) == 2
    assert [each.lost for each in session.history.exchanges] == [None, Lost.CONNECTION]
    purse = session.purse
    assert (purse.taken, purse.unsure, purse.held) == (FREE, Price(4, 2), Price(4, 2))


def test_the_key_is_recorded_nowhere(dropping: tuple[str, list[bytes]]) -> None:
    url, requests = dropping
    session = Session(url, Purse(), call_seconds=5, time_limit_seconds=60)
    session.keep_secret("tp_secret")

    Api(session, Credential("key", "main", "tp_secret"), Pairs()).send(Batch(headers={"X-Note": "tp_secret"}))
    session.close()

    assert b"Bearer tp_secret" in requests[0]
    assert "tp_secret" not in repr(session.history)


def test_where_nobody_listens_nothing_was_sent() -> None:
    assert Wire("http://127.0.0.1:9").send("POST", "/", {}, b"{}", 5).lost is Lost.NEVER_SENT


def test_a_server_that_drips_its_header_is_given_up() -> None:
    """No byte is late, but the header does not end. The read timeout alone would wait for ever."""
    ended = threading.Event()

    def drip(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nx: ")
            while not ended.wait(0.05):
                connection.sendall(b"x")

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=lambda: drip(server.accept()[0]), daemon=True).start()
        wire = Wire(f"http://127.0.0.1:{server.getsockname()[1]}")

        answer = wire.send("GET", "/", {}, None, 0.4)
        ended.set()
        wire.close()

    assert answer.lost is Lost.TIMEOUT
