"""Answers kept under idempotency keys, as the bytes that were sent, until their time is over."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
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
        self._ends: list[tuple[datetime, KeyName]] = []  # a heap with one entry per name, none later than its end

    def __len__(self) -> int:
        return len(self._by_name)

    def get(self, name: KeyName) -> Remembered | None:
        return self._by_name.get(name)

    def items(self) -> Iterable[tuple[KeyName, Remembered]]:
        return self._by_name.items()

    def put(self, name: KeyName, remembered: Remembered) -> None:
        """Keep an answer under a name that is free."""
        self._by_name[name] = remembered
        heappush(self._ends, (remembered.good_until, name))

    def clear(self) -> None:
        self._by_name.clear()
        self._ends.clear()

    def keep(self, memory: Remember, sent: Sent, now: datetime) -> None:
        """Keep an answer. One that is good still under this name stays what it is."""
        self._drop_the_forgotten(now)
        if memory.name in self._by_name:
            return
        headers = tuple(sent.headers)
        self.put(memory.name, Remembered(memory.fingerprint, sent.status, headers, sent.body, memory.good_until))

    def renew(self, memory: Remember) -> None:
        """Keep a known answer until another time."""
        self._by_name[memory.name] = replace(self._by_name[memory.name], good_until=memory.good_until)

    def _drop_the_forgotten(self, now: datetime) -> None:
        while self._ends and self._ends[0][0] <= now:
            _, name = heappop(self._ends)
            good_until = self._by_name[name].good_until
            if good_until > now:
                heappush(self._ends, (good_until, name))  # renewed meanwhile
            else:
                del self._by_name[name]
