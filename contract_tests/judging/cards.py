"""Cards: read from a file, made from a run, served by the mock, and compared."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tracepass_contract import spec

from ..model.outcomes import BadDeployment
from ..model.verdicts import RunResult


def required(path: Path | None) -> Mapping[str, str]:
    """The readings of a card; none without a card. Raises as `known_card`."""
    return known_card(path).readings if path is not None else {}


def known_card(path: Path) -> spec.Card:
    """A card with known readings and answers. Raises `UnreadableFile` and `BadDeployment`."""
    card = spec.load_card(path)
    several = {**{reading: [answer] for reading, answer in card.readings.items()}, **card.open}
    if problems := [problem for reading, answers in several.items() for problem in _unknown(reading, answers)]:
        raise BadDeployment(f"{path}: {' '.join(problems)}")
    return card


def _unknown(reading: str, answers: Sequence[str]) -> Iterator[str]:
    known = spec.readings().get(reading)
    if known is None:
        yield spec.no_such_reading(reading)
    elif not answers:
        yield f"{reading}: the list of answers is empty. The answers are {', '.join(known.answers)}."
    else:
        yield from (spec.no_such_answer(known, answer) for answer in answers if answer not in known.answers)


def card_of(result: RunResult) -> spec.Card:
    """The card of a run: readings with one possible answer, and readings with several."""
    seen = {each.reading: each.answers for each in result.observations if each.reading in spec.readings()}
    return spec.Card(
        {reading: seen[reading][0] for reading in spec.readings() if len(seen.get(reading, ())) == 1},
        {reading: seen[reading] for reading in spec.readings() if len(seen.get(reading, ())) > 1},
        deployment=result.target,
        observed_at=result.finished_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        spec_sha256=spec.sha256_of(spec.openapi_document()),
    )


def questions() -> Sequence[spec.Reading]:
    """The readings that deployments can answer differently."""
    return [each for each in spec.readings().values() if len(each.answers) > 1]


@dataclass(frozen=True, slots=True)
class Served:
    """How the mock can behave like a card: further readings to choose, or why it can't."""

    chosen: Mapping[str, str]
    problems: Sequence[str]


def served(card: spec.Card) -> Served:
    """An unknown reading gets its default, unless that is ruled out or contradicts other readings."""
    ruled_out = {
        reading: next(_likeliest_first(card, spec.readings()[reading]))
        for reading, answers in card.open.items()
        if spec.readings()[reading].default not in answers
    }
    wanted = {**card.readings, **ruled_out}
    found = spec.fitting(wanted, _unseen(card))
    if found is None:
        return Served({}, spec.check_answers(wanted))
    return Served({reading: answer for reading, answer in found.items() if reading not in card.readings}, ())


def _unseen(card: spec.Card) -> Iterator[tuple[str, str]]:
    """The answers that are still possible: first those of narrowed readings; for each reading, the likeliest first."""
    unknown = [each for each in questions() if each.id not in card.readings]
    for reading in sorted(unknown, key=lambda each: each.id not in card.open):
        yield from ((reading.id, answer) for answer in _likeliest_first(card, reading))


def _likeliest_first(card: spec.Card, reading: spec.Reading) -> Iterator[str]:
    """The answers that are still possible, those that break a rule last; otherwise in the order of the file."""
    possible = [each for each in reading.answers.values() if each.id in _possible(card, reading)]
    yield from (each.id for each in sorted(possible, key=lambda each: bool(each.contradicts)))


@dataclass(frozen=True, slots=True)
class Compared:
    """One reading on two deployments: the possible answers of each. All answers are possible where nothing is known."""

    reading: spec.Reading
    one: Sequence[str]
    other: Sequence[str]
    one_is_known: bool
    other_is_known: bool

    @property
    def differs(self) -> bool:
        return not set(self.one) & set(self.other)

    @property
    def is_same(self) -> bool:
        return len(self.one) == 1 and self.one == self.other


def compared(one: spec.Card, other: spec.Card) -> Sequence[Compared]:
    """Every reading that can be answered differently."""
    return [
        Compared(each, _possible(one, each), _possible(other, each), _is_known(one, each), _is_known(other, each))
        for each in questions()
    ]


def _is_known(card: spec.Card, reading: spec.Reading) -> bool:
    return reading.id in card.readings or reading.id in card.open


def _possible(card: spec.Card, reading: spec.Reading) -> Sequence[str]:
    if reading.id in card.readings:
        return [card.readings[reading.id]]
    return list(card.open.get(reading.id, reading.answers))
