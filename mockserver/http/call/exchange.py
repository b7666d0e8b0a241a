"""One call and its answer, as the operations see them, and the answer on its way out."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote

import msgspec
from starlette.types import ASGIApp, Message, Scope, Send

from ...semantics.types.answers import Refusal
from ...state import Workspace
from ...state.journal import Received
from .body import Body, Headers
from .document import OperationContract

REDACTED = "[redacted]"
_SECRETS = frozenset({b"authorization", b"cookie", b"proxy-authorization", b"x-api-key", b"api-key"})
CALLER = "tracepass_caller"  # where the security handler leaves the caller, in the extensions of the scope


class Caller(msgspec.Struct, frozen=True, gc=False):
    """Who calls: a key of a workspace, and when by the time of that workspace the call began."""

    workspace: Workspace
    api_key: str
    arrived_at: datetime


class Call(msgspec.Struct, frozen=True, gc=False):
    """A request to a documented operation. `body` is a refusal when it never became JSON, None where none is read."""

    operation: OperationContract
    scope: Scope
    raw: bytes
    body: Body | Refusal | None

    @property
    def headers(self) -> Headers:
        return self.scope["headers"]  # type: ignore[no-any-return]

    @property
    def caller(self) -> Caller:
        caller: Caller = self.scope["extensions"][CALLER]
        return caller

    @property
    def path_params(self) -> Mapping[str, str]:
        """As they are meant: the router has seen them percent-encoded."""
        return {name: unquote(value) for name, value in self.scope["path_params"].items()}

    @property
    def query(self) -> Sequence[tuple[str, str]]:
        return parse_qsl(self.scope["query_string"].decode("latin-1"), keep_blank_values=True)

    def received(self) -> Received:
        """The request for the journal, without what opens anything."""
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
        """The path as it was sent, with its query; where the caller's own key stands in them, it is not shown."""
        path = path_as_sent(self.scope)
        query: bytes = self.scope["query_string"]
        target = (path + b"?" + query if query else path).decode("latin-1")
        api_key = self.caller.api_key
        return target.replace(api_key, REDACTED) if api_key in target else target

    def header(self, wire_name: bytes) -> list[bytes]:
        return [value for name, value in self.headers if name == wire_name]


class Overtaken(Exception):
    """A call was under way when the books were replaced, or began to be read in another way."""

    def __init__(self, current: ASGIApp, raw: bytes) -> None:
        super().__init__("the call is to be asked again")
        self._current = current
        self._raw = raw

    async def ask_again(self, scope: Scope, send: Send) -> None:
        """Ask what serves now, with the body that has come. The router left its marks in the scope."""

        async def receive() -> Message:
            return {"type": "http.request", "body": self._raw, "more_body": False}

        root_path = scope.get("app_root_path", scope.get("root_path", ""))
        await self._current({**scope, "root_path": root_path, "path_params": {}}, receive, send)


def path_as_sent(scope: Scope) -> bytes:
    """The path without its query, percent-encoded where its sender had it so."""
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    return path


class Reply(NamedTuple):
    """An answer as it goes on the wire. `headers` are those beside content type and length."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes
    content_type: bytes = b"application/json"


async def send_reply(send: Send, reply: Reply) -> None:
    """Send an answer whole."""
    headers: list[Any] = list(_on_the_wire(tuple(reply.headers)))
    if reply.status != 204:  # which has no content, and says nothing of it (RFC 9110, 8.6)
        headers += [(b"content-type", reply.content_type), (b"content-length", b"%d" % len(reply.body))]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})


@lru_cache(maxsize=256)  # mostly the rule that decided, and nothing else
def _on_the_wire(headers: tuple[tuple[str, str], ...]) -> tuple[tuple[bytes, bytes], ...]:
    return tuple([(name.lower().encode(), value.encode()) for name, value in headers])
