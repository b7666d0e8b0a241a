"""Runs that must raise nothing, and faults behind a mask: odd servers that conform, alone and together.

A mask is a card by chance and some odd servers on top of a fault. Where the fault says that nobody sees it under an
answer (`hidden_by`), the card has another; a fault that no card leaves in sight is told with the reason.
"""

from collections.abc import Mapping, Sequence
from importlib.metadata import entry_points
from itertools import combinations, cycle
from typing import NamedTuple, Protocol

from ...model import clock
from .cell import Cell
from .kills import Fault, rules_of
from .levels import LEVELS, SMALL
from .reading_sets import Card, alone, by_chance, completed, pairs

_GROUP = "tracepass_mock.variants"
_AT_ONCE = 5  # odd servers in one run, where all pairs of them are to stand together
_LOSES = "NET-lost"  # those that lose something: what they leave unsure is no kill
_TRIES = 40


class Variant(Protocol):
    """What the matrix knows of an odd server."""

    @property
    def id(self) -> str: ...
    @property
    def what(self) -> str: ...
    @property
    def because(self) -> str: ...


class Skipped(NamedTuple):
    """A mask that was not tried."""

    fault: str
    because: str


def conforming_variants() -> Mapping[str, Variant]:
    """All that are installed, by id."""
    found: dict[str, Variant] = {}
    for each in entry_points(group=_GROUP):
        found |= each.load()()
    return found


def conforming(count: int, seed: int = 1) -> Sequence[Cell]:
    """So many runs: each odd server and each answer alone, then pairs of either, then cards and servers by chance.

    Those by chance are given one level of knowledge after the other: a live deployment has limits that end.
    """
    dice, names = clock.dice(seed), sorted(conforming_variants())
    cells = [
        *(Cell(None, seed=seed, wire=(name,)) for name in names),
        *(Cell(None, dict(card), seed) for card in alone()),
        *(Cell(None, seed=seed, wire=wire) for wire in pairs_of(names, seed)),
        *(Cell(None, dict(card), seed) for card in pairs(seed)),
    ]
    cards = by_chance(max(0, count - len(cells)), seed)
    return [
        *cells,
        *(
            Cell(None, dict(card), seed, wire=some(names, dice), level=level)
            for card, level in zip(cards, cycle((*LEVELS[:-1], SMALL)), strict=False)
        ),
    ][:count]


def pairs_of(names: Sequence[str], seed: int = 1) -> Sequence[tuple[str, ...]]:
    """Few sets of names that have every two together, in one of them at least."""
    dice = clock.dice(seed)
    wanted = {pair for pair in combinations(sorted(names), 2) if _can_stand_together(pair)}
    sets: list[tuple[str, ...]] = []
    while wanted:
        together = list(min(wanted))
        while len(together) < _AT_ONCE:
            others = [name for name in names if name not in together and _can_stand_together([*together, name])]
            dice.shuffle(others)
            if not others:
                break
            gains = {other: sum(tuple(sorted((other, each))) in wanted for each in together) for other in others}
            together.append(max(others, key=gains.__getitem__))
        sets.append(tuple(sorted(together)))
        wanted -= set(combinations(sets[-1], 2))
    return sets


def some(names: Sequence[str], dice: clock.Dice) -> tuple[str, ...]:
    """Up to four of them, by chance."""
    chosen: list[str] = []
    for name in dice.sample(list(names), dice.randrange(min(5, len(names) + 1))):
        if _can_stand_together([*chosen, name]):
            chosen.append(name)
    return tuple(sorted(chosen))


def masked(faults: Sequence[Fault], seed: int = 1, each: int = 3) -> tuple[Sequence[Cell], Sequence[Skipped]]:
    """Each fault behind so many masks, and the masks that could not be made."""
    dice, names = clock.dice(seed), [name for name in sorted(conforming_variants()) if not name.startswith(_LOSES)]
    cells: list[Cell] = []
    skipped: list[Skipped] = []
    for fault in faults:
        in_sight = [name for name in names if name not in fault.hidden_by]
        for nth in range(each):
            profile = fault.profiles[nth % len(fault.profiles)]
            card = _card_in_sight(profile, fault.hidden_by, dice)
            if card is None:
                hidden = " or ".join(fault.hidden_by)
                skipped.append(Skipped(fault.id, f"no card with {dict(profile)} that is without {hidden}"))
            else:
                wire = some(in_sight, dice)
                broken = rules_of(fault)
                cells.append(Cell(fault.id, card, seed, broken, only_those=True, until_killed=True, wire=wire))
    return cells, skipped


def _card_in_sight(profile: Card, hidden_by: Sequence[str], dice: clock.Dice) -> Card | None:
    for _ in range(_TRIES):
        card = completed(dict(profile), dice)
        if not {f"{reading}={answer}" for reading, answer in card.items()} & set(hidden_by):
            return card
    return None


def _can_stand_together(names: Sequence[str]) -> bool:
    """Of those that differ in the same thing (CV-17, CV-17a, …), and of those that lose something, one at a time."""
    kinds = [_LOSES if name.startswith(_LOSES) else name.rstrip("abcdefgh") for name in names]
    return len(set(kinds)) == len(kinds)
