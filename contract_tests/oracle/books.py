"""How a deployment may keep its books, and whether one answer agrees with that.

A `Books` is one way to count: what each kind of call takes, and when a batch is refused. The default is the contract;
what the contract leaves open, and what breaks it, is the same with some fields changed (worlds.py). A `State` is what
can be left: an interval of writes and one of slots. `after` takes one answer into account.
"""

from enum import Enum, auto
from math import inf
from typing import NamedTuple


class Kind(Enum):
    """What a call is to the books."""

    ADMITTED = auto()  # a batch with results
    WRITE = auto()  # a write of another endpoint
    OVER_BUDGET = auto()  # 429
    OVER_QUOTA = auto()  # 402 `overage_required`
    UNPAID = auto()  # 402 with another token, or 403
    SHAPE = auto()  # refused, and some reading finds fault with its shape
    REUSED = auto()  # refused because its key was in use
    REPLAY = auto()
    STRANGER = auto()  # refused for want of a valid key
    FOREIGN = auto()  # a batch of another workspace
    VOID = auto()  # refused for something else: it takes no slot, and what else it takes is open
    MAYBE = auto()  # its effect is not known


class Take(Enum):
    """How much of N a call takes, or needs."""

    NONE = auto()
    ONE = auto()
    CREATED = auto()
    EVERY = auto()
    ANY = auto()  # nothing, all, or something between


class Gate(Enum):
    """When a batch is refused for a meter."""

    EXACT = auto()  # when it needs more than is left, and then only
    OFF_BY_ONE = auto()  # already on an exact fit
    NEVER = auto()
    ANY = auto()  # who knows


class Demand(NamedTuple):
    """What a call asks of the books of a workspace, and how it was answered. `size` is N."""

    kind: Kind
    size: int = 0
    created: int = 0
    creatable: int = 0  # no more than these can have been creatable
    consents: int = 0  # bits, see consent.WAYS
    says: bool = False  # confirmOverage is there, with whatever value
    after_consent: bool = False  # an earlier call consented
    second_key: bool = False  # sent with another API key than the first one
    pays: bool = False  # an earlier call was admitted, so the subscription is active
    race: str | None = None
    number: int = 0


class State(NamedTuple):
    """The least and the most that can be left."""

    writes: float
    writes_max: float
    slots: float
    slots_max: float


UNKNOWN = State(0, inf, 0, inf)


class Consent(Enum):
    """What counts as consent."""

    GIVEN = auto()  # what the call says, in the places that are read
    REMEMBERED = auto()  # also what an earlier call said
    ANYTHING = auto()  # the mere presence of the member
    IGNORED = auto()  # nothing


class Books(NamedTuple):
    """One way to keep the books. Takes are of writes, unless they say slots."""

    needed: Take = Take.EVERY  # budget.refuses-whole-batch
    admitted: Take = Take.EVERY  # budget.counts-every-item
    write: Take = Take.EVERY  # budget.is-shared
    replay: Take = Take.NONE  # idempotency.replay-changes-nothing
    replay_slots: Take = Take.NONE
    over_budget: Take = Take.NONE
    over_budget_slots: Take = Take.NONE
    over_quota: Take = Take.NONE  # reading budget.refused-by-quota
    over_quota_slots: Take = Take.NONE
    shape: Take = Take.NONE  # reading budget.refused-shape
    reused: Take = Take.NONE
    stranger: Take = Take.NONE
    foreign: Take = Take.NONE
    slots: Take = Take.CREATED  # quota.failed-items-take-no-slot
    compared: Take = Take.EVERY  # reading quota.compares-with
    budget_gate: Gate = Gate.EXACT
    quota_gate: Gate = Gate.EXACT
    race_gate: Gate = Gate.EXACT  # limits.hold-under-concurrency
    one_budget_for_all_keys: bool = True  # reading budget.owner
    consent: Consent = Consent.GIVEN
    way: int = 0  # which of consent.WAYS
    sells_overage: bool = True
    renews: bool | None = True  # budget.renews-each-utc-day; None: at any time or never


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
        case _:
            return _take(state, demand, *_aside(demand.kind, books))


def takes_nothing(demand: Demand, books: Books) -> bool:
    """Whether a call that was not admitted leaves the meters as they are."""
    match demand.kind:
        case Kind.OVER_BUDGET:
            takes = books.over_budget, books.over_budget_slots
        case Kind.OVER_QUOTA | Kind.UNPAID:
            takes = books.over_quota, books.over_quota_slots
        case Kind.SHAPE:
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
        gate, taken = Gate.ANY, Take.ANY
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


def _take_refused(state: State, demand: Demand, writes: Take) -> State:
    """What a refused shape takes where less is left than it asks for is open: the rest, or nothing."""
    least, most = _amount(demand, writes)
    if writes is Take.ONE and demand.size == 0:
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
