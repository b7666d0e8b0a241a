"""The `Date` header of every answer: the time of the workspace, or of the machine for a call without a workspace."""

from collections.abc import Awaitable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..state.clock import Clock, http_date
from .call.scope import context_of


class DateHeader:
    """Adds the header to every answer (RFC 9110, 6.6.1)."""

    def __init__(self, app: ASGIApp, clock: Clock) -> None:
        self._app = app
        self._clock = clock

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] != "http":
            return self._app(scope, receive, send)

        def dated(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                workspace = context_of(scope).workspace
                now = (workspace.clock if workspace else self._clock).now()
                message["headers"] = [*message.get("headers", ()), (b"date", http_date(now))]
            return send(message)

        return self._app(scope, receive, dated)
