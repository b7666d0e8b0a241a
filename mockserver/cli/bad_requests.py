"""What is wrong with bytes that are not a request: the sentences of the parser in our words, with what to look at."""

import re
from collections.abc import Mapping
from typing import NamedTuple

import httptools
import orjson
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

HEAD_BYTES_MAX = 65_536
HEADERS_MAX = 200
_SHOWN_MAX = 20
_LINE = re.compile(rb"[A-Za-z]+ [^ ]+ HTTP/1\.")
_PROXY = "CONNECT"  # the method; also the text of the error about it


class BadRequest(NamedTuple):
    """An answer to bytes that no operation receives."""

    status: int
    error: str
    where: str
    expected: str
    found: str

    @property
    def message(self) -> str:
        return f"{self.where}: expected {self.expected}, found {self.found}"

    def answer(self) -> bytes:
        """The whole answer, in the protocol of the client."""
        if self is _HTTP2:
            return _SETTINGS + _goaway(self.message.encode())
        problem = {"where": self.where, "expected": self.expected, "found": self.found}
        body = orjson.dumps({"error": self.error, "message": self.message, "details": {"problems": [problem]}})
        head = b"content-type: application/json\r\ncontent-length: %d\r\nconnection: close\r\n\r\n" % len(body)
        return STATUS_LINE[self.status] + head + body


def too_large(target: bytes) -> BadRequest:
    """The head of a request is over its limits. A target that has most of the bytes is the reason."""
    if len(target) > HEAD_BYTES_MAX // 2:
        return BadRequest(414, "URI Too Long", "target", f"at most {HEAD_BYTES_MAX // 2:,} bytes", "more")
    expected = f"at most {HEADERS_MAX} headers in {HEAD_BYTES_MAX:,} bytes"
    return BadRequest(431, "Request Header Fields Too Large", "headers", expected, "more")


def unfinished(part: str) -> BadRequest:
    """The client has said that it sends no more, in the middle of a request."""
    return _bad(part, "all of it", "the end of what the client sends. Is Content-Length the number of bytes?")


def of_parser(error: httptools.HttpParserError, last: bytes, *, is_first: bool) -> BadRequest:
    """What the parser did not understand. `last` is what came last, `is_first` is for the first request of a client."""
    reason = str(error.args[0])
    if isinstance(error, httptools.HttpParserInvalidMethodError):
        return _of_method(reason, last, is_first=is_first)
    if isinstance(error, httptools.HttpParserInvalidURLError | httptools.HttpParserCallbackError):
        return _bad("target", "a path or a URL in ASCII, with other characters as %XX", "another character or form")
    return next(
        (problem for words, problem in _OF_PARSER.items() if words in reason),
        _bad("request", "HTTP/1.1", "other bytes"),
    )


def _goaway(message: bytes) -> bytes:
    """The frame of HTTP/2 (RFC 9113, 6.8) that ends a connection. Clients show its code, and some the text."""
    payload = (0).to_bytes(4) + _HTTP_1_1_REQUIRED.to_bytes(4) + message
    return len(payload).to_bytes(3) + b"\x07" + bytes(5) + payload


def _of_method(reason: str, last: bytes, *, is_first: bool) -> BadRequest:
    if reason == _PROXY:
        return _bad("method", "a method of the API", "CONNECT, which is for proxies")
    word = last.split(maxsplit=1)[0][:_SHOWN_MAX] if last.strip() else b""
    if not is_first and not _LINE.match(last):
        return _bad("request", "the next one", "other bytes. Is the Content-Length of the one before too small?")
    is_text = word.isascii() and word.decode("ascii").isprintable()
    return _bad("method", "one of HTTP in capitals, such as POST", word.decode() if is_text else "other bytes")


def _bad(where: str, expected: str, found: str) -> BadRequest:
    return BadRequest(400, "Bad Request", where, expected, found)


_SETTINGS = b"\x00\x00\x00\x04" + bytes(5)  # the first frame of a server, without a setting
_HTTP_1_1_REQUIRED = 0xD
_HTTP2 = _bad("version", "HTTP/1.1", "HTTP/2. Turn off prior knowledge of HTTP/2 in the client")
_CRLF = _bad("line", "CR LF (\\r\\n) at its end", "another end")
_VERSION = _bad("version", "HTTP/1.1", "another")
_FOLDED = _bad("header", "all of it in one line", "a line that begins with a space")
_HEADER = _bad("header", "name: value, without control characters", "another form")
_CODING = _bad("Transfer-Encoding", "chunked as the last coding", "another")
_BOTH = _bad("Content-Length", "it or Transfer-Encoding", "both")
_CHUNKS = _bad("body", "chunks: a size in hexadecimal digits, CR LF, as many bytes, CR LF", "other bytes")

_OF_PARSER: Mapping[str, BadRequest] = {  # by a part of the parser's sentence; the first that fits
    "PRI/Upgrade": _HTTP2,
    "chunk": _CHUNKS,
    "Expected CRLF": _CRLF,
    "expected CR": _CRLF,
    "expected LF": _CRLF,
    "HTTP version": _VERSION,
    "Expected dot": _VERSION,
    "Expected HTTP/": _bad("request line", "METHOD TARGET HTTP/1.1", "a space in the target, or another protocol"),
    "space after": _FOLDED,
    "can't be present with": _BOTH,
    "Duplicate Content-Length": _bad("Content-Length", "the header once", "2 times"),
    "Content-Length": _bad("Content-Length", "a number of bytes", "another value"),
    "Transfer-Encoding": _CODING,
    "header": _HEADER,
}
