"""What networks do: slowness, pieces, answers and requests that are lost now and then."""

import asyncio
from itertools import count
from typing import Any

from tracepass_contract.mockserver.app import Mock

from ...model import clock
from .variant import VariantFamily, connection_of, is_of_api

family = VariantFamily()
_dice = clock.dice(1)
_JITTER_SECONDS = 0.012
_SLOW_SECONDS = 0.03
_PIECE = 1000
LOST_EVERY = 41  # a call of the API
_calls = count(1)


@family.around(Mock, "__call__", "CV-48", because="nothing is said of how long an answer takes")
async def takes_its_time(call: Any, self: Any, scope: Any, receive: Any, send: Any) -> None:
    """Every call takes a while, before it is looked at and before it is answered."""
    if not is_of_api(scope):
        await call(self, scope, receive, send)
        return
    await asyncio.sleep(_SLOW_SECONDS)
    await call(self, scope, receive, send)
    await asyncio.sleep(_SLOW_SECONDS)


@family.around(Mock, "__call__", "NET-jitter", because="calls overtake each other on their way")
async def overtakes(call: Any, self: Any, scope: Any, receive: Any, send: Any) -> None:
    """A call takes longer or shorter to arrive, by chance."""
    if is_of_api(scope):
        await asyncio.sleep(_dice.random() * _JITTER_SECONDS)
    await call(self, scope, receive, send)


@family.around(Mock, "__call__", "NET-pieces", because="a body may come in pieces, without a length")
async def comes_in_pieces(call: Any, self: Any, scope: Any, receive: Any, send: Any) -> None:
    """A body comes in pieces, without a `Content-Length`."""
    await call(self, scope, receive, _Pieces(send).say if is_of_api(scope) else send)


class _Pieces:
    """Sends on what it is given, in pieces."""

    def __init__(self, send: Any) -> None:
        self._send = send
        self.transport = connection_of(send)

    async def say(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            headers = [each for each in message.get("headers", ()) if each[0] != b"content-length"]
            no_content = message["status"] == 204
            await self._send(message if no_content else {**message, "headers": headers})
            return
        body = message.get("body", b"")
        for start in range(0, len(body), _PIECE):
            await self._send({**message, "body": body[start : start + _PIECE], "more_body": True})
        await self._send({**message, "body": b""})


@family.around(Mock, "__call__", "NET-lost-answers", because="connections break")
async def loses_answers(call: Any, self: Any, scope: Any, receive: Any, send: Any) -> None:
    """Now and then the connection breaks after a call was executed and before it is answered."""
    if not is_of_api(scope) or next(_calls) % LOST_EVERY:
        await call(self, scope, receive, send)
        return

    await call(self, scope, receive, _Nowhere(send).say)
    await _cut(receive, send)


class _Nowhere:
    """Sends nothing on. A fault that is planned for the call finds the connection there."""

    def __init__(self, send: Any) -> None:
        self.transport = connection_of(send)

    async def say(self, _message: Any) -> None:
        """The answer is lost."""


@family.around(Mock, "__call__", "NET-lost-calls", because="connections break")
async def loses_calls(call: Any, self: Any, scope: Any, receive: Any, send: Any) -> None:
    """Now and then the connection breaks before a call arrives."""
    if not is_of_api(scope) or next(_calls) % LOST_EVERY:
        await call(self, scope, receive, send)
    else:
        await _cut(receive, send)


async def _cut(receive: Any, send: Any) -> None:
    connection = connection_of(send)
    if connection is None:
        raise ConnectionError("the connection was cut")
    connection.close()
    while (await receive())["type"] != "http.disconnect":
        pass
