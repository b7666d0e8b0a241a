"""The state as one call sees it. Any store that can answer these questions in one read can implement it."""

from collections.abc import Sequence, Set
from datetime import datetime
from typing import NamedTuple, Protocol

from .accounts import Account
from .answers import Remembered
from .records import CountedProduct, KnownPassport

Pair = tuple[str, str]  # GTIN-14, serial identity


class ListQuery(NamedTuple):
    """The filters and the page of a list. A filter of None matches everything."""

    page: int
    limit: int
    product_id: str | None = None
    status: str | None = None
    category: str | None = None
    search: str | None = None
    created_by: datetime | None = None  # of passports: created at this time or before


class StateView(Protocol):
    """The state of one workspace at the time of the call."""

    @property
    def account(self) -> Account:
        """The balances, with the writes of the current UTC day."""

    def remembered(self, name: tuple[str, ...]) -> Remembered | None:
        """The answer that is stored under a key. It may have expired."""

    def in_flight(self, name: tuple[str, ...]) -> bool:
        """Whether another call with this key is in flight."""

    def has_product(self, product_id: str) -> bool:
        """Whether this workspace has the product, and it is not archived."""

    def gtin_is_foreign(self, gtin: str) -> bool:
        """Whether another workspace was the first to use this GTIN-14."""

    def existing_pairs(self, pairs: Sequence[Pair]) -> Set[Pair]:
        """The pairs that exist (items.serial-unique-per-gtin)."""

    def passport_ids(self, count: int) -> Sequence[str]:
        """The ids for `count` new passports of this call: 24 hexadecimal digits each."""

    def product_id(self, nth: int) -> str:
        """The id for the nth (0-based) new product of this call."""

    def passport(self, passport_id: str) -> KnownPassport | None:
        """A passport of this workspace."""

    def passports_with_serial(self, serial_identity: str, gtin: str | None) -> Sequence[KnownPassport]:
        """The passports with this serial number, and with this `gtin` if it is given."""

    def passports_page(self, wanted: ListQuery) -> tuple[Sequence[KnownPassport], int]:
        """A page of the passports, newest first, and the number of all matches."""

    def product(self, product_id: str) -> CountedProduct | None:
        """A product, archived or not, with the number of its passports."""

    def products_page(self, wanted: ListQuery) -> tuple[Sequence[CountedProduct], int]:
        """A page of the products, newest first, and the number of all matches."""

    def model_exists(self, model: str) -> bool:
        """Whether a product has this model, archived or not."""

    def passports_of_product(self, product_id: str, status: str) -> int:
        """The number of passports of a product with a status."""
