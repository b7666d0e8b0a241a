"""No worker outlives the command that started it, and no server its worker, however the command came to its end."""

import os
import signal
import sys
from contextlib import suppress
from multiprocessing.connection import Connection
from threading import Thread


def end_with(heard: Connection) -> None:
    """In a worker: end, with all that was started here, when nobody holds the other end of the pipe any more."""
    if sys.platform != "win32":
        os.setsid()  # the servers are in the group that this makes
    Thread(target=_end_when_closed, args=(heard,), daemon=True).start()


def _end_when_closed(heard: Connection) -> None:
    with suppress(EOFError, OSError):
        heard.recv_bytes()
    if sys.platform != "win32":
        os.killpg(0, signal.SIGKILL)
    os._exit(1)
