"""The hypotheses on how a deployment counts: those that the contract allows, and those that break a rule."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

from ..calls.consent import WAYS
from .days import Start
from .demands import Consent, Gate, Hypothesis, Kind, Take
from .timeline import Timeline, demands


class Breach(NamedTuple):
    """A way to count that breaks a rule: its changes to an allowed hypothesis."""

    rule: str
    because: str
    changes: Mapping[str, Any]


def permitted(timeline: Timeline) -> Sequence[Hypothesis]:
    """Every way to count that the readings allow, without those that make no difference on this timeline."""
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
    """The ways to read consent, grouped by what they say about the calls of this timeline."""
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

# The most specific first: where several explain the answers, the first is reported.
PLAIN: Sequence[Breach] = (
    Breach(REUSED, "a call that was refused for its idempotency key took writes and slots", {"reused": Take.EVERY}),
    Breach(REPLAY, "a replay took writes", {"replay": Take.EVERY}),
    Breach(REPLAY, "a replay took slots", {"replay_slots": Take.CREATED}),
    Breach(REPLAY, "a replay took writes and slots", {"replay": Take.EVERY, "replay_slots": Take.CREATED}),
    Breach(NO_VALID_KEY, "a call without a valid API key took writes and slots", {"no_valid_key": Take.EVERY}),
    Breach(SEPARATE, "a batch of another workspace took writes and slots of this one", {"foreign": Take.EVERY}),
    Breach(FAILED, "failed items took slots", {"slots": Take.EVERY}),
    Breach(FORGETS, "the consent of an earlier call counted", {"consent": Consent.REMEMBERED}),
    Breach(FORGETS, "a `confirmOverage` other than true counted as consent", {"consent": Consent.ANYTHING}),
    Breach(COVERS, "the consent of a batch was ignored", {"consent": Consent.IGNORED}),
    Breach(SHARED, "a write of another endpoint took no write", {"write": Take.NONE}),
    Breach(RACES, "parallel batches exceeded a limit", {"race_gate": Gate.NEVER}),
    Breach(RENEWS, "the budget was not renewed at 00:00 UTC", {"renews": False}),
    Breach(COUNTS, "a batch took writes only for its created items", {"admitted": Take.CREATED}),
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
# The same rules, broken in another way: tried where no plain breach explains the answers.
UNUSUAL: Sequence[Breach] = (
    Breach(NO_VALID_KEY, "a call without a valid API key changed the budget or the quota", {"no_valid_key": Take.ANY}),
    Breach(SEPARATE, "a batch of another workspace changed the budget or the quota of this one", {"foreign": Take.ANY}),
    Breach(
        REUSED, "a call that was refused for its idempotency key changed the budget or the quota", {"reused": Take.ANY}
    ),
    Breach(REPLAY, "a replay changed the budget or the quota", {"replay": Take.ANY, "replay_slots": Take.ANY}),
    Breach(RACES, "the limits did not hold for parallel batches", {"race_gate": Gate.ANY}),
    Breach(FAILED, "the slots that a batch took are not the number of its created items", {"slots": Take.ANY}),
    Breach(RENEWS, "the budget was renewed at another time than 00:00 UTC", {"renews": None}),
    Breach(COUNTS, "the writes that a batch took are not the number of its items", {"admitted": Take.ANY}),
    Breach(
        ASKS,
        "402 was not answered exactly when the quota was exceeded",
        {"quota_gate": Gate.ANY, "over_quota_slots": Take.ANY},
    ),
    Breach(
        WHOLE,
        "429 was not answered exactly when the budget was exceeded",
        {"budget_gate": Gate.ANY, "over_budget": Take.ANY, "over_budget_slots": Take.ANY},
    ),
)
# The breaches that must be ruled out before a rule conforms. A single answer rules out the others.
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
