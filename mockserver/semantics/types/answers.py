"""The decision of the semantics: an answer, its effects on the state, and the checks. Refusals are values.

The types that every call creates are named tuples, which take a third of the time of a frozen dataclass.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

from .records import KnownPassport, Product
from .results import Shown


class NewPassport(NamedTuple):
    """A passport to create, and the result of its item.

    `serial_identity` is unique for its GTIN-14. `position` is the 0-based position of the item.
    """

    id: str
    product_id: str
    gtin: str
    serial_number: str
    serial_identity: str
    parties: Mapping[str, Any] | None
    created_at: datetime
    position: int = 0

    def as_known(self) -> KnownPassport:
        """The passport as the state will return it."""
        return KnownPassport(
            self.id,
            self.product_id,
            self.gtin,
            self.serial_number,
            self.parties or {},
            self.created_at,
            self.created_at,
        )


class Failed(NamedTuple):
    """The result of an item that fails. The batch is not refused."""

    position: int  # 0-based
    error: str
    rule: str


class ProductCreated(NamedTuple):
    """The result of an item that creates a product."""

    position: int  # 0-based
    product: Product


ItemResult = NewPassport | Failed | ProductCreated


class BatchResult(NamedTuple):
    """One result per item, in the order of the items. `status` is the HTTP status."""

    status: int
    results: Sequence[ItemResult]
    created: int
    full_data: bool  # reading items.created-data

    @property
    def total(self) -> int:
        return len(self.results)

    @property
    def errors(self) -> int:
        return self.total - self.created


@dataclass(frozen=True, slots=True)
class Refusal:
    """The refusal of a whole call: nothing is created, charged or taken. `error` is the token for programs.

    `reason` is a member of the vendor's answers to deletions.
    """

    rule: str
    status: int
    error: str
    message: str
    details: Mapping[str, Any] | None = None
    headers: Sequence[tuple[str, str]] = ()
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Remembered:
    """An answer as it was sent, stored under an idempotency key until `expires_at`."""

    fingerprint: bytes
    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Replay:
    """The repeated first answer (idempotency.replays-original)."""

    original: Remembered
    same_bytes: bool  # reading idempotency.replay-equality
    headers: Sequence[tuple[str, str]] = ()


Answer = BatchResult | Shown | Refusal | Replay


class RemovedPassport(NamedTuple):
    """A deleted passport. Readings say whether its slot and its pair are free again."""

    id: str
    gtin: str
    serial_identity: str
    frees_slot: bool
    frees_pair: bool


class RemovedProduct(NamedTuple):
    """A deleted product."""

    id: str


class Remember(NamedTuple):
    """Store the answer under this name. For a replay: extend its expiry."""

    name: tuple[str, ...]
    fingerprint: bytes
    expires_at: datetime


class Effects(NamedTuple):
    """All changes of a call."""

    writes: int = 0
    passports: Sequence[NewPassport] = ()
    overage_count: int = 0
    overage_cents: int = 0
    remember: Remember | None = None
    reads: int = 0
    new_products: Sequence[Product] = ()
    changed: Sequence[KnownPassport | Product] = ()  # each replaces the record with its id
    removed: RemovedPassport | RemovedProduct | None = None

    @property
    def slots(self) -> int:
        """The number of slots that are taken; -1 for a slot that is returned."""
        return len(self.passports) - (isinstance(self.removed, RemovedPassport) and self.removed.frees_slot)


NO_EFFECTS = Effects()


class Check(NamedTuple):
    """One check of a decision: the rule, the outcome and the numbers."""

    rule: str
    outcome: Literal["passed", "refused", "replayed", "failed"]
    numbers: Mapping[str, int | str | None]


class Decision(NamedTuple):
    """`because` lists the checks in order. The last check decided."""

    answer: Answer
    effects: Effects
    because: Sequence[Check]
    is_read: bool = False

    @property
    def rule(self) -> str:
        return self.because[-1].rule
