"""Holds an answer back until the changes of its call are saved, as far as the option asks for it."""

from collections.abc import Awaitable, Mapping
from typing import TYPE_CHECKING, Any

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

if TYPE_CHECKING:
    from ..state.saved.saver import Saver


class SavedFirst:
    """Passes everything on as long as no `saver` is set. Reads of the control plane never wait, so that they can tell
    of trouble.
    """

    def __init__(self, app: ASGIApp, control: str) -> None:
        self._app = app
        self._control = control
        self.saver: Saver | None = None

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if self.saver is None or scope["type"] != "http":
            return self._app(scope, receive, send)
        is_control = scope["path"].startswith(self._control)
        if is_control and scope["method"] in {"GET", "HEAD"}:
            return self._app(scope, receive, send)
        return self._app(scope, receive, _Held(self.saver, send, is_control=is_control))


class _Held:
    """Sends an answer once it may leave, or 503 in its place if its changes cannot be saved."""

    def __init__(self, saver: "Saver", send: Send, *, is_control: bool) -> None:
        self._saver = saver
        self._send = send
        self._is_control = is_control
        self._is_replaced = False

    def __call__(self, message: Message) -> Awaitable[None]:
        if self._is_replaced:
            return _sent_already()
        if message["type"] == "http.response.start" and self._saver.must_wait():
            return self._start(message)
        return self._send(message)

    async def _start(self, message: Message) -> None:
        problem = await self._saver.wait()
        if problem is None:
            await self._send(message)
            return
        self._is_replaced = True
        text = f"The mock cannot save what this call changes: {problem}."
        body = orjson.dumps(_as_problem(text) if self._is_control else _as_error(text))
        content_type = b"application/problem+json" if self._is_control else b"application/json"
        headers = [(b"content-type", content_type), (b"content-length", b"%d" % len(body)), (b"retry-after", b"1")]
        await self._send({"type": "http.response.start", "status": 503, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})


def _as_error(text: str) -> Mapping[str, Any]:
    """The envelope of the API."""
    return {"error": "Service Unavailable", "message": f"{text} Repeat the call with its Idempotency-Key."}


def _as_problem(text: str) -> Mapping[str, Any]:
    """A problem document (RFC 9457)."""
    return {"type": "about:blank", "title": "Service Unavailable", "status": 503, "detail": text}


async def _sent_already() -> None:
    pass
