"""Answers stored under idempotency keys, as the bytes that were sent, until they expire.

They expire after 24 hours (idempotency.kept-24-hours). If a workspace has more answers than the bounds below, the
oldest are dropped earlier. The ledger of the workspace counts them, and the log has one line about it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from heapq import heappop, heappush
from typing import NamedTuple

import msgspec

from ..semantics.types.answers import Remember, Remembered

ANSWERS_MAX = 100_000
BYTES_MAX = 256 * 1024 * 1024  # of their bodies: some 8,000 answers to batches of a hundred
KeyName = tuple[str, ...]


def as_text(name: KeyName) -> str:
    """The name of a stored answer as one text."""
    return msgspec.json.encode(name).decode()


class Sent(NamedTuple):
    """An answer as it goes on the wire."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes


class StoredAnswers:
    """The stored answers of one workspace. Storing an answer drops those that have expired."""

    __slots__ = ("_by_name", "_bytes", "_ends")

    def __init__(self) -> None:
        self._by_name: dict[KeyName, Remembered] = {}
        self._ends: list[tuple[datetime, KeyName]] = []  # a heap with one entry per name, at or before its expiry
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._by_name)

    def get(self, name: KeyName) -> Remembered | None:
        return self._by_name.get(name)

    def items(self) -> Iterable[tuple[KeyName, Remembered]]:
        return self._by_name.items()

    def put(self, name: KeyName, remembered: Remembered) -> None:
        """Store an answer under an unused name."""
        self._by_name[name] = remembered
        self._bytes += len(remembered.body)
        heappush(self._ends, (remembered.expires_at, name))

    def clear(self) -> None:
        self._by_name.clear()
        self._ends.clear()
        self._bytes = 0

    def keep(self, memory: Remember, sent: Sent, now: datetime) -> tuple[Sequence[KeyName], Sequence[KeyName]]:
        """Store an answer, unless its name has one. Return the names of the answers that were dropped: those that had
        expired, and those that had not.
        """
        expired = self._drop_expired(now)
        if memory.name in self._by_name:
            return expired, ()
        headers = tuple(sent.headers)
        self.put(memory.name, Remembered(memory.fingerprint, sent.status, headers, sent.body, memory.expires_at))
        early: list[KeyName] = []
        while len(self._by_name) > ANSWERS_MAX or self._bytes > BYTES_MAX:
            early += self._drop_oldest()
        return expired, early

    def renew(self, memory: Remember) -> None:
        """Extend the expiry of a stored answer. A clock that was set back does not shorten it."""
        known = self._by_name[memory.name]
        self._by_name[memory.name] = replace(known, expires_at=max(known.expires_at, memory.expires_at))

    def _drop_expired(self, now: datetime) -> Sequence[KeyName]:
        expired: list[KeyName] = []
        while self._ends and self._ends[0][0] <= now:
            expired += self._drop_oldest()
        return expired

    def _drop_oldest(self) -> Sequence[KeyName]:
        """Drop the answer that expires first, and return its name. An answer that was renewed moves to its new place in
        the heap instead.
        """
        end, name = heappop(self._ends)
        remembered = self._by_name[name]
        if remembered.expires_at > end:
            heappush(self._ends, (remembered.expires_at, name))
            return ()
        del self._by_name[name]
        self._bytes -= len(remembered.body)
        return (name,)
