"""The rest of a request that has its answer already: read and dropped, so that its sender can read the answer.

An operating system resets a connection that is closed with unread bytes in it, and the sender loses the answer
(RFC 9112, 9.6). So the mock reads on, within bounds, before it closes.
"""

import asyncio
from collections.abc import Callable
from typing import Any

REST_BYTES_MAX = 64 * 1024 * 1024
REST_SECONDS_MAX = 5.0


class Rest:
    """What still comes of a request. `close` is called when more than the bounds allow has come."""

    def __init__(self, close: Callable[[], None]) -> None:
        self._close = close
        self._bytes_left = REST_BYTES_MAX
        self._timer = asyncio.get_running_loop().call_later(REST_SECONDS_MAX, close)

    def drop(self, data: bytes) -> None:
        self._bytes_left -= len(data)
        if self._bytes_left < 0:
            self.end()
            self._close()

    def end(self) -> None:
        self._timer.cancel()


class LateClosing:
    """A transport whose `close` ends only what is sent, as long as `has_more` says that the sender has not finished.

    `drained` is then the rest of what is received, and the protocol drops it.
    """

    def __init__(self, transport: Any, has_more: Callable[[], bool]) -> None:
        self._transport = transport
        self.close_now = transport.close
        self._has_more = has_more
        self.drained: Rest | None = None
        self.write = transport.write
        self.abort = transport.abort
        self.get_extra_info = transport.get_extra_info

    def close(self) -> None:
        if self.drained is None and self._has_more() and not self._transport.is_closing():
            self.close_late()
        else:
            self.close_now()

    def close_late(self) -> None:
        self.drained = Rest(self.close_now)
        self.write = _drop  # what a call still answers that nobody waits for
        if self._transport.can_write_eof():  # not with TLS
            self._transport.write_eof()
        self._transport.resume_reading()

    def is_closing(self) -> bool:
        """Nothing more is sent."""
        return self.drained is not None or self._transport.is_closing()


def _drop(_data: bytes) -> None:
    pass
