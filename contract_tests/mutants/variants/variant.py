"""A conforming variant: a difference, why it is allowed, and a few lines around one function."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from inspect import iscoroutinefunction
from typing import Any

import orjson

from tracepass_contract.mockserver.app import Mock

from ..mutant import Instead

_API = "/api/v1/"
Header = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Variant:
    """One difference. `because` is why no rule forbids it; the other members are as in a `Mutant`."""

    id: str
    what: str
    because: str
    where: Any
    name: str
    instead: Instead

    @contextmanager
    def in_force(self) -> Iterator[None]:
        """Until the end of the block, every mock in this process has the difference."""
        original = getattr(self.where, self.name)

        def varied(*args: Any, **kwargs: Any) -> Any:
            return self.instead(original, *args, **kwargs)

        async def application(app: Any, scope: Any, receive: Any, send: Any) -> None:  # as the server knows one
            await self.instead(original, app, scope, receive, send)

        setattr(self.where, self.name, application if iscoroutinefunction(original) else varied)
        try:
            yield
        finally:
            setattr(self.where, self.name, original)


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer of the API before it is sent. `request` is the ASGI scope of the call."""

    request: Any
    status: int
    headers: Sequence[Header]
    body: bytes

    @property
    def members(self) -> dict[str, Any] | None:
        """The members of the JSON object; None where the body is something else, which stays unchanged."""
        try:
            found = orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return None
        return found if isinstance(found, dict) else None

    def header(self, name: bytes) -> bytes | None:
        return next((value for each, value in self.headers if each == name), None)

    def saying(self, members: Any) -> "Answer":
        return replace(self, body=orjson.dumps(members))

    def with_header(self, name: bytes, value: bytes | None) -> "Answer":
        """The answer with this header in place of any other of its name; None removes it."""
        kept = [each for each in self.headers if each[0] != name]
        return replace(self, headers=kept if value is None else [*kept, (name, value)])


class VariantFamily:
    """The conforming variants of one module, in their order."""

    def __init__(self) -> None:
        self.variants: list[Variant] = []

    def around(self, where: Any, name: str, variant: str, *, because: str) -> Callable[[Instead], Instead]:
        """The decorated function replaces `where.name`. Its docstring is the difference, in one sentence."""

        def enter(instead: Instead) -> Instead:
            what = " ".join((instead.__doc__ or "").split())
            self.variants.append(Variant(variant, what, because, where, name, instead))
            return instead

        return enter

    def answering(self, variant: str, *, because: str) -> Callable[[Callable[[Answer], Answer]], Any]:
        """The decorated function changes each answer of the API, but not of the control plane."""

        def enter(change: Callable[[Answer], Answer]) -> Any:
            async def varied(call: Any, self: Any, scope: Any, receive: Any, send: Any) -> None:
                say = Held(scope, send, change).say if is_of_api(scope) else send
                await call(self, scope, receive, say)

            varied.__doc__ = change.__doc__
            return self.around(Mock, "__call__", variant, because=because)(varied)

        return enter


def is_of_api(scope: Any) -> bool:
    return bool(scope["type"] == "http" and scope["path"].startswith(_API))


def connection_of(send: Any) -> Any:
    """The connection that an answer is sent on; None in the process itself."""
    return getattr(getattr(send, "__self__", None), "transport", None)


class Held:
    """Collects an answer until it is complete, changes it, and sends it."""

    def __init__(self, scope: Any, send: Any, change: Callable[[Answer], Answer]) -> None:
        self._scope, self._send, self._change = scope, send, change
        self._start: Any = None
        self._body = b""
        self.transport = connection_of(send)

    async def say(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        self._body += message.get("body", b"")
        if message.get("more_body", False):
            return
        answer = Answer(self._scope, self._start["status"], list(self._start.get("headers", ())), self._body)
        answer = self._change(answer)
        if answer.header(b"content-length") is not None:
            answer = answer.with_header(b"content-length", b"%d" % len(answer.body))
        await self._send({**self._start, "status": answer.status, "headers": answer.headers})
        await self._send({"type": "http.response.body", "body": answer.body})
