"""The questions that one batch asks of the books. Any store that can answer them in one read will do."""

from typing import Protocol

from tracepass_contract.mockserver.semantics.accounts import Account
from tracepass_contract.mockserver.semantics.answers import Remembered


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

    def pair_exists(self, gtin: str, serial_identity: str) -> bool:
        """True when the pair was created before (items.serial-unique-per-gtin)."""

    def passport_id(self, nth: int) -> str:
        """The id that the nth (0-based) passport created by this call gets: 24 hexadecimal digits."""
