"""A mock whose refusals change meters. Given to `forked_mock`, it is in force in the process of that mock."""

from dataclasses import dataclass
from typing import Any

from tracepass_contract.mockserver.semantics.types.answers import Refusal
from tracepass_contract.mockserver.state import State


@dataclass(frozen=True)
class Leak:
    """A refusal with this status changes a meter of its workspace."""

    status: int
    meter: str
    by: int

    def __call__(self) -> None:
        commit, leak = State.commit, self

        def wrong(self: State, workspace: Any, decision: Any, *more: Any) -> None:
            commit(self, workspace, decision, *more)
            if isinstance(decision.answer, Refusal) and decision.answer.status == leak.status:
                setattr(workspace, leak.meter, getattr(workspace, leak.meter) + leak.by)

        State.commit = wrong  # type: ignore[method-assign, assignment]
