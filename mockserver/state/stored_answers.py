"""Answers kept under idempotency keys, as the bytes that were sent, until their time is over.

That is 24 hours (idempotency.kept-24-hours), unless a workspace has more of them in one day than the bounds below: then
the oldest goes before its time, and the workspace says so, in its ledger and once in the log.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from heapq import heappop, heappush
from typing import NamedTuple

from ..semantics.types.answers import Remember, Remembered

ANSWERS_MAX = 100_000
BYTES_MAX = 256 * 1024 * 1024  # of their bodies: some 8,000 answers to batches of a hundred
KeyName = tuple[str, ...]


class Sent(NamedTuple):
    """An answer as it goes on the wire."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes


class StoredAnswers:
    """One workspace's memory. Answers whose time is over are dropped as others come in, the oldest first."""

    __slots__ = ("_by_name", "_bytes", "_ends")

    def __init__(self) -> None:
        self._by_name: dict[KeyName, Remembered] = {}
        self._ends: list[tuple[datetime, KeyName]] = []  # a heap with one entry per name, none later than its end
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._by_name)

    def get(self, name: KeyName) -> Remembered | None:
        return self._by_name.get(name)

    def items(self) -> Iterable[tuple[KeyName, Remembered]]:
        return self._by_name.items()

    def put(self, name: KeyName, remembered: Remembered) -> None:
        """Keep an answer under a name that is free."""
        self._by_name[name] = remembered
        self._bytes += len(remembered.body)
        heappush(self._ends, (remembered.expires_at, name))

    def clear(self) -> None:
        self._by_name.clear()
        self._ends.clear()
        self._bytes = 0

    def keep(self, memory: Remember, sent: Sent, now: datetime) -> int:
        """Keep an answer; one that is good still under this name stays what it is. Tells how many others had to go
        before their time.
        """
        self._drop_the_forgotten(now)
        if memory.name in self._by_name:
            return 0
        headers = tuple(sent.headers)
        self.put(memory.name, Remembered(memory.fingerprint, sent.status, headers, sent.body, memory.expires_at))
        before = len(self._by_name)
        while len(self._by_name) > ANSWERS_MAX or self._bytes > BYTES_MAX:
            self._drop_the_oldest()
        return before - len(self._by_name)

    def renew(self, memory: Remember) -> None:
        """Keep a known answer longer. A clock that was set back does not end it sooner."""
        known = self._by_name[memory.name]
        self._by_name[memory.name] = replace(known, expires_at=max(known.expires_at, memory.expires_at))

    def _drop_the_forgotten(self, now: datetime) -> None:
        while self._ends and self._ends[0][0] <= now:
            self._drop_the_oldest()

    def _drop_the_oldest(self) -> None:
        """Drop the answer that ends first. One that was renewed since takes its new place instead, and stays."""
        end, name = heappop(self._ends)
        remembered = self._by_name[name]
        if remembered.expires_at > end:
            heappush(self._ends, (remembered.expires_at, name))
        else:
            del self._by_name[name]
            self._bytes -= len(remembered.body)
