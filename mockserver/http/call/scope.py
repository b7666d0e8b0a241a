"""What the parts of the server tell each other about one call: one object in the extensions of its ASGI scope."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

import msgspec
from starlette.types import Scope

from ...state import Workspace
from ...state.planned_faults import PlannedFault

_KEY = "tracepass"


class Caller(msgspec.Struct, frozen=True, gc=False):
    """Who sends a call: a workspace and its API key. `arrived_at` is a time of the workspace's clock."""

    workspace: Workspace
    api_key: str
    arrived_at: datetime


@dataclass(slots=True)
class Hold:
    """How long a call waits between its arrival and its decision."""

    seconds: float
    over: bool = False

    async def wait(self) -> None:
        await asyncio.sleep(self.seconds)
        self.over = True


class CallContext(msgspec.Struct, gc=False):
    """The facts of one call. Each part of the server adds those that it knows."""

    token: str = ""  # the one bearer token
    workspace: Workspace | None = None  # the workspace of the API key, also of a call to the control plane
    operation: str = ""  # operationId; empty until the router has found it
    caller: Caller | None = None  # of a call that an operation of the API receives
    fault: PlannedFault | None = None
    hold: Hold | None = None
    is_committed: bool = False
    creatable_at_arrival: frozenset[int] = frozenset()  # of a held call: the positions of the items


def start_context(scope: Scope) -> CallContext:
    """Give a call its context."""
    context = scope.setdefault("extensions", {})[_KEY] = CallContext()
    return context


def context_of(scope: Scope) -> CallContext:
    """The context of a call. Each HTTP call has one, because `Faults` is in front of the whole server."""
    context: CallContext = scope["extensions"][_KEY]
    return context
