"""What the semantics give back: an answer, its effects on the books, and why. Refusals are values.

What every call makes is a named tuple: it takes a third of the time of a frozen dataclass.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

from .records import KnownPassport, Product
from .results import Shown


class NewPassport(NamedTuple):
    """A passport to be entered into the books, and the result of the item that became it.

    `serial_identity` is what is unique under its GTIN-14, `position` that of its item, 0-based, in the order asked.
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
        """What the books hold of it from now on."""
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
    """The result of an item that did not: a failure of one item, never of the batch."""

    position: int  # 0-based, in the order asked
    error: str
    rule: str


class ProductCreated(NamedTuple):
    """The result of an item that became a product."""

    position: int  # 0-based, in the order asked
    product: Product


ItemResult = NewPassport | Failed | ProductCreated


class BatchResult(NamedTuple):
    """One result per item, in the order asked; `status` is the HTTP status."""

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
    """The whole call is refused: nothing is created, charged or taken. `error` is the token a client switches on.

    `reason` is what the vendor's deletions have beside it.
    """

    rule: str
    status: int
    error: str
    message: str | None = None
    details: Mapping[str, Any] | None = None
    headers: Sequence[tuple[str, str]] = ()
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Remembered:
    """An answer as it was sent, kept under an idempotency key until `expires_at`."""

    fingerprint: bytes
    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Replay:
    """The first answer again (idempotency.replays-original)."""

    original: Remembered
    same_bytes: bool  # reading idempotency.replay-equality
    headers: Sequence[tuple[str, str]] = ()


Answer = BatchResult | Shown | Refusal | Replay


class RemovedPassport(NamedTuple):
    """A passport that is gone; whether its slot and its pair are free again is for the readings to say."""

    id: str
    gtin: str
    serial_identity: str
    frees_slot: bool
    frees_pair: bool


class RemovedProduct(NamedTuple):
    """A product that is gone."""

    id: str


class Remember(NamedTuple):
    """Keep the answer under this name; on a replay, keep it until another time."""

    name: tuple[str, ...]
    fingerprint: bytes
    expires_at: datetime


class Effects(NamedTuple):
    """All that a call changes; `NO_EFFECTS` is what a refusal has."""

    writes: int = 0
    passports: Sequence[NewPassport] = ()
    overage_count: int = 0
    overage_cents: int = 0
    remember: Remember | None = None
    reads: int = 0
    new_products: Sequence[Product] = ()
    changed: Sequence[KnownPassport | Product] = ()  # each takes the place of the record with its id
    removed: RemovedPassport | RemovedProduct | None = None

    @property
    def slots(self) -> int:
        """How many slots are taken; -1 for one that is given back."""
        return len(self.passports) - (isinstance(self.removed, RemovedPassport) and self.removed.frees_slot)


NO_EFFECTS = Effects()


class Check(NamedTuple):
    """One step of a decision: the rule, what became of it, the numbers it was decided by."""

    rule: str
    outcome: Literal["passed", "refused", "replayed", "failed"]
    numbers: Mapping[str, int | str | None]


class Decision(NamedTuple):
    """`because` lists the checks in order; the last of them decided."""

    answer: Answer
    effects: Effects
    because: Sequence[Check]
    is_read: bool = False

    @property
    def rule(self) -> str:
        return self.because[-1].rule
