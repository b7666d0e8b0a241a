"""The state of a mock in a file: gone on from at start, saved at the end."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tracepass_contract.spec import UnreadableFile

from ..app import Mock
from ..state.saved.snapshot import UnusableSnapshot
from .serving import write_whole


def restore(mock: Mock, path: Path, readings: Mapping[str, str]) -> None:
    """Be as the file says, but for these readings; as freshly started where there is no file yet.

    Raises `UnreadableFile` for a file that no mock has saved (and leaves it alone), `UnusableReadings` where its
    readings and these contradict each other.
    """
    try:
        mock.restore(path.read_bytes())
    except FileNotFoundError:
        return
    except OSError as error:
        raise UnreadableFile(f"{path}: {error.strerror}") from None
    except UnusableSnapshot as error:
        raise UnreadableFile(f"{path}: {error}. It was left as it is.") from None
    if any(mock.readings.get(reading) != answer for reading, answer in readings.items()):
        mock.change_readings({**mock.readings, **readings})


@contextmanager
def saved(mock: Mock, path: Path | None) -> Iterator[None]:
    """At the end the state is in the file, if there is to be one: whole, or as it was before. Raises `CannotServe`."""
    try:
        yield
    finally:
        if path is not None:
            write_whole(path, mock.save())
