"""What calls take from the budget and the quota of a workspace, and the hypotheses on how that is counted.

A `Hypothesis` says what each kind of call takes, and when a batch is refused. The default is the contract. Other
hypotheses change some fields: readings of the contract, and breaches of it (ways_to_count.py). A `State` is what can be
left: an interval of writes and one of slots.
"""

from enum import Enum, auto
from math import inf
from typing import NamedTuple


class Kind(Enum):
    """What a call is to the budget and the quota."""

    ADMITTED = auto()  # a batch with results
    WRITE = auto()  # a write of another endpoint
    OVER_BUDGET = auto()  # 429
    OVER_QUOTA = auto()  # 402 `overage_required`
    UNPAID = auto()  # 402 with another token, or 403
    SHAPE = auto()  # refused, and some reading finds fault with its shape
    REUSED = auto()  # refused because its key was in use
    REPLAY = auto()
    NO_VALID_KEY = auto()  # refused with 401
    FOREIGN = auto()  # a batch of another workspace
    UNREAD = auto()  # refused for its shape or before that: it takes at most what SHAPE takes
    VOID = auto()  # refused for another reason: it takes no slot, and an unknown number of writes
    MAYBE = auto()  # its effect is unknown


class Take(Enum):
    """How much of N a call takes, or needs."""

    NONE = auto()
    ONE = auto()
    CREATED = auto()
    EVERY = auto()
    ANY = auto()  # any number from 0 to N


class Gate(Enum):
    """When a batch is refused for a limit."""

    EXACT = auto()  # only when it needs more than is left
    OFF_BY_ONE = auto()  # also when it fits exactly
    NEVER = auto()
    ANY = auto()  # unknown


class Demand(NamedTuple):
    """What a call asks of budget and quota, and how it was answered. `size` is N."""

    kind: Kind
    size: int = 0
    created: int = 0
    creatable: int = 0  # the most items that could be created
    consents: int = 0  # bits, see consent.WAYS
    says: bool = False  # it has confirmOverage, with any value
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

    GIVEN = auto()  # the consent of this call, in the places that are read
    REMEMBERED = auto()  # also the consent of an earlier call
    ANYTHING = auto()  # any value of the member
    IGNORED = auto()  # nothing


class Hypothesis(NamedTuple):
    """One way to count. A `Take` is of writes unless its name says slots."""

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
    renews: bool | None = True  # budget.renews-each-utc-day; None: at any time, or never
