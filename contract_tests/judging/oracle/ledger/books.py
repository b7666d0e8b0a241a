"""Whether one way to keep the books agrees with one answer, and what is left after it."""

from .demands import (
    Books,
    Consent,
    Demand,
    Gate,
    Kind,
    State,
    Take,
)


def after(state: State, demand: Demand, books: Books) -> State | None:
    """The state after this answer; None if these books could not have given it."""
    match demand.kind:
        case Kind.ADMITTED | Kind.WRITE:
            return _admitted(state, demand, books)
        case Kind.OVER_BUDGET:
            return _over_budget(state, demand, books)
        case Kind.OVER_QUOTA:
            return _over_quota(state, demand, books)
        case Kind.UNPAID:
            return _unpaid(state, demand, books)
        case Kind.SHAPE:
            return _take_refused(state, demand, books.shape)
        case Kind.UNREAD:
            return _take_refused(state, demand, books.shape, perhaps=True)
        case _:
            return _take(state, demand, *_aside(demand.kind, books))


def takes_nothing(demand: Demand, books: Books) -> bool:
    """Whether a call that was not admitted leaves the meters as they are."""
    match demand.kind:
        case Kind.OVER_BUDGET:
            takes = books.over_budget, books.over_budget_slots
        case Kind.OVER_QUOTA | Kind.UNPAID:
            takes = books.over_quota, books.over_quota_slots
        case Kind.SHAPE | Kind.UNREAD:
            takes = books.shape, Take.NONE
        case _:
            takes = _aside(demand.kind, books)
    return takes == (Take.NONE, Take.NONE)


def _aside(kind: Kind, books: Books) -> tuple[Take, Take]:
    """What a call takes, in writes and slots, that neither meter decides on."""
    match kind:
        case Kind.REUSED:
            return books.reused, books.reused
        case Kind.REPLAY:
            return books.replay, books.replay_slots
        case Kind.STRANGER:
            return books.stranger, books.stranger
        case Kind.FOREIGN:
            return books.foreign, books.foreign
        case Kind.VOID:
            return Take.ANY, Take.NONE
        case _:
            return Take.ANY, Take.ANY


def _admitted(state: State, demand: Demand, books: Books) -> State | None:
    gate, taken = books.budget_gate, books.write if demand.kind is Kind.WRITE else books.admitted
    if demand.second_key and not books.one_budget_for_all_keys:
        gate, taken = Gate.ANY, Take.NONE
    needed = _amount(demand, books.needed)[1]
    admitted = _fits(state.writes, state.writes_max, needed, _gate(demand, gate, books))
    if admitted is None:
        return None
    gate = Gate.ANY if _has_consent(demand, books) and books.sells_overage else books.quota_gate
    wanted = _amount(demand, books.compared)[1]
    fitting = _fits(state.slots, state.slots_max, wanted, _gate(demand, gate, books))
    if fitting is None:
        return None
    return _take(State(*admitted, *fitting), demand, taken, books.slots)


def _over_budget(state: State, demand: Demand, books: Books) -> State | None:
    gate = _gate(demand, books.budget_gate, books)
    if demand.second_key and not books.one_budget_for_all_keys:
        gate = Gate.ANY
    refused = _does_not_fit(state.writes, state.writes_max, demand.size, gate)
    if refused is None:
        return None
    return _take(State(*refused, state.slots, state.slots_max), demand, books.over_budget, books.over_budget_slots)


def _over_quota(state: State, demand: Demand, books: Books) -> State | None:
    if _has_consent(demand, books) and books.sells_overage:
        return None  # quota.consent-covers-whole-batch
    wanted = demand.size if books.compared is Take.EVERY else demand.creatable
    refused = _does_not_fit(state.slots, state.slots_max, wanted, _gate(demand, books.quota_gate, books))
    if refused is None:
        return None
    return _take(State(state.writes, state.writes_max, *refused), demand, books.over_quota, books.over_quota_slots)


def _unpaid(state: State, demand: Demand, books: Books) -> State | None:
    """Without consent, a plan may have words of its own. With it, only one that sells no overage, or has lapsed."""
    if demand.pays and books.sells_overage and _has_consent(demand, books):
        return None
    return _take(state, demand, books.over_quota, Take.NONE)


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
    """What is taken beyond what is left is overage, or was never there: a meter does not go below zero."""
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
    """What a refused shape takes where less is left than it asks for is open: the rest, or nothing."""
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


def _gate(demand: Demand, gate: Gate, books: Books) -> Gate:
    return gate if demand.race is None or books.race_gate is Gate.EXACT else books.race_gate


def _has_consent(demand: Demand, books: Books) -> bool:
    match books.consent:
        case Consent.GIVEN:
            return bool(demand.consents >> books.way & 1)
        case Consent.REMEMBERED:
            return demand.after_consent or bool(demand.consents >> books.way & 1)
        case Consent.ANYTHING:
            return demand.says
        case Consent.IGNORED:
            return False
