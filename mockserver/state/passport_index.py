"""Finding passports without looking at each: by product and status, and by a text in GTIN or serial number.

The ids of a workspace grow, so a list of ids is sorted by age, and a page is a slice. Everything here can be made again
from the passports themselves.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Mapping, Sequence
from typing import Protocol

SEARCHES_MAX = 8
_BLOCK = 4096
Group = tuple[str | None, str | None]  # product, status; None is any


class Indexed(Protocol):
    """What is looked at in a passport."""

    @property
    def id(self) -> str: ...
    @property
    def product_id(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def gtin(self) -> str: ...
    @property
    def serial_number(self) -> str: ...


class PassportIndex:
    """The ids by group, and the latest searches with what they found."""

    def __init__(self, passports: Mapping[str, Indexed]) -> None:
        self._passports = passports
        self._groups: dict[Group, list[str]] = {}
        self._blocks: list[tuple[str, list[str]]] = []  # the texts of so many passports, and their ids
        self._searches: dict[str, _Search] = {}

    def add(self, passport: Indexed) -> None:
        """Enter a passport that is newer than all others."""
        for group in _groups_of(passport):
            self._groups.setdefault(group, []).append(passport.id)

    def remove(self, passport: Indexed) -> None:
        for group in _groups_of(passport):
            _drop(self._groups[group], passport.id)
        for search in self._searches.values():
            _drop(search.found, passport.id)

    def move(self, before: Indexed, after: Indexed) -> None:
        """A passport has another status."""
        for old, new in zip(_groups_of(before), _groups_of(after), strict=True):
            if old != new:
                _drop(self._groups[old], before.id)
                insort(self._groups.setdefault(new, []), after.id)

    def count(self, product_id: str | None, status: str | None) -> int:
        return len(self._groups.get((product_id, status), ()))

    def ids(self, product_id: str | None, status: str | None, search: str | None) -> Sequence[str]:
        """Those that match, the oldest first."""
        group = self._groups.get((product_id, status), [])
        if not search:
            return group
        needle = search.casefold()
        if product_id is None and status is None:
            return self._found(needle)
        if len(group) < _BLOCK:
            return [each for each in group if _has(self._passports[each], needle)]
        members = set(group)
        return [each for each in self._found(needle) if each in members]

    def _found(self, needle: str) -> list[str]:
        """What a search finds. One that was made before only looks at what has come since."""
        search = self._searches.pop(needle, None) or _Search()
        self._searches[needle] = search  # the latest is the last to be forgotten
        if len(self._searches) > SEARCHES_MAX:
            del self._searches[next(iter(self._searches))]
        every = self._fill_blocks()
        for text, ids in self._blocks[search.blocks :]:
            if needle in text:
                search.found += [each for each in ids if each > search.newest and self._matches(each, needle)]
        search.blocks = len(self._blocks)
        start = bisect_right(every, max(search.newest, self._blocks[-1][1][-1] if self._blocks else ""))
        search.found += [each for each in every[start:] if self._matches(each, needle)]
        search.newest = every[-1] if every else ""
        return search.found

    def _fill_blocks(self) -> list[str]:
        """Put the passports that are in no block yet into blocks, as far as they fill them. Gives every id."""
        every = self._groups.get((None, None), [])
        start = bisect_right(every, self._blocks[-1][1][-1]) if self._blocks else 0
        for at in range(start, len(every) - _BLOCK + 1, _BLOCK):
            ids = every[at : at + _BLOCK]
            self._blocks.append(("\n".join(_text(self._passports[each]) for each in ids), ids))
        return every

    def _matches(self, passport_id: str, needle: str) -> bool:
        passport = self._passports.get(passport_id)  # a block may name one that is gone
        return passport is not None and _has(passport, needle)


class _Search:
    """A search and what it found, sorted; up to which block and which passport it has looked."""

    __slots__ = ("blocks", "found", "newest")

    def __init__(self) -> None:
        self.found: list[str] = []
        self.blocks = 0
        self.newest = ""


def _groups_of(passport: Indexed) -> Sequence[Group]:
    product_id, status = passport.product_id, passport.status
    return (None, None), (product_id, None), (None, status), (product_id, status)


def _drop(ids: list[str], passport_id: str) -> None:
    at = bisect_left(ids, passport_id)
    if at < len(ids) and ids[at] == passport_id:
        del ids[at]


def _text(passport: Indexed) -> str:
    return f"{passport.gtin} {passport.serial_number.casefold()}"


def _has(passport: Indexed, needle: str) -> bool:
    """The vendor does not say how case is treated: here it makes no difference, which finds more."""
    return needle in passport.gtin or needle in passport.serial_number.casefold()
