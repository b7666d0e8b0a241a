"""The server that the control plane changes and reads."""

from collections.abc import Generator, Mapping
from typing import TYPE_CHECKING, Protocol

from ...semantics.types.readings import Readings

if TYPE_CHECKING:
    from ...state.saved.saver import Saving


class UnusableReadings(ValueError):
    """The mock cannot use these readings. The message has a line for each problem."""


class Server(Protocol):
    """The server, as the control plane sees it."""

    def reset(self) -> None:
        """Restore the state of the start."""

    def change_readings(self, readings: Mapping[str, str]) -> None:
        """Change nothing and raise `UnusableReadings` if the readings are wrong."""

    @property
    def readings(self) -> Mapping[str, str]:
        """The answer to each reading that can be set."""

    def readings_with(self, answers: Mapping[str, str], own: Readings | None = None) -> Readings:
        """These answers; the others are those of `own`, or of the server. Raises `UnusableReadings`."""

    @property
    def saving(self) -> "Saving | None":
        """How the state is saved; None if it is not."""

    def saved_pieces(self) -> Generator[bytes, None, None]:
        """The whole state as a JSON document, in pieces."""

    def restore(self, saved: bytes) -> None:
        """Change nothing and raise `UnusableSnapshot` if the document is wrong."""
