"""The readings that a decision looks at, for the journal."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, cast

from ...semantics.types.readings import SETTABLE, Readings

_IDS = {name: reading for reading, (name, _) in SETTABLE.items()}


class ConsultedReadings:
    """Readings that note which of them are looked at."""

    def __init__(self, readings: Readings) -> None:
        self._readings = readings
        self._names: list[str] = []

    def as_readings(self) -> Readings:
        return cast("Readings", self)

    def ids(self) -> Sequence[str]:
        """The ids of the readings that were looked at, in that order. Equal lists are one object."""
        return _ids(tuple(dict.fromkeys(self._names)))


def _noted(name: str) -> property:
    def answer(consulted: ConsultedReadings) -> Any:
        consulted._names.append(name)
        return getattr(consulted._readings, name)

    return property(answer)


for _name in _IDS:
    setattr(ConsultedReadings, _name, _noted(_name))


@lru_cache(maxsize=1024)
def _ids(names: tuple[str, ...]) -> Sequence[str]:
    return tuple(_IDS[name] for name in names)
