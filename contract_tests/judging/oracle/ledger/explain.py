"""Whether one hypothesis explains a whole timeline.

Calls of a race may have been executed in any order. All orders are tried; equal calls are grouped and no situation is
tried twice, as in the linearizability checkers of Wing and Gong and of Porcupine.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence, Set
from math import prod

from .days import Entry, Midnight, Moved, SlotsOpen, Start
from .demands import UNKNOWN, Demand, Hypothesis, Kind, State
from .hypothesis import after, takes_nothing

ORDERS_MAX = 4096  # situations within a race; a race with more proves nothing
NONE_MUTED: Set[int] = frozenset()

Step = Entry | tuple[str, list[Demand]]


def steps_of(entries: Sequence[Entry]) -> Sequence[Step]:
    """The entries. Those of a race form one step, at the position of the first."""
    steps: list[Step] = []
    races: dict[str, list[Demand]] = {}
    for entry in entries:
        if not isinstance(entry, Demand) or entry.race is None:
            steps.append(entry)
        elif entry.race in races:
            races[entry.race].append(entry)
        else:
            races[entry.race] = [entry]
            steps.append((entry.race, races[entry.race]))
    return steps


def contradiction(steps: Sequence[Step], hypothesis: Hypothesis, muted: Set[int] = NONE_MUTED) -> int | None:
    """The number of the exchange that rules the hypothesis out; None where it explains all.

    The answers of `muted` exchanges are ignored.
    """
    states = {UNKNOWN}
    for step in steps:
        if isinstance(step, Demand):
            demand = _mute(step) if step.number in muted else step
            states = {new for state in states if (new := after(state, demand, hypothesis))}
            if not states:
                return step.number
        elif isinstance(step, tuple):
            race = [_mute(demand) if demand.number in muted else demand for demand in step[1]]
            states = _widest({new for state in states for new in _in_any_order(state, race, hypothesis)})
            if not states:
                return max(demand.number for demand in step[1])
        else:
            states = {_passed(state, step, hypothesis) for state in states}
    return None


def _passed(state: State, entry: Start | Midnight | Moved | SlotsOpen, hypothesis: Hypothesis) -> State:
    match entry:
        case Start():
            return entry.state
        case SlotsOpen():
            return state._replace(slots_max=state.slots_max + entry.slots)
        case Moved():
            return state._replace(writes=0, writes_max=UNKNOWN.writes_max) if hypothesis.renews is None else state
        case Midnight() if hypothesis.renews is True and entry.sure:
            return state._replace(writes=entry.writes, writes_max=entry.writes_max)
        case Midnight() if hypothesis.renews is False:
            return state
        case Midnight():
            low, high = min(state.writes, entry.writes), max(state.writes_max, entry.writes_max)
            return state._replace(writes=low, writes_max=high)


def _in_any_order(state: State, race: Sequence[Demand], hypothesis: Hypothesis) -> set[State]:
    """The widest states after any order of the race.

    Within a race the balances only fall. So a refusal that takes nothing can always come last, when least is left. A
    call of unknown effect can come before these, but after the admitted calls.
    """
    first, then, last = _sorted(race, hypothesis)
    states = _orders(state, first, hypothesis)
    for demand in (*then, *last):
        states = {new for at in states if (new := after(at, demand, hypothesis))}
    return _widest(states)


def _sorted(race: Sequence[Demand], hypothesis: Hypothesis) -> tuple[list[Demand], list[Demand], list[Demand]]:
    """The calls to try in every order, those that can come after them, and those that can come last."""
    first: list[Demand] = []
    then: list[Demand] = []
    last: list[Demand] = []
    for demand in race:
        if demand.kind in (Kind.ADMITTED, Kind.WRITE):
            first.append(demand)
        elif demand.kind in (Kind.MAYBE, Kind.VOID, Kind.UNREAD):
            then.append(demand)
        else:
            (last if takes_nothing(demand, hypothesis) else first).append(demand)
    if any(demand.kind not in (Kind.ADMITTED, Kind.WRITE) for demand in first):
        first, then = [*first, *then], []
    return first, then, last


def _orders(state: State, race: Sequence[Demand], hypothesis: Hypothesis) -> set[State]:
    """The widest states after all orders of these calls.

    Equal calls are interchangeable, so only their number counts. Each round adds one call. `reached` maps how many
    calls of each kind are left to the states before these.
    """
    counts = Counter(demand._replace(number=0) for demand in race)
    if prod(count + 1 for count in counts.values()) > ORDERS_MAX:
        return {_all_muted(state, race, hypothesis)}
    reached = {tuple(counts.values()): {state}}
    for _ in race:
        following: dict[tuple[int, ...], set[State]] = defaultdict(set)
        for left, states in reached.items():
            for position, demand in enumerate(counts):
                if left[position]:
                    found = {new for before in states if (new := after(before, demand, hypothesis))}
                    following[_one_less(left, position)] |= found
        reached = {left: _widest(states) for left, states in following.items() if states}
    return {end for states in reached.values() for end in states}


def _one_less(left: tuple[int, ...], position: int) -> tuple[int, ...]:
    return (*left[:position], left[position] - 1, *left[position + 1 :])


def _widest(states: set[State]) -> set[State]:
    """The states without those that lie within another one, which explains all that they explain."""
    if len(states) < 2:
        return states
    return {state for state in states if not any(other is not state and _within(state, other) for other in states)}


def _within(state: State, other: State) -> bool:
    return (
        other.writes <= state.writes
        and state.writes_max <= other.writes_max
        and other.slots <= state.slots
        and state.slots_max <= other.slots_max
    )


def _all_muted(state: State, race: Sequence[Demand], hypothesis: Hypothesis) -> State:
    for demand in race:
        state = after(state, _mute(demand), hypothesis) or state
    return state


def _mute(demand: Demand) -> Demand:
    return demand._replace(kind=Kind.MAYBE)
