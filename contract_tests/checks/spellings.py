"""Spellings of a serial number: pairs of texts that a lossy store, gateway or export takes for one.

| dimension | values |
|---|---|
| change | white space, zeros, escapes, quotes, markup, formulas, paths, Unicode, control characters, length |
| place | at the beginning, inside, at the end |
| domain | GS1's 82 characters and at most 20 of them; any text of 1 to 100 characters |
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, product
from string import ascii_uppercase

PLACES = ("{mark}CONF-{run}{base}", "CONF-{mark}{run}{base}", "CONF-{run}{base}{mark}")
_BASES = ["".join(letters) for letters in product(ascii_uppercase, repeat=2)]


@dataclass(frozen=True, slots=True)
class Change:
    """Two marks that differ in one way. No reading takes two serial numbers for one that differ so."""

    one: str
    other: str


@dataclass(frozen=True, slots=True)
class Serials:
    """`one` and `other` differ only in the marks of a change. `alone` has the other mark, and nothing is similar to it:
    it shows whether the deployment accepts the mark at all.
    """

    one: str
    other: str
    alone: str

    @property
    def all(self) -> Sequence[str]:
        return (self.one, self.other, self.alone)


OF_GS1 = (  # at most 5 characters each, so that serial numbers have at most 20
    Change("0", "00"),
    Change("0", ""),
    Change("-0", "0"),
    Change(".10", ".1"),
    Change("+1", "1"),
    Change("%2F", "/"),
    Change("%25", "%"),
    Change("%41", "A"),
    Change("+", "%20"),
    Change("&amp;", "&"),
    Change("&lt;", "<"),
    Change("<b>", ""),
    Change('"', ""),
    Change("'", ""),
    Change("''", "'"),
    Change('""', '"'),
    Change("=1+1", "'=1+1"),
    Change("=1", "1"),
    Change("_", "X"),
    Change("%", "XY"),
    Change("*", "Z"),
    Change("-", "_"),
    Change("-", ""),
    Change(".", ""),
    Change("//", "/"),
    Change("/./", "/"),
    Change("..", "."),
    Change("/", "-"),
    Change(",", ";"),
    Change(":", ""),
    Change("(1)", "1"),
    Change("?", ""),
    Change("!", ""),
)
GS1 = "the characters of GS1"
OF_ANY_TEXT: Mapping[str, Sequence[Change]] = {  # in groups: one text may refuse a batch (items.serial-domain);
    # at most 84 characters each, so that serial numbers have at most 100
    "spaces inside": (Change("A  B", "A B"), Change("A B", "AB"), Change("A\tB", "A B"), Change("A\u00a0B", "A B")),
    "lines": (Change("A\nB", "A B"), Change("A\r\nB", "A\nB")),
    "escapes": (Change("A\\nB", "A\nB"), Change("\\u0041.", "A."), Change("A\\\\B", "A\\B"), Change('A\\"B', 'A"B')),
    "braces": (Change("{B}", "B"), Change("${B}", "{B}"), Change("[B]", "B"), Change("A|B", "AB"), Change("A#B", "A")),
    "control characters": (Change("A\x01B", "AB"), Change("A\x1fB", "AB"), Change("A\x7fB", "AB")),
    "zero": (Change("A\x00B", "AB"), Change("A\x00B", "A")),
    "accents": (Change("A\u00e9B", "AeB"), Change("A\u00f6B", "AoeB"), Change("A\u00f6B", "A?B")),
    "letters alike": (Change("A\u0430B", "AaB"), Change("A\uff11B", "A1B"), Change("A\u2460B", "A1B")),
    "nothing to see": (Change("A\u200bB", "AB"), Change("A\u202eB", "AB"), Change("A\ufeffB", "AB")),
    "beyond the BMP": (
        Change("A\U0001f600B", "A\U0001f601B"),
        Change("A\U0001f600B", "A?B"),
        Change("A\U00020bb7B", "A\u91ceB"),
    ),
    "much text": (Change("x" * 84, "x" * 83), Change("x" * 83 + "1", "x" * 83 + "2"), Change("y" * 30, "y" * 31)),
    "much text beyond ASCII": (Change("\u00e9" * 83 + "1", "\u00e9" * 83 + "2"),),
    "much text beyond the BMP": (Change("\U0001f600" * 83 + "1", "\U0001f600" * 83 + "2"),),
}  # fmt: skip
NUMBERS = ("12", "012", "12.0", "+12", "-12", "1e5", "100000", "1e400", "0x1F", "31", "0", "-0", "00", "1_000", "1000")
WORDS = ("null", "true", "false", "undefined", "NaN", "Infinity", "None", "2026-06-01", "01.06.2026", "1/2", "[]", "{}")


def serials_of(group: str, run: str, places: Sequence[str] = PLACES, start: int = 0) -> Iterator[Serials]:
    """The serial numbers of each change of a group in each place. No two are equal, also those of two groups, and those
    with another `start`, a multiple of 300.
    """
    numbers = count(start)
    changes = OF_ANY_TEXT.get(group, OF_GS1)
    for change, place in product(changes, places):
        base, another = (f"{_letter_of(group)}{_BASES[next(numbers)]}" for _ in range(2))
        yield Serials(
            place.format(mark=change.one, run=run, base=base),
            place.format(mark=change.other, run=run, base=base),
            place.format(mark=change.other, run=run, base=another),
        )


def _letter_of(group: str) -> str:
    return ascii_uppercase[[*OF_ANY_TEXT].index(group)] if group in OF_ANY_TEXT else ""
