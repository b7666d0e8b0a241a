"""What calls take from the limits of a workspace, and the ways to count it.

A `Hypothesis` is one way to count: what each kind of call takes, and when a batch is refused. The default is the
contract; what the contract leaves open, and what breaks it, is the same with some fields changed (ways_to_count.py). A
`State` is what can be left: an interval of writes and one of slots.
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
    NO_VALID_KEY = auto()  # refused for want of a valid key
    FOREIGN = auto()  # a batch of another workspace
    UNREAD = auto()  # refused for its shape or for something before that: the most it takes is what a shape does
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


class Hypothesis(NamedTuple):
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
    no_valid_key: Take = Take.NONE
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
