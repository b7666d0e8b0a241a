"""Standard streams that are closed, full, or not read: one sentence, the right exit code, and no traceback."""

import io
import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tracepass_contract.mockserver.app import create_app
from tracepass_contract.mockserver.cli import streams
from tracepass_contract.mockserver.cli.state_file import opened
from tracepass_contract.mockserver.cli.streams import say, standard_streams
from tracepass_contract.mockserver.tests.commandline import create_one, running

MOCK = f"exec {sys.executable} -m tracepass_contract.mockserver"


class Broken(io.StringIO):
    """A stream whose other end is gone, or whose disk is full."""

    def flush(self) -> None:
        raise OSError(28, "No space left on device")


def shell(command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=60, check=False)


def test_a_mock_without_standard_streams_serves_and_ends_with_its_stdin(tmp_path: Path) -> None:
    """Its stdin has ended before the start. No socket gets one of the three descriptors, and the state is kept."""
    file = tmp_path / "mock.db"

    ended = shell(f"{MOCK} --port 0 --until-stdin-ends --state-file {file} <&- >&- 2>&-")

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
    assert {each.name for each in tmp_path.iterdir()} == {"mock.db", "mock.db.lock"}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a file that is always full")
def test_a_full_stdout_is_an_error_in_one_sentence() -> None:
    ended = shell(f"{MOCK} --port 0 >/dev/full")

    assert (ended.returncode, ended.stderr) == (1, "Error: cannot write to stdout: No space left on device.\n")


def test_a_command_whose_stdout_is_full_ends_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is left in the stream is dropped, so that Python does not try again at its end."""
    monkeypatch.setattr(sys, "stdout", Broken())

    with pytest.raises(SystemExit) as ended, standard_streams():
        pass

    assert (ended.value.code, capsys.readouterr().err) == (
        1,
        "Error: cannot write to stdout: No space left on device.\n",
    )
    sys.stdout.flush()


def test_what_cannot_be_said_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Broken())

    with standard_streams():
        say("something")

    sys.stderr.flush()


@pytest.mark.parametrize(
    ("is_open", "expected"),
    [
        ((0, 1, 2), []),
        ((0, 1), [("open", os.devnull, os.O_RDWR)]),
        ((0, 2), [("open", os.devnull, os.O_RDWR), ("dup2", 2, 1), ("close", 2)]),
    ],
)
def test_a_descriptor_that_is_closed_is_opened(
    monkeypatch: pytest.MonkeyPatch, is_open: tuple[int, ...], expected: list[tuple[object, ...]]
) -> None:
    """One that another file has got in the meantime stays as it is."""
    calls: list[tuple[object, ...]] = []

    def fstat(descriptor: int) -> None:
        if descriptor not in is_open:
            raise OSError(9, "Bad file descriptor")

    def opened(*arguments: object) -> int:
        calls.append(("open", *arguments))
        return 2

    with monkeypatch.context() as patched:  # pytest needs the real ones
        patched.setattr(os, "fstat", fstat)
        patched.setattr(os, "open", opened)
        patched.setattr(os, "dup2", lambda *arguments: calls.append(("dup2", *arguments)))
        patched.setattr(os, "close", lambda *arguments: calls.append(("close", *arguments)))
        for each in (0, 1, 2):
            streams._open_if_closed(each)

    assert calls == expected


def test_a_second_signal_ends_the_mock_at_once_and_keeps_the_state(tmp_path: Path) -> None:
    """One client has sent half of an upload. The mock waits for the rest, until the second signal."""
    file = tmp_path / "mock.db"
    with running("--port", "0", "--host", "127.0.0.1", "--state-file", str(file)) as mock:
        assert create_one(mock).is_success
        address = ("127.0.0.1", int(mock.ready["base_url"].rpartition(":")[2]))
        with socket.create_connection(address, timeout=60) as client:
            head = "POST /api/v1/passports/batch HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer tp_mock_unlimited\r\n"
            client.sendall(f"{head}Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{".encode())
            assert httpx.get(f"{mock.ready['control_url']}/health").is_success
            mock.process.send_signal(signal.SIGINT)
            with suppress(ConnectionError):
                while True:
                    socket.create_connection(address, timeout=60).close()
            code, _, talked = mock.stop(signal.SIGINT)
    mock_later = create_app()
    opened(mock_later, file, {}, 1).finish()

    assert (code, talked) == (0, "createPassportBatch 200 1 item: 1 created 0 errors  writes 500->499\n")
    assert mock_later.state.workspaces["page_sample"].totals.executions == 1
