"""Answers kept under idempotency keys, as the bytes that were sent, until their time is over."""

from collections.abc import Sequence
from datetime import datetime
from heapq import heappop, heappush
from typing import NamedTuple

from tracepass_contract.mockserver.semantics.answers import Remember, Remembered

KeyName = tuple[str, ...]


class Sent(NamedTuple):
    """An answer as it goes on the wire."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes


class StoredAnswers:
    """One workspace's memory. Answers whose time is over are dropped as others come in, the oldest first."""

    __slots__ = ("_by_name", "_ends")

    def __init__(self) -> None:
        self._by_name: dict[KeyName, Remembered] = {}
        self._ends: list[tuple[datetime, KeyName]] = []

    def __len__(self) -> int:
        return len(self._by_name)

    def get(self, name: KeyName) -> Remembered | None:
        return self._by_name.get(name)

    def keep(self, memory: Remember, sent: Sent, now: datetime) -> None:
        """Keep an answer; one that is good still under this name is only kept for longer."""
        self._drop_the_forgotten(now)
        known = self._by_name.get(memory.name)
        if known is None:
            known = Remembered(memory.fingerprint, sent.status, tuple(sent.headers), sent.body, memory.good_until)
        else:
            known = Remembered(known.fingerprint, known.status, known.headers, known.body, memory.good_until)
        self._by_name[memory.name] = known
        heappush(self._ends, (memory.good_until, memory.name))

    def _drop_the_forgotten(self, now: datetime) -> None:
        while self._ends and self._ends[0][0] <= now:
            _, name = heappop(self._ends)
            known = self._by_name.get(name)
            if known is not None and known.good_until <= now:
                del self._by_name[name]
