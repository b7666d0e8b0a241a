"""The server listens, announces itself, and stops."""

import errno
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest

from tracepass_contract.mockserver.app import create_app
from tracepass_contract.mockserver.cli import serving
from tracepass_contract.mockserver.cli.serving import (
    CannotServe,
    Tls,
    announced,
    bind,
    config_for,
    listen,
    ready_object,
    write_whole,
)
from tracepass_contract.mockserver.tests.commandline import TIMEOUT_SECONDS, Running, create_one, running

TLS = Path(__file__).with_name("tls")


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("localhost", "127.0.0.1"),
        ("0.0.0.0", "127.0.0.1"),
        ("::1", "[::1]"),
        ("::", "[::1]"),
    ],
)
def test_the_ready_object_names_an_address_that_a_client_can_use(host: str, shown: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ready = ready_object(listener, host, None)
        port = listener.getsockname()[1]

    assert ready["base_url"] == f"http://{shown}:{port}"
    assert ready["pid"] == os.getpid()


def test_a_socket_that_is_bound_takes_connections_at_once() -> None:
    with bind("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname(), timeout=30):
        pass


def test_localhost_is_both_loopback_addresses_with_one_port() -> None:
    """A client may try only one of them."""
    sockets = listen("localhost", 0)
    try:
        ports = {each.getsockname()[1] for each in sockets}
        for each in sockets:
            socket.create_connection(each.getsockname()[:2], timeout=TIMEOUT_SECONDS).close()
    finally:
        for each in sockets:
            each.close()

    assert len(ports) == 1
    assert {each.family for each in sockets} == {socket.AF_INET, *([socket.AF_INET6] if has_ipv6() else [])}


@pytest.mark.skipif("not has_ipv6()", reason="this machine has no IPv6 loopback address")
def test_a_port_that_another_program_has_on_one_loopback_address_is_taken() -> None:
    with bind("::1", 0) as other, pytest.raises(CannotServe, match="cannot listen on ::1 port"):
        listen("localhost", other.getsockname()[1])


@pytest.mark.parametrize("code", [errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT])
def test_a_machine_without_ipv6_has_one_loopback_address(code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def bound(host: str, port: int) -> socket.socket:
        if host == "::1":
            raise CannotServe(code, "no such address")
        return bind(host, port)

    monkeypatch.setattr(serving, "bind", bound)
    [only] = listen("localhost", 0)
    only.close()

    assert only.family == socket.AF_INET


def test_the_mock_stops_when_its_stdin_ends() -> None:
    """So it ends with the program that started it, even if that one was killed."""
    command = [sys.executable, "-m", "tracepass_contract.mockserver", "--port", "0", "--until-stdin-ends"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline()
        process.stdin.close()

        assert process.wait(TIMEOUT_SECONDS) == 0


def test_the_end_of_stdin_is_a_signal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not before, whatever comes from it."""
    sent: list[tuple[int, int]] = []
    ended = Event()
    reading, writing = os.pipe()

    def kill(process: int, number: int) -> None:
        sent.append((process, number))
        ended.set()

    monkeypatch.setattr(os, "kill", kill)
    with os.fdopen(reading, "rb") as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        with serving.stopped_with_stdin():
            os.write(writing, b"x")
            assert sent == []
            os.close(writing)
            assert ended.wait(TIMEOUT_SECONDS)

    assert sent == [(os.getpid(), signal.SIGTERM)]


def has_ipv6() -> bool:
    try:
        bind("::1", 0).close()
    except CannotServe:
        return False
    return True


def test_the_mock_serves_https() -> None:
    trusted = ssl.create_default_context(cafile=TLS / "certificate.pem")
    with running("--port", "0", "--tls-cert", str(TLS / "certificate.pem"), "--tls-key", str(TLS / "key.pem")) as mock:
        document = httpx.get(f"{mock.ready['base_url']}/openapi.json", verify=trusted).json()

        host, port = mock.ready["base_url"].removeprefix("https://").split(":")
        with trusted.wrap_socket(socket.create_connection((host, int(port)), 60), server_hostname=host) as connection:
            connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 200000\r\n\r\n")
            connection.sendall(b" " * 200_000)
            refused = connection.recv(12)

    assert refused == b"HTTP/1.1 405"  # though its sender had not finished
    assert mock.ready["base_url"].startswith("https://127.0.0.1:")
    assert document["servers"] == [{"url": f"{mock.ready['base_url']}/api/v1", "description": "This mock"}]


@pytest.mark.parametrize("name", ["key.pem", "none.pem"])
def test_a_file_that_is_no_certificate_is_an_error(name: str) -> None:
    with pytest.raises(CannotServe, match=r"^--tls-cert, --tls-key: "):
        config_for(create_app(), Tls(TLS / name, None))


def test_a_connection_may_be_idle_for_a_minute() -> None:
    """Clients pool connections, and a closed one is an error for them."""
    assert config_for(create_app()).timeout_keep_alive >= 75


def test_an_address_of_another_machine_is_an_error_without_advice_on_ports() -> None:
    """The address is reserved for documentation (RFC 5737)."""
    with pytest.raises(CannotServe, match=r"^cannot listen on 192\.0\.2\.1 port 4747: [A-Za-z ,']+\.$"):
        bind("192.0.2.1", 4747)


def test_the_ready_file_is_there_while_the_server_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "ready.json"

    with announced("hello", {"event": "ready"}, path):
        during = json.loads(path.read_text(encoding="utf-8"))

    assert during == {"event": "ready"}
    assert capsys.readouterr().out == "hello\n"
    assert list(tmp_path.iterdir()) == []


def test_a_ready_file_of_an_earlier_run_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "ready.json"
    path.write_text("something longer than what comes", encoding="utf-8")

    write_whole(path, b"new")

    assert path.read_text(encoding="utf-8") == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_cannot_be_replaced_is_an_error(tmp_path: Path) -> None:
    """The target is a folder, or a device. No temporary file is left."""
    folder = tmp_path / "ready.json"
    folder.mkdir()

    with pytest.raises(CannotServe, match=r"^cannot write .*: not a regular file\.$"):
        write_whole(folder, b"new")

    assert list(tmp_path.iterdir()) == [folder]


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_a_program_learns_where_the_mock_is_and_can_stop_it(stop: int, tmp_path: Path) -> None:
    """The first line and the ready file have the ready object. A signal stops the mock with exit code 0 and no
    output.
    """
    ready_file = tmp_path / "ready.json"
    with running("--port", "0", "--ready-file", str(ready_file)) as mock:
        ready = mock.ready
        health = httpx.get(f"{ready['control_url']}/health")
        from_file = json.loads(ready_file.read_text(encoding="utf-8"))
        ended = mock.stop(stop)

    assert set(ready) == {"event", "base_url", "control_url", "control_token", "pid"}
    assert (ready["event"], ready["control_token"], ready["pid"]) == ("ready", None, mock.process.pid)
    assert ready["control_url"] == f"{ready['base_url']}/_mock"
    assert from_file == ready
    assert health.json()["status"] == "ok"
    assert "server" not in health.headers
    assert ended == (0, "", "")
    assert list(tmp_path.iterdir()) == []


def test_the_streams_of_events_end_in_order_when_the_server_stops() -> None:
    """The server does not wait for them, and a follower sees a complete answer."""
    with (
        running("--port", "0") as mock,
        httpx.stream("GET", f"{mock.ready['control_url']}/events", timeout=TIMEOUT_SECONDS) as events,
    ):
        lines = events.iter_lines()
        first = [next(lines) for _ in range(3)]
        ended = mock.stop(signal.SIGTERM)
        rest = list(lines)

    assert (first[1:], set(rest)) == (["event: ready", "data: {}"], {""})
    assert ended == (0, "", "")


def test_the_answer_of_a_call_that_waits_is_lost_when_the_server_stops() -> None:
    """The server waits a few seconds for such calls. Then the client sees a closed connection."""
    with running("--port", "0") as mock:
        workspace = httpx.post(f"{mock.ready['control_url']}/workspaces", json={}).json()
        delay = {"kind": "delay", "seconds": 300}
        httpx.post(f"{mock.ready['control_url']}/workspaces/{workspace['id']}/faults", json=delay)
        host, port = mock.ready["base_url"].removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=TIMEOUT_SECONDS) as connection:
            head = f"GET /api/v1/passports HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {workspace['api_key']}\r\n\r\n"
            connection.sendall(head.encode())
            while not fired(mock, workspace):
                pass
            code, _, log = mock.stop(signal.SIGTERM)
            received = connection.recv(100)

    assert (code, received) == (0, b"")
    assert "Traceback" not in log


def fired(mock: Running, workspace: Any) -> bool:
    faults = httpx.get(f"{mock.ready['control_url']}/workspaces/{workspace['id']}/faults").json()["faults"]
    return bool(faults[0]["fired"])


def test_calls_are_answered_when_nobody_reads_the_log() -> None:
    with running("--port", "0") as mock:
        assert mock.process.stderr is not None
        mock.process.stderr.close()

        assert [create_one(mock).status_code for _ in range(3)] == [200, 200, 200]


def test_the_log_is_a_line_per_call_for_a_person() -> None:
    with running("--port", "0") as mock:
        create_one(mock)
        _, _, log = mock.stop(signal.SIGTERM)

    assert log == "createPassportBatch 200 1 item: 1 created 0 errors  writes 500->499\n"


def test_an_address_that_others_reach_is_warned_of() -> None:
    """The announced address works on this machine. The control plane requires the token."""
    with running("--port", "0", "--host", "0.0.0.0") as mock:
        workspaces = f"{mock.ready['control_url']}/workspaces"
        token = mock.ready["control_token"]
        tried = [
            httpx.post(workspaces, json={}, headers={"Authorization": f"Bearer {each}"} if each else {}).status_code
            for each in (None, "wrong", token)
        ]
        _, _, talked = mock.stop(signal.SIGTERM)

    assert mock.ready["base_url"].startswith("http://127.0.0.1:")
    assert tried == [401, 401, 201]
    assert talked.startswith(
        "The mock listens on 0.0.0.0: other machines can reach it. The control plane requires the token."
    )
    assert token not in talked


@pytest.mark.skipif(sys.platform != "linux", reason="needs a folder that takes no files")
def test_a_ready_file_that_cannot_be_written_ends_the_server_in_good_order() -> None:
    """A folder of the kernel takes no files, not even from root."""
    with running("--port", "0", "--ready-file", "/proc/ready.json") as mock:
        said, talked = mock.process.communicate(timeout=TIMEOUT_SECONDS)

    assert (mock.process.returncode, mock.first_line + said) == (1, "")
    assert talked == "Error: cannot write /proc/ready.json: No such file or directory.\n"


def test_a_given_token_opens_the_control_plane_and_is_not_logged() -> None:
    token = "a token of my own"
    with running("--port", "0", environment={"TRACEPASS_MOCK_CONTROL_TOKEN": token}) as mock:
        assert mock.ready["control_token"] == token
        statuses = [
            httpx.get(f"{mock.ready['control_url']}/workspaces/free", headers=headers).status_code
            for headers in ({}, {"Authorization": f"Bearer {token}"})
        ]
        _, _, talked = mock.stop(signal.SIGTERM)

    assert statuses == [401, 200]
    assert talked == ""
