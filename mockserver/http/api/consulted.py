"""The readings that a decision looks at, for the journal."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, cast

from ...semantics.types.readings import SETTABLE, Readings

_IDS = {name: reading for reading, (name, _) in SETTABLE.items()}


class ConsultedReadings:
    """Readings that note which of them are looked at. Each is noted once, and is an ordinary attribute from then on."""

    def __init__(self, readings: Readings) -> None:
        self._readings = readings

    def __getattr__(self, name: str) -> Any:
        value = self.__dict__[name] = getattr(self._readings, name)
        return value

    def as_readings(self) -> Readings:
        return cast("Readings", self)

    def ids(self) -> Sequence[str]:
        """The ids of the readings that were looked at, in that order. Equal lists are one object."""
        return _ids(tuple(self.__dict__))


@lru_cache(maxsize=1024)
def _ids(names: tuple[str, ...]) -> Sequence[str]:
    return tuple(_IDS[name] for name in names if name in _IDS)
