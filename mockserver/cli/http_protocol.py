"""HTTP/1.1 as clients speak it, on uvicorn's parser: offers to upgrade are ignored, a header section has a limit, a
refusal that comes before the end of its request can be read, and so can the answer to a client that sends no more.

The parser ends a request with an `Upgrade` header before its body, because a new protocol could begin there. A server
that does not upgrade has to read the request as if the offer was not there (RFC 9110, 7.8). Java's `HttpClient` offers
HTTP/2 with each first request.
"""

import logging
from asyncio import Transport
from collections import deque
from collections.abc import Iterable
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from .bad_requests import HEAD_BYTES_MAX, HEADERS_MAX, BadRequest, of_parser, too_large, unfinished
from .early_answers import LateClosing, Rest

_TLS_HELLO = b"\x16\x03"
_OFFERS = (b"upgrade", b"http2-settings")
_IS_TLS = "A client speaks TLS to this port, which serves http. Use an http:// URL, or serve with --tls-cert."
_NOWHERE: Any = deque(maxlen=0)
logger = logging.getLogger(__name__)


class HeadTooLarge(Exception):
    """The header section of a request is over its limits."""


class HttpProtocol(HttpToolsProtocol):
    """One connection."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parser = _Parser(self)  # type: ignore[assignment]  # it has the methods that the protocol calls
        self.head_ended = True
        self._rest: Rest | None = None  # of the request that has its answer, on a connection that stays

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as in uvicorn
        super().connection_made(transport)
        self._connection = LateClosing(transport, self._is_answered_early)
        self.transport = self._connection  # type: ignore[assignment]  # it has the methods that are called

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._end_rest()
        if self._connection.drained is not None:
            self._connection.drained.end()

    def data_received(self, data: bytes) -> None:
        if self._connection.drained is not None:
            self._connection.drained.drop(data)
            return
        self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(data)
        except HeadTooLarge:
            self._refuse(too_large(self.url))
        except httptools.HttpParserError as error:
            if data.startswith(_TLS_HELLO):
                logger.warning(_IS_TLS)
                self.transport.close()
            else:
                bad = of_parser(error, data, is_first=self.cycle is None)
                logger.warning("A client sent something that is not a request of HTTP/1.1. %s", bad.message)
                self._refuse(bad)

    def eof_received(self) -> bool:  # type: ignore[override]  # as in asyncio
        """The client sends no more, but perhaps it still reads (`nc -N`). Returns whether the connection stays open: an
        answer still has to be sent. It is the last.
        """
        cycle = self.cycle
        if self._connection.drained is not None:
            return False
        if not self.head_ended:
            self._refuse(unfinished("headers"))
        elif cycle is not None and cycle.more_body and not cycle.response_complete:
            self._refuse(unfinished("body"))
        is_awaited = cycle is not None and not cycle.response_complete and self._connection.drained is None
        if is_awaited and cycle.response_started and cycle.chunked_encoding:
            return False  # events have no end, and nobody follows them any more
        if is_awaited:
            cycle.keep_alive = False
        return is_awaited and self.scheme == "http"  # TLS has no half of a connection

    def on_message_begin(self) -> None:
        self.head_ended = False
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self.head_ended = True
        if len(self.headers) > HEADERS_MAX or self._head_is_large():
            raise HeadTooLarge
        if not self.url.startswith(b"/"):
            self._take_host_of_target()
        if not self.parser.should_upgrade():
            super().on_headers_complete()
            self.headers = _NOWHERE  # what comes now is a trailer, and no header (RFC 9110, 6.5.1)
            if self.expect_100_continue:  # a sender that gets a refusal may leave its body out, or may not
                self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        if self.cycle.response_complete:
            self._rest = self._rest or Rest(self._connection.close_now)
            self._rest.drop(body)
        else:
            super().on_body(body)

    def _is_answered_early(self) -> bool:
        cycle = self.cycle
        is_answered = cycle is not None and cycle.response_complete
        return is_answered and (cycle.more_body or isinstance(self.parser, _NoParser))

    def _end_rest(self) -> None:
        if self._rest is not None:
            self._rest.end()
            self._rest = None

    def _take_host_of_target(self) -> None:
        """An absolute target names the host, whatever `Host` says (RFC 9112, 3.2.2)."""
        try:
            target = httptools.parse_url(self.url)
        except httptools.HttpParserInvalidURLError:  # the method is CONNECT or OPTIONS
            return
        if target.host:
            host = b"[%b]" % target.host if b":" in target.host else target.host
            named = b"%b:%d" % (host, target.port) if target.port else host
            self.headers[:] = [*((name, value) for name, value in self.headers if name != b"host"), (b"host", named)]

    def _head_is_large(self) -> bool:
        """Most requests are shorter as a whole than a head may be, so that nothing has to be added up."""
        fed: int = self.parser.fed_bytes  # type: ignore[attr-defined]
        if fed <= HEAD_BYTES_MAX:
            return False
        return len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > HEAD_BYTES_MAX

    def on_message_complete(self) -> None:
        self._end_rest()
        if not self.parser.should_upgrade():
            super().on_message_complete()
            self.cycle.more_body = False  # also of one that has its answer

    def _refuse(self, bad: BadRequest) -> None:
        """Answer, and close the connection: where the next request begins is unknown. If the call before it is executed
        just now, its answer is the last one.
        """
        before = self.cycle
        if before is not None and not before.response_complete and not before.more_body:
            before.keep_alive = False
            self.parser = _NoParser()  # type: ignore[assignment]  # as above
            return
        if before is None or not (before.more_body and before.response_started):
            self.transport.write(bad.answer())
        self._connection.close_late()


class _NoParser:
    """Takes the place of the parser where no request can begin any more."""

    feed_data = staticmethod(lambda _data: None)


class _Parser:
    """The parser of httptools. After an offer to upgrade it reads the same request without the offer."""

    def __init__(self, protocol: HttpProtocol) -> None:
        self._protocol = protocol
        self.fed_bytes = 0  # since the request began, or more
        self._begin()

    def _begin(self) -> None:
        self._parser = parser = httptools.HttpRequestParser(self._protocol)
        parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self.should_upgrade = parser.should_upgrade
        self.should_keep_alive = parser.should_keep_alive
        self.get_http_version = parser.get_http_version
        self.get_method = parser.get_method

    def feed_data(self, data: bytes) -> None:
        self.fed_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as offered:
            self._read_without_offer(data[offered.args[0] :])
        except httptools.HttpParserCallbackError as error:
            if isinstance(error.__context__, HeadTooLarge):
                raise HeadTooLarge from None
            raise
        if self._protocol.head_ended:
            self.fed_bytes = 0
        elif self.fed_bytes > HEAD_BYTES_MAX:
            raise HeadTooLarge

    def _read_without_offer(self, rest: bytes) -> None:
        method, protocol = self.get_method(), self._protocol
        if method == b"CONNECT":  # asks for another protocol by its name
            raise httptools.HttpParserInvalidMethodError("CONNECT")
        version = self.get_http_version().encode()
        head = [b"%b %b HTTP/%b\r\n" % (method, protocol.url, version)]
        head += [b"%b: %b\r\n" % header for header in _without_offer(protocol.headers)]
        self._begin()
        self.feed_data(b"".join([*head, b"\r\n"]))
        if rest:
            self.feed_data(rest)


def _without_offer(headers: Iterable[tuple[bytes, bytes]]) -> Iterable[tuple[bytes, bytes]]:
    for name, value in headers:
        if name == b"connection":
            options = [each.strip() for each in value.split(b",")]
            yield name, b", ".join(each for each in options if each.lower() not in _OFFERS)
        elif name not in _OFFERS:
            yield name, value
