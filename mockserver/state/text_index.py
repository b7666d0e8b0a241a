"""Searches for a text in very many passports. The searches themselves build the index.

The texts are in blocks. Each block is one long text, so one search shows whether a block has a match. Each search also
notes which blocks contain its prefixes. A later search with the same prefix looks at those blocks only. The first
search looks at every block, which takes some milliseconds for a million passports: StringZilla needs a quarter of the
time of Python's own search. An index of all substrings took hundreds to thousands of times as long to build, and needed
memory for each passport.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple, Protocol

from stringzilla import contains

BLOCK = 256
PREFIXES_MAX = 1000  # that are noted; the least recently used is dropped
_LENGTHS = range(3, 33)  # lengths of prefixes; shorter prefixes are in every block


class Searched(Protocol):
    """The members of a passport that a search uses."""

    @property
    def id(self) -> str: ...
    @property
    def gtin(self) -> str: ...
    @property
    def serial_number(self) -> str: ...


def matches(passport: Searched, needle: str) -> bool:
    """Whether a passport matches, without regard to case. The vendor does not document case."""
    return needle in passport.gtin or needle in passport.serial_number.casefold()


class Block(NamedTuple):
    """Consecutive passports. Its text has a line for each serial number and then for each GTIN.

    A block may contain deleted passports.
    """

    ids: Sequence[str]
    gtins: Sequence[str]
    text: str

    @classmethod
    def of(cls, passports: Sequence[Searched]) -> "Block":
        gtins = tuple({each.gtin: None for each in passports})
        text = "\n".join([*[each.serial_number for each in passports], *gtins]).casefold()
        return cls(tuple([each.id for each in passports]), gtins, text)

    def ids_matching(self, needle: str, passports: Mapping[str, Searched]) -> Sequence[str]:
        """The ids of the passports that contain the text."""
        if needle not in self.text:
            return ()
        lines = self.text.split("\n")
        is_plain = len(lines) == len(self.ids) + len(self.gtins) and "\n" not in needle
        in_gtin = any(needle in gtin for gtin in self.gtins)
        if is_plain and not in_gtin:
            return [each for each, serial in zip(self.ids, lines, strict=False) if needle in serial]
        if in_gtin and len(self.gtins) == 1:
            return self.ids
        return [each for each in self.ids if each in passports and matches(passports[each], needle)]


class _Noted(NamedTuple):
    """The numbers of the blocks that contain a text, among the first `seen` blocks."""

    seen: int
    numbers: tuple[int, ...]


_NOTHING_SEEN = _Noted(0, ())


class TextIndex:
    """All blocks, oldest first, and the notes of the searches."""

    def __init__(self) -> None:
        self.removed: set[str] = set()  # ids in complete blocks that are deleted
        self._removed_in: dict[int, int] = {}  # how many, by the number of the block
        self._begins: list[str] = []  # the first id of each block when it was made
        self._blocks: list[Block] = []
        self._open: list[Searched] = []  # passports that do not fill a block yet
        self._open_block: Block | None = None  # built for a search
        self._noted: dict[str, _Noted] = {}

    def add(self, passports: Sequence[Searched]) -> None:
        self._open += passports
        self._open_block = None
        if len(self._open) < BLOCK:
            return
        whole = len(self._open) - len(self._open) % BLOCK
        for start in range(0, whole, BLOCK):
            self._begins.append(self._open[start].id)
            self._blocks.append(Block.of(self._open[start : start + BLOCK]))
        del self._open[:whole]

    def remove(self, passport_id: str, passports: Mapping[str, Searched]) -> None:
        """Remove a passport, which `passports` no longer has. Once half of a block is deleted, the block is made anew
        without it: otherwise a mock that runs for weeks would keep everything.
        """
        if self._open and passport_id >= self._open[0].id:
            self._open = [each for each in self._open if each.id != passport_id]
            self._open_block = None
            return
        number = bisect_right(self._begins, passport_id) - 1
        block, count = self._blocks[number], self._removed_in.get(number, 0) + 1
        self.removed.add(passport_id)
        self._removed_in[number] = count
        if 2 * count >= len(block.ids):
            self._blocks[number] = Block.of([passports[each] for each in block.ids if each not in self.removed])
            self.removed.difference_update(block.ids)
            del self._removed_in[number]

    def blocks(self) -> int:
        """The number of complete blocks. One more may be open."""
        return len(self._blocks)

    def where(self, needle: str, first: int) -> Iterator[Block]:
        """The blocks that may match, oldest first, from block number `first` on."""
        numbers = self._noted_of(needle).numbers
        for number in numbers[bisect_left(numbers, first) :]:
            yield self._blocks[number]
        if self._open:
            if self._open_block is None:
                self._open_block = Block.of(self._open)
            yield self._open_block

    def _noted_of(self, needle: str) -> _Noted:
        """The notes of a text, after those of its prefixes. They are up to date if no block was added since."""
        known = self._noted.get(needle, _NOTHING_SEEN)
        if known.seen == len(self._blocks):
            return known
        noted = self._looked_for(needle[: _LENGTHS[0]], None)
        for length in _LENGTHS[1:]:
            if length < len(needle):
                noted = self._looked_for(needle[:length], noted)
        return self._looked_for(needle, noted)

    def _looked_for(self, text: str, wider: _Noted | None) -> _Noted:
        """Note which blocks contain a text. It is searched only in new blocks that contain the `wider` prefix."""
        now = len(self._blocks)
        before = self._noted.pop(text, _NOTHING_SEEN)
        if wider is None:
            among: Sequence[int] = range(before.seen, now)
        else:
            among = wider.numbers[bisect_left(wider.numbers, before.seen) :]
        new = tuple([number for number in among if contains(self._blocks[number].text, text)])
        numbers = before.numbers + new if new else before.numbers
        if wider and len(numbers) == len(wider.numbers):
            numbers = wider.numbers  # share the tuple
        self._noted[text] = noted = _Noted(now, numbers)
        for oldest in list(islice(self._noted, max(0, len(self._noted) - PREFIXES_MAX))):
            del self._noted[oldest]
        return noted
