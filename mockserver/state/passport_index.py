"""An index of passports by product, status, and text in the GTIN or serial number.

The ids of a workspace ascend, so a list of ids is sorted by age, and a page is a slice of it. The index can be rebuilt
from the passports.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Protocol

from .collections import Ascending
from .text_index import BLOCK, Searched, TextIndex, matches

SEARCHES_MAX = 8
_kind = attrgetter("product_id", "status")
Group = tuple[str | None, str | None]  # product, status; None is any


class Indexed(Searched, Protocol):
    """The members of a passport that the index uses."""

    @property
    def product_id(self) -> str: ...
    @property
    def status(self) -> str: ...


class PassportIndex:
    """The ids by group, and the results of the latest searches."""

    def __init__(self, passports: Mapping[str, Indexed]) -> None:
        self._passports = passports
        self._groups: dict[Group, Ascending] = {}
        self._texts = TextIndex()
        self._searches: dict[str, _Search] = {}

    def add(self, passports: Sequence[Indexed]) -> None:
        """Add passports, oldest first. All are newer than those in the index."""
        for _, alike in groupby(passports, _kind):
            self.add_group(list(alike))

    def add_group(self, passports: Sequence[Indexed]) -> None:
        """Add passports of one product and one status."""
        ids = [each.id for each in passports]
        for group in _groups_of(passports[0]):
            self._group(group).extend(ids)
        self._texts.add(passports)

    def remove(self, passport: Indexed) -> None:
        """Remove a passport, which the passports no longer have."""
        for group in _groups_of(passport):
            self._groups[group].discard(passport.id)
        for search in self._searches.values():
            search.found.discard(passport.id)
        self._texts.remove(passport.id, self._passports)

    def move(self, before: Indexed, after: Indexed) -> None:
        """Move a passport whose status has changed."""
        for old, new in zip(_groups_of(before), _groups_of(after), strict=True):
            if old != new:
                self._groups[old].discard(before.id)
                self._group(new).insert(after.id)

    def count(self, product_id: str | None, status: str | None) -> int:
        return len(self._groups.get((product_id, status), ()))

    def ids(self, product_id: str | None, status: str | None, search: str | None) -> Sequence[str]:
        """The ids that match, oldest first."""
        group = self._groups.get((product_id, status), ())
        if not search:
            return group
        needle = search.casefold()
        if len(group) < BLOCK:
            return [each for each in group if matches(self._passports[each], needle)]
        found = self._found(needle)
        if len(group) == self.count(None, None):
            return found
        request = (product_id, status)
        return [each for each in found if request in _groups_of(self._passports[each])]

    def _found(self, needle: str) -> Sequence[str]:
        """The ids that a search finds. A repeated search looks only at passports that are new."""
        search = self._searches.pop(needle, None) or _Search()
        self._searches[needle] = search  # the latest search is dropped last
        if len(self._searches) > SEARCHES_MAX:
            del self._searches[next(iter(self._searches))]
        newest = search.newest
        for block in self._texts.where(needle, search.blocks):
            here = block.ids_matching(needle, self._passports)
            if here and (block.ids[0] <= newest or self._texts.removed):
                here = [each for each in here if each > newest and each not in self._texts.removed]
            search.found.extend(here)
        search.blocks = self._texts.blocks()
        search.newest = self._groups[None, None][-1]
        return search.found

    def _group(self, group: Group) -> Ascending:
        ids = self._groups.get(group)
        if ids is None:
            ids = self._groups[group] = Ascending()
        return ids


class _Search:
    """A search and its result, up to a block and a passport."""

    __slots__ = ("blocks", "found", "newest")

    def __init__(self) -> None:
        self.found = Ascending()
        self.blocks = 0
        self.newest = ""


def _groups_of(passport: Indexed) -> Sequence[Group]:
    product_id, status = passport.product_id, passport.status
    return (None, None), (product_id, None), (None, status), (product_id, status)
