"""Serving, as far as it can be seen without a process; the rest is in test_cli.py."""

import json
import os
import socket
from pathlib import Path

import pytest

from tracepass_contract.mockserver.serving import CannotServe, announced, bind, ready_object, write_whole


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("localhost", "localhost"),
        ("0.0.0.0", "127.0.0.1"),
        ("::1", "[::1]"),
        ("::", "[::1]"),
    ],
)
def test_the_ready_object_names_an_address_that_a_client_can_use(host: str, shown: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ready = ready_object(listener, host)
        port = listener.getsockname()[1]

    assert ready["base_url"] == f"http://{shown}:{port}"
    assert ready["pid"] == os.getpid()


def test_a_socket_that_is_bound_takes_connections_at_once() -> None:
    with bind("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname(), timeout=30):
        pass


def test_an_address_of_another_machine_is_told_without_advice_on_ports() -> None:
    """An address that is kept for documentation (RFC 5737)."""
    with pytest.raises(CannotServe, match=r"^can't serve on 192\.0\.2\.1 port 4747: [A-Za-z ,']+\.$"):
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

    write_whole(path, "new")

    assert path.read_text(encoding="utf-8") == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_replaced_is_told(tmp_path: Path) -> None:
    """A folder stands where the file should be; nothing is left beside it."""
    folder = tmp_path / "ready.json"
    folder.mkdir()

    with pytest.raises(CannotServe, match="can't write"):
        write_whole(folder, "new")

    assert list(tmp_path.iterdir()) == [folder]
