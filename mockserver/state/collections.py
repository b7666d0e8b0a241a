"""Collections that take no long step as they grow.

A dict of a million entries that has to grow copies all of them, and so may a list: a call that meets it waits for a
tenth of a second. These are made of parts that stay small.
"""

from abc import abstractmethod
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator, MutableMapping, Sequence
from itertools import chain
from typing import TypeVar, overload

_PART = 4096
_ONE_DICT = 16_384  # entries are quickly copied still
_PARTS = 4096  # of a dict that has outgrown that
_V = TypeVar("_V")


class Parted(MutableMapping[str, _V]):
    """A dict of dicts that is used as one."""

    __slots__ = ()

    @abstractmethod
    def parts(self) -> Iterable[dict[str, _V]]: ...

    @abstractmethod
    def part(self, key: str) -> dict[str, _V]:
        """The one that has this key if any has."""

    def __getitem__(self, key: str) -> _V:
        return self.part(key)[key]

    def __setitem__(self, key: str, value: _V) -> None:
        self.part(key)[key] = value

    def __delitem__(self, key: str) -> None:
        del self.part(key)[key]

    def __iter__(self) -> Iterator[str]:
        return chain.from_iterable(self.parts())

    def __len__(self) -> int:
        return sum(map(len, self.parts()))


class ById(Parted[_V]):
    """By ids that end with a number in hexadecimal digits. 256 that are counted upwards are together."""

    __slots__ = ("_shelves",)

    def __init__(self) -> None:
        self._shelves: dict[str, dict[str, _V]] = {}

    def parts(self) -> Iterable[dict[str, _V]]:
        return self._shelves.values()

    def part(self, key: str) -> dict[str, _V]:
        return self._shelves.get(key[:-2], {})

    def __setitem__(self, key: str, value: _V) -> None:
        self._shelf(key[:-2])[key] = value

    def extend(self, ids: Sequence[str], values: Sequence[_V]) -> None:
        """Enter a value for each of some ids that ascend, a shelf at a time."""
        if len(ids) == 1:
            self[ids[0]] = values[0]
            return
        start = 0
        while start < len(ids):
            begins = ids[start][:-2]
            end = bisect_right(ids, f"{begins}ff", start + 1)
            self._shelf(begins).update(zip(ids[start:end], values[start:end], strict=True))
            start = end

    def _shelf(self, begins: str) -> dict[str, _V]:
        return self._shelves.setdefault(begins, {})


class ByText(Parted[_V]):
    """By any text. Those of a large one are in no order.

    Texts that begin alike are together: all that differ in their last two characters alone. The serial numbers of a
    batch are mostly counted, so that a batch has to do with few parts, which the processor then has at hand. Where
    each text was in a part of its own, a batch of a hundred took four times as long among a million.
    """

    __slots__ = ("_parts",)

    def __init__(self) -> None:
        self._parts: list[dict[str, _V]] = [{}]

    def parts(self) -> Iterable[dict[str, _V]]:
        return self._parts

    def part(self, key: str) -> dict[str, _V]:
        return self._parts[hash(key[:-2]) % len(self._parts)]

    def spread(self) -> None:
        """To be called from time to time as it grows."""
        if len(self._parts) > 1 or len(self._parts[0]) <= _ONE_DICT:
            return
        (only,), self._parts = self._parts, [{} for _ in range(_PARTS)]
        for key, value in only.items():
            self.part(key)[key] = value


class Ascending(Sequence[str]):
    """Texts in ascending order. What is added at the end is greater than all others."""

    __slots__ = ("_before", "_full", "_last")

    def __init__(self) -> None:
        self._full: list[list[str]] = []
        self._before = 0  # how many are in the full ones
        self._last: list[str] = []

    def __len__(self) -> int:
        return self._before + len(self._last)

    def __iter__(self) -> Iterator[str]:
        return chain(chain.from_iterable(self._full), self._last)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        positions = range(len(self))[index]
        if isinstance(positions, int):
            return self._between(positions, positions + 1)[0]
        if positions.step != 1:
            return [self[each] for each in positions]
        return self._between(positions.start, positions.stop)

    def _between(self, start: int, stop: int) -> list[str]:
        """From the end, where those are that are asked for most."""
        found, end = [], len(self)
        parts = chain((self._last,), reversed(self._full))
        while end > start:
            part = next(parts)
            first = end - len(part)
            if first < stop:
                found.append(part[max(0, start - first) : stop - first])
            end = first
        return list(chain.from_iterable(reversed(found)))

    def extend(self, texts: Sequence[str]) -> None:
        self._last += texts
        if len(self._last) < _PART:
            return
        whole = len(self._last) - len(self._last) % _PART
        self._full += [self._last[start : start + _PART] for start in range(0, whole, _PART)]
        self._before += whole
        self._last = self._last[whole:]

    def insert(self, text: str) -> None:
        """Enter one that is not there."""
        nth = self._part_of(text)
        if nth == len(self._full):
            insort(self._last, text)
            return
        part = self._full[nth]
        insort(part, text)
        self._before += 1
        if len(part) > 2 * _PART:
            self._full[nth : nth + 1] = [part[:_PART], part[_PART:]]

    def discard(self, text: str) -> None:
        nth = self._part_of(text)
        is_full = nth < len(self._full)
        part = self._full[nth] if is_full else self._last
        at = bisect_left(part, text)
        if at == len(part) or part[at] != text:
            return
        del part[at]
        self._before -= is_full
        if is_full and not part:
            del self._full[nth]

    def _part_of(self, text: str) -> int:
        """The number of the first that ends with this text or a greater one; that of the last, if none of the full."""
        return bisect_left(self._full, text, key=lambda part: part[-1])
