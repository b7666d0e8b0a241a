"""The state file: loaded at start, written at the end."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tracepass_contract.spec import UnreadableFile

from ..app import Mock
from ..state.saved.snapshot import UnusableSnapshot
from .serving import write_whole


def restore(mock: Mock, path: Path, readings: Mapping[str, str]) -> None:
    """Load the state and the readings of a file, if it exists. `readings` override those of the file.

    Raises `UnreadableFile` for a file that is no saved state, and `UnusableReadings` if the file's readings and
    `readings` contradict each other.
    """
    try:
        mock.restore(path.read_bytes())
    except FileNotFoundError:
        return
    except OSError as error:
        raise UnreadableFile(f"{path}: {error.strerror}") from None
    except UnusableSnapshot as error:
        raise UnreadableFile(f"{path}: {error}. The file is unchanged.") from None
    if any(mock.readings.get(reading) != answer for reading, answer in readings.items()):
        mock.change_readings({**mock.readings, **readings})


@contextmanager
def saved(mock: Mock, path: Path | None) -> Iterator[None]:
    """Write the state to the file at the end of the block, if there is a file. Raises `CannotServe`."""
    try:
        yield
    finally:
        if path is not None:
            write_whole(path, mock.save())
