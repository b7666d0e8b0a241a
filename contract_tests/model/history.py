"""The history of a run: what was known, what was sent, and the answers, in order.

It is all that a verdict may rest on. A file can keep it (`history_lines`), to judge it again without sending. It
contains no secret: a credential is recorded by the suite's name for it, never by its key.
"""

import re
import zlib
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_LE
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

import orjson

BATCH = "/api/v1/passports/batch"


class Lost(StrEnum):
    """Why a call has no answer. The call may have been executed, except for `NEVER_SENT`."""

    NEVER_SENT = "never-sent"
    CONNECTION = "connection"
    TIMEOUT = "timeout"
    UNREADABLE = "unreadable"


SOON = timedelta(minutes=2)
_MARKS = {BOM_UTF8: "UTF-8", BOM_UTF32_LE: "UTF-32", BOM_UTF16_LE: "UTF-16", BOM_UTF16_BE: "UTF-16"}  # longest first
_WINDOW_BITS = {"gzip": zlib.MAX_WBITS | 16, "deflate": zlib.MAX_WBITS}  # of the codings of a body
_ESCAPES = re.compile(rb"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|(?P<half>u[dD][89a-fA-F]..)|.)", re.DOTALL)
_FRACTION = re.compile(rb"[.eE][+-]?[0-9]+(?:[\s,\]}]|$)")  # the end of a number with one; also found in some texts
_ELEMENTS_MAX = 1000  # of an array in a body; the API has 100 in the longest
_LEVELS_MAX = 100  # of arrays and objects in a body; the API has less than ten


@dataclass(frozen=True)
class Exchange:
    """One call and its answer.

    `workspace` is the suite's name for the workspace of the credential, or None; `credential` is the suite's name for
    the key. Times are those of the workspace's clock, as far as the suite knows. `parallel` names the race of the call:
    calls of one race overlap, so their order in the history has no meaning.
    """

    number: int
    workspace: str | None
    credential: str
    method: str
    path: str
    sent_at: datetime
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    answered_at: datetime | None = None
    status: int | None = None
    answer_headers: Mapping[str, str] = field(default_factory=dict)
    answer: bytes = b""
    lost: Lost | None = None
    detail: str = ""
    parallel: str | None = None
    purpose: str = ""

    @cached_property
    def sent_json(self) -> Any:
        """The body as JSON; None where there is none. A body that its `Content-Encoding` says is packed is unpacked. A
        byte order mark before it does not matter: a server may ignore it.
        """
        codings = next((value for name, value in self.headers.items() if name.lower() == "content-encoding"), "")
        body = self.body or b""
        return _json((_unpacked(body, codings) if codings else body).removeprefix(BOM_UTF8))

    @cached_property
    def answer_json(self) -> Any:
        """The answer as JSON; None where there is none. Each number without a fraction is an `int`: `1.0` is 1."""
        value = _json(self.answer)
        return _with_integers(value) if _FRACTION.search(self.answer) else value

    @property
    def flaw_of_encoding(self) -> str:
        """How the encoding of an answer differs from that of JSON, which is UTF-8 without a byte order mark; empty
        where it does not. For answers that can't be read as JSON.
        """
        for mark, name in _MARKS.items():
            if self.answer.startswith(mark):
                return f"a byte order mark ({name}) before its text"
        if b"\0" in self.answer[:4]:
            return "a text in UTF-16 or UTF-32, not in UTF-8"
        try:
            self.answer.decode()
        except UnicodeDecodeError:
            return "bytes that are not UTF-8"
        return ""

    @property
    def media_type(self) -> str:
        """The media type of the answer, in lower case and without parameters; empty where it has none."""
        return self.answer_headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def idempotency_key(self) -> str | None:
        return next((value for name, value in self.headers.items() if name.lower() == "idempotency-key"), None)

    @property
    def succeeded(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def may_have_been_executed(self) -> bool:
        """Whether it is unknown if a write was executed: the answer is lost or a server error."""
        if self.method in {"GET", "HEAD", "OPTIONS"}:
            return False
        failed = self.status is not None and self.status >= 500 and self.status != 501
        return failed or self.lost not in {None, Lost.NEVER_SENT}

    @property
    def retry_after(self) -> timedelta | None:
        """What the header Retry-After asks for; None where there is none that can be read."""
        header = self.answer_headers.get("retry-after", "")
        if header.isdecimal() and len(header) < 9:
            return timedelta(seconds=int(header))
        again = _moment(header)
        return None if again is None else again - self._answered_at

    @property
    def _answered_at(self) -> datetime:
        """By the clock of the server, if its answer has a `Date`."""
        return _moment(self.answer_headers.get("date", "")) or (self.answered_at or self.sent_at).astimezone(UTC)

    @property
    def meets_another_limit(self) -> bool:
        """Whether a 429 comes from a short rate limit, and not from the daily budget, which renews at 00:00 UTC."""
        if self.status != 429 or (wait := self.retry_after) is None:
            return False
        now = self._answered_at
        to_midnight = timedelta(days=1) - timedelta(hours=now.hour, minutes=now.minute, seconds=now.second)
        return timedelta() < wait <= min(SOON, to_midnight - SOON)


@dataclass(frozen=True)
class Given:
    """What is known of a workspace from now on, because the run set it or the deployment file declares it. None: not
    known.

    `exclusive`: nobody else uses the workspace, so only the calls of the history change its budget and quota.
    `writes_left` and `slots_left` are of this moment; `unlimited_…` say that there is no such limit.
    """

    workspace: str
    at: datetime
    product_id: str | None = None
    gtin: str | None = None
    writes_per_day: int | None = None
    writes_left: int | None = None
    unlimited_writes: bool = False
    slots_left: int | None = None
    unlimited_slots: bool = False
    overage_supported: bool | None = None
    exclusive: bool = True


@dataclass(frozen=True)
class ClockMoved:
    """The clock of the workspace was moved forward to `to`."""

    workspace: str
    to: datetime


Event = Exchange | Given | ClockMoved


@dataclass(frozen=True)
class History:
    """The events of a run in order. `target` is the URL without credentials, `seed` that of the random choices."""

    target: str
    run: str
    events: Sequence[Event] = ()
    seed: int = 0

    @property
    def exchanges(self) -> Sequence[Exchange]:
        return [event for event in self.events if isinstance(event, Exchange)]


def _moment(header: str) -> datetime | None:
    """An HTTP date in UTC; None where it is not one."""
    try:
        found = parsedate_to_datetime(header)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _unpacked(body: bytes, codings: str) -> bytes:
    """The body without its codings; as it is where they are others than `gzip` and `deflate`, or are not true."""
    found = body
    for coding in reversed(codings.lower().split(",")):
        if (bits := _WINDOW_BITS.get(coding.strip())) is not None:
            try:
                found = zlib.decompress(found, bits)
            except zlib.error:
                return body
    return found


def _with_integers(value: Any) -> Any:
    match value:
        case float() if value.is_integer():
            return int(value)
        case dict():
            return {name: _with_integers(each) for name, each in value.items()}
        case list():
            return [_with_integers(each) for each in value]
        case _:
            return value


def _json(content: bytes | None) -> Any:
    """The value. None also for one that is nested too deeply: the libraries that read it later have limits. An array
    that is too long is cut. Half of a surrogate pair, which JSON can spell and no text can have, is U+FFFD.
    """
    try:
        value = orjson.loads(content) if content else None
    except orjson.JSONDecodeError:
        whole = _ESCAPES.sub(_without_half, content or b"")
        return None if whole == content else _json(whole)
    return None if content and _may_be_too_large(content) and _is_deeper(value, _LEVELS_MAX) else value


def _may_be_too_large(content: bytes) -> bool:
    """Whether it has enough brackets and commas for a value that `_is_deeper`, or that has too long an array."""
    return content.count(b"{") + content.count(b"[") > _LEVELS_MAX or content.count(b",") >= _ELEMENTS_MAX


def _without_half(escape: re.Match[bytes]) -> bytes:
    return rb"\ufffd" if escape["half"] else escape[0]


def _is_deeper(value: Any, most: int) -> bool:
    """Whether arrays and objects are nested in more than `most` levels. Cuts arrays that are too long."""
    level = [value]
    for _ in range(most):
        containers = [each for each in level if isinstance(each, dict | list)]
        for each in containers:
            if isinstance(each, list):
                del each[_ELEMENTS_MAX:]
        level = [member for each in containers for member in (each.values() if isinstance(each, dict) else each)]
        if not level:
            return False
    return any(isinstance(each, dict | list) for each in level)
