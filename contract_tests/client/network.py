"""How the calls of a connection reach the network: a whole request in one piece, through the proxy of the environment.

The library sends the head of a request and its body one after the other. Where that is a system call each, a run takes
noticeably longer, and so does the deployment that is woken twice.
"""

from contextlib import suppress
from socket import SHUT_RDWR
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import httpcore

from ..model.outcomes import BadDeployment

_LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})


def proxy_for(base_url: str) -> httpcore.Proxy | None:
    """As `proxy_url_for`."""
    if (named := proxy_url_for(base_url)) is None:
        return None
    proxy = urlsplit(named)
    user = (unquote(proxy.username), unquote(proxy.password or "")) if proxy.username else None
    return httpcore.Proxy(proxy._replace(netloc=proxy.netloc.rpartition("@")[2]).geturl(), auth=user)


def proxy_url_for(base_url: str) -> str | None:
    """The proxy that the environment names for this URL; none for this machine. Raises `BadDeployment`."""
    url = urlsplit(base_url)
    host = url.hostname or ""
    if host in _LOCAL or proxy_bypass(host):
        return None
    named = getproxies().get(url.scheme) or getproxies().get("all")
    if not named:
        return None
    proxy = urlsplit(named if "://" in named else f"http://{named}")
    if proxy.scheme not in {"http", "https"}:
        raise BadDeployment(f"the environment names a proxy with {proxy.scheme}://, and only http:// and https:// work")
    return proxy.geturl()


class Network(httpcore.NetworkBackend):
    """Opens TCP connections, and can shut down the last one.

    `in_one_piece`: what is written is sent when an answer is read, not before.
    """

    def __init__(self, *, in_one_piece: bool) -> None:
        self._in_one_piece = in_one_piece
        self._stream: httpcore.NetworkStream | None = None

    def connect_tcp(self, *args: Any, **kwargs: Any) -> httpcore.NetworkStream:
        self._stream = httpcore.SyncBackend().connect_tcp(*args, **kwargs)
        return _InOnePiece(self._stream) if self._in_one_piece else self._stream

    def shut_down(self) -> None:
        if self._stream is not None:
            with suppress(OSError):
                self._stream.get_extra_info("socket").shutdown(SHUT_RDWR)


class _InOnePiece(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream
        self._written: list[bytes] = []
        self._seconds: float | None = None  # to write

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._written.append(buffer)
        self._seconds = timeout

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        written, self._written = b"".join(self._written), []
        with suppress(httpcore.WriteError):  # an answer may have come before
            self._stream.write(written, self._seconds)
        return self._stream.read(max_bytes, timeout)

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    def start_tls(self, *args: Any, **kwargs: Any) -> httpcore.NetworkStream:
        return _InOnePiece(self._stream.start_tls(*args, **kwargs))
