"""A call is sent once, whatever becomes of it."""

import socket
import threading
from collections.abc import Iterator

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
