"""`--state-file`: a mock that continues from a saved state."""

import signal
from pathlib import Path

import httpx
import pytest

from tracepass_contract.mockserver.app import create_app
from tracepass_contract.mockserver.cli.state_file import restore
from tracepass_contract.mockserver.tests.commandline import create_one, running
from tracepass_contract.spec import UnreadableFile


def test_what_was_created_is_there_at_the_next_start(tmp_path: Path) -> None:
    file = tmp_path / "mock.json"
    with running("--port", "0", "--state-file", str(file)) as mock:
        assert create_one(mock).json()["summary"]["created"] == 1
        assert not file.exists()
        assert mock.stop(signal.SIGTERM)[0] == 0
    assert file.stat().st_mode & 0o077 == 0

    with running("--port", "0", "--state-file", str(file)) as mock:
        assert create_one(mock).json()["summary"]["errors"] == 1
        mock.stop(signal.SIGINT)
    assert [each.name for each in tmp_path.iterdir()] == ["mock.json"]


def test_readings_of_the_command_line_stand_over_those_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "mock.json"
    with running("--port", "0", "--state-file", str(file), "--reading", "batch.mixed-status=207") as mock:
        mock.stop(signal.SIGTERM)

    for option, expected in (((), "207"), (("--reading", "batch.mixed-status=201"), "201")):
        with running("--port", "0", "--state-file", str(file), *option) as mock:
            in_force = httpx.get(f"{mock.ready['control_url']}/readings").json()["readings"]
        assert in_force["batch.mixed-status"] == expected


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b'{"format": "tracepass-mock-st', "not a saved state of a mock"),
        (b'{"format": "a card", "version": 1}', 'not a saved state of a mock: "format" is not'),
        (b'{"format": "tracepass-mock-state", "version": 2}', "has version 2; this mock reads version 3"),
        (b"", "not a saved state of a mock"),
    ],
)
def test_a_damaged_or_foreign_file_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes, complaint: str) -> None:
    file = tmp_path / "mock.json"
    file.write_bytes(content)

    with running("--port", "0", "--state-file", str(file)) as mock:
        said, talked = mock.process.communicate(timeout=60)

    assert (mock.process.returncode, said) == (2, "")
    assert complaint in talked.replace("\n", " ")
    assert file.read_bytes() == content


@pytest.mark.parametrize("path", ["missing/mock.json", "."])
def test_an_unusable_path_is_an_error_at_the_start(tmp_path: Path, path: str) -> None:
    with running("--port", "0", "--state-file", str(tmp_path / path)) as mock:
        _, talked = mock.process.communicate(timeout=60)

    assert mock.process.returncode == 2
    assert "--state-file" in talked


def test_an_unreadable_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(UnreadableFile, match="Not a directory"):
        restore(create_app(), tmp_path / "file" / "inside", {})
