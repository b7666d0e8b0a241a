"""Finding passports without looking at each: by product and status, and by a text in GTIN or serial number.

The ids of a workspace grow, so a list of ids is sorted by age, and a page is a slice. Everything here can be made again
from the passports themselves.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Protocol

SEARCHES_MAX = 8
_BLOCK = 4096
_kind = attrgetter("product_id", "status")
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
        self._blocks: list[_Block] = []  # a passport that is entered is in the last of them, or in none yet
        self._since_last_block = 0
        self._gone: set[str] = set()
        self._searches: dict[str, _Search] = {}

    def add(self, passports: Sequence[Indexed]) -> None:
        """Enter passports, the oldest first, that are newer than all others."""
        for (product_id, status), alike in groupby(passports, _kind):
            ids = [each.id for each in alike]
            for group in _groups(product_id, status):
                self._groups.setdefault(group, []).extend(ids)
        self._since_last_block += len(passports)
        if self._since_last_block >= _BLOCK:
            self._since_last_block = 0
            every = self._groups[None, None]
            rest = every[self._after_the_blocks(every) :]
            for start in range(0, len(rest), _BLOCK):
                self._blocks.append(_Block([self._passports[each] for each in rest[start : start + _BLOCK]]))

    def remove(self, passport: Indexed) -> None:
        for group in _groups_of(passport):
            _drop(self._groups[group], passport.id)
        for search in self._searches.values():
            _drop(search.found, passport.id)
        self._gone.add(passport.id)

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
        if len(group) < _BLOCK:
            return [each for each in group if self._matches(each, needle)]
        found = self._found(needle)
        if len(group) == self.count(None, None):
            return found
        asked = (product_id, status)
        return [each for each in found if asked in _groups_of(self._passports[each])]

    def _found(self, needle: str) -> list[str]:
        """What a search finds. One that was made before only looks at what has come since."""
        search = self._searches.pop(needle, None) or _Search()
        self._searches[needle] = search  # the latest is the last to be forgotten
        if len(self._searches) > SEARCHES_MAX:
            del self._searches[next(iter(self._searches))]
        every = self._groups.get((None, None), [])
        for block in self._blocks[search.blocks :]:
            if needle in block.text:
                search.found += [each for each in self._in_block(block, needle) if each > search.newest]
        search.blocks = len(self._blocks)
        start = max(bisect_right(every, search.newest), self._after_the_blocks(every))
        search.found += [each for each in every[start:] if self._matches(each, needle)]
        search.newest = every[-1] if every else ""
        return search.found

    def _after_the_blocks(self, every: list[str]) -> int:
        """The place of the first passport that is in no block yet."""
        return bisect_right(every, self._blocks[-1].ids[-1]) if self._blocks else 0

    def _in_block(self, block: "_Block", needle: str) -> Sequence[str]:
        found = block.with_text(needle)
        if found is None:
            return [each for each in block.ids if each in self._passports and self._matches(each, needle)]
        return [each for each in found if each not in self._gone] if self._gone else found

    def _matches(self, passport_id: str, needle: str) -> bool:
        """The vendor does not say how case is treated: here it makes no difference, which finds more."""
        passport = self._passports[passport_id]
        return needle in passport.gtin or needle in passport.serial_number.casefold()


class _Block:
    """Some passports in a row, and their texts as one: to see at a glance that none of them has a text.

    A line of the text is a GTIN, the next one its serial number. A block may name passports that are gone.
    """

    __slots__ = ("ids", "text")

    def __init__(self, passports: Sequence[Indexed]) -> None:
        self.ids = [each.id for each in passports]
        self.text = "\n".join([text for each in passports for text in (each.gtin, each.serial_number)]).casefold()

    def with_text(self, needle: str) -> Sequence[str] | None:
        """Those that have it; None where a text of more than one line makes it hard to tell."""
        lines = self.text.split("\n")
        if len(lines) != 2 * len(self.ids) or "\n" in needle:
            return None
        every = zip(self.ids, lines[::2], lines[1::2], strict=True)
        return [each for each, gtin, serial in every if needle in serial or needle in gtin]


class _Search:
    """A search and what it found, sorted; up to which block and which passport it has looked."""

    __slots__ = ("blocks", "found", "newest")

    def __init__(self) -> None:
        self.found: list[str] = []
        self.blocks = 0
        self.newest = ""


def _groups_of(passport: Indexed) -> Sequence[Group]:
    return _groups(passport.product_id, passport.status)


def _groups(product_id: str, status: str) -> Sequence[Group]:
    return (None, None), (product_id, None), (None, status), (product_id, status)


def _drop(ids: list[str], passport_id: str) -> None:
    at = bisect_left(ids, passport_id)
    if at < len(ids) and ids[at] == passport_id:
        del ids[at]
