"""A batch as it was asked for: what the semantics judge, free of JSON and HTTP."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Any, NamedTuple, Protocol

BATCH_ITEMS_MAX = 100  # batch.holds-1-to-100-items
KEY_LENGTH_MAX = 255  # idempotency.key-is-opaque


class Consent(Enum):
    """What one `confirmOverage` member says. Nothing but a JSON `true` is consent (quota.consent-is-not-remembered)."""

    ABSENT = auto()
    GIVEN = auto()
    WITHHELD = auto()
    NOT_BOOLEAN = auto()


class Kind(Enum):
    """Why a part of the call does not have the documented shape; the readings treat the kinds apart."""

    CALL = auto()  # the body as a whole, or a member beside the items
    SIZE = auto()  # no items, or more than 100
    KEY = auto()  # the Idempotency-Key header
    STRUCTURE = auto()  # a member of an item is missing or has the wrong type
    VALUE = auto()  # a member of an item has the right type and a value out of its domain
    PARTIES = auto()
    UNKNOWN_MEMBER = auto()
    RELATED = auto()  # any part of a call that creates nothing in batches


class Problem(NamedTuple):
    """One departure from the documented shape: where (a JSON pointer, or a header), what was expected and found."""

    kind: Kind
    where: str
    expected: str
    found: str
    item: int | None = None  # 0-based position of the item it belongs to


class Item(NamedTuple):
    """One element of `passports`. The members of an item that has a problem may be empty."""

    product_id: str
    gtin: str
    serial_number: str
    consent: Consent = Consent.ABSENT
    parties: Mapping[str, Any] | None = None


class WriteCall(Protocol):
    """What every write has: what is wrong with its shape, who sends it, and what names it for a replay.

    `fingerprint` identifies the body, as the reading `idempotency.fingerprint` in force compares bodies, and what the
    path names: equal bodies for two passports are two calls. Without a key nobody asks for it, and it is empty.
    """

    @property
    def problems(self) -> Sequence[Problem]: ...
    @property
    def api_key(self) -> str: ...
    @property
    def idempotency_key(self) -> str | None: ...
    @property
    def fingerprint(self) -> bytes: ...
    @property
    def received_at(self) -> datetime: ...
    @property
    def operation(self) -> str: ...


class BatchRequest(NamedTuple):
    """Passports to be created: a `WriteCall`. A single create is a batch of one."""

    items: Sequence[Item]
    consent: Consent
    problems: Sequence[Problem]
    api_key: str
    idempotency_key: str | None
    fingerprint: bytes
    received_at: datetime  # when the first byte came; the answer's own time is given apart
    operation: str = "createPassportBatch"
    single: bool = False  # the body is the one item
    failing_item: int | None = None  # the position of an item that is to fail, whatever it is
    creatable_at_arrival: frozenset[int] = frozenset()  # of a call that was held: what would have been created then


@dataclass(frozen=True, slots=True)
class NamedCall:
    """A call that names what it is about: `names` by the path, `query` beside it, each member of the right type.

    `body` is what is asked to change, as the type of the operation has it; None where the call has the wrong shape.
    """

    operation: str
    problems: Sequence[Problem]
    names: Mapping[str, str]
    query: Mapping[str, Any]
    api_key: str
    received_at: datetime
    body: Any = None
    idempotency_key: str | None = None
    fingerprint: bytes = b""
    failing_item: int | None = None  # of a batch: the position of an item that is to fail, whatever it is
