"""From a run to its card, what the mock needs to be run with it, and in what two cards differ."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tracepass_contract import spec
from tracepass_contract.contract_tests.verdicts import RunResult


def card_of(result: RunResult) -> spec.Card:
    """What a run has found out: the readings with one answer left, and those with several."""
    seen = {each.reading: each.answers for each in result.observations if each.reading in spec.readings()}
    return spec.Card(
        {reading: seen[reading][0] for reading in spec.readings() if len(seen.get(reading, ())) == 1},
        {reading: seen[reading] for reading in spec.readings() if len(seen.get(reading, ())) > 1},
        deployment=result.target,
        observed_at=result.finished_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        spec_sha256=spec.sha256_of(spec.openapi_document()),
    )


@dataclass(frozen=True, slots=True)
class Served:
    """How the mock comes to behave like a card: what nobody saw and has to be chosen, and what it can't do."""

    chosen: Mapping[str, str]
    problems: Sequence[str]


def served(card: spec.Card) -> Served:
    """A reading that nobody saw has its default, unless that can't stand beside what was seen."""
    problems = spec.check_answers(card.readings)
    for reading, answer in _unseen(card) if problems else ():
        if not spec.check_answers({**card.readings, reading: answer}):
            return Served({reading: answer}, ())
    return Served({}, problems)


def _unseen(card: spec.Card) -> Iterator[tuple[str, str]]:
    """The answers that can still be true, those of narrowed readings first, and the likely before the others."""
    unknown = [each for each in spec.readings().values() if each.id not in card.readings]
    for reading in sorted(unknown, key=lambda each: each.id not in card.open):
        possible = [reading.answers[each] for each in _possible(card, reading) if each in reading.answers]
        yield from ((reading.id, each.id) for each in sorted(possible, key=lambda each: -(each.likely or 0)))


@dataclass(frozen=True, slots=True)
class Compared:
    """One reading on two deployments: the answers that can be true of each. All of them are where nothing was seen."""

    reading: spec.Reading
    one: Sequence[str]
    other: Sequence[str]

    @property
    def differs(self) -> bool:
        return not set(self.one) & set(self.other)

    @property
    def is_same(self) -> bool:
        return len(self.one) == 1 and self.one == self.other

    @property
    def is_told(self) -> bool:
        """Something is known of it, here or there."""
        return min(len(self.one), len(self.other)) < len(self.reading.answers)


def compared(one: spec.Card, other: spec.Card) -> Sequence[Compared]:
    """Every reading that is open to more than one answer."""
    rows = (Compared(each, _possible(one, each), _possible(other, each)) for each in spec.readings().values())
    return [each for each in rows if len(each.reading.answers) > 1]


def _possible(card: spec.Card, reading: spec.Reading) -> Sequence[str]:
    if reading.id in card.readings:
        return [card.readings[reading.id]]
    return list(card.open.get(reading.id, reading.answers))
