"""Whether a hypothesis agrees with an answer, and what is left after it."""

from .demands import (
    Consent,
    Demand,
    Gate,
    Hypothesis,
    Kind,
    State,
    Take,
)


def after(state: State, demand: Demand, hypothesis: Hypothesis) -> State | None:
    """The state after this answer; None where the hypothesis contradicts it."""
    match demand.kind:
        case Kind.ADMITTED | Kind.WRITE:
            return _admitted(state, demand, hypothesis)
        case Kind.OVER_BUDGET:
            return _over_budget(state, demand, hypothesis)
        case Kind.OVER_QUOTA:
            return _over_quota(state, demand, hypothesis)
        case Kind.UNPAID:
            return _unpaid(state, demand, hypothesis)
        case Kind.SHAPE:
            return _take_refused(state, demand, hypothesis.shape)
        case Kind.UNREAD:
            return _take_refused(state, demand, hypothesis.shape, perhaps=True)
        case _:
            return _take(state, demand, *_takes_of_other_call(demand.kind, hypothesis))


def takes_nothing(demand: Demand, hypothesis: Hypothesis) -> bool:
    """Whether a call that was not admitted takes nothing."""
    match demand.kind:
        case Kind.OVER_BUDGET:
            takes = hypothesis.over_budget, hypothesis.over_budget_slots
        case Kind.OVER_QUOTA | Kind.UNPAID:
            takes = hypothesis.over_quota, hypothesis.over_quota_slots
        case Kind.SHAPE | Kind.UNREAD:
            takes = hypothesis.shape, Take.NONE
        case _:
            takes = _takes_of_other_call(demand.kind, hypothesis)
    return takes == (Take.NONE, Take.NONE)


def _takes_of_other_call(kind: Kind, hypothesis: Hypothesis) -> tuple[Take, Take]:
    """The writes and slots of a call that is neither admitted nor refused for a limit."""
    match kind:
        case Kind.REUSED:
            return hypothesis.reused, hypothesis.reused
        case Kind.REPLAY:
            return hypothesis.replay, hypothesis.replay_slots
        case Kind.NO_VALID_KEY:
            return hypothesis.no_valid_key, hypothesis.no_valid_key
        case Kind.FOREIGN:
            return hypothesis.foreign, hypothesis.foreign
        case Kind.VOID:
            return Take.ANY, Take.NONE
        case _:
            return Take.ANY, Take.ANY


def _admitted(state: State, demand: Demand, hypothesis: Hypothesis) -> State | None:
    gate, taken = hypothesis.budget_gate, hypothesis.write if demand.kind is Kind.WRITE else hypothesis.admitted
    if demand.second_key and not hypothesis.one_budget_for_all_keys:
        gate, taken = Gate.ANY, Take.NONE
    needed = _amount(demand, hypothesis.needed)[1]
    admitted = _fits(state.writes, state.writes_max, needed, _gate(demand, gate, hypothesis))
    if admitted is None:
        return None
    gate = Gate.ANY if _has_consent(demand, hypothesis) and hypothesis.sells_overage else hypothesis.quota_gate
    wanted = _amount(demand, hypothesis.compared)[1]
    fitting = _fits(state.slots, state.slots_max, wanted, _gate(demand, gate, hypothesis))
    if fitting is None:
        return None
    return _take(State(*admitted, *fitting), demand, taken, hypothesis.slots)


def _over_budget(state: State, demand: Demand, hypothesis: Hypothesis) -> State | None:
    gate = _gate(demand, hypothesis.budget_gate, hypothesis)
    if demand.second_key and not hypothesis.one_budget_for_all_keys:
        gate = Gate.ANY
    refused = _does_not_fit(state.writes, state.writes_max, demand.size, gate)
    if refused is None:
        return None
    return _take(
        State(*refused, state.slots, state.slots_max), demand, hypothesis.over_budget, hypothesis.over_budget_slots
    )


def _over_quota(state: State, demand: Demand, hypothesis: Hypothesis) -> State | None:
    if _has_consent(demand, hypothesis) and hypothesis.sells_overage:
        return None  # quota.consent-covers-whole-batch
    wanted = demand.size if hypothesis.compared is Take.EVERY else demand.creatable
    refused = _does_not_fit(state.slots, state.slots_max, wanted, _gate(demand, hypothesis.quota_gate, hypothesis))
    if refused is None:
        return None
    return _take(
        State(state.writes, state.writes_max, *refused), demand, hypothesis.over_quota, hypothesis.over_quota_slots
    )


def _unpaid(state: State, demand: Demand, hypothesis: Hypothesis) -> State | None:
    """Without consent, any plan may answer so. With consent, only a plan that sells no overage, or has lapsed."""
    if demand.pays and hypothesis.sells_overage and _has_consent(demand, hypothesis):
        return None
    return _take(state, demand, hypothesis.over_quota, Take.NONE)


def _fits(low: float, high: float, needed: int, gate: Gate) -> tuple[float, float] | None:
    if gate in (Gate.ANY, Gate.NEVER):
        return low, high
    low = max(low, needed + (gate is Gate.OFF_BY_ONE))
    return (low, high) if low <= high else None


def _does_not_fit(low: float, high: float, needed: int, gate: Gate) -> tuple[float, float] | None:
    if gate is Gate.ANY:
        return low, high
    if gate is Gate.NEVER:
        return None
    high = min(high, needed - (gate is Gate.EXACT))
    return (low, high) if low <= high else None


def _take(state: State, demand: Demand, writes: Take, slots: Take) -> State:
    """The rest after a call. It is never below zero: what a call takes beyond the rest is overage."""
    if writes is Take.NONE and slots is Take.NONE:
        return state
    least, most = _amount(demand, writes)
    least_slots, most_slots = _amount(demand, slots)
    return State(
        max(state.writes - most, 0),
        max(state.writes_max - least, 0),
        max(state.slots - most_slots, 0),
        max(state.slots_max - least_slots, 0),
    )


def _take_refused(state: State, demand: Demand, writes: Take, *, perhaps: bool = False) -> State:
    """The rest after a refused shape. Where less is left than it asks for, it takes the rest or nothing."""
    least, most = _amount(demand, writes)
    if perhaps or (writes is Take.ONE and demand.size == 0):
        least = 0  # a body of which no item could be read
    high = (
        state.writes_max - least
        if state.writes >= most
        else max(state.writes_max - least, min(state.writes_max, most - 1))
    )
    return state._replace(writes=max(state.writes - most, 0), writes_max=high)


def _amount(demand: Demand, take: Take) -> tuple[int, int]:
    match take:
        case Take.NONE:
            return 0, 0
        case Take.ONE:
            return 1, 1
        case Take.CREATED:
            return demand.created, demand.created
        case Take.EVERY:
            return demand.size, demand.size
        case Take.ANY:
            return 0, demand.size


def _gate(demand: Demand, gate: Gate, hypothesis: Hypothesis) -> Gate:
    return gate if demand.race is None or hypothesis.race_gate is Gate.EXACT else hypothesis.race_gate


def _has_consent(demand: Demand, hypothesis: Hypothesis) -> bool:
    match hypothesis.consent:
        case Consent.GIVEN:
            return bool(demand.consents >> hypothesis.way & 1)
        case Consent.REMEMBERED:
            return demand.after_consent or bool(demand.consents >> hypothesis.way & 1)
        case Consent.ANYTHING:
            return demand.says
        case Consent.IGNORED:
            return False
