"""The calls of a workspace, their answers, the reasons, and what each took. Both are bounded: the oldest goes first."""

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


class Received(msgspec.Struct, frozen=True):
    """A request as it came. `host` is where its sender found the server."""

    method: str
    path: str
    host: str
    headers: Sequence[tuple[str, str]]  # none that opens anything
    body: bytes
    idempotency_key: str | None


class FiredFault(msgspec.Struct, frozen=True, gc=False):
    """A planned fault that was played with a call."""

    id: int
    kind: str


class Entry(msgspec.Struct, frozen=True):
    """One call. `before` and `after` are the balances around it; `readings` are the answers that were in force and are
    not the default. `sent` is what the mock answered, whatever a fault has made of it.
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


class Row(msgspec.Struct, frozen=True, gc=False):
    """What one call took; a deletion gives a passport back. `entry` is its number in the journal, and `operation` is
    empty where it is not known.
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


class _Kept(msgspec.Struct, frozen=True, gc=False):
    """An entry that few will ever read: packed, what is its own is one object and not forty, which would push others
    out of the processor's reach. The bodies are as they came: an answer may be kept under its key, too.
    """

    number: int
    packed: bytes
    before: Account
    after: Account
    readings: Mapping[str, str]
    request_body: bytes
    body_sent: bytes

    @classmethod
    def of(cls, entry: Entry) -> Self:
        received, (status, headers, body) = entry.received, entry.sent
        request = (received.method, received.path, received.host, received.headers, received.idempotency_key)
        packed = _pack((entry.at, *request, status, headers, entry.checks, entry.outcome, entry.fault))
        return cls(entry.number, packed, entry.before, entry.after, entry.readings, received.body, body)

    def entry(self) -> Entry:
        at, method, path, host, headers, key, *answered = _unpack(self.packed)
        status, sent_headers, checks, outcome, fault = answered
        received = Received(method, path, host, headers, self.request_body, key)
        sent = Sent(status, sent_headers, self.body_sent)
        return Entry(self.number, at, received, sent, checks, outcome, self.before, self.after, self.readings, fault)

    @property
    def size(self) -> int:
        return len(self.request_body) + len(self.body_sent)


_Headers = Sequence[tuple[str, str]]
_Packed = tuple[datetime, str, str, str, _Headers, str | None, int, _Headers, Sequence[Check], str, FiredFault | None]
_pack = msgspec.json.Encoder().encode  # and not MessagePack, whose integers have an end
_unpack = msgspec.json.Decoder(_Packed).decode


class Journal:
    """The latest calls of a workspace, and the latest rows of its ledger."""

    def __init__(self) -> None:
        self._kept: deque[_Kept] = deque()
        self.rows: deque[Row] = deque(maxlen=ROWS_MAX)
        self.numbers_given = 0
        self._bytes = 0

    @property
    def entries(self) -> Sequence[Entry]:
        """Those that are not forgotten, the oldest first."""
        return [kept.entry() for kept in self._kept]

    def next_number(self) -> int:
        self.numbers_given += 1
        return self.numbers_given

    def write(self, entry: Entry, effects: Effects, operation: str) -> None:
        """Enter a call and what it took, before its answer leaves."""
        self.rows.append(
            Row(
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
        )
        self._keep(_Kept.of(entry))

    def restore(self, entries: Sequence[Entry], rows: Sequence[Row], numbers_given: int) -> None:
        """Be as a journal was that had written these."""
        for entry in entries:
            self._keep(_Kept.of(entry))
        self.rows.extend(rows)
        self.numbers_given = numbers_given

    def find(self, number: int) -> Entry | None:
        return next((kept.entry() for kept in self._kept if kept.number == number), None)

    def clear(self) -> None:
        """Forget the calls; the ledger keeps its rows."""
        self._kept.clear()
        self._bytes = 0

    def _keep(self, kept: _Kept) -> None:
        self._kept.append(kept)
        self._bytes += kept.size
        while len(self._kept) > ENTRIES_MAX or self._bytes > BYTES_MAX:
            self._bytes -= self._kept.popleft().size


def outcome_of(decision: Decision) -> str:
    """One of `OUTCOMES`."""
    match decision.answer:
        case Replay():
            return "replayed"
        case Refusal() as refusal:
            return "refused" if refusal.status < 500 else "failed"
        case _:
            return "executed"
