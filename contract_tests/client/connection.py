"""One request, sent once: the answer, or how it was lost.

Nothing is sent twice. There are no retries and no redirects. A keep-alive connection that drops during a request is a
lost answer.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import lru_cache
from threading import Barrier, BrokenBarrierError, Event, Thread

import httpcore
import httpx

from ..model.clock import monotonic
from ..model.history import Lost
from .access import ANYWHERE, Access
from .network import Network, proxy_for

_CONNECT_SECONDS = 10.0
_RACE_SECONDS = 10.0  # that a call of a race waits for the others
_IDLE_SECONDS = 2.0  # after which a connection is not used again: most servers close it after 5 or more
_ANSWER_BYTES_MAX = 2 * 1024 * 1024  # a hundred passports of 20 KiB
_LOOK_SECONDS = 1.0
_NEVER = Event()


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `lost` is None where the whole answer is there."""

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    lost: Lost | None = None
    detail: str = ""


class Wire:
    """One connection to one host, opened on first use and kept.

    One that `disconnects` sends, and reads no answer. The wires of a race share a barrier, and send the last byte of
    their bodies together: then all calls are under way before the first is complete, however slow a connection or this
    machine is.
    """

    def __init__(
        self,
        base_url: str,
        *,
        access: Access = ANYWHERE,
        disconnects: bool = False,
        race: Barrier | None = None,
    ) -> None:
        self._base_url = base_url
        self._standard = {"Accept": "application/json", "Accept-Encoding": "identity", **access.headers}
        self._disconnects = disconnects
        self._race = race
        self._network = Network(in_one_piece=race is None)
        self._pool = httpcore.ConnectionPool(
            ssl_context=access.trusted(),
            proxy=proxy_for(base_url),
            max_connections=1,
            keepalive_expiry=_IDLE_SECONDS,
            network_backend=self._network,
        )

    def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None, seconds: float) -> Answer:
        """Send, and wait at most `seconds` for the whole answer."""
        until = monotonic() + seconds
        length = {} if body is None else {"Content-Length": str(len(body))}  # else an iterator is sent in chunks
        try:
            url, host = _url(self._base_url, path)
            request = httpcore.Request(
                method,
                url,
                headers=_raw({"Host": host, **self._standard, **length, **headers}),
                content=body if body is None or self._race is None else _last_byte_together(body, self._race),
                extensions={"timeout": self._timeout(seconds)},
            )
            with _overdue.shut_down(self, until):
                return self._read(request, until)
        except (
            httpx.InvalidURL,
            httpcore.UnsupportedProtocol,
            httpcore.ConnectError,
            httpcore.ConnectTimeout,
        ) as error:
            return Answer(lost=Lost.NEVER_SENT, detail=_described(error))
        except httpcore.TimeoutException as error:
            return Answer(lost=Lost.TIMEOUT, detail=f"no answer within {seconds:.0f} seconds ({_described(error)})")
        except httpx.DecodingError as error:
            return Answer(lost=Lost.UNREADABLE, detail=_described(error))
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.ProxyError) as error:
            lost = Lost.TIMEOUT if monotonic() > until else Lost.CONNECTION
            return Answer(lost=lost, detail=_described(error))
        finally:
            if self._race is not None:
                self._race.abort()  # where this call broke off before its last byte, the others don't wait for it

    @property
    def is_alone(self) -> bool:
        """Whether its calls are not of a race."""
        return self._race is None

    def close(self) -> None:
        self._pool.close()

    def shut_down(self) -> None:
        self._network.shut_down()

    def _timeout(self, seconds: float) -> Mapping[str, float]:
        read = 0 if self._disconnects else seconds
        return {"connect": min(seconds, _CONNECT_SECONDS), "read": read, "write": seconds, "pool": seconds}

    def _read(self, request: httpcore.Request, until: float) -> Answer:
        response = self._pool.handle_request(request)
        if self._disconnects:  # the answer was faster
            response.close()
            return Answer(lost=Lost.CONNECTION, detail="the suite disconnected before it read the answer")
        headers = httpx.Headers(response.headers)
        try:
            body = bytearray()
            for chunk in _decoded(response.iter_stream(), headers.get("content-encoding")):
                body += chunk
                if monotonic() > until:
                    return Answer(lost=Lost.TIMEOUT, detail="the answer did not end in time")
                if len(body) > _ANSWER_BYTES_MAX:
                    return Answer(lost=Lost.UNREADABLE, detail=f"the answer is longer than {_ANSWER_BYTES_MAX:,} bytes")
        finally:
            response.close()
        if monotonic() > until:  # where its length is not known, a connection that was shut down looks like its end
            return Answer(lost=Lost.TIMEOUT, detail="the answer did not end in time")
        return Answer(response.status, dict(headers), bytes(body))


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


@lru_cache
def _url(base_url: str, path: str) -> tuple[httpcore.URL, str]:
    """With what may not stand in a URL encoded; and the `Host` header. Raises `httpx.InvalidURL`."""
    url = httpx.URL(base_url + path)
    return httpcore.URL(
        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
    ), url.netloc.decode()


def _raw(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """Names and values as they are sent. Raises `UnicodeEncodeError` for what is not ASCII."""
    return [(name.encode("ascii"), value.encode("ascii")) for name, value in headers.items()]


def _decoded(chunks: Iterable[bytes], encoding: str | None) -> Iterable[bytes]:
    return (
        httpx.Response(200, headers={"Content-Encoding": encoding}, content=chunks).iter_bytes() if encoding else chunks
    )


def _last_byte_together(body: bytes, race: Barrier) -> Iterator[bytes]:
    yield body[:-1]
    with suppress(BrokenBarrierError):
        race.wait(_RACE_SECONDS)
    yield body[-1:]


def _described(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
