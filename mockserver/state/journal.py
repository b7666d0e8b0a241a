"""The journal (calls, answers, reasons) and the ledger (what each call took) of a workspace. Both drop the oldest."""

from collections import deque
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Self

import msgspec

from ..semantics.types.accounts import Account
from ..semantics.types.answers import Check, Decision, Effects, Refusal, Replay
from .stored_answers import Sent

ENTRIES_MAX = 1_000
BYTES_MAX = 8 * 1024 * 1024
ROWS_MAX = 10_000
OUTCOMES = ("executed", "replayed", "refused", "failed")


class Received(msgspec.Struct, frozen=True, gc=False):
    """A request. `host` is its Host header."""

    method: str
    path: str
    host: str
    headers: Sequence[tuple[str, str]]  # secrets are redacted
    body: bytes
    idempotency_key: str | None


class FiredFault(msgspec.Struct, frozen=True, gc=False):
    """A planned fault that fired in a call."""

    id: int
    kind: str


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One call. `before` and `after` are the balances. `readings` are the answers that differ from the default. `sent`
    is the answer of the mock, before a fault changed it. `consulted` are the readings that the decision looked at.
    """

    number: int
    at: datetime
    received: Received
    sent: Sent
    checks: Sequence[Check]
    outcome: str
    before: Account
    after: Account
    readings: Mapping[str, str]
    fault: FiredFault | None = None
    consulted: Sequence[str] = ()


class Row(msgspec.Struct, frozen=True, gc=False):
    """What one call took. A deletion takes -1 passports. `entry` is its number in the journal. `operation` may be
    empty.
    """

    entry: int
    at: datetime
    key: str | None
    outcome: str
    status: int
    writes: int
    passports: int
    overage_count: int
    overage_cents: int
    reads: int
    operation: str = ""


class Kept(msgspec.Struct, frozen=True, gc=False):
    """A packed entry, since few entries are ever read. It is one object instead of forty, which leaves the processor's
    cache to others. The bodies are not packed, because an idempotency key may share them.
    """

    number: int
    packed: bytes
    before: Account
    after: Account
    readings: Mapping[str, str]
    request_body: bytes
    body_sent: bytes
    consulted: Sequence[str]  # calls share it

    @classmethod
    def of(cls, entry: Entry) -> Self:
        received, (status, headers, body) = entry.received, entry.sent
        request = (received.method, received.path, received.host, received.headers, received.idempotency_key)
        packed = _pack((entry.at, *request, status, headers, entry.checks, entry.outcome, entry.fault))
        return cls(
            entry.number, packed, entry.before, entry.after, entry.readings, received.body, body, entry.consulted
        )

    def entry(self) -> Entry:
        at, method, path, host, headers, key, *answered = _unpack(self.packed)
        status, sent_headers, checks, outcome, fault = answered
        received = Received(method, path, host, headers, self.request_body, key)
        sent = Sent(status, sent_headers, self.body_sent)
        decided = (checks, outcome, self.before, self.after, self.readings, fault, self.consulted)
        return Entry(self.number, at, received, sent, *decided)

    @property
    def size(self) -> int:
        return len(self.request_body) + len(self.body_sent)


_Headers = Sequence[tuple[str, str]]
_Packed = tuple[datetime, str, str, str, _Headers, str | None, int, _Headers, Sequence[Check], str, FiredFault | None]
_pack = msgspec.json.Encoder().encode  # MessagePack limits integers to 64 bits
_unpack = msgspec.json.Decoder(_Packed).decode


class Journal:
    """The latest calls of a workspace and the latest rows of its ledger."""

    def __init__(self) -> None:
        self.kept: deque[Kept] = deque()
        self.rows: deque[Row] = deque(maxlen=ROWS_MAX)
        self.numbers_given = 0
        self._bytes = 0

    @property
    def entries(self) -> Sequence[Entry]:
        """The entries that are left, oldest first."""
        return [kept.entry() for kept in self.kept]

    @property
    def count(self) -> int:
        """The number of entries that are left."""
        return len(self.kept)

    @property
    def bytes(self) -> int:
        """The size of the bodies in the entries that are left."""
        return self._bytes

    def next_number(self) -> int:
        self.numbers_given += 1
        return self.numbers_given

    def write(self, entry: Entry, effects: Effects, operation: str) -> tuple[Kept, Row]:
        """Add a call and what it took, and return both. The answer is sent afterwards."""
        row = Row(
            entry.number,
            entry.at,
            entry.received.idempotency_key,
            entry.outcome,
            entry.sent.status,
            effects.writes,
            effects.slots,
            effects.overage_count,
            effects.overage_cents,
            effects.reads,
            operation,
        )
        self.rows.append(row)
        kept = Kept.of(entry)
        self._keep(kept)
        return kept, row

    @property
    def oldest(self) -> tuple[int, int]:
        """The numbers of the oldest entry and the oldest row that are left, or of the next if none is left."""
        after_all = self.numbers_given + 1
        return (
            self.kept[0].number if self.kept else after_all,
            self.rows[0].entry if self.rows else after_all,
        )

    def restore(self, entries: Sequence[Entry], rows: Sequence[Row], numbers_given: int) -> None:
        """Fill an empty journal with saved entries and rows."""
        for entry in entries:
            self._keep(Kept.of(entry))
        self.rows.extend(rows)
        self.numbers_given = numbers_given

    def find(self, number: int) -> Entry | None:
        return next((kept.entry() for kept in self.kept if kept.number == number), None)

    def clear(self) -> None:
        """Remove the calls. The ledger keeps its rows."""
        self.kept.clear()
        self._bytes = 0

    def _keep(self, kept: Kept) -> None:
        self.kept.append(kept)
        self._bytes += kept.size
        while len(self.kept) > ENTRIES_MAX or self._bytes > BYTES_MAX:
            self._bytes -= self.kept.popleft().size


def outcome_of(decision: Decision) -> str:
    """One of `OUTCOMES`."""
    match decision.answer:
        case Replay():
            return "replayed"
        case Refusal() as refusal:
            return "refused" if refusal.status < 500 else "failed"
        case _:
            return "executed"
