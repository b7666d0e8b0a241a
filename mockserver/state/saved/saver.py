"""Saves the state while the server answers calls.

The event loop captures the changes between two calls, and a thread writes them to the database. An answer waits while
there are unsaved changes that are older than the option allows.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from .capture import Captured
from .database import Database

logger = logging.getLogger(__name__)
_WAIT_SECONDS_MAX = 0.005  # for more changes to write together: small transactions delay calls less than large ones
_RETRY_SECONDS = 1
_TROUBLE = "The state is no longer saved: %s. %s The mock tries again each second."
_GOES_ON = "Calls are answered, and what they change is in memory only."
_REFUSES = "The API answers 503 until it is."
_WORDS = {
    "SQLITE_FULL": "the disk is full",
    "SQLITE_READONLY": "the file is read-only",
    "SQLITE_IOERR": "the disk reports an error",
    "SQLITE_CANTOPEN": "the file or its folder cannot be opened for writing",
    "SQLITE_BUSY": "another program has locked it",
    "SQLITE_CORRUPT": "the file is damaged",
    "SQLITE_NOTADB": "the file is damaged",
}


class Saving(NamedTuple):
    """What users read about the saving. `problem` says why the latest changes are not saved."""

    within_seconds: float
    problem: str | None


class Saver:
    """Writes the changes of a state to a database. The methods are for the thread of the event loop."""

    def __init__(self, database: Database, capture: Callable[[], Captured], within_seconds: float) -> None:
        self._database = database
        self._capture = capture
        self._within = within_seconds
        self._thread = ThreadPoolExecutor(1, "saver")
        self._captured = self._saved = 0  # the numbers of the latest capture and of the latest that is saved
        self._changed_at: float | None = None  # the first change that is not captured
        self._oldest: float | None = None  # the first change that is captured and not saved
        self._is_planned = False
        self._progress = asyncio.Event()
        self._problem: str | None = None

    @property
    def saving(self) -> Saving:
        return Saving(self._within, self._problem)

    def changed(self) -> None:
        """The state has changed for the first time since the last capture."""
        self._changed_at = asyncio.get_running_loop().time()
        if not self._is_planned:
            self._plan(min(self._within, _WAIT_SECONDS_MAX))

    def must_wait(self) -> bool:
        """Whether an answer cannot leave yet."""
        oldest = self._changed_at if self._oldest is None else self._oldest
        if oldest is None or (self._problem and self._within):
            return False
        return asyncio.get_running_loop().time() - oldest >= self._within

    async def wait(self) -> str | None:
        """Wait until an answer can leave. Return the problem if it cannot."""
        needed = self._captured + (self._changed_at is not None)
        while self._saved < needed and self.must_wait():
            if self._problem:
                return self._problem
            await self._progress.wait()
        return None

    def finish(self) -> None:
        """Save the rest. The event loop has ended. Raises `sqlite3.Error`."""
        self._thread.shutdown()
        try:
            self._database.write(self._capture())
        finally:
            self._database.close()

    def _plan(self, seconds: float) -> None:
        self._is_planned = True
        asyncio.get_running_loop().call_later(seconds, self._write)

    def _write(self) -> None:
        captured, loop = self._capture(), asyncio.get_running_loop()
        self._captured += 1
        self._oldest, self._changed_at = self._oldest or self._changed_at, None
        loop.run_in_executor(self._thread, self._database.write, captured).add_done_callback(self._written)

    def _written(self, done: "asyncio.Future[None]") -> None:
        self._is_planned = False
        error = done.exception()
        if error is None:
            self._saved, self._oldest = self._captured, None
            if self._problem:
                logger.warning("The state is saved again.")
            self._problem = None
        else:
            self._tell(in_words(error))
            self._plan(_RETRY_SECONDS)
        self._progress.set()
        self._progress = asyncio.Event()
        if self._changed_at is not None and not self._is_planned:
            self._plan(min(self._within, _WAIT_SECONDS_MAX))

    def _tell(self, problem: str) -> None:
        if problem != self._problem:
            logger.error(_TROUBLE, problem, _GOES_ON if self._within else _REFUSES)
        self._problem = problem


def in_words(error: BaseException) -> str:
    """What is wrong, as a part of a sentence."""
    name = getattr(error, "sqlite_errorname", "") if isinstance(error, sqlite3.Error) else ""
    words = next((words for known, words in _WORDS.items() if name.startswith(known)), None)
    return f"{words} ({error})" if words else str(error) or type(error).__name__
