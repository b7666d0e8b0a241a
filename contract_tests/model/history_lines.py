"""A history as a file: lines of JSON, the first about the run, and one for each event.

So a run can write it as it goes: each line is whole whatever becomes of the run, except perhaps the last.
"""

import base64
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
import orjson

from .history import ClockMoved, Event, Exchange, Given, History

_KINDS: Mapping[str, type[Event]] = {"exchange": Exchange, "given": Given, "clock-moved": ClockMoved}
_KIND_OF = {kind: name for name, kind in _KINDS.items()}


class UnreadableHistory(ValueError):
    """The file is not a history. The message says what is wrong and where."""


def to_lines(history: History) -> bytes:
    return b"".join([head_of(history), *map(line_of, history.events)])


def head_of(history: History) -> bytes:
    return orjson.dumps({"target": history.target, "run": history.run, "seed": history.seed}) + b"\n"


def line_of(event: Event) -> bytes:
    return orjson.dumps({"event": _KIND_OF[type(event)], **_members(event)}) + b"\n"


def from_lines(content: bytes) -> History:
    """The history in such lines. Of two exchanges with one number the later counts: the first was written before its
    answer was there. Raises `UnreadableHistory`.
    """
    first, *lines = content.splitlines(keepends=True) or [b""]
    head = _parsed(1, first)
    if wrong := next((name for name in ("target", "run") if not isinstance(head.get(name), str)), None):
        raise UnreadableHistory(f'line 1: not a history: "{wrong}" is missing, or no text')
    if lines and not lines[-1].endswith(b"\n"):  # the run was killed while it wrote it
        lines.pop()
    events = [_event(number, _parsed(number, line)) for number, line in enumerate(lines, start=2)]
    return History(head["target"], head["run"], _last_of_each(events), head.get("seed", 0))


def _last_of_each(events: Sequence[Event]) -> Sequence[Event]:
    last = {each.number: at for at, each in enumerate(events) if isinstance(each, Exchange)}
    return [each for at, each in enumerate(events) if not isinstance(each, Exchange) or last[each.number] == at]


def _parsed(number: int, line: bytes) -> Mapping[str, Any]:
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise UnreadableHistory(f"line {number}: not valid JSON: {error}") from error
    if not isinstance(found, dict):
        raise UnreadableHistory(f"line {number}: it must be an object")
    return found


def _members(event: Event) -> dict[str, Any]:
    members: dict[str, Any] = msgspec.to_builtins(event, builtin_types=(datetime, bytes))
    for name in ("body", "answer"):
        if isinstance(value := members.get(name), bytes):
            members[name] = _text(value)
    return members


def _event(number: int, raw: Mapping[str, Any]) -> Event:
    members = dict(raw)
    kind = _KINDS.get(members.pop("event", None))
    if kind is None:
        kinds = ", ".join(_KINDS)
        raise UnreadableHistory(f'line {number}: unknown event "{raw.get("event")}". The events are {kinds}.')
    try:
        for name in ("body", "answer"):
            if name in members:
                members[name] = _bytes(members[name])
        return msgspec.convert(members, kind, builtin_types=(bytes,))
    except (msgspec.ValidationError, ValueError) as error:
        raise UnreadableHistory(f"line {number}: {error}") from error


def _text(value: bytes) -> str | dict[str, str]:
    """Bytes as text where they are UTF-8, so that people can read the file; else as base64."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(value).decode()}


def _bytes(value: Any) -> bytes | None:
    match value:
        case None:
            return None
        case str():
            return value.encode()
        case {"base64": str(encoded)}:
            return base64.b64decode(encoded, validate=True)
        case _:
            raise ValueError(f"a body must be text or base64, is {value!r}")
