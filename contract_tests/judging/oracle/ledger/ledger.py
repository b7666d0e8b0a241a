"""The write budget and the passport quota: which hypotheses explain a history, or which rule is violated."""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set

from ..calls.consent import PLACES, WAYS, contradictory
from ..calls.notes import Notes
from .demands import Demand, Hypothesis, Kind, Take
from .explain import Step, contradiction, steps_of
from .timeline import Timeline, demands
from .ways_to_count import (
    ASKS,
    PLAIN,
    TELLING,
    UNUSUAL,
    WHOLE,
    Breach,
    permitted,
    ways_apart,
    with_breach,
)

CHECK = "oracle.ledgers"
TAKES: Mapping[Take, str] = {Take.NONE: "none", Take.ONE: "one", Take.EVERY: "every-item"}
COMPARED: Mapping[Take, str] = {Take.EVERY: "requested-items", Take.CREATED: "creatable-items"}


def check_ledger(timeline: Timeline, notes: Notes) -> None:
    """Judge the budget and the quota of one workspace by its answers."""
    if timeline.undisclosed:
        because = "a 402 that consent would avoid does not say `overage_required`"
        notes.violates(ASKS, CHECK, because, timeline.undisclosed)
    hypotheses, steps = permitted(timeline), steps_of(timeline.entries)
    ends = {}
    for hypothesis in hypotheses:
        notes.go_on()
        ends[hypothesis] = contradiction(steps, hypothesis)
    left = [hypothesis for hypothesis, number in ends.items() if number is None]
    if left:
        _observe(timeline, ends, notes)
        if timeline.exclusive:
            _kept(steps, left, notes)
        return
    last = max(number for number in ends.values() if number is not None)
    breach = _explanation(steps, _up_to(steps, last), hypotheses, notes)
    witnesses = _witnesses(_up_to(steps, last), hypotheses, notes)
    if timeline.exclusive:
        notes.violates(breach.rule, CHECK, breach.because, witnesses)
    else:
        because = f"{breach.because}, or another client uses the workspace"
        notes.inconclusive(breach.rule, CHECK, because, witnesses)


def _explanation(
    steps: Sequence[Step], known: Sequence[Step], hypotheses: Sequence[Hypothesis], notes: Notes
) -> Breach:
    """The first breach that explains all steps; where none does, all steps up to the contradiction."""
    for until in (steps, known):
        for breach in (*PLAIN, *UNUSUAL):
            notes.go_on()
            if any(contradiction(until, hypothesis) is None for hypothesis in with_breach(hypotheses, breach)):
                return breach
    return Breach(WHOLE, "no balance explains the answers", {})


def _witnesses(steps: Sequence[Step], hypotheses: Sequence[Hypothesis], notes: Notes) -> Sequence[int]:
    """A minimal set of exchanges that contradict each other: without any one of them there is an explanation."""
    numbers = [demand.number for step in steps for demand in _demands(step)]
    muted: set[int] = set()
    size = len(numbers)
    while size:
        for start in range(0, len(numbers), size):
            notes.go_on()
            more = muted.union(numbers[start : start + size])
            if all(contradiction(steps, hypothesis, more) is not None for hypothesis in hypotheses):
                muted = more
        numbers = [number for number in numbers if number not in muted]
        size = min(size, len(numbers)) // 2
    return sorted(set(numbers))


def _up_to(steps: Sequence[Step], last: int) -> Sequence[Step]:
    ends = [position for position, step in enumerate(steps) if any(demand.number == last for demand in _demands(step))]
    return steps[: ends[0] + 1]


def _demands(step: Step) -> Sequence[Demand]:
    if isinstance(step, Demand):
        return [step]
    return step[1] if isinstance(step, tuple) else []


def _kept(steps: Sequence[Step], left: Sequence[Hypothesis], notes: Notes) -> None:
    """A rule conforms where the history of a workspace rules out a plain breach of it."""
    for breach in PLAIN:
        notes.go_on()
        if breach.changes not in TELLING or notes.is_shown(breach.rule, CHECK):
            continue
        if numbers := _ruled_out(steps, with_breach(left, breach)):
            notes.conforms(breach.rule, CHECK, numbers)


def _ruled_out(steps: Sequence[Step], hypotheses: Iterable[Hypothesis]) -> Set[int]:
    """The first exchange that rules out each hypothesis; empty where one remains."""
    numbers: set[int] = set()
    for hypothesis in hypotheses:
        number = contradiction(steps, hypothesis)
        if number is None:
            return frozenset()
        numbers.add(number)
    return numbers


def _observe(timeline: Timeline, ends: Mapping[Hypothesis, int | None], notes: Notes) -> None:
    """Observe the readings of which some answers are ruled out."""
    _remaining("budget.refused-shape", lambda hypothesis: [TAKES[hypothesis.shape]], ends, notes)
    _remaining("budget.refused-by-quota", lambda hypothesis: [TAKES[hypothesis.over_quota]], ends, notes)
    _remaining("quota.compares-with", lambda hypothesis: [COMPARED[hypothesis.compared]], ends, notes)
    alike = {ways[0]: ways for ways in ways_apart(timeline)}
    _remaining("quota.consent-place", lambda hypothesis: [WAYS[way][0] for way in alike[hypothesis.way]], ends, notes)
    _remaining("quota.conflicting-consent", _conflicts(timeline, alike), ends, notes)


def _conflicts(timeline: Timeline, alike: Mapping[int, Sequence[int]]) -> Callable[[Hypothesis], Set[str]]:
    """A deployment may refuse contradictory consent where it executed no call with it, in the places that it reads."""
    executed = {demand.consents for demand in demands(timeline.entries) if demand.kind is Kind.ADMITTED}
    places = {place for place in PLACES if not any(contradictory(bits, place) for bits in executed)}

    def answers(hypothesis: Hypothesis) -> Set[str]:
        ways = [WAYS[way] for way in alike[hypothesis.way]]
        return {conflict for _, conflict in ways} | {"refused" for place, _ in ways if place in places}

    return answers


def _remaining(
    reading: str, answers: Callable[[Hypothesis], Iterable[str]], ends: Mapping[Hypothesis, int | None], notes: Notes
) -> None:
    every = {answer for hypothesis in ends for answer in answers(hypothesis)}
    left = {answer for hypothesis, number in ends.items() if number is None for answer in answers(hypothesis)}
    if left < every:
        notes.observe(reading, left, {number for number in ends.values() if number is not None})
