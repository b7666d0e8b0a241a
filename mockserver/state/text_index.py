"""Where a text may be found among very many: an index that the searches themselves leave behind.

The texts lie in blocks, one long text each, so that one look tells whether a block has what is searched. Each search
also notes which blocks have its beginning, letter by letter. So one that begins like another only looks where that one
was led; the first of its kind looks at every block, some milliseconds for a million passports with StringZilla, which
takes a quarter of the time of Python's own search. An index of every part of every text took hundreds to thousands of
times as long to make, and memory for each passport.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple, Protocol

from stringzilla import contains

BLOCK = 256
BEGINNINGS_MAX = 1000  # that are noted; the one that was not used for the longest time is forgotten
_LETTERS = range(3, 33)  # of a beginning: shorter ones are everywhere


class Searched(Protocol):
    """What is looked at in a passport."""

    @property
    def id(self) -> str: ...
    @property
    def gtin(self) -> str: ...
    @property
    def serial_number(self) -> str: ...


def matches(passport: Searched, needle: str) -> bool:
    """The vendor does not say how case is treated: here it makes no difference, which finds more."""
    return needle in passport.gtin or needle in passport.serial_number.casefold()


class Block(NamedTuple):
    """Some passports in a row. A line of the text is a serial number each, then comes each GTIN that they have.

    A block may name passports that are gone.
    """

    ids: Sequence[str]
    gtins: Sequence[str]
    text: str

    @classmethod
    def of(cls, passports: Sequence[Searched]) -> "Block":
        gtins = tuple({each.gtin: None for each in passports})
        text = "\n".join([*[each.serial_number for each in passports], *gtins]).casefold()
        return cls(tuple([each.id for each in passports]), gtins, text)

    def with_text(self, needle: str, passports: Mapping[str, Searched]) -> Sequence[str]:
        """Those that have it."""
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
    """Which of the first `seen` blocks have a text."""

    seen: int
    numbers: tuple[int, ...]


_NOTHING_SEEN = _Noted(0, ())


class TextIndex:
    """All blocks, the oldest first, and what searches have noted about them."""

    def __init__(self) -> None:
        self._blocks: list[Block] = []
        self._open: list[Searched] = []  # those that do not make a block yet
        self._open_block: Block | None = None  # made of them when a search comes by
        self._noted: dict[str, _Noted] = {}

    def add(self, passports: Sequence[Searched]) -> None:
        self._open += passports
        self._open_block = None
        if len(self._open) < BLOCK:
            return
        whole = len(self._open) - len(self._open) % BLOCK
        for start in range(0, whole, BLOCK):
            self._blocks.append(Block.of(self._open[start : start + BLOCK]))
        del self._open[:whole]

    def blocks(self) -> int:
        """How many have their final place; one more is open."""
        return len(self._blocks)

    def where(self, needle: str, first: int) -> Iterator[Block]:
        """Blocks that may have it, the oldest first, from the one with the number `first` on."""
        numbers = self._noted_of(needle).numbers
        for number in numbers[bisect_left(numbers, first) :]:
            yield self._blocks[number]
        if self._open:
            if self._open_block is None:
                self._open_block = Block.of(self._open)
            yield self._open_block

    def _noted_of(self, needle: str) -> _Noted:
        """From the shortest beginning letter by letter to the whole, unless no block has come since the last time."""
        known = self._noted.get(needle, _NOTHING_SEEN)
        if known.seen == len(self._blocks):
            return known
        noted = self._looked_for(needle[: _LETTERS[0]], None)
        for letters in _LETTERS[1:]:
            if letters < len(needle):
                noted = self._looked_for(needle[:letters], noted)
        return self._looked_for(needle, noted)

    def _looked_for(self, text: str, wider: _Noted | None) -> _Noted:
        """Note which blocks have a text: of those that it was not looked for in, only where a wider one was found."""
        now = len(self._blocks)
        before = self._noted.pop(text, _NOTHING_SEEN)
        if wider is None:
            among: Sequence[int] = range(before.seen, now)
        else:
            among = wider.numbers[bisect_left(wider.numbers, before.seen) :]
        new = tuple([number for number in among if contains(self._blocks[number].text, text)])
        numbers = before.numbers + new if new else before.numbers
        if wider and len(numbers) == len(wider.numbers):
            numbers = wider.numbers  # one tuple for both
        self._noted[text] = noted = _Noted(now, numbers)
        for oldest in list(islice(self._noted, max(0, len(self._noted) - BEGINNINGS_MAX))):
            del self._noted[oldest]
        return noted
