"""Variants of the network: delays, chunks, and lost calls and answers."""

import asyncio
from itertools import count
from typing import Any

from tracepass_contract.mockserver.app import Mock

from ...model import clock
from .variant import VariantFamily, connection_of, is_of_api

family = VariantFamily()
_dice = clock.dice(1)
_JITTER_SECONDS = 0.012
_SLOW_SECONDS = 0.004  # twice for each call: thousands of calls in one run
_PIECE = 1000
LOST_EVERY = 41  # a call of the API
_calls = count(1)


@family.around(Mock, "__call__", "CV-48", because="the documentation sets no limit to the time of an answer")
async def takes_its_time(call: Any, self: Any, scope: Any, receive: Any, send: Any) -> None:
    """Every call takes some time before it is executed and before it is answered."""
    if not is_of_api(scope):
        await call(self, scope, receive, send)
        return
    await asyncio.sleep(_SLOW_SECONDS)
    await call(self, scope, receive, send)
    await asyncio.sleep(_SLOW_SECONDS)


@family.around(Mock, "__call__", "NET-jitter", because="calls may overtake each other in a network")
async def overtakes(call: Any, self: Any, scope: Any, receive: Any, send: Any) -> None:
    """A call takes a random time to arrive."""
    if is_of_api(scope):
        await asyncio.sleep(_dice.random() * _JITTER_SECONDS)
    await call(self, scope, receive, send)


@family.around(Mock, "__call__", "NET-pieces", because="HTTP allows chunked bodies without a length")
async def comes_in_pieces(call: Any, self: Any, scope: Any, receive: Any, send: Any) -> None:
    """A body comes in chunks, without a `Content-Length`."""
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


@family.around(Mock, "__call__", "NET-lost-answers", because="any connection can break")
async def loses_answers(call: Any, self: Any, scope: Any, receive: Any, send: Any) -> None:
    """Sometimes the connection breaks after a call was executed and before its answer."""
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


@family.around(Mock, "__call__", "NET-lost-calls", because="any connection can break")
async def loses_calls(call: Any, self: Any, scope: Any, receive: Any, send: Any) -> None:
    """Sometimes the connection breaks before a call arrives."""
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
