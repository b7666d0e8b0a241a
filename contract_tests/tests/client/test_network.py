"""Networks as they are: an own authority, a client certificate, a proxy, a gateway that wants a header."""

import contextlib
import socket
import ssl
import threading
from base64 import b64encode
from pathlib import Path

import pytest

from tracepass_contract.contract_tests.client import access as network
from tracepass_contract.contract_tests.client.access import Access
from tracepass_contract.contract_tests.client.connection import Wire
from tracepass_contract.contract_tests.model.history import Lost
from tracepass_contract.contract_tests.model.history_lines import to_lines
from tracepass_contract.contract_tests.model.outcomes import BadDeployment
from tracepass_contract.contract_tests.tests.helpers.scripted_server import (
    CERTIFICATE,
    KEY,
    MAIN,
    READ,
    WRITE,
    serving,
    session_of,
)

OWN = Access(ca_file=CERTIFICATE)


def tls(*, wants_certificate: bool = False) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE, KEY)
    if wants_certificate:
        context.load_verify_locations(CERTIFICATE)
        context.verify_mode = ssl.CERT_REQUIRED
        context.maximum_version = ssl.TLSVersion.TLSv1_2  # where a client without one fails in the handshake
    return context


def status_from(url: str, access: Access) -> int | Lost | None:
    wire = Wire(url, access=access)
    answer = wire.send("GET", "/", {}, None, 5)
    wire.close()
    return answer.lost or answer.status


def test_an_own_authority_is_trusted_only_where_it_is_named() -> None:
    with serving(tls=tls()) as server:
        found = [status_from(server.url, each) for each in (OWN, Access(is_insecure=True), Access())]

    assert found == [200, 200, Lost.NEVER_SENT]


def test_ssl_cert_file_names_an_authority(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    network._trusted.cache_clear()
    try:
        with serving(tls=tls()) as server:
            assert status_from(server.url, Access()) == 200
    finally:
        network._trusted.cache_clear()


@pytest.mark.parametrize(("cert", "key"), [(None, None), (CERTIFICATE, KEY)])
def test_a_client_certificate_is_presented(cert: Path | None, key: Path | None) -> None:
    access = Access(ca_file=CERTIFICATE, client_cert=cert, client_key=key)
    with serving(tls=tls(wants_certificate=True)) as server:
        found = status_from(server.url, access)

    assert (found == 200) is (cert is not None)


@pytest.mark.parametrize("no_proxy", ["", "tracepass.test"])
def test_https_goes_through_the_proxy_of_the_environment(no_proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The proxy gets its password and the name of the host, never the key. `NO_PROXY` keeps it out."""
    heads: list[str] = []

    def proxy(listening: socket.socket) -> None:
        with contextlib.suppress(OSError), listening.accept()[0] as connection:
            heads.append(connection.recv(65536).decode())
            connection.sendall(b"HTTP/1.1 403 No\r\ncontent-length: 0\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        monkeypatch.setenv("https_proxy", f"http://user:p%40ss@127.0.0.1:{listening.getsockname()[1]}")
        monkeypatch.setenv("no_proxy", no_proxy)
        threading.Thread(target=proxy, args=(listening,), daemon=True).start()
        wire = Wire("https://tracepass.test")
        answer = wire.send("GET", "/", {"Authorization": "Bearer tp_first_key"}, None, 5)
        wire.close()

    assert answer.status is None
    if no_proxy:
        assert heads == []
        return
    [head] = heads
    assert head.startswith("CONNECT tracepass.test:443 HTTP/1.1\r\n")
    assert b64encode(b"user:p@ss").decode() in head
    assert "tp_first_key" not in head


def test_a_proxy_that_can_not_be_used_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "socks5://127.0.0.1:1")

    with pytest.raises(BadDeployment, match="socks5://"):
        Wire("https://tracepass.test")


def test_a_header_goes_with_each_call_and_its_value_is_nowhere() -> None:
    """Not even where the answer says it back, as text or in base64."""
    value = "Basic " + b64encode(b"gate:long-password").decode()
    echo = f"{value} long-password {b64encode(b'x:long-password').decode()}".encode()
    with serving((200, {"x-echo": value, "set-cookie": "id=secret-cookie"}, echo)) as server:
        session = session_of(server.url, access=Access(headers={"X-Gateway": value}))
        session.send(READ, MAIN)
        session.close()

    assert [asked["X-Gateway"] for asked in server.asked] == [value]
    written = to_lines(session.history).decode()
    assert '"X-Gateway":"[redacted]"' in written
    for secret in (value, "long-password", b64encode(b"long-password").decode()[:16], "secret-cookie"):
        assert secret not in written


def test_a_redirect_is_never_followed() -> None:
    with serving() as other, serving((307, {"location": other.url}, b"")) as server:
        session = session_of(server.url)
        exchange = session.send(WRITE, MAIN)
        session.close()

    assert (exchange.status, len(server.asked), other.asked) == (307, 1, [])
