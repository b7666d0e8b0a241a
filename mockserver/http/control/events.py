"""The events of the mock: each call and each change, sent to everybody who follows them (server-sent events).

The latest events are kept, and each follower reads them at its own pace. So a slow follower needs no queue. A follower
whose next event is no longer kept gets a `gap` and reads the journals again.
"""

import asyncio
import re
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

import orjson
from msgspec.structs import asdict
from starlette.types import Receive, Send

from ..api.log import Line, Log, LogEntry, NotDelivered, UnroutedCall
from ..api.reply_bodies import timestamp
from ..call.exchange import Call, Reply, Stream
from .guard import PROBLEM_JSON, problem_json
from .journal import in_short

EVENTS_MAX = 5_000
FOLLOWERS_MAX = 50
_ID = re.compile(rb"([0-9]{1,18})-([0-9]{1,18})")
_HEADERS = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store"), (b"x-accel-buffering", b"no")]
_HEARTBEAT = b": heartbeat\n\n"


class Pace(NamedTuple):
    """How often a follower gets something, in seconds: at most once in a `pause`, and a comment after a `silence`."""

    pause: float = 0.25
    silence: float = 15


class Events:
    """The latest events. The id of an event is the time of the mock's start and the number of the event.

    So a follower that comes back after a restart of the mock gets a gap, and not the events of other calls.
    """

    def __init__(self, started_at: datetime, pace: Pace | None = None) -> None:
        self._start = int(started_at.timestamp() * 1000)
        self.pace = pace or Pace()
        self._kept: deque[bytes] = deque(maxlen=EVENTS_MAX)
        self._given = 0
        self._followers: set[asyncio.Event] = set()
        self._closed = False
        self._is_followed = False  # whether somebody has begun to follow: before that, events are only counted

    def logging_to(self, log: Log) -> Log:
        """A log that makes an event of each line, and passes it on."""

        def both(line: Line) -> None:
            self._add(_event_of, line)
            log(line)

        return both

    def announcing(self, operation: str, handle: Callable[[Call], Reply]) -> Callable[[Call], Reply]:
        """A handler of the control plane that announces what it has changed."""

        def handler(call: Call) -> Reply:
            reply = handle(call)
            if call.scope["method"] != "GET" and reply.status < 300:
                workspace = call.path_params.get("id")
                if operation == "createWorkspace":
                    workspace = orjson.loads(reply.body)["id"]
                self._add(_change, {"operation": operation, "workspace": workspace})
            return reply

        return handler

    def follow(self, call: Call) -> Reply | Stream:
        """Send the events after that of `Last-Event-ID`, or from now on, until the follower goes."""
        if len(self._followers) >= FOLLOWERS_MAX:
            detail = f"the mock has {FOLLOWERS_MAX} event streams, the most that are allowed; close one"
            return Reply(429, (), problem_json(429, detail), PROBLEM_JSON.encode())
        seen = call.header(b"last-event-id")
        return Stream(lambda receive, send: self._stream(seen[-1] if seen else None, receive, send))

    def close(self) -> None:
        """End all streams, because the mock stops."""
        self._closed = True
        self._wake()

    def _add(self, event: Callable[[Any], tuple[str, Mapping[str, object]]], of: object) -> None:
        self._given += 1
        if self._is_followed:
            self._kept.append(self._event(*event(of)))
            self._wake()

    def _wake(self) -> None:
        for follower in self._followers:
            follower.set()

    def _event(self, name: str, data: Mapping[str, object]) -> bytes:
        return b"id: %d-%d\nevent: %b\ndata: %b\n\n" % (self._start, self._given, name.encode(), orjson.dumps(data))

    async def _stream(self, seen: bytes | None, receive: Receive, send: Send) -> None:
        self._is_followed = True
        follower = asyncio.Event()
        self._followers.add(follower)
        watch = asyncio.create_task(_wait_for_end(receive, follower))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": list(_HEADERS)})
            await self._send_all(seen, follower, watch, send)
            await send({"type": "http.response.body", "body": b""})
        finally:
            self._followers.discard(follower)
            watch.cancel()

    async def _send_all(
        self, seen: bytes | None, follower: asyncio.Event, watch: "asyncio.Task[None]", send: Send
    ) -> None:
        sent = self._given if seen is None else self._number(seen)
        news = self._event("ready", {}) if seen is None else b""
        while not watch.done() and not self._closed:
            follower.clear()
            news += self._after(sent)
            sent = self._given
            await send({"type": "http.response.body", "body": news or _HEARTBEAT, "more_body": True})
            news = b""
            await asyncio.sleep(self.pace.pause)  # so many calls share one write
            with suppress(TimeoutError):
                await asyncio.wait_for(follower.wait(), self.pace.silence)

    def _number(self, seen: bytes) -> int | None:
        """The number in an id; None for an id of another run of the mock."""
        found = _ID.fullmatch(seen)
        if found is None or int(found[1]) != self._start or int(found[2]) > self._given:
            return None
        return int(found[2])

    def _after(self, number: int | None) -> bytes:
        """The events after this one, or a gap if they are not kept."""
        first = self._given - len(self._kept)  # the number of the last event that is not kept
        if number is None or number < first:
            return self._event("gap", {})
        return b"".join(islice(self._kept, number - first, None))


async def _wait_for_end(receive: Receive, follower: asyncio.Event) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    follower.set()


def _change(data: Mapping[str, object]) -> tuple[str, Mapping[str, object]]:
    return "change", data


def _event_of(line: Line) -> tuple[str, Mapping[str, object]]:
    if isinstance(line, LogEntry):
        return "call", {"workspace": line.entry.before.workspace, **in_short(line.entry, line.operation)}
    assert isinstance(line, NotDelivered | UnroutedCall)  # noqa: S101  there are no other lines
    name = "not-delivered" if isinstance(line, NotDelivered) else "unrouted"
    return name, {**asdict(line), "at": timestamp(line.at)}
