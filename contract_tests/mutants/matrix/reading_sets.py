"""Readings to run with: each answer alone, all pairs of answers in a few cards, random cards.

Answers that break a rule are left out.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from tracepass_contract import spec

from ...model import clock

Card = Mapping[str, str]
_SETTABLE = [reading for reading in spec.readings().values() if reading.settable]
_ANSWERS = {each.id: [a.id for a in each.answers.values() if not a.contradicts] for each in _SETTABLE}
_TRIES = 30  # to complete a card, of which the one that covers the most is taken


def alone() -> Sequence[Card]:
    """Each answer other than the default, with another reading where it contradicts the defaults."""
    return [card for reading, answer in _others() if (card := _possible({reading: answer}))]


def pairs(seed: int = 1) -> Sequence[Card]:
    """Cards that contain every possible pair of answers."""
    dice = clock.dice(seed)
    wanted = {pair for pair in _pairs_of_answers() if _possible(dict(pair))}
    cards: list[Card] = []
    while wanted:
        first = min(wanted)
        tries = [completed(dict(first), dice) for _ in range(_TRIES)]
        best = max(tries, key=lambda card: len(wanted & _pairs_in(card)))
        cards.append(best)
        wanted -= _pairs_in(best)
    return cards


def by_chance(count: int, seed: int = 1) -> Sequence[Card]:
    dice = clock.dice(seed)
    return [completed({}, dice) for _ in range(count)]


def _others() -> Iterator[tuple[str, str]]:
    for reading in _SETTABLE:
        yield from ((reading.id, answer) for answer in _ANSWERS[reading.id] if answer != reading.default)


def _possible(card: Card) -> Card | None:
    """The card, with one more reading where it contradicts a default; None where that is impossible."""
    return spec.fitting(card, _others())


def completed(card: dict[str, str], dice: clock.Dice) -> Card:
    """The card with an answer to every reading, as far as they agree."""
    card = dict(_possible(card) or card)
    readings = [each.id for each in _SETTABLE if each.id not in card]
    dice.shuffle(readings)
    for reading in readings:
        answers = list(_ANSWERS[reading])
        dice.shuffle(answers)
        card = next(
            (tried for each in answers if not spec.check_answers(tried := {**card, reading: each})),
            card,
        )
    return card


def _pairs_of_answers() -> Iterator[tuple[tuple[str, str], tuple[str, str]]]:
    every = [(reading, answer) for reading, answers in sorted(_ANSWERS.items()) for answer in answers]
    yield from ((one, other) for one, other in combinations(every, 2) if one[0] != other[0])


def _pairs_in(card: Card) -> set[tuple[tuple[str, str], tuple[str, str]]]:
    return set(combinations(sorted(card.items()), 2))
