"""Faults of idempotency: keys that are ignored, confused, or charged twice."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from tracepass_contract.mockserver.http.api import operations, requests
from tracepass_contract.mockserver.http.call import problems
from tracepass_contract.mockserver.semantics.checks import replay as semantics_of_replay
from tracepass_contract.mockserver.semantics.checks import write
from tracepass_contract.mockserver.semantics.checks.trace import Trace
from tracepass_contract.mockserver.semantics.types.answers import Replay
from tracepass_contract.mockserver.state import State
from tracepass_contract.mockserver.state.stored_answers import StoredAnswers

from ..mutant import Family

family = Family("idempotency.fingerprint=raw-bytes", "idempotency.replay-equality=same-json")
_BATCH = b'{"results":'  # how the answer to a batch begins that was executed


@family.around(write, "stored_answer", "IDM-01", rule="idempotency.replays-original")
def ignores_the_key(_still_good: Any, *_: Any) -> None:
    """The key is ignored: a repeated call is executed again."""


@family.around(Trace, "replay", "IDM-02", rule="idempotency.replays-original")
def judges_again(replay: Any, self: Any, original: Any) -> Any:
    """A replay shows the result that the items would get now."""

    def now_taken(shown: Any) -> Any:
        results = [{"index": e["index"], "status": "error", "error": "Serial number taken"} for e in shown["results"]]
        return {"results": results, "summary": {"created": 0, "errors": len(results), "total": len(results)}}

    return replay(self, _with_body(original, now_taken))


@family.around(Trace, "replay", "IDM-03", rule="idempotency.replays-original")
def replays_the_first(replay: Any, self: Any, original: Any) -> Any:
    """A replay has only the first entry."""
    return replay(self, _with_body(original, lambda shown: {**shown, "results": shown["results"][:1]}))


@family.around(Trace, "replay", "IDM-04", rule="idempotency.replays-original")
def replays_the_created(replay: Any, self: Any, original: Any) -> Any:
    """A replay leaves out the failed items."""

    def without_errors(shown: Any) -> Any:
        return {**shown, "results": [entry for entry in shown["results"] if entry["status"] == "created"]}

    return replay(self, _with_body(original, without_errors))


@family.around(operations, "decide", "IDM-06", rule="idempotency.replay-changes-nothing", needs="W")
def charges_a_replay(decide: Any, its: Any, now: Any) -> Any:
    """A replay takes its writes again."""
    decision = decide(its, now)
    if not isinstance(decision.answer, Replay):
        return decision
    return decision._replace(effects=decision.effects._replace(writes=its.requested))


@family.around(State, "commit", "IDM-07", rule="idempotency.replay-changes-nothing", needs="Q")
def takes_the_slots_twice(commit: Any, self: Any, workspace: Any, decision: Any, sent: Any, now: Any) -> None:
    """A replay takes its slots again."""
    commit(self, workspace, decision, sent, now)
    if isinstance(decision.answer, Replay) and sent.body.startswith(_BATCH):
        workspace.passports_used += orjson.loads(sent.body)["summary"]["created"]


@family.around(write, "stored_answer", "IDM-09", rule="idempotency.refuses-another-body", severity="D")
def replays_to_another_body(stored_answer: Any, request: Any, *rest: Any) -> Any:
    """Another body under a used key gets the old results."""
    found = stored_answer(request, *rest)
    return found and replace(found, fingerprint=request.fingerprint)


@family.around(write, "stored_answer", "IDM-10", rule="idempotency.refuses-another-body")
def executes_another_body(stored_answer: Any, request: Any, *rest: Any) -> Any:
    """Another body under a used key is executed."""
    found = stored_answer(request, *rest)
    return found if found and found.fingerprint == request.fingerprint else None


@family.around(
    State,
    "add_workspace",
    "IDM-11",
    rule="idempotency.scoped-to-workspace",
    hidden_by="idempotency.key-identity=api-key",  # of one workspace
    severity="N",
    needs="T2",
)
def shares_the_keys(add_workspace: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
    """All workspaces share their idempotency keys."""
    workspace = add_workspace(self, *args, **kwargs)
    workspace.answers = next(iter(self.workspaces.values())).answers
    return workspace


@family.around(requests, "fingerprint_of", "IDM-13", rule="idempotency.refuses-another-body", severity="D")
def looks_at_the_first_item(fingerprint_of: Any, body: Any, readings: Any) -> Any:
    """Two bodies are the same when their first items are equal."""
    items = problems.items_in(body.value, "passports")
    return fingerprint_of(_of_value(body, {"passports": items[:1]}) if items else body, readings)


@family.around(requests, "fingerprint_of", "IDM-13a", rule="idempotency.refuses-another-body", severity="D")
def overlooks_parties(fingerprint_of: Any, body: Any, readings: Any) -> Any:
    """Two bodies that differ in `parties` are the same."""
    return fingerprint_of(_without(body, "parties"), readings)


@family.around(requests, "fingerprint_of", "IDM-13b", rule="idempotency.refuses-another-body", severity="D")
def overlooks_products(fingerprint_of: Any, body: Any, readings: Any) -> Any:
    """Two bodies that differ in a `productId` are the same."""
    return fingerprint_of(_without(body, "productId"), readings)


@family.around(
    requests,
    "fingerprint_of",
    "IDM-13c",
    rule="idempotency.refuses-another-body",
    hidden_by="quota.consent-within-quota=refused",
    severity="D",
)
def overlooks_consent(fingerprint_of: Any, body: Any, readings: Any) -> Any:
    """Two bodies that differ in `confirmOverage` are the same."""
    return fingerprint_of(_without(body, "confirmOverage"), readings)


@family.around(requests, "fingerprint_of", "IDM-13d", rule="idempotency.refuses-another-body", severity="D")
def overlooks_order(fingerprint_of: Any, body: Any, readings: Any) -> Any:
    """Two bodies with the same items in a different order are the same."""
    items = sorted(problems.items_in(body.value, "passports"), key=orjson.dumps)
    return fingerprint_of(_of_value(body, {**body.value, "passports": items}) if items else body, readings)


@family.around(StoredAnswers, "get", "IDM-25", rule="idempotency.replays-original")
def remembers_on_one_of_two(get: Any, self: Any, name: Any) -> Any:
    """Each of two instances has a memory of its own, and calls alternate between them."""
    _calls[self, name] += 1
    return None if _calls[self, name] % 2 else get(self, name)


@family.around(StoredAnswers, "keep", "IDM-19", rule="idempotency.replays-original")
def remembers_half(keep: Any, self: Any, memory: Any, sent: Any, now: Any) -> Any:
    """The answer is stored before the last items are executed."""
    if sent.body.startswith(_BATCH):
        shown = orjson.loads(sent.body)
        shown["results"] = shown["results"][: max(1, len(shown["results"]) // 2)]
        sent = sent._replace(body=orjson.dumps(shown))
    return keep(self, memory, sent, now)


@family.around(
    semantics_of_replay,
    "key_in_force",
    "IDM-21",
    rule="idempotency.key-is-opaque",
    hidden_by="idempotency.key-syntax=uuid",
    severity="N",
)
def folds_the_case(key_in_force: Any, key: Any, readings: Any) -> Any:
    """Keys that differ in case are the same."""
    found = key_in_force(key, readings)
    return found and found.lower()


@family.around(Trace, "replay", "IDM-26", rule="idempotency.replays-original")
def invents_new_ids(replay: Any, self: Any, original: Any) -> Any:
    """A replay shows ids that no passport has."""

    def renamed(shown: Any) -> Any:
        for entry in shown["results"]:
            if "data" in entry:
                entry["data"]["_id"] = entry["data"]["_id"][::-1]
        return shown

    return replay(self, _with_body(original, renamed))


@family.around(write, "stored_answer", "TIM-04", rule="idempotency.kept-24-hours", severity="D", needs="T")
def forgets_early(stored_answer: Any, request: Any, state: Any, readings: Any, now: datetime) -> Any:
    """A key is forgotten after an hour."""
    return stored_answer(request, state, readings, now + timedelta(hours=23))


@family.around(write, "stored_answer", "TIM-05", rule="idempotency.kept-24-hours", severity="D", needs="T")
def never_forgets(stored_answer: Any, request: Any, state: Any, readings: Any, _now: datetime) -> Any:
    """A key is never forgotten."""
    return stored_answer(request, state, readings, datetime.min.replace(tzinfo=UTC))


_calls: Counter[Any] = Counter()


def _without(body: Any, member: str) -> Any:
    """The body without this member, at any depth."""
    if not isinstance(body.value, dict):
        return body
    value = {name: each for name, each in body.value.items() if name != member}
    if items := problems.items_in(value, "passports"):
        value["passports"] = [
            {name: each for name, each in item.items() if name != member} if isinstance(item, dict) else item
            for item in items
        ]
    return _of_value(body, value)


def _of_value(body: Any, value: Any) -> Any:
    raw = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    return type(body)(raw, value)


def _with_body(original: Any, change: Any) -> Any:
    """The stored answers with changed results. Stored refusals, which some readings have, stay."""
    if not original.body.startswith(_BATCH):
        return original
    return replace(original, body=orjson.dumps(change(orjson.loads(original.body))))
