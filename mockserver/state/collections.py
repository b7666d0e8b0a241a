"""Collections that grow in small steps.

A dict or a list of a million entries copies all of them when it grows, and a call then waits for a tenth of a second.
These collections consist of small parts.
"""

from abc import abstractmethod
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence
from itertools import chain
from typing import TypeVar, overload

_PART = 4096
_ONE_DICT = 16_384  # entries, which are still copied quickly
_PARTS = 4096  # of a larger dict
_V = TypeVar("_V")


class Parted(MutableMapping[str, _V]):
    """A mapping that consists of dicts. It can be shown as it was while it changes: a part that is shown is copied
    before it changes.
    """

    __slots__ = ()

    @abstractmethod
    def parts(self) -> Iterable[dict[str, _V]]: ...

    @abstractmethod
    def part(self, key: str) -> Mapping[str, _V]:
        """The part for this key, to read."""

    @abstractmethod
    def part_to_change(self, key: str) -> dict[str, _V]:
        """The part for this key, which may be a new one."""

    @abstractmethod
    def frozen(self) -> Sequence[Mapping[str, _V]]:
        """The parts as they are now. They never change."""

    def __getitem__(self, key: str) -> _V:
        return self.part(key)[key]

    def __setitem__(self, key: str, value: _V) -> None:
        self.part_to_change(key)[key] = value

    def __delitem__(self, key: str) -> None:
        self.part(key)[key]  # an unknown key makes no new part
        del self.part_to_change(key)[key]

    def __iter__(self) -> Iterator[str]:
        return chain.from_iterable(self.parts())

    def __len__(self) -> int:
        return sum(map(len, self.parts()))


class ById(Parted[_V]):
    """A mapping by ids that end with a running number in hexadecimal digits. Each part has 256 ids in a row."""

    __slots__ = ("_dicts", "_shown")

    def __init__(self) -> None:
        self._dicts: dict[str, dict[str, _V]] = {}
        self._shown: set[str] = set()  # the parts to copy before they change

    def __delitem__(self, key: str) -> None:
        super().__delitem__(key)
        if not self._dicts[key[:-2]]:
            del self._dicts[key[:-2]]

    def parts(self) -> Iterable[dict[str, _V]]:
        return self._dicts.values()

    def part(self, key: str) -> Mapping[str, _V]:
        return self._dicts.get(key[:-2], {})

    def part_to_change(self, key: str) -> dict[str, _V]:
        return self._dict_of(key[:-2])

    def frozen(self) -> Sequence[Mapping[str, _V]]:
        self._shown = set(self._dicts)
        return [*self._dicts.values()]

    def extend(self, ids: Sequence[str], values: Sequence[_V]) -> None:
        """Add values by ascending ids, one part at a time."""
        if len(ids) == 1:
            self[ids[0]] = values[0]
            return
        start = 0
        while start < len(ids):
            prefix = ids[start][:-2]
            end = bisect_right(ids, f"{prefix}ff", start + 1)
            self._dict_of(prefix).update(zip(ids[start:end], values[start:end], strict=True))
            start = end

    def _dict_of(self, prefix: str) -> dict[str, _V]:
        if prefix in self._shown:
            self._shown.remove(prefix)
            self._dicts[prefix] = self._dicts[prefix].copy()
        return self._dicts.setdefault(prefix, {})


class ByText(Parted[_V]):
    """A mapping by any text. A large one has no order.

    Texts that differ only in their last two characters are in one part. The serial numbers of a batch mostly count up,
    so a batch uses few parts, and the processor has them in its cache. With a part chosen by the whole text, a batch of
    a hundred among a million took four times as long.
    """

    __slots__ = ("_parts", "_shown")

    def __init__(self) -> None:
        self._parts: list[dict[str, _V]] = [{}]
        self._shown: set[int] = set()

    def parts(self) -> Iterable[dict[str, _V]]:
        return self._parts

    def part(self, key: str) -> Mapping[str, _V]:
        return self._parts[hash(key[:-2]) % len(self._parts)]

    def part_to_change(self, key: str) -> dict[str, _V]:
        number = hash(key[:-2]) % len(self._parts)
        if number in self._shown:
            self._shown.remove(number)
            self._parts[number] = self._parts[number].copy()
        return self._parts[number]

    def frozen(self) -> Sequence[Mapping[str, _V]]:
        self._shown = set(range(len(self._parts)))
        return [*self._parts]

    def spread(self) -> None:
        """Split a mapping that has become large. Call this from time to time."""
        if len(self._parts) > 1 or len(self._parts[0]) <= _ONE_DICT:
            return
        (only,), self._parts, self._shown = self._parts, [{} for _ in range(_PARTS)], set()
        self.update(only)


class Ascending(Sequence[str]):
    """Texts in ascending order. `extend` takes texts that are greater than all others."""

    __slots__ = ("_before", "_full", "_last")

    def __init__(self) -> None:
        self._full: list[list[str]] = []
        self._before = 0  # the number of texts in the full parts
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
        """A slice, found from the end, because most slices are there."""
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
        """Add a text that is not in the list."""
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
        """The index of the full part for this text, or the number of full parts for the last, open part."""
        return bisect_left(self._full, text, key=lambda part: part[-1])
