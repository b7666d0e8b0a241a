"""The body of a request: read within a limit, checked for its type, parsed as JSON with each member once."""

import json
import zlib
from collections import Counter
from collections.abc import Sequence
from email.message import Message
from typing import Any

import msgspec
import orjson
from starlette.types import Receive

from ...semantics.types.answers import Refusal

_GZIP = zlib.MAX_WBITS | 16  # zlib's flag for the format
_CODINGS = {b"": 0, b"identity": 0, b"gzip": _GZIP, b"x-gzip": _GZIP, b"deflate": zlib.MAX_WBITS}  # 0: not packed
_LENGTH_DIGITS_MAX = 18  # a longer Content-Length is over every limit
_SHAPE = "batch.same-shape-as-single"
Headers = Sequence[tuple[bytes, bytes]]


class Body(msgspec.Struct, frozen=True, gc=False):
    """A JSON document: its bytes and its value."""

    raw: bytes
    value: Any

    @property
    def canonical(self) -> bytes:
        """The value as JSON with sorted members and no spaces: equal for equal JSON."""
        return orjson.dumps(self.value, option=orjson.OPT_SORT_KEYS)


async def read(headers: Headers, receive: Receive, limit: int) -> bytes | Refusal:
    """The whole body, unpacked; or a refusal (413) as soon as it is over `limit` bytes, (415) for an unknown coding."""
    codings = b""
    for name, value in headers:
        if name == b"content-length" and _is_more(value.lstrip(b"0"), limit):
            return _too_large(limit)
        if name == b"content-encoding":
            codings = b"%b, %b" % (codings, value) if codings else value
    if codings and codings.lower() not in _CODINGS:
        found = codings.decode("latin-1")[:80]
        return _refusal(415, "Unsupported Media Type", "Content-Encoding", "gzip, deflate or identity", found)
    chunks: list[bytes] = []
    length = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            # The part that arrived may be valid JSON. The mock executes complete requests only.
            return _malformed("the whole body", "a part of it: the caller went away")
        chunk = message.get("body", b"")
        length += len(chunk)
        if length > limit:
            return _too_large(limit)
        chunks.append(chunk)
        if not message.get("more_body", False):
            sent = chunks[0] if len(chunks) == 1 else b"".join(chunks)
            return _unpacked(sent, codings.lower(), limit) if _CODINGS[codings.lower()] else sent


def _unpacked(packed: bytes, coding: bytes, limit: int) -> bytes | Refusal:
    unpacking, expected = zlib.decompressobj(_CODINGS[coding]), f"{coding.decode()}, as Content-Encoding says"
    try:
        raw = unpacking.decompress(packed, limit + 1)
    except zlib.error:
        return _malformed(expected, "other bytes")
    if len(raw) > limit:
        return _too_large(limit)
    is_whole = unpacking.eof and not unpacking.unused_data
    return raw if is_whole else _malformed(expected, "a part of it, or more")


def _is_more(declared: bytes, limit: int) -> bool:
    return declared.isdigit() and (len(declared) > _LENGTH_DIGITS_MAX or int(declared) > limit)


def parse(headers: Headers, raw: bytes) -> Body | Refusal:
    """The parsed body, or a refusal that says what is wrong and where."""
    content_types = [value for name, value in headers if name == b"content-type"]
    if content_types != [b"application/json"] and (wrong := _wrong_type(content_types)):
        return wrong
    try:
        value = orjson.loads(raw)
        written = orjson.dumps([[[[[[[[value]]]]]]]])[8:-8]  # an answer may nest it deeper, and orjson limits the depth
        # The value lacks a repeated member, so the written form lacks its colon. Otherwise the numbers of colons
        # differ only if the body has a colon as an escape. So the slow check is rarely needed.
        suspicious = written != raw and (raw.count(b":") != written.count(b":") or b"\\u003" in raw)
        repeated = _repeated_member(raw) if suspicious else None
    except orjson.JSONDecodeError as error:
        return _malformed("a JSON document in UTF-8", _described(error, raw) if raw else "an empty body")
    except (orjson.JSONEncodeError, RecursionError):
        return _malformed("JSON of a reasonable depth", "nesting that is too deep")
    if repeated is not None:
        return _malformed("each member once", f"the member {repeated!r} more than once in an object")
    return Body(raw, value)


def _described(error: orjson.JSONDecodeError, raw: bytes) -> str:
    """The parser has two sentences of its own for deep nesting, and one of them speaks of memory. For bytes that are
    not UTF-8 it has one that names the wrong place.
    """
    if (other := _not_utf8(raw)) is not None:
        return other
    is_deep = error.msg.startswith(("failed to allocate memory", "depth limit exceeded"))
    return "nesting that is too deep, or that does not end" if is_deep else str(error)


def _not_utf8(raw: bytes) -> str | None:
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        return f"the byte 0x{raw[error.start]:02X} at offset {error.start:,}, which is not UTF-8"
    return None


def _repeated_member(raw: bytes) -> str | None:
    """The first member name that an object has more than once."""
    repeated: list[str] = []

    def look(pairs: list[tuple[str, Any]]) -> None:
        if len(dict(pairs)) < len(pairs):
            repeated.extend(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)

    json.loads(raw, object_pairs_hook=look)
    return repeated[0][:60] if repeated else None


def _wrong_type(content_types: list[bytes]) -> Refusal | None:
    """A refusal (415) unless the one content type is application/json, in UTF-8 if it names a character set."""
    found = b", ".join(content_types).decode("latin-1")
    message = Message()
    message["content-type"] = found or "none"
    charset = message.get_param("charset", "utf-8")
    if len(content_types) == 1 and message.get_content_type() == "application/json" and _is_utf8(charset):
        return None
    return _refusal(415, "Unsupported Media Type", "Content-Type", "application/json", found[:80] or "no Content-Type")


def _is_utf8(charset: object) -> bool:
    return isinstance(charset, str) and charset.lower() in {"utf-8", "utf8"}


def _too_large(limit: int) -> Refusal:
    return _refusal(413, "Payload Too Large", "body", f"at most {limit:,} bytes", "more")


def _malformed(expected: str, found: str) -> Refusal:
    return _refusal(400, "Validation error", "body", expected, found)


def _refusal(status: int, error: str, where: str, expected: str, found: str) -> Refusal:
    message = f"{where}: expected {expected}, found {found}"
    problem = {"where": where, "expected": expected, "found": found}
    return Refusal(_SHAPE, status, error, message, {"problems": [problem]})
