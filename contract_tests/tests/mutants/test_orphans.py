"""Nothing that the matrix started outlives it."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tracepass_contract.contract_tests.tests.helpers.command import obeys_ctrl_c
from tracepass_contract.contract_tests.tests.helpers.own_servers import install

SECONDS = 120
HANGING = """
import socket
import time


class Hanging:
    id, fault, rule, also, severity, needs = "OWN-1", "It never serves.", "summary.adds-up", (), "M", ""
    hidden_by, profiles = (), ({{}},)

    def in_force(self):
        socket.create_connection(("127.0.0.1", {port})).recv(1)


mutants = lambda: {{"OWN-1": Hanging()}}
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there are no groups of processes")
@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL], ids=lambda sent: sent.name)
def test_with_the_command_its_workers_and_their_servers_end(
    sent: signal.Signals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server holds a connection to this test, and the workers what the command says its errors to."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(SECONDS)
        install(tmp_path, HANGING.format(port=listener.getsockname()[1]), monkeypatch)
        command = [sys.executable, "-m", "tracepass_contract.contract_tests", "mutants", "--only", "OWN-1"]
        with subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, preexec_fn=obeys_ctrl_c
        ) as process:
            server, _ = listener.accept()
            with server:
                server.settimeout(SECONDS)
                process.send_signal(sent)
                said_last = server.recv(1)
            process.communicate(timeout=SECONDS)

    assert said_last == b""
    assert process.returncode != 0
