"""One request, sent once: the answer, or how it was lost.

Nothing is sent twice. There are no retries and no redirects. A keep-alive connection that drops during a request is a
lost answer.
"""

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from socket import SHUT_RDWR
from threading import Barrier, BrokenBarrierError, Event, Thread
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from ..model.clock import monotonic
from ..model.history import Lost

_CONNECT_SECONDS = 10.0
_RACE_SECONDS = 10.0  # that a call of a race waits for the others
_IDLE_SECONDS = 2.0  # after which a connection is not used again: most servers close it after 5 or more
_ANSWER_BYTES_MAX = 2 * 1024 * 1024  # a hundred passports of 20 KiB
_LOOK_SECONDS = 1.0
_NEVER = Event()
_LOCAL = ("http://127.0.0.1", "http://localhost", "http://[::1]")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `lost` is None where the whole answer is there."""

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    lost: Lost | None = None
    detail: str = ""


@cache
def _trusted() -> ssl.SSLContext:
    """Made once, because it takes longer than the rest of a new connection."""
    return httpx.create_ssl_context()


class Wire:
    """One connection to one host, opened on first use and kept.

    With `read_seconds` it gives up where no byte of the answer comes in that time. The wires of a race share a barrier,
    and send the last byte of their bodies together: then all calls are under way before the first is complete, however
    slow a connection or this machine is.
    """

    def __init__(self, base_url: str, *, read_seconds: float | None = None, race: Barrier | None = None) -> None:
        self._base_url = base_url
        self._read_seconds = read_seconds
        self._race = race
        self._socket: Any = None  # of the open connection
        self._transport = httpx.HTTPTransport(  # without redirects, cookies and headers of its own
            limits=httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=_IDLE_SECONDS),
            verify=_trusted(),
            proxy=_proxy_for(base_url),
        )

    def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None, seconds: float) -> Answer:
        """Send, and wait at most `seconds` for the whole answer."""
        until = monotonic() + seconds
        length = {} if body is None else {"Content-Length": str(len(body))}  # else an iterator is sent in chunks
        try:
            timeout = httpx.Timeout(seconds, connect=min(seconds, _CONNECT_SECONDS), read=self._patience(seconds))
            request = httpx.Request(
                method,
                self._base_url + path,
                headers={"Accept": "application/json", "Accept-Encoding": "identity", **length, **headers},
                content=body if body is None or self._race is None else _last_byte_together(body, self._race),
                extensions={"trace": self._trace, "timeout": timeout.as_dict()},
            )
            with _overdue.shut_down(self, until):
                return self._read(request, until)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.ConnectError, httpx.ConnectTimeout) as error:
            return Answer(lost=Lost.NEVER_SENT, detail=_described(error))
        except httpx.TimeoutException as error:
            return Answer(lost=Lost.TIMEOUT, detail=f"no answer within {seconds:.0f} seconds ({_described(error)})")
        except httpx.DecodingError as error:
            return Answer(lost=Lost.UNREADABLE, detail=_described(error))
        except httpx.HTTPError as error:
            lost = Lost.TIMEOUT if monotonic() > until else Lost.CONNECTION
            return Answer(lost=lost, detail=_described(error))
        finally:
            if self._race is not None:
                self._race.abort()  # where this call broke off before its last byte, the others don't wait for it

    def close(self) -> None:
        self._transport.close()

    def _trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Called by httpx. Keeps the socket of the connection."""
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            self._socket = info["return_value"].get_extra_info("socket")

    def shut_down(self) -> None:
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(SHUT_RDWR)

    def _patience(self, seconds: float) -> float:
        return seconds if self._read_seconds is None else self._read_seconds

    def _read(self, request: httpx.Request, until: float) -> Answer:
        response = self._transport.handle_request(request)
        try:
            body = bytearray()
            for chunk in response.iter_bytes():
                body += chunk
                if monotonic() > until:
                    return Answer(lost=Lost.TIMEOUT, detail="the answer did not end in time")
                if len(body) > _ANSWER_BYTES_MAX:
                    return Answer(lost=Lost.UNREADABLE, detail=f"the answer is longer than {_ANSWER_BYTES_MAX:,} bytes")
        finally:
            response.close()
        if monotonic() > until:  # where its length is not known, a connection that was shut down looks like its end
            return Answer(lost=Lost.TIMEOUT, detail="the answer did not end in time")
        return Answer(response.status_code, dict(response.headers), bytes(body))


class _Overdue:
    """Shuts down connections whose calls are over their time: the timeouts of httpx begin again with each byte.

    One thread looks at all calls under way, once a second.
    """

    def __init__(self) -> None:
        self._until: dict[Wire, float] = {}
        self._thread: Thread | None = None

    @contextmanager
    def shut_down(self, wire: Wire, until: float) -> Iterator[None]:
        if self._thread is None or not self._thread.is_alive():  # no thread comes along into a forked process
            self._thread = Thread(target=self._watch, daemon=True)
            self._thread.start()
        self._until[wire] = until
        try:
            yield
        finally:
            del self._until[wire]

    def _watch(self) -> None:
        while not _NEVER.wait(_LOOK_SECONDS):
            for wire, until in list(self._until.items()):
                if monotonic() > until:
                    wire.shut_down()


_overdue = _Overdue()


def _proxy_for(base_url: str) -> str | None:
    """The proxy that the environment names for this URL; none for this machine."""
    scheme, host = urlsplit(base_url).scheme, urlsplit(base_url).hostname or ""
    if base_url.startswith(_LOCAL) or proxy_bypass(host):
        return None
    named = getproxies().get(scheme) or getproxies().get("all")
    return f"http://{named}" if named and "://" not in named else named


def _last_byte_together(body: bytes, race: Barrier) -> Iterator[bytes]:
    yield body[:-1]
    with suppress(BrokenBarrierError):
        race.wait(_RACE_SECONDS)
    yield body[-1:]


def _described(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
