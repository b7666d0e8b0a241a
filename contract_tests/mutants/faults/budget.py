"""Faults of the write budget."""

from datetime import timedelta
from typing import Any

import orjson

from tracepass_contract.mockserver.http import middleware
from tracepass_contract.mockserver.http.api import operations
from tracepass_contract.mockserver.http.call.scope import context_of
from tracepass_contract.mockserver.http.middleware import CallOperation
from tracepass_contract.mockserver.semantics.checks.trace import Trace
from tracepass_contract.mockserver.semantics.operations import create_batch
from tracepass_contract.mockserver.semantics.operations.create_passport import CreatePassport
from tracepass_contract.mockserver.semantics.types.accounts import UNLIMITED, Account
from tracepass_contract.mockserver.semantics.types.answers import BatchResult, Failed, NewPassport
from tracepass_contract.mockserver.state import State
from tracepass_contract.mockserver.state.workspace import Workspace

from ..mutant import Family, handled_by

family = Family("budget.refusal-headers=ratelimit budget.refused-by-quota=every-item")


@family.around(create_batch, "writes_taken", "BUD-01", rule="budget.counts-every-item", needs="W")
def one_write_a_passport(_writes_taken: Any, _needed: Any, items: Any, _readings: Any) -> Any:
    """Failed items take no write."""
    return items.creatable


@family.around(
    create_batch, "writes_taken", "BUD-02", rule="budget.counts-every-item budget.refuses-whole-batch", needs="W"
)
def one_write_a_call(_writes_taken: Any, *_: Any) -> int:
    """A batch takes one write, whatever its size."""
    return 1


@family.around(operations, "decide", "BUD-03", rule="budget.refuses-whole-batch", needs="W")
def creates_what_fits(decide: Any, write: Any, now: Any) -> Any:
    """A batch over the budget executes as many items as writes are left, and the other items fail."""
    decision, account = decide(write, now), write.state.account
    if getattr(decision.answer, "status", None) != 429 or not (left := account.writes_left):
        return decision
    write.state.account = account._replace(plan=UNLIMITED)
    whole = decide(write, now)
    write.state.account = account
    if not isinstance(whole.answer, BatchResult):
        return decision
    late = [Failed(index, "Daily write budget exceeded", write.rule) for index in range(left, whole.answer.total)]
    results = [*whole.answer.results[:left], *late]
    passports = [each for each in results if isinstance(each, NewPassport)]
    answer = whole.answer._replace(results=results, created=len(passports))
    return whole._replace(answer=answer, effects=whole.effects._replace(writes=left, passports=passports))


@family.around(operations, "decide", "BUD-04", rule="budget.refuses-whole-batch", needs="W")
def refuses_and_creates(decide: Any, write: Any, now: Any) -> Any:
    """A batch that is refused with 429 is executed anyway."""
    return executed_behind(429, decide, write, now)


@family.around(Trace, "refuse", "BUD-05", rule="budget.refuses-whole-batch", needs="W")
def drains(refuse: Any, self: Any, refusal: Any, numbers: Any, writes: int = 0, *, keep: bool = True) -> Any:
    """A batch that is refused with 429 takes its writes anyway."""
    taken = refusal.details["requested"] if refusal.status == 429 else writes
    return refuse(self, refusal, numbers, taken, keep=keep)


@family.around(State, "commit", "BUD-09", rule="budget.counts-every-item", needs="W")
def gives_writes_back(commit: Any, self: Any, workspace: Any, decision: Any, sent: Any, now: Any) -> None:
    """A batch takes a write for each item, and the writes of failed items come back afterwards."""
    commit(self, workspace, decision, sent, now)
    if isinstance(decision.answer, BatchResult):
        workspace.writes_used -= min(decision.answer.errors, decision.effects.writes)


@family.around(
    CallOperation, "__call__", "BUD-13", rule="budget.is-shared budget.refuses-whole-batch", severity="D", needs="WK2"
)
async def has_a_budget_for_each_key(call: Any, self: Any, scope: Any, receive: Any, send: Any) -> None:
    """Each API key of a workspace has a budget of its own; the workspace shows that of the first key."""

    def handle(later: Any) -> Any:
        caller, workspace = later.caller, later.caller.workspace
        if caller.api_key == _first_keys.setdefault(workspace, caller.api_key):
            return self._handler(later)
        shown = workspace.writes_used, workspace.writes_day
        workspace.writes_used, workspace.writes_day = _of_other_keys.get(caller.api_key, (0, shown[1]))
        try:
            return self._handler(later)
        finally:
            _of_other_keys[caller.api_key] = workspace.writes_used, workspace.writes_day
            workspace.writes_used, workspace.writes_day = shown

    await call(handled_by(self, handle) if context_of(scope).caller else self, scope, receive, send)


_first_keys: dict[Any, str] = {}
_of_other_keys: dict[str, Any] = {}


@family.around(State, "workspace_of", "BUD-12", rule="auth.bearer-required", severity="N", needs="W")
def charges_for_unknown_keys(workspace_of: Any, self: Any, api_key: str) -> Any:
    """A call with an unknown key takes a write from every workspace."""
    found = workspace_of(self, api_key)
    for workspace in self.workspaces.values() if found is None else ():
        workspace.writes_used += 1
    return found


@family.around(CreatePassport, "writes_needed", "BUD-14", rule="budget.is-shared", severity="D", needs="WS")
def creates_singly_for_free(_writes_needed: Any, _self: Any) -> int:
    """A single create takes no write."""
    return 0


@family.around(State, "commit", "BUD-16", rule="auth.workspaces-are-separate", severity="N", needs="WT2")
def shares_the_budget(commit: Any, self: Any, workspace: Any, decision: Any, sent: Any, now: Any) -> None:
    """A write of one workspace is taken from the budget of every workspace."""
    for other in self.workspaces.values():
        if other is not workspace and decision.effects.writes:
            other.writes_used = other.writes_used_on(now.date()) + decision.effects.writes
            other.writes_day = now.date()
    commit(self, workspace, decision, sent, now)


@family.around(operations, "reply_to", "BUD-18", rule="budget.refuses-whole-batch errors.envelope", needs="W")
def looks_at_the_items_all_the_same(reply_to: Any, call: Any, decision: Any, now: Any) -> Any:
    """A 429 has results."""
    reply = reply_to(call, decision, now)
    if reply.status != 429:
        return reply
    results = [{"index": 0, "status": "error", "error": "Serial number already exists for this GTIN"}]
    return reply._replace(body=orjson.dumps({**orjson.loads(reply.body), "results": results}))


@family.around(Account, "can_write", "BUD-07", rule="budget.refuses-whole-batch", needs="W")
def refuses_an_exact_fit(can_write: Any, self: Any, writes: int) -> Any:
    """A batch that needs exactly the writes that are left is refused."""
    return can_write(self, writes + 1)


@family.around(Account, "can_write", "BUD-17", rule="budget.refuses-whole-batch", needs="W")
def admits_one_more(can_write: Any, self: Any, writes: int) -> Any:
    """A batch may need one write more than are left."""
    return can_write(self, writes - 1)


@family.around(Workspace, "writes_used_on", "TIM-01", rule="budget.renews-each-utc-day", severity="M", needs="WT")
def never_renews(_writes_used_on: Any, self: Any, _day: Any) -> Any:
    """The budget is not renewed on the next day."""
    return self.writes_used


@family.around(State, "view", "TIM-02", rule="budget.renews-each-utc-day", severity="D", needs="WT")
def lives_in_the_east(view: Any, self: Any, workspace: Any, now: Any) -> Any:
    """The day begins two hours before 00:00 UTC."""
    return view(self, workspace, now + timedelta(hours=2))


@family.around(
    middleware,
    "send_reply",
    "TIM-06",
    rule="budget.renews-each-utc-day budget.refuses-whole-batch",
    profiles=(),
    hidden_by="budget.refusal-headers=none budget.refusal-headers=ratelimit CV-28",
    severity="N",
    needs="W",
)
async def come_again_at_once(send_reply: Any, send: Any, reply: Any) -> None:
    """The Retry-After of a 429 is 0."""
    headers = [(name, "0" if name == "Retry-After" else value) for name, value in reply.headers]
    await send_reply(send, reply._replace(headers=headers))


def executed_behind(status: int, decide: Any, write: Any, now: Any) -> Any:
    """Refused with this status, but with the effects that the call has without limits."""
    decision = decide(write, now)
    if getattr(decision.answer, "status", None) != status:
        return decision
    limited, write.state.account = write.state.account, write.state.account._replace(plan=UNLIMITED)
    effects = decide(write, now).effects
    write.state.account = limited
    return decision._replace(effects=effects._replace(writes=0, remember=None))
