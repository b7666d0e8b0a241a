"""The questions that one call asks of the books. Any store that can answer them in one read will do."""

from collections.abc import Sequence, Set
from datetime import datetime
from typing import NamedTuple, Protocol

from .accounts import Account
from .answers import Remembered
from .records import CountedProduct, KnownPassport

Pair = tuple[str, str]  # GTIN-14, serial identity


class ListQuery(NamedTuple):
    """Which part of a list: what an entry must be like, and which page of those that are. None asks for nothing."""

    page: int
    limit: int
    product_id: str | None = None
    status: str | None = None
    category: str | None = None
    search: str | None = None
    created_by: datetime | None = None  # of passports: created at this moment or before


class StateView(Protocol):
    """The books as one workspace sees them, at the moment of the call."""

    @property
    def account(self) -> Account:
        """Balances; the writes are those of the current UTC day."""

    def remembered(self, name: tuple[str, ...]) -> Remembered | None:
        """The answer kept under a key, whether still good or not."""

    def in_flight(self, name: tuple[str, ...]) -> bool:
        """True while another call with this key is being executed."""

    def has_product(self, product_id: str) -> bool:
        """True for a product of this workspace that is not archived."""

    def gtin_is_foreign(self, gtin: str) -> bool:
        """True when another workspace was the first to use this GTIN-14."""

    def existing_pairs(self, pairs: Sequence[Pair]) -> Set[Pair]:
        """Those of the pairs that were created before (items.serial-unique-per-gtin)."""

    def passport_ids(self, count: int) -> Sequence[str]:
        """The ids that so many passports created by this call get: 24 hexadecimal digits each."""

    def product_id(self, nth: int) -> str:
        """The id that the nth (0-based) product created by this call gets."""

    def passport(self, passport_id: str) -> KnownPassport | None:
        """A passport of this workspace."""

    def passports_with_serial(self, serial_identity: str, gtin: str | None) -> Sequence[KnownPassport]:
        """Those of this workspace with this serial number; only those of `gtin` where it is given."""

    def passports_page(self, wanted: ListQuery) -> tuple[Sequence[KnownPassport], int]:
        """A page of the passports, the newest first, and how many there are in all."""

    def product(self, product_id: str) -> CountedProduct | None:
        """A product of this workspace, archived or not, with the number of its passports."""

    def products_page(self, wanted: ListQuery) -> tuple[Sequence[CountedProduct], int]:
        """A page of the products, the newest first, and how many there are in all."""

    def model_exists(self, model: str) -> bool:
        """True when a product of this workspace has this model, archived or not."""

    def passports_of_product(self, product_id: str, status: str) -> int:
        """How many passports of a product have a status."""
