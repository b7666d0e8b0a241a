"""Bookkeeping hypotheses: the ways to count that the contract leaves open, and the ways that break it."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

from ..calls.consent import WAYS
from .days import Start
from .demands import Consent, Gate, Hypothesis, Kind, Take
from .timeline import Timeline, demands


class Breach(NamedTuple):
    """A way to count that breaks a rule, by what it changes in a hypothesis that is permitted."""

    rule: str
    because: str
    changes: Mapping[str, Any]


def permitted(timeline: Timeline) -> Sequence[Hypothesis]:
    """Every way to count that the readings leave, as far as they differ on this timeline."""
    kinds = {demand.kind for demand in demands(timeline.entries)}
    shapes = [Take.NONE, Take.ONE, Take.EVERY] if kinds & {Kind.SHAPE, Kind.UNREAD} else [Take.NONE]
    refusals = [Take.NONE, Take.EVERY] if kinds & {Kind.OVER_QUOTA, Kind.UNPAID} else [Take.NONE]
    compared = [Take.EVERY, Take.CREATED] if Kind.OVER_QUOTA in kinds or _has_quota(timeline) else [Take.EVERY]
    ways = [alike[0] for alike in ways_apart(timeline)]
    sells = [timeline.overage_supported]
    if timeline.overage_supported is None:
        sells = [True, False] if any(demand.consents for demand in demands(timeline.entries)) else [True]
    return [
        Hypothesis(shape=shape, over_quota=refusal, compared=against, way=way, sells_overage=bool(sale))
        for shape, refusal, against, way, sale in product(shapes, refusals, compared, ways, sells)
    ]


def ways_apart(timeline: Timeline) -> Sequence[Sequence[int]]:
    """The ways to read consent, those together that agree on every call of this timeline."""
    alike: dict[tuple[int, ...], list[int]] = {}
    said = list(dict.fromkeys(demand.consents for demand in demands(timeline.entries)))
    for way in range(len(WAYS)):
        alike.setdefault(tuple(bits >> way & 1 for bits in said), []).append(way)
    return list(alike.values())


def _has_quota(timeline: Timeline) -> bool:
    return any(isinstance(entry, Start) and entry.state.slots_max < float("inf") for entry in timeline.entries)


NO_VALID_KEY, SEPARATE = "auth.bearer-required", "auth.workspaces-are-separate"
REPLAY, REUSED = "idempotency.replay-changes-nothing", "idempotency.refuses-another-body"
COUNTS, WHOLE, SHARED = "budget.counts-every-item", "budget.refuses-whole-batch", "budget.is-shared"
RENEWS, RACES = "budget.renews-each-utc-day", "limits.hold-under-concurrency"
ASKS, COVERS = "quota.asks-for-consent", "quota.consent-covers-whole-batch"
FORGETS, FAILED = "quota.consent-is-not-remembered", "quota.failed-items-take-no-slot"

# The most special first: where several explain what was seen, the first is named.
PLAIN: Sequence[Breach] = (
    Breach(REUSED, "a call that was refused for its key took from the workspace", {"reused": Take.EVERY}),
    Breach(REPLAY, "a replay took writes", {"replay": Take.EVERY}),
    Breach(REPLAY, "a replay took slots", {"replay_slots": Take.CREATED}),
    Breach(REPLAY, "a replay took writes and slots", {"replay": Take.EVERY, "replay_slots": Take.CREATED}),
    Breach(NO_VALID_KEY, "a call without a valid key took from the workspace", {"no_valid_key": Take.EVERY}),
    Breach(SEPARATE, "a batch of another workspace took from this one", {"foreign": Take.EVERY}),
    Breach(FAILED, "failed items took slots", {"slots": Take.EVERY}),
    Breach(FORGETS, "consent of an earlier call counted", {"consent": Consent.REMEMBERED}),
    Breach(FORGETS, "`confirmOverage` counted that was not true", {"consent": Consent.ANYTHING}),
    Breach(COVERS, "a batch with consent was treated as one without", {"consent": Consent.IGNORED}),
    Breach(SHARED, "a write of another endpoint took nothing", {"write": Take.NONE}),
    Breach(RACES, "batches that came at once were all admitted", {"race_gate": Gate.NEVER}),
    Breach(RENEWS, "the budget was not renewed at 00:00 UTC", {"renews": False}),
    Breach(COUNTS, "a batch took the writes of its created items only", {"admitted": Take.CREATED}),
    Breach(WHOLE, "a batch that was refused with 429 took writes", {"over_budget": Take.EVERY}),
    Breach(WHOLE, "an exact fit was refused with 429", {"budget_gate": Gate.OFF_BY_ONE}),
    Breach(WHOLE, "a batch over the budget was admitted", {"budget_gate": Gate.NEVER}),
    Breach(COUNTS, "a batch took one write, whatever its size", {"admitted": Take.ONE}),
    Breach(COUNTS, "only created items counted", {"admitted": Take.CREATED, "needed": Take.CREATED}),
    Breach(COUNTS, "a batch counted as one write", {"admitted": Take.ONE, "needed": Take.ONE}),
    Breach(COUNTS, "a batch took no writes", {"admitted": Take.NONE}),
    Breach(SHARED, "an API key had a budget of its own", {"one_budget_for_all_keys": False}),
    Breach(ASKS, "a batch that was refused with 402 took slots", {"over_quota_slots": Take.EVERY}),
    Breach(ASKS, "an exact fit was refused with 402", {"quota_gate": Gate.OFF_BY_ONE}),
    Breach(ASKS, "a batch beyond the quota was admitted without consent", {"quota_gate": Gate.NEVER}),
)
# The same rules, broken in some other way: tried when no plain breach explains what was seen.
UNUSUAL: Sequence[Breach] = (
    Breach(NO_VALID_KEY, "a call without a valid key changed the meters", {"no_valid_key": Take.ANY}),
    Breach(SEPARATE, "a batch of another workspace changed the meters of this one", {"foreign": Take.ANY}),
    Breach(REUSED, "a call that was refused for its key changed the meters", {"reused": Take.ANY}),
    Breach(REPLAY, "a replay changed the meters", {"replay": Take.ANY, "replay_slots": Take.ANY}),
    Breach(RACES, "batches that came at once were not held to what was left", {"race_gate": Gate.ANY}),
    Breach(FAILED, "a batch took other slots than those of its created items", {"slots": Take.ANY}),
    Breach(RENEWS, "the budget was not renewed at 00:00 UTC and then only", {"renews": None}),
    Breach(COUNTS, "a batch took other writes than N", {"admitted": Take.ANY}),
    Breach(
        ASKS,
        "402 and the quota do not agree",
        {"quota_gate": Gate.ANY, "over_quota_slots": Take.ANY},
    ),
    Breach(
        WHOLE,
        "429 and the budget do not agree",
        {"budget_gate": Gate.ANY, "over_budget": Take.ANY, "over_budget_slots": Take.ANY},
    ),
)
# What must have been ruled out before a rule is said to be kept. Others are ruled out by a single answer.
TELLING = (
    {"replay": Take.EVERY},
    {"replay_slots": Take.CREATED},
    {"reused": Take.EVERY},
    {"no_valid_key": Take.EVERY},
    {"foreign": Take.EVERY},
    {"slots": Take.EVERY},
    {"consent": Consent.REMEMBERED},
    {"consent": Consent.IGNORED},
    {"write": Take.NONE},
    {"race_gate": Gate.NEVER},
    {"renews": False},
    {"admitted": Take.CREATED},
    {"over_budget": Take.EVERY},
    {"budget_gate": Gate.OFF_BY_ONE},
    {"over_quota_slots": Take.EVERY},
    {"quota_gate": Gate.OFF_BY_ONE},
)


def with_breach(hypotheses: Sequence[Hypothesis], breach: Breach) -> Iterator[Hypothesis]:
    return (hypothesis._replace(**breach.changes) for hypothesis in hypotheses)
