"""Networks as they are: a gateway that wants a header, an own authority, a proxy, a rate, a key that expires."""

import contextlib
import socket
import ssl
import sys
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tracepass_contract.contract_tests.client import access as network
from tracepass_contract.contract_tests.client.access import Access
from tracepass_contract.contract_tests.client.connection import Wire
from tracepass_contract.contract_tests.client.session import Credential, Outgoing, Session
from tracepass_contract.contract_tests.client.spend import Purse
from tracepass_contract.contract_tests.model import clock
from tracepass_contract.contract_tests.model.history import BATCH, Lost
from tracepass_contract.contract_tests.model.history_lines import to_lines
from tracepass_contract.contract_tests.model.outcomes import BadDeployment, Inconclusive
from tracepass_contract.contract_tests.target.control_plane import ControlPlane
from tracepass_contract.contract_tests.target.deployment import Deployment, FromVariable, check_url, load_deployment
from tracepass_contract.contract_tests.target.reaching import access_of, key_from_command, notes_on
from tracepass_contract.contract_tests.tests.helpers.command import at_once

TLS = Path(__file__).resolve().parents[3] / "mockserver/tests/tls"
CERTIFICATE, KEY = TLS / "certificate.pem", TLS / "key.pem"
OWN = Access(ca_file=CERTIFICATE)
Answer = tuple[int, dict[str, str], bytes]
OK: Answer = (200, {"content-type": "application/json"}, b'{"results": []}')
LIMITED: Answer = (429, {"retry-after": "7"}, b"slow down")
MAINTAINED: Answer = (503, {"retry-after": "7"}, b"")
REFUSED: Answer = (401, {"content-type": "application/json"}, b'{"error": "Unauthorized"}')
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


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long the suite slept. No time passes otherwise."""
    now, slept = [1000.0], list[float]()

    def sleep(seconds: float) -> None:
        slept.append(round(seconds, 3))
        now[0] += seconds

    monkeypatch.setattr(clock, "monotonic", lambda: now[0])
    monkeypatch.setattr(clock, "sleep", sleep)
    return slept


def session_of(url: str, *, seconds: float = 60, access: Access = network.ANYWHERE) -> Session:
    return Session(url, Purse(), call_seconds=5, time_limit_seconds=seconds, access=access)


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


def test_the_rate_also_holds_for_the_control_plane(waits: list[float]) -> None:
    with serving() as server:
        control = ControlPlane(server.url, None, Access(requests_per_second=2))
        for _ in range(3):
            control.document()
        control.close()

    assert waits == [0.5, 0.5]


@pytest.mark.parametrize("status", [500, 503])
def test_a_control_plane_with_a_server_error_is_named(status: int) -> None:
    """Not only that the run has no key of the workspace, which it would not need."""
    with serving((status, {}, b"out of order")) as server:
        done = at_once("run", server.url)

    assert done.code == 2
    assert "no API key: set the environment variable TRACEPASS_CHECK_API_KEY" in done.stderr
    said = (
        f"the control plane {server.url}/_mock was not used: its health answered {status}, so the run needs a workspace"
    )
    assert said in done.stderr


def test_a_redirect_is_never_followed() -> None:
    with serving() as other, serving((307, {"location": other.url}, b"")) as server:
        session = session_of(server.url)
        exchange = session.send(WRITE, MAIN)
        session.close()

    assert (exchange.status, len(server.asked), other.asked) == (307, 1, [])


@pytest.mark.parametrize(
    ("call", "answers", "statuses", "waited"),
    [
        (WRITE, (LIMITED, OK), [429, 200], [7]),
        (WRITE, (LIMITED,), [429, 429, 429], [7, 7]),
        (READ, (MAINTAINED, OK), [503, 200], [7]),
        (WRITE, (MAINTAINED, OK), [503], []),  # it may have been executed
        (WRITE, ((429, {"retry-after": "100"}, b""), OK), [429], []),  # over the time limit
        (WRITE, ((429, {"retry-after": "7200"}, b""), OK), [429], []),  # as an API does whose day is not over
        (WRITE, ((429, {}, b""), OK), [429], []),
        (WRITE, ((200, {"retry-after": "7"}, b"{}"),), [200], []),
    ],
)
def test_a_gateway_that_asks_to_wait_is_obeyed(
    call: Outgoing, answers: tuple[Answer, ...], statuses: list[int], waited: list[float], waits: list[float]
) -> None:
    """Each answer is in the history. Only a call that was certainly not executed is sent again."""
    with serving(*answers) as server:
        session = session_of(server.url)
        last = session.send(call, MAIN)
        session.close()

    assert [each.status for each in session.history.exchanges] == statuses
    assert last.status == statuses[-1]
    assert waits == waited


def test_the_next_call_waits_where_a_call_can_not_be_sent_again(waits: list[float]) -> None:
    with serving(MAINTAINED, OK) as server:
        session = session_of(server.url)
        session.send(WRITE, MAIN)
        assert waits == []
        session.send(WRITE, MAIN)
        session.close()

    assert waits == [7]


def test_calls_keep_the_rate(waits: list[float]) -> None:
    with serving() as server:
        session = session_of(server.url, access=Access(requests_per_second=4))
        for _ in range(3):
            session.send(READ, MAIN)
        session.close()

    assert waits == [0.25, 0.25]


def test_no_call_is_sent_where_its_turn_comes_after_the_time_limit(waits: list[float]) -> None:
    with serving() as server:
        session = session_of(server.url, seconds=3, access=Access(requests_per_second=0.1))
        session.send(READ, MAIN)
        with pytest.raises(Inconclusive, match="time limit"):
            session.send(READ, MAIN)
        session.close()

    assert (len(server.asked), waits) == (1, [10])


@pytest.mark.parametrize(("new_key", "sent"), [("tp_second_key", 3), ("tp_first_key", 2)])
def test_after_a_401_the_command_is_asked_for_another_key(new_key: str, sent: int) -> None:
    """Where it has none, the call is not sent again. The new key is redacted, too."""
    with serving(REFUSED, (200, {"x-echo": new_key}, new_key.encode())) as server:
        session = session_of(server.url)
        session.renew_with("main-key-1", lambda: new_key)
        first = session.send(WRITE, MAIN)
        session.send(WRITE, MAIN)
        session.close()

    assert len(server.asked) == sent
    assert first.status == (200 if sent == 3 else 401)
    assert {asked["Authorization"] for asked in server.asked} == {"Bearer tp_first_key", f"Bearer {new_key}"}
    assert new_key == "tp_first_key" or new_key not in repr(session.history)


def test_another_key_than_the_first_is_not_renewed() -> None:
    with serving(REFUSED) as server:
        session = session_of(server.url)
        session.renew_with("main-key-1", lambda: "tp_second_key")
        session.send(WRITE, Credential("wrong", None, "tp_wrong_key"))
        session.close()

    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("import sys; sys.stderr.write('one\\nlog in\\x9b first\\n'); sys.exit(3)", "ended with 3"),
        ("import sys; sys.stderr.write('one\\nlog in first\\n'); sys.exit(3)", "said one / log in first"),
        ("pass", "printed nothing"),
        ("print('a\\nb')", "one line"),
    ],
)
def test_a_command_that_prints_no_key_is_explained(program: str, said: str) -> None:
    with pytest.raises(BadDeployment, match=said):
        key_from_command(Deployment(api_key_command=[sys.executable, "-S", "-c", program]))


def test_a_command_prints_the_key() -> None:
    assert key_from_command(Deployment(api_key_command=[sys.executable, "-S", "-c", "print('tp_key')"])) == "tp_key"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--header", "X-Gateway"), "no colon"),
        (("--header", "X Gateway: secret"), "token of HTTP"),
        (("--header", "authorization: secret"), "sets authorization itself"),
        (("--header", "X-Gateway: secret\nX: y"), "in one line"),
        (("--ca-file", __file__), "has no certificates in PEM"),
        (("--client-cert", str(CERTIFICATE)), "can't be used"),
        (("--client-key", str(KEY)), "--client-key needs --client-cert"),
        (("--ca-file", str(CERTIFICATE), "--insecure"), "no meaning with --insecure"),
        (("--requests-per-second", "0"), "--requests-per-second"),
        (("--api-key-command", "echo 'a"), "--api-key-command: No closing quotation"),
        (("--api-key-command", "echo a", "--api-key", "k"), "give one of --api-key and --api-key-command"),
    ],
)
def test_a_wrong_option_is_explained_before_anything_is_sent(given: tuple[str, ...], said: str) -> None:
    done = at_once("run", "http://127.0.0.1:9", *given)

    assert done.code == 2
    assert said in done.stderr
    assert "secret" not in done.stderr


def test_the_mock_that_a_run_starts_needs_no_network() -> None:
    assert "--header works only with a URL" in at_once("run", "--header", "X-Gateway: v").stderr


def test_the_variable_of_the_headers_has_one_in_each_line() -> None:
    done = at_once("run", "http://127.0.0.1:9", TRACEPASS_CHECK_HEADER="X-One: a b\nX-Two")

    assert "it has no colon" in done.stderr


@pytest.mark.parametrize("url", ["https://x.test/?key=secret", "https://x.test/api/v1#secret", "https://x.test?"])
def test_a_url_with_a_query_or_a_fragment_is_refused(url: str) -> None:
    with pytest.raises(BadDeployment, match="query") as refused:
        check_url(url)
    assert "secret" not in str(refused.value)


def test_the_deployment_file_says_how_it_is_reached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Options come first. A value of a header can be in a variable."""
    file = tmp_path / "deployment.toml"
    file.write_text(
        f'ca_file = "{CERTIFICATE}"\nrequests_per_second = 5\n'
        '[headers]\nX-Gateway = { env = "GATEWAY_TOKEN" }\nX-Tenant = "staging"\n'
    )
    monkeypatch.setenv("GATEWAY_TOKEN", "gateway-token")

    access = access_of({"header": ["x-tenant: other"], "requests_per_second": 2.5}, load_deployment(file))

    assert access == Access(
        headers={"X-Gateway": "gateway-token", "x-tenant": "other"}, ca_file=CERTIFICATE, requests_per_second=2.5
    )
    assert access.secrets == ["gateway-token"]


def test_a_variable_of_a_header_that_is_not_set_is_named() -> None:
    with pytest.raises(BadDeployment, match="NOT_SET_ANYWHERE"):
        access_of({}, Deployment(headers={"X": FromVariable("NOT_SET_ANYWHERE")}))


def test_a_run_that_checks_no_certificate_says_so() -> None:
    assert [*map(str, notes_on(Access()))] == []
    assert "--insecure" in notes_on(Access(is_insecure=True))[0]
