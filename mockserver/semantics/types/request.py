"""The requests that the semantics decide, without JSON and HTTP."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from operator import itemgetter
from typing import Any, NamedTuple, Protocol

BATCH_ITEMS_MAX = 100  # batch.holds-1-to-100-items
KEY_LENGTH_MAX = 255  # idempotency.key-is-opaque
DOCUMENTED_MEMBER = "a documented member"  # expected in place of an unknown one


class Consent(Enum):
    """The value of one `confirmOverage`. Only a JSON `true` is consent (quota.consent-is-not-remembered)."""

    ABSENT = auto()
    GIVEN = auto()
    WITHHELD = auto()
    NOT_BOOLEAN = auto()

    __hash__ = object.__hash__  # that of `Enum` is slow, and each batch hashes all its consents


class Kind(Enum):
    """How a part of a call departs from the documented shape. Readings treat the kinds differently."""

    CALL = auto()  # the body as a whole, or a member beside the items
    SIZE = auto()  # no items, or more than 100
    KEY = auto()  # the Idempotency-Key header
    STRUCTURE = auto()  # a member of an item is missing or has the wrong type
    VALUE = auto()  # a member of an item has the right type and a value that is not allowed
    PARTIES = auto()
    UNKNOWN_MEMBER = auto()
    RELATED = auto()  # any part of a call to a related endpoint


class Problem(NamedTuple):
    """One departure from the documented shape. `where` is a JSON pointer, or the name of a header or parameter."""

    kind: Kind
    where: str
    expected: str
    found: str
    item: int | None = None  # 0-based position of the item it belongs to


class Item(NamedTuple):
    """One element of `passports`. The members of a malformed item may be empty."""

    product_id: str
    gtin: str
    serial_number: str
    consent: Consent = Consent.ABSENT
    parties: Mapping[str, Any] | None = None


product_id_of, gtin_of, consent_of, parties_of = map(
    itemgetter, (0, 1, 3, 4)
)  # of an `Item`: twice as fast as its members by name


class WriteCall(Protocol):
    """The members that the checks of every write need.

    `fingerprint` identifies the body and the names in the path: equal bodies for two passports are two calls. The
    reading `idempotency.fingerprint` says which bodies are equal. It is empty for a call without a key.
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
    """A call that creates passports: a `WriteCall`. A single create is a batch of one."""

    items: Sequence[Item]
    consent: Consent
    problems: Sequence[Problem]
    api_key: str
    idempotency_key: str | None
    fingerprint: bytes
    received_at: datetime  # the arrival of the call; `decide` gets the time of the decision
    operation: str = "createPassportBatch"
    single: bool = False  # the body is the one item
    failing_item: int | None = None  # the position of the item that a planned fault fails
    creatable_at_arrival: frozenset[int] = (
        frozenset()
    )  # of a held call: the positions of the items it would have created then


@dataclass(frozen=True, slots=True)
class NamedCall:
    """A call of a related endpoint: the `names` in its path and its `query`, each value of the documented type.

    `body` has the type that the operation takes. It is None for a call that does not have the documented shape.
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
    failing_item: int | None = None  # of a batch: the position of the item that a planned fault fails
