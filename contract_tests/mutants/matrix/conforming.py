"""Runs that must report nothing, and faults behind a mask.

Conforming variants run alone and together. A mask is a random card with some variants on top of a fault. It avoids the
answers and variants that hide the fault (`hidden_by`); a fault without such a card is skipped with the reason.
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
_AT_ONCE = 5  # variants in one run, where all pairs of them are tried
_LOSES = "NET-lost"  # variants that lose calls or answers: an inconclusive test is no kill
_TRIES = 40


class Variant(Protocol):
    """What the matrix knows of a conforming variant."""

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
    """All installed variants by id."""
    found: dict[str, Variant] = {}
    for each in entry_points(group=_GROUP):
        found |= each.load()()
    return found


def conforming(count: int, seed: int = 1) -> Sequence[Cell]:
    """This number of runs: each variant and each answer alone, then in pairs, then random cards and variants.

    The random ones run at one level of knowledge after the other, since a live deployment has limits.
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
    """A few sets of names, so that every pair of names is in one of them."""
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
    """Up to four of them, at random."""
    chosen: list[str] = []
    for name in dice.sample(list(names), dice.randrange(min(5, len(names) + 1))):
        if _can_stand_together([*chosen, name]):
            chosen.append(name)
    return tuple(sorted(chosen))


def masked(faults: Sequence[Fault], seed: int = 1, each: int = 3) -> tuple[Sequence[Cell], Sequence[Skipped]]:
    """Each fault behind this number of masks, and the masks that could not be made."""
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
    """Whether no two differ in the same thing (CV-17, CV-17a, …), and at most one loses something."""
    kinds = [_LOSES if name.startswith(_LOSES) else name.rstrip("abcdefgh") for name in names]
    return len(set(kinds)) == len(kinds)
