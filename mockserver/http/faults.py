"""An ASGI middleware that injects the faults that a test has planned for a workspace.

The mock commits a decision before it sends the answer. So a middleware that holds an answer back gives the case that
idempotency keys exist for, and each fault takes a few lines.
"""

import asyncio
import json
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Protocol

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..semantics.checks.refusals import reason_phrase
from ..state import State
from ..state.clock import http_date
from ..state.planned_faults import PlannedFault
from .call.scope import CallContext, Hold, context_of, start_context

_RESET = struct.pack("ii", 1, 0)  # SO_LINGER with a timeout of 0: the peer sees a reset


class LogNotDelivered(Protocol):
    """Logs a call that a fault does not deliver to the server. `status` is None where the caller gets no answer."""

    def __call__(self, scope: Scope, fault: PlannedFault, status: int | None, /) -> None: ...


class Faults:
    """Injects the planned fault of a call, if it has one. Paths that begin with `control` have none."""

    def __init__(self, app: ASGIApp, state: State, not_delivered: LogNotDelivered, control: str) -> None:
        self._app = app
        self._state = state
        self._not_delivered = not_delivered
        self._control = control

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        context = start_context(scope)
        fault = context.fault = self._fault_for(scope, context)
        try:
            if fault is None:
                await self._app(scope, receive, send)
            else:
                call = FaultyCall(self._app, scope, receive, send, partial(self._not_delivered, scope, fault))
                await INJECTIONS[fault.kind](call, fault.options)
        except asyncio.CancelledError:  # the server stops before a call that waits has its answer: the answer is lost
            if (transport := transport_of(send)) is None:
                raise
            transport.close()
            await _disconnected(receive)

    def _fault_for(self, scope: Scope, context: CallContext) -> PlannedFault | None:
        context.token = _bearer_token(scope)
        workspace = context.workspace = self._state.workspace_of(context.token) if context.token else None
        if workspace is None or not workspace.faults.planned or scope["path"].startswith(self._control):
            return None
        self._state.changes.touch(workspace)
        key = _header(scope, b"idempotency-key")
        return workspace.faults.take({"method": scope["method"], "path": scope["path"], "key": key})


def _bearer_token(scope: Scope) -> str:
    """The bearer token; empty for a call without one, or with two. The scheme has no case (RFC 9110, 11.1)."""
    scheme, _, token = _header(scope, b"authorization").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _header(scope: Scope, name: bytes) -> str:
    """The value of a header. It is empty for a header that occurs twice, because the server accepts neither value."""
    values = [value for each, value in scope["headers"] if each == name]
    return str(values[0], "latin-1") if len(values) == 1 else ""


def transport_of(send: Send) -> Any:
    """The client's connection; None where the caller runs in the same process."""
    return getattr(getattr(send, "__self__", None), "transport", None)


def _as_on_a_socket(*, reset: bool) -> Exception:
    """What a caller of httpx sees where the connection is cut. A caller in the same process has no connection."""
    from httpx import ReadError, RemoteProtocolError  # imported here, because only such a caller needs it

    return (ReadError if reset else RemoteProtocolError)("A planned fault cut the connection.")


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


class FaultyCall:
    """A call between the client's connection and the server. `not_delivered` logs that the server does not get it."""

    def __init__(
        self, app: ASGIApp, scope: Scope, receive: Receive, send: Send, not_delivered: Callable[[int | None], None]
    ) -> None:
        self._app = app
        self.scope = scope
        self.context = context_of(scope)
        self._receive = receive
        self.send = send
        self.not_delivered = not_delivered

    async def pass_on(self) -> None:
        """Do what the server does without a fault."""
        await self._app(self.scope, self._receive, self.send)

    async def execute(self) -> tuple[Message, bytes]:
        """Let the server decide and commit. Return the start and the body of its answer, which is not sent."""
        kept: list[Message] = []

        async def keep(message: Message) -> None:
            kept.append(message)

        await self._app(self.scope, self._receive, keep)
        return kept[0], b"".join(message.get("body", b"") for message in kept[1:])

    async def answer(self, start: Message, body: bytes) -> None:
        await self.send(start)
        await self.send({"type": "http.response.body", "body": body})

    async def cut(self, *, reset: bool = False) -> None:
        """Close or reset the connection before the answer is complete. Where there is none, raise as httpx does."""
        transport = transport_of(self.send)
        if transport is None:
            raise _as_on_a_socket(reset=reset)
        if reset:
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        transport.abort() if reset else transport.close()
        await _disconnected(self._receive)


Injection = Callable[[FaultyCall, Mapping[str, Any]], Awaitable[None]]


async def _delay(call: FaultyCall, options: Mapping[str, Any]) -> None:
    """The call waits before its decision, or its answer waits after the commit."""
    if options["before"] == "answer":
        start, body = await call.execute()
        await asyncio.sleep(options["seconds"])
        await call.answer(start, body)
    else:
        hold = call.context.hold = Hold(options["seconds"])
        start, body = await call.execute()
        if not hold.over:  # the call was refused before an operation could hold it
            await hold.wait()
        await call.answer(start, body)


async def _status(call: FaultyCall, options: Mapping[str, Any]) -> None:
    """Another answer, with or without the effect of the call. The server itself fails in the middle of a batch."""
    if "index" in options:
        await call.pass_on()
        return
    if options.get("effect"):
        await call.execute()
    else:
        call.not_delivered(options["status"])
    content = options.get("body", {"error": reason_phrase(options["status"]), "message": "A planned fault."})
    is_text = isinstance(content, str)
    body = content.encode() if is_text else json.dumps(content).encode()
    assert call.context.workspace is not None  # noqa: S101  a fault is planned for a workspace
    headers = {
        b"content-type": b"text/plain; charset=utf-8" if is_text else b"application/json",
        b"content-length": b"%d" % len(body),
        b"date": http_date(call.context.workspace.clock.now()),
    } | {name.lower().encode(): value.encode() for name, value in options.get("headers", {}).items()}
    await call.answer({"type": "http.response.start", "status": options["status"], "headers": [*headers.items()]}, body)


async def _lose_request(call: FaultyCall, options: Mapping[str, Any]) -> None:
    """The call never reaches the server."""
    call.not_delivered(None)
    await call.cut(reset=options["cut"] == "reset")


async def _lose_response(call: FaultyCall, options: Mapping[str, Any]) -> None:
    """The server commits the call, and the client never gets the complete answer."""
    start, body = await call.execute()
    if options["cut"] == "mid-body":
        await call.send(start)
        await call.send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
    await call.cut(reset=options["cut"] == "reset")


async def _truncate(call: FaultyCall, options: Mapping[str, Any]) -> None:
    """Only the first bytes of the body are sent. The Content-Length fits them, so that HTTP sees no error."""
    start, body = await call.execute()
    await _answer_with(call, start, body[: options["bytes"]])


async def _malformed(call: FaultyCall, _options: Mapping[str, Any]) -> None:
    """The body is no JSON, though its content type says so."""
    start, body = await call.execute()
    await _answer_with(call, start, body[:-1] + b",")


async def _slow_body(call: FaultyCall, options: Mapping[str, Any]) -> None:
    """The body comes in ten pieces over `seconds`."""
    start, body = await call.execute()
    await call.send(start)
    size = -(-len(body) // 10)
    for at in range(0, len(body), size):
        await call.send({"type": "http.response.body", "body": body[at : at + size], "more_body": True})
        await asyncio.sleep(options["seconds"] / 10)
    await call.send({"type": "http.response.body", "body": b""})


async def _item(call: FaultyCall, _options: Mapping[str, Any]) -> None:
    """The operation lets one item fail in the same way as any other item."""
    await call.pass_on()


async def _answer_with(call: FaultyCall, start: Message, body: bytes) -> None:
    headers = [(name, value) for name, value in start["headers"] if name != b"content-length"]
    await call.answer({**start, "headers": [*headers, (b"content-length", b"%d" % len(body))]}, body)


INJECTIONS: Mapping[str, Injection] = {
    "delay": _delay,
    "status": _status,
    "lose-request": _lose_request,
    "lose-response": _lose_response,
    "truncate": _truncate,
    "malformed": _malformed,
    "slow-body": _slow_body,
    "item": _item,
}
