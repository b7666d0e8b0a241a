"""What a world was asked and answered, and why; and what each call took. Both are bounded: the oldest goes first."""

from collections import deque
from collections.abc import Sequence
from datetime import datetime

import msgspec

from tracepass_contract.mockserver.semantics.accounts import Account
from tracepass_contract.mockserver.semantics.answers import Check, Decision, Refusal, Replay
from tracepass_contract.mockserver.state.stored_answers import Sent

ENTRIES_MAX = 1_000
BYTES_MAX = 8 * 1024 * 1024
ROWS_MAX = 10_000


class Asked(msgspec.Struct, frozen=True):
    """A request as it came. `host` is where its sender found the server."""

    method: str
    path: str
    host: str
    headers: Sequence[tuple[str, str]]  # none that opens anything
    body: bytes
    idempotency_key: str | None


class Entry(msgspec.Struct, frozen=True):
    """One call. `before` and `after` are the balances around it."""

    number: int
    at: datetime
    asked: Asked
    sent: Sent
    checks: Sequence[Check]
    outcome: str
    before: Account
    after: Account

    @property
    def size(self) -> int:
        return len(self.asked.body) + len(self.sent.body)


class Row(msgspec.Struct, frozen=True):
    """What one call took; a deletion gives a passport back. `entry` is its number in the journal."""

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


class Journal:
    """The latest calls of a world, and the latest rows of its ledger."""

    def __init__(self) -> None:
        self.entries: deque[Entry] = deque()
        self.rows: deque[Row] = deque(maxlen=ROWS_MAX)
        self.numbers_given = 0
        self._bytes = 0

    def write(
        self, at: datetime, asked: Asked, sent: Sent, decision: Decision, balances: tuple[Account, Account]
    ) -> None:
        """Enter a call, before its answer leaves."""
        self.numbers_given += 1
        number, outcome, effects = self.numbers_given, outcome_of(decision), decision.effects
        entry = Entry(number, at, asked, sent, decision.because, outcome, *balances)
        self.rows.append(
            Row(
                number,
                at,
                asked.idempotency_key,
                outcome,
                sent.status,
                effects.writes,
                effects.slots,
                effects.overage_count,
                effects.overage_cents,
                effects.reads,
            )
        )
        self.entries.append(entry)
        self._bytes += entry.size
        while len(self.entries) > ENTRIES_MAX or self._bytes > BYTES_MAX:
            self._bytes -= self.entries.popleft().size

    def find(self, number: int) -> Entry | None:
        return next((entry for entry in self.entries if entry.number == number), None)

    def clear(self) -> None:
        """Forget the calls; the ledger keeps its rows."""
        self.entries.clear()
        self._bytes = 0


def outcome_of(decision: Decision) -> str:
    """executed, replayed or refused."""
    match decision.answer:
        case Replay():
            return "replayed"
        case Refusal():
            return "refused"
        case _:
            return "executed"
