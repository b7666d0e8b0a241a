"""A call as the operations see it, and the answer on its way out."""

import asyncio
from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from contextlib import closing
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote

import msgspec
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ...semantics.types.answers import Refusal
from ...state.journal import Received
from .body import Body, Headers
from .document import OperationContract
from .scope import CallContext, Caller

REDACTED = "[redacted]"
PATH_LENGTH_MAX = 80  # of a path in an answer, a log line or a span
_SECRETS = frozenset({b"authorization", b"cookie", b"proxy-authorization", b"x-api-key", b"api-key"})


class Call(msgspec.Struct, frozen=True, gc=False):
    """A request to a documented operation.

    `body` is a `Refusal` for a body that is not valid JSON, and None for a request that has no body.
    """

    operation: OperationContract
    scope: Scope
    raw: bytes
    body: Body | Refusal | None
    context: CallContext

    @property
    def headers(self) -> Headers:
        return self.scope["headers"]  # type: ignore[no-any-return]

    @property
    def caller(self) -> Caller:
        """The caller. Only an operation that requires a key has one."""
        return self.context.caller  # type: ignore[return-value]  # `AuthorisedOperation` has set it

    @property
    def path_params(self) -> Mapping[str, str]:
        """The decoded parameters. The router has them percent-encoded."""
        return {name: unquote(value) for name, value in self.scope["path_params"].items()}

    @property
    def query(self) -> Sequence[tuple[str, str]]:
        return parse_qsl(self.scope["query_string"].decode("latin-1"), keep_blank_values=True)

    def received(self) -> Received:
        """The request for the journal, without secrets."""
        kept = [
            (name.decode("latin-1"), REDACTED if name in _SECRETS else value.decode("latin-1"))
            for name, value in self.headers
        ]
        found = dict(kept)
        return Received(
            self.scope["method"],
            self._target(),
            found.get("host", ""),
            kept,
            self.raw,
            found.get("idempotency-key"),
        )

    def _target(self) -> str:
        """The path and query as the client sent them. The caller's own key is redacted in them."""
        path = path_as_sent(self.scope)
        query: bytes = self.scope["query_string"]
        target = (path + b"?" + query if query else path).decode("latin-1")
        api_key = self.caller.api_key
        return target.replace(api_key, REDACTED) if api_key in target else target

    def header(self, wire_name: bytes) -> list[bytes]:
        return [value for name, value in self.headers if name == wire_name]


class StateReplaced(Exception):
    """While the server was handling a call, its state was replaced or its readings were changed."""

    def __init__(self, current: ASGIApp, raw: bytes) -> None:
        super().__init__("the server must handle the call again")
        self._current = current
        self._raw = raw

    async def handle_again(self, scope: Scope, send: Send) -> None:
        """Handle the call with the current application and the body that was read. Undo the router's changes."""

        async def receive() -> Message:
            return {"type": "http.request", "body": self._raw, "more_body": False}

        root_path = scope.get("app_root_path", scope.get("root_path", ""))
        headers = [each for each in scope["headers"] if each[0] != b"content-encoding"]  # the body is unpacked
        await self._current({**scope, "headers": headers, "root_path": root_path, "path_params": {}}, receive, send)


def path_as_sent(scope: Scope) -> bytes:
    """The path without its query, percent-encoded as the client sent it."""
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    return path


def path_for_log(scope: Scope) -> str:
    """The path for a log line or a span: escaped, shortened, and without the token of the call."""
    path = path_as_sent(scope)
    for name, value in scope["headers"]:
        token = value.rpartition(b" ")[2]
        if name == b"authorization" and token:
            path = path.replace(token, REDACTED.encode())
    return path.decode("ascii", "backslashreplace")[:PATH_LENGTH_MAX]


class Reply(NamedTuple):
    """An answer of an operation. `headers` has neither the content type nor the length."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes
    content_type: bytes = b"application/json"


class Stream(NamedTuple):
    """An answer without a known end. `send` sends it, and returns at its end."""

    send: Callable[[Receive, Send], Awaitable[None]]


def in_pieces(json: Generator[bytes, None, None]) -> Stream:
    """A 200 with JSON that is made while it is sent. Other calls are answered in between."""

    async def send_pieces(_receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"application/json")]
        with closing(json):
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            for piece in json:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
                await asyncio.sleep(0)
        await send({"type": "http.response.body", "body": b""})

    return Stream(send_pieces)


async def send_reply(send: Send, reply: Reply) -> None:
    """Send a complete answer."""
    headers: list[Any] = list(_on_the_wire(tuple(reply.headers)))
    if reply.status != 204:  # a 204 has no content and no header about it (RFC 9110, 8.6)
        headers += [(b"content-type", reply.content_type), (b"content-length", b"%d" % len(reply.body))]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})


@lru_cache(maxsize=256)  # most answers have `Mock-Rule` only
def _on_the_wire(headers: tuple[tuple[str, str], ...]) -> tuple[tuple[bytes, bytes], ...]:
    return tuple([(name.lower().encode(), value.encode()) for name, value in headers])
