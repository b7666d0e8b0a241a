"""The state file: a database that one mock owns. It is loaded at start and written while the mock serves."""

import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from tracepass_contract.spec import UnreadableFile

from ..app import Mock
from ..state.saved.database import MAGIC, Database
from ..state.saved.saver import Saver, in_words
from ..state.saved.snapshot import UnusableSnapshot
from .serving import CannotServe
from .streams import say

ROOM_MIN = 16 * 1024 * 1024


@contextmanager
def owned(path: Path) -> Iterator[None]:
    """Own a state file until the end of the block, or of the process. Raises `CannotServe`.

    The lock is that of a small database beside the file, because SQLite knows how each system locks files. The header
    of that database has the process id of the owner.
    """
    if path.exists() and not path.is_file():
        raise CannotServe(None, f"cannot write {path}: not a regular file.")
    beside, owner = _beside(path, "lock"), 0
    try:
        with closing(sqlite3.connect(beside, timeout=0, isolation_level=None)) as lock:
            [(owner,)] = lock.execute("PRAGMA user_version")
            lock.execute(f"PRAGMA user_version = {os.getpid()}")
            lock.execute("BEGIN IMMEDIATE")  # others can read who it is
            yield
    except sqlite3.Error as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            raise _cannot_write(beside, error) from None
        text = f"{path} belongs to process {owner}, another mock. Stop it, or use another --state-file."
        raise CannotServe(None, text) from None


def opened(mock: Mock, path: Path, readings: Mapping[str, str], within_seconds: float) -> Saver:
    """Load the state and the readings of a file that this mock owns, if it exists, and save all changes in it from now
    on. `readings` override those of the file.

    Raises `UnreadableFile` for a file that is no saved state, `UnusableReadings` if the file's readings and `readings`
    contradict each other, and `CannotServe` if the file cannot be written.
    """
    if (free := shutil.disk_usage(path.parent).free) < ROOM_MIN:
        room = f"{free:,} bytes are left on its disk, and at least {ROOM_MIN:,} are needed"
        raise CannotServe(None, f"cannot write {path}: {room}.")
    try:
        is_loaded = _become_a_database(mock, path)
        database = Database(path, survives_power_cut=within_seconds == 0)
        try:
            if not is_loaded:
                mock.restore_snapshot(database.load())
            if others := any(mock.readings.get(reading) != answer for reading, answer in readings.items()):
                mock.change_readings({**mock.readings, **readings})
            database.write(mock.capture_all() if others else mock.capture())  # so that trouble shows now
            saver = Saver(database, mock.capture, within_seconds)
        except BaseException:
            database.close()
            raise
    except UnusableSnapshot as error:
        raise UnreadableFile(f"{path}: {error}. The file is unchanged.") from None
    except (sqlite3.Error, OSError) as error:
        raise _cannot_write(path, error) from None
    mock.save_with(saver)
    return saver


@contextmanager
def saved(saver: Saver, path: Path) -> Iterator[None]:
    """Save the last changes at the end of the block. Raises `CannotServe`."""
    try:
        yield
    finally:
        try:
            saver.finish()
        except sqlite3.Error as error:
            raise CannotServe(None, f"the latest changes are lost: {path}: {in_words(error)}.") from None


def _become_a_database(mock: Mock, path: Path) -> bool:
    """Make a database of a file that does not exist, or that is JSON. Return whether the mock has its state then."""
    if path.exists():
        content = _read(path, len(MAGIC))
        if content == MAGIC:
            return False
        mock.restore(_read(path))
        former = shutil.copy2(path, _beside(path, "former.json"))
        say(f"{path} was JSON. It is a database now. The JSON is in {former}.")
    new = _beside(path, "new")
    new.unlink(missing_ok=True)
    new.touch(0o600)  # it contains keys
    Database.create(new, mock.capture_all())
    path.with_name(f"{path.name}-wal").unlink(missing_ok=True)  # of a database that is no longer there
    new.replace(path)
    return True


def _read(path: Path, size: int = -1) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(size)
    except OSError as error:
        raise UnreadableFile(f"{path}: {error.strerror}") from None


def _beside(path: Path, what: str) -> Path:
    return path.with_name(f"{path.name}.{what}")


def _cannot_write(path: Path, error: sqlite3.Error | OSError) -> CannotServe:
    why = error.strerror if isinstance(error, OSError) else in_words(error)
    return CannotServe(None, f"cannot write {path}: {why}.")
