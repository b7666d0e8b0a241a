"""Faults of the write budget."""

from dataclasses import replace
from typing import Any

from tracepass_contract.contract_tests.mutants.mutant import Family
from tracepass_contract.mockserver.http import middleware, operations
from tracepass_contract.mockserver.semantics import create_batch
from tracepass_contract.mockserver.semantics.accounts import UNLIMITED, Account
from tracepass_contract.mockserver.semantics.deliberation import Deliberation
from tracepass_contract.mockserver.state.workspace import Workspace

family = Family()


@family.around(
    create_batch, "writes_taken", "BUD-02", rule="budget.counts-every-item budget.refuses-whole-batch", needs="W"
)
def one_write_a_call(_writes_taken: Any, *_: Any) -> int:
    """A batch takes one write, however many items it has."""
    return 1


@family.around(operations, "decide", "BUD-04", rule="budget.refuses-whole-batch", needs="W")
def refuses_and_creates(decide: Any, write: Any, now: Any) -> Any:
    """A batch that is refused with 429 is created all the same."""
    return executed_behind(429, decide, write, now)


@family.around(Deliberation, "refuse", "BUD-05", rule="budget.refuses-whole-batch", needs="W")
def drains(refuse: Any, self: Any, refusal: Any, numbers: Any, writes: int = 0, *, keep: bool = True) -> Any:
    """A batch that is refused with 429 takes its writes all the same."""
    taken = refusal.details["requested"] if refusal.status == 429 else writes
    return refuse(self, refusal, numbers, taken, keep=keep)


@family.around(Account, "can_write", "BUD-07", rule="budget.refuses-whole-batch", needs="W")
def refuses_an_exact_fit(can_write: Any, self: Any, writes: int) -> Any:
    """A batch that needs all the writes that are left is refused."""
    return can_write(self, writes + 1)


@family.around(Account, "can_write", "BUD-17", rule="budget.refuses-whole-batch", needs="W")
def admits_one_more(can_write: Any, self: Any, writes: int) -> Any:
    """A batch may need one write more than are left."""
    return can_write(self, writes - 1)


@family.around(Workspace, "writes_used_on", "TIM-01", rule="budget.renews-each-utc-day", severity="M", needs="WT")
def never_renews(_writes_used_on: Any, self: Any, _day: Any) -> Any:
    """The budget is not full again on another day."""
    return self.writes_used


@family.around(middleware, "send_reply", "TIM-06", rule="budget.refuses-whole-batch", severity="N", needs="W")
async def come_again_at_once(send_reply: Any, send: Any, reply: Any) -> None:
    """The Retry-After of a 429 is 0."""
    headers = [(name, "0" if name == "Retry-After" else value) for name, value in reply.headers]
    await send_reply(send, replace(reply, headers=headers))


def executed_behind(status: int, decide: Any, write: Any, now: Any) -> Any:
    """Refused with this status, and with the effects that it would have without limits."""
    decision = decide(write, now)
    if getattr(decision.answer, "status", None) != status:
        return decision
    limited, write.state.account = write.state.account, replace(write.state.account, plan=UNLIMITED)
    effects = decide(write, now).effects
    write.state.account = limited
    return replace(decision, effects=replace(effects, writes=0, remember=None))
