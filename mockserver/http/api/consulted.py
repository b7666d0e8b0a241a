"""The readings that a decision looks at, for the journal."""

from collections.abc import Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any, cast

from ...semantics.types.readings import SETTABLE, Readings

_IDS = {name: reading for reading, (name, _) in SETTABLE.items()}


class _Noted:
    """A reading that is not looked at yet. Once it is, an attribute of the instance takes its place."""

    __slots__ = ("_answer", "_name")

    def __init__(self, name: str) -> None:
        self._name, self._answer = name, attrgetter(name)

    def __get__(self, consulted: "ConsultedReadings", _owner: object) -> Any:
        answer = self._answer(consulted._readings)
        setattr(consulted, self._name, answer)
        return answer


class ConsultedReadings:
    """Readings that note which of them are looked at."""

    def __init__(self, readings: Readings) -> None:
        self._readings = readings

    def as_readings(self) -> Readings:
        return cast("Readings", self)

    def ids(self) -> Sequence[str]:
        """The ids of the readings that were looked at, in that order. Equal lists are one object."""
        return _ids(tuple(self.__dict__))


for _name in _IDS:
    setattr(ConsultedReadings, _name, _Noted(_name))


@lru_cache(maxsize=1024)
def _ids(names: tuple[str, ...]) -> Sequence[str]:
    return tuple(_IDS[name] for name in names if name in _IDS)
