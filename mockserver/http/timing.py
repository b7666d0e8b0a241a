"""Measures how long each call of an operation takes, from its arrival to the end of its answer."""

from time import perf_counter

from starlette.types import ASGIApp, Receive, Scope, Send

from ..state.call_counts import CallCounts
from .call.scope import context_of


class Timing:
    """Adds the duration of each call to the counts. Calls that come to no operation are left out."""

    def __init__(self, app: ASGIApp, counts: CallCounts) -> None:
        self._app = app
        self._durations = counts.durations

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        arrived = perf_counter()
        await self._app(scope, receive, send)
        if scope["type"] == "http" and (operation := context_of(scope).operation):
            self._durations[operation].add(perf_counter() - arrived)
