"""`--state-file`: a mock that saves its state while it serves, and continues from it."""

import os
import signal
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tracepass_contract.mockserver.app import create_app
from tracepass_contract.mockserver.cli import state_file
from tracepass_contract.mockserver.cli.serving import CannotServe
from tracepass_contract.mockserver.cli.state_file import opened, owned, saved
from tracepass_contract.mockserver.tests.commandline import create_one, running
from tracepass_contract.mockserver.tests.crashes import crashes
from tracepass_contract.mockserver.tests.test_snapshot import a_lived_in_mock
from tracepass_contract.spec import UnreadableFile

OTHER = {"batch.mixed-status": "207"}


def test_what_was_created_is_there_at_the_next_start(tmp_path: Path) -> None:
    file = tmp_path / "mock.db"
    with running("--port", "0", "--state-file", str(file)) as mock:
        assert create_one(mock).json()["summary"]["created"] == 1
        assert mock.stop(signal.SIGTERM)[0] == 0
    assert file.stat().st_mode & 0o077 == 0

    with running("--port", "0", "--state-file", str(file)) as mock:
        assert create_one(mock).json()["summary"]["errors"] == 1
        mock.stop(signal.SIGINT)
    assert {each.name for each in tmp_path.iterdir()} == {"mock.db", "mock.db.lock"}


@pytest.mark.parametrize(("within", "delays"), [(0, (0.11, 0.23)), (1, (0.3,))])
def test_a_crash_loses_no_more_than_allowed(tmp_path: Path, within: float, delays: tuple[float, ...]) -> None:
    """The mock is killed under load. What is left is a state that was: the first batches, whole, and their answers.
    With 0, each acknowledged batch is left.
    """
    for done in crashes(tmp_path / "mock.db", within, delays):
        assert done.problems == []
        assert within or not done.lost


def test_a_second_mock_is_refused_with_the_process_of_the_first(tmp_path: Path) -> None:
    file = tmp_path / "mock.db"
    with owned(file), running("--port", "0", "--state-file", str(file)) as mock:
        said, talked = mock.process.communicate(timeout=60)
    with owned(file):
        pass  # it is free again

    assert (mock.process.returncode, said) == (1, "")
    belongs = f"{file} belongs to process {os.getpid()}, another mock."
    assert talked == f"Error: {belongs} Stop it, or use another --state-file.\n"


def test_json_of_an_earlier_version_becomes_a_database(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It stays beside the database, and a journal that belongs to no database goes."""
    owner, _ = a_lived_in_mock()
    file, journal = tmp_path / "mock.json", tmp_path / "mock.json-wal"
    file.write_bytes(owner.mock.save())
    journal.write_bytes(b"something")
    mock = create_app(clock=owner.clock)

    opened(mock, file, {}, 1).finish()

    former = tmp_path / "mock.json.former.json"
    assert capsys.readouterr().err == f"{file} was JSON. It is a database now. The JSON is in {former}.\n"
    assert mock.save() == former.read_bytes() == owner.mock.save()
    opened(again := create_app(clock=owner.clock), file, {}, 1).finish()
    assert again.save() == owner.mock.save()
    assert not journal.exists()


def test_readings_of_the_command_line_stand_over_those_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "mock.db"
    opened(create_app(readings=OTHER), file, OTHER, 1).finish()

    for given, expected in (({}, "207"), ({"batch.mixed-status": "201"}, "201"), ({}, "201")):
        mock = create_app()
        opened(mock, file, given, 1).finish()
        assert mock.readings["batch.mixed-status"] == expected


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b'{"format": "tracepass-mock-st', "not a saved state of a mock"),
        (b'{"format": "a card", "version": 1}', 'not a saved state of a mock: "format" is not'),
        (b'{"format": "tracepass-mock-state", "version": 2}', "has version 2; this mock reads version 3"),
        (b"", "not a saved state of a mock"),
        (b"SQLite format 3\0", "the file is damaged"),
    ],
)
def test_a_damaged_or_foreign_file_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes, complaint: str) -> None:
    file = tmp_path / "mock.db"
    file.write_bytes(content)

    with pytest.raises((UnreadableFile, CannotServe), match=complaint):
        opened(create_app(), file, {}, 1)

    assert file.read_bytes() == content


def test_a_database_that_lacks_something_is_refused_and_free_again(tmp_path: Path) -> None:
    file = tmp_path / "mock.db"
    opened(create_app(), file, {}, 1).finish()
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("DELETE FROM server")

    with pytest.raises(UnreadableFile, match=r"a damaged state of a mock: .readings.\. The file is unchanged"):
        opened(create_app(), file, {}, 1)

    file.unlink()
    opened(create_app(), file, {}, 1).finish()


def test_a_foreign_file_is_refused_in_a_sentence_at_the_start(tmp_path: Path) -> None:
    file = tmp_path / "mock.json"
    file.write_text("{}", encoding="utf-8")

    with running("--port", "0", "--state-file", str(file)) as mock:
        said, talked = mock.process.communicate(timeout=60)

    assert (mock.process.returncode, said) == (2, "")
    assert talked.endswith(
        f'Error: {file}: not a saved state of a mock: "format" is not "tracepass-mock-state". The file is unchanged.\n'
    )


@pytest.mark.parametrize("path", ["missing/mock.json", "."])
def test_an_unusable_path_is_an_error_at_the_start(tmp_path: Path, path: str) -> None:
    with running("--port", "0", "--state-file", str(tmp_path / path)) as mock:
        _, talked = mock.process.communicate(timeout=60)

    assert mock.process.returncode == 2
    assert "--state-file" in talked


def test_a_file_that_is_not_regular_is_refused() -> None:
    with pytest.raises(CannotServe, match="not a regular file"), owned(Path(os.devnull)):
        pass


@pytest.mark.skipif(sys.platform != "linux", reason="needs a folder that takes no files")
def test_a_folder_that_takes_no_files_is_an_error_at_the_start() -> None:
    """A folder of the kernel takes no files, not even from root."""
    with pytest.raises(CannotServe, match=r"^cannot write /proc/mock.db.lock: "), owned(Path("/proc/mock.db")):
        pass


def test_a_disk_without_room_is_an_error_at_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state_file, "ROOM_MIN", 2**62)

    with pytest.raises(CannotServe, match="bytes are left on its disk, and at least"):
        opened(create_app(), tmp_path / "mock.db", {}, 1)


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    file = tmp_path / "mock.db"
    file.touch()
    monkeypatch.setattr(Path, "open", refused)

    with pytest.raises(UnreadableFile, match=r"mock.db: Permission denied$"):
        opened(create_app(), file, {}, 1)


def test_a_file_that_is_locked_by_another_program_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "mock.db"
    first = opened(create_app(), file, {}, 1)

    with pytest.raises(CannotServe, match=r"cannot write .*mock.db: another program has locked it"):
        opened(create_app(), file, {}, 1)

    first.finish()


def test_a_lock_that_cannot_be_taken_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "mock.db.lock").write_bytes(b"this is no database, and long enough to be looked at")

    with (
        pytest.raises(CannotServe, match=r"cannot write .*mock.db.lock: the file is damaged"),
        owned(tmp_path / "mock.db"),
    ):
        pass


def test_what_cannot_be_saved_at_the_end_is_reported(tmp_path: Path) -> None:
    file = tmp_path / "mock.db"
    saver = opened(create_app(), file, {}, 1)

    lost = r"^the latest changes are lost: .*mock.db: the file was removed\.$"
    with pytest.raises(CannotServe, match=lost), saved(saver, file):
        file.unlink()


@pytest.mark.skipif(sys.platform != "linux", reason="needs a limit that can be set for another process")
def test_trouble_while_serving_is_reported_at_once_and_ends(tmp_path: Path) -> None:
    """The mock may write no longer files for a while. The API goes on; health and ledger say what is not saved."""
    import resource

    with running("--port", "0", "--state-file", str(tmp_path / "mock.db")) as mock:
        control, stderr = mock.ready["control_url"], mock.process.stderr
        assert stderr is not None
        resource.prlimit(mock.process.pid, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
        created = create_one(mock)
        assert stderr.readline() == "createPassportBatch 200 1 item: 1 created 0 errors  writes 500->499\n"
        line = stderr.readline()
        health, ledger = (httpx.get(f"{control}/{path}").json() for path in ("health", "workspaces/page_sample/ledger"))
        resource.prlimit(mock.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        over = stderr.readline()
        later = httpx.get(f"{control}/health").json()
        ended = mock.stop(signal.SIGTERM)

    assert created.status_code == 200
    assert line.startswith("ERROR The state is no longer saved: the disk reports an error (disk I/O error). Calls are")
    assert (health["status"], ledger["saved"]) == ("not-saving", False)
    assert health["state_file"] == {"within_seconds": 1, "problem": "the disk reports an error (disk I/O error)"}
    assert over == "WARNING The state is saved again.\n"
    assert (later["status"], later["state_file"]["problem"]) == ("ok", None)
    assert ended == (0, "", "")
