"""An ASGI middleware that misbehaves on request: it plays the faults that were planned for a workspace.

A decision is committed before its answer leaves. So whoever holds the answer back has the case that idempotency keys
exist for, and each fault is a few lines.
"""

import asyncio
import json
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, TypeVar

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..semantics.checks.refusals import server_error
from ..state import Workspace
from ..state.clock import http_date
from ..state.planned_faults import PlannedFault

FAULT = "tracepass_fault"  # in the extensions of the scope: the `PlannedFault` for the call
CREATABLE_AT_ARRIVAL = "tracepass_creatable_at_arrival"  # likewise, of a call that was held: positions of items
HOLD = "tracepass_hold"  # likewise: a `Hold`
T = TypeVar("T")
WORKSPACE = "tracepass_workspace"  # in the extensions of the scope: the workspace that the call's key opens
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER that drops what is unsent: the peer sees a reset


class WorkspaceOf(Protocol):
    """The workspace that an API key opens, or None."""

    def __call__(self, api_key: str) -> Workspace | None: ...


class LogNotDelivered(Protocol):
    """Told of a call that a fault keeps from the server, with the status that it gets in place of an answer, if any."""

    def __call__(self, scope: Scope, fault: PlannedFault, status: int | None, /) -> None: ...


class ConnectionCut(ConnectionError):
    """What an in-process caller sees in place of a connection that was cut."""


class Faults:
    """Plays the fault planned for a call, if there is one; none for what begins with `spared`, the control plane."""

    def __init__(self, app: ASGIApp, workspace_of: WorkspaceOf, not_delivered: LogNotDelivered, spared: str) -> None:
        self._app = app
        self._workspace_of = workspace_of
        self._not_delivered = not_delivered
        self._spared = spared

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        fault = self._fault_for(scope) if scope["type"] == "http" else None
        if fault is None:
            await self._app(scope, receive, send)
            return
        scope["extensions"][FAULT] = fault
        stage = _Stage(self._app, scope, receive, send, partial(self._not_delivered, scope, fault))
        await PLAYS[fault.kind](stage, fault.options)

    def _fault_for(self, scope: Scope) -> PlannedFault | None:
        scheme, _, api_key = _header(scope, b"authorization").partition(" ")
        workspace = self._workspace_of(api_key.strip()) if scheme.lower() == "bearer" else None
        if workspace is None:
            return None
        scope.setdefault("extensions", {})[WORKSPACE] = workspace
        if not workspace.faults.planned or scope["path"].startswith(self._spared):
            return None
        key = _header(scope, b"idempotency-key")
        return workspace.faults.take({"method": scope["method"], "path": scope["path"], "key": key})


def _header(scope: Scope, name: bytes) -> str:
    """The header; nothing where it stands more than once, which the server will not take for one of them."""
    values = [value for each, value in scope["headers"] if each == name]
    return str(values[0], "latin-1") if len(values) == 1 else ""


@dataclass(slots=True)
class Hold:
    """How long a call is to be held once it is known, before it is decided."""

    seconds: float
    over: bool = False

    async def wait(self) -> None:
        await asyncio.sleep(self.seconds)
        self.over = True


class _Stage:
    """One call, the server behind, and the connection in front. Who keeps the call from the server says so."""

    def __init__(
        self, app: ASGIApp, scope: Scope, receive: Receive, send: Send, not_delivered: Callable[[int | None], None]
    ) -> None:
        self._app = app
        self.scope = scope
        self._receive = receive
        self.send = send
        self.not_delivered = not_delivered

    def extend(self, name: str, value: T) -> T:
        """Tell the server behind something of this call."""
        self.scope["extensions"][name] = value
        return value

    async def answer(self) -> None:
        """What the server does without a fault."""
        await self._app(self.scope, self._receive, self.send)

    async def execute(self) -> tuple[Message, bytes]:
        """Let the server decide and commit, and keep its answer: its start, and its body."""
        kept: list[Message] = []

        async def keep(message: Message) -> None:
            kept.append(message)

        await self._app(self.scope, self._receive, keep)
        return kept[0], b"".join(message.get("body", b"") for message in kept[1:])

    async def say(self, start: Message, body: bytes) -> None:
        await self.send(start)
        await self.send({"type": "http.response.body", "body": body})

    async def cut(self, *, reset: bool = False) -> None:
        """End the connection in the middle: in good order, or with a reset. Over no connection, raise."""
        transport = getattr(getattr(self.send, "__self__", None), "transport", None)
        if transport is None:
            raise ConnectionCut("a planned fault cut the connection")
        if reset:
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        transport.abort() if reset else transport.close()
        while (await self._receive())["type"] != "http.disconnect":
            pass


Play = Callable[[_Stage, Mapping[str, Any]], Awaitable[None]]


async def _delay(stage: _Stage, options: Mapping[str, Any]) -> None:
    """The call waits before it is decided, or its answer after it is committed."""
    if options["before"] == "answer":
        start, body = await stage.execute()
        await asyncio.sleep(options["seconds"])
        await stage.say(start, body)
    else:
        hold = stage.extend(HOLD, Hold(options["seconds"]))
        start, body = await stage.execute()
        if not hold.over:  # a call that never got so far
            await hold.wait()
        await stage.say(start, body)


async def _status(stage: _Stage, options: Mapping[str, Any]) -> None:
    """A server error: with the effect of the call behind it, or without. In the middle of a batch is for the server."""
    if "index" in options:
        await stage.answer()
        return
    if options.get("effect"):
        await stage.execute()
    else:
        stage.not_delivered(options["status"])
    body = json.dumps({"error": server_error(options["status"]), "message": "A planned fault."}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(body)),
        (b"date", http_date(stage.scope["extensions"][WORKSPACE].clock.now())),
    ]
    await stage.say({"type": "http.response.start", "status": options["status"], "headers": headers}, body)


async def _lose_request(stage: _Stage, options: Mapping[str, Any]) -> None:
    """The call never reaches the server."""
    stage.not_delivered(None)
    await stage.cut(reset=options["cut"] == "reset")


async def _lose_response(stage: _Stage, options: Mapping[str, Any]) -> None:
    """The call is committed, and its answer never arrives whole."""
    start, body = await stage.execute()
    if options["cut"] == "mid-body":
        await stage.send(start)
        await stage.send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
    await stage.cut(reset=options["cut"] == "reset")


async def _truncate(stage: _Stage, options: Mapping[str, Any]) -> None:
    """The length that is declared fits the part that is sent: half a document, in good order."""
    start, body = await stage.execute()
    await _say_instead(stage, start, body[: options["bytes"]])


async def _malformed(stage: _Stage, _options: Mapping[str, Any]) -> None:
    """A body that is no JSON, though its type says so."""
    start, body = await stage.execute()
    await _say_instead(stage, start, body[:-1] + b",")


async def _slow_body(stage: _Stage, options: Mapping[str, Any]) -> None:
    """The body comes in ten pieces, over so many seconds."""
    start, body = await stage.execute()
    await stage.send(start)
    size = -(-len(body) // 10)
    for at in range(0, len(body), size):
        await stage.send({"type": "http.response.body", "body": body[at : at + size], "more_body": True})
        await asyncio.sleep(options["seconds"] / 10)
    await stage.send({"type": "http.response.body", "body": b""})


async def _item(stage: _Stage, _options: Mapping[str, Any]) -> None:
    """One item fails, by the way that any failing item takes: the server sees to it."""
    await stage.answer()


async def _say_instead(stage: _Stage, start: Message, body: bytes) -> None:
    headers = [(name, value) for name, value in start["headers"] if name != b"content-length"]
    await stage.say({**start, "headers": [*headers, (b"content-length", b"%d" % len(body))]}, body)


PLAYS: Mapping[str, Play] = {
    "delay": _delay,
    "status": _status,
    "lose-request": _lose_request,
    "lose-response": _lose_response,
    "truncate": _truncate,
    "malformed": _malformed,
    "slow-body": _slow_body,
    "item": _item,
}
