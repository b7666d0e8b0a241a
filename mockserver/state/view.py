"""The state of one workspace as a call sees it."""

from collections.abc import Mapping, Sequence, Set
from datetime import datetime
from typing import TypeVar

from ..semantics.types.answers import Remembered
from ..semantics.types.records import ACTIVE, CountedProduct, KnownPassport, Product
from ..semantics.types.state_view import ListQuery, Pair
from .replica import ALONE, Replica
from .stored_answers import KeyName
from .workspace import NO_OWNER, Workspace

_T = TypeVar("_T")


class View:
    """A `StateView` for one call at one time."""

    __slots__ = ("_gtin_holders", "_replica", "_workspace", "account", "passport_ids")

    def __init__(
        self, workspace: Workspace, gtin_holders: Mapping[str, str], now: datetime, replica: Replica = ALONE
    ) -> None:
        self._workspace = workspace
        self._gtin_holders = gtin_holders
        self._replica = replica
        self.passport_ids = workspace.passport_ids
        self.account = workspace.account(now)

    def remembered(self, name: KeyName) -> Remembered | None:
        return self._workspace.answers.get(name)

    def in_flight(self, name: KeyName) -> bool:
        return name in self._workspace.in_flight

    def has_product(self, product_id: str) -> bool:
        product = self._workspace.products.get(product_id)
        return product is not None and product.status == ACTIVE

    def gtin_is_foreign(self, gtin: str) -> bool:
        holder = self._gtin_holders.get(gtin)
        return self._replica.gtin_is_elsewhere(gtin) if holder is None else holder != self._workspace.id

    def existing_pairs(self, pairs: Sequence[Pair]) -> Set[Pair]:
        known, found = self._workspace.pairs, set()
        under = begins = None
        part: Mapping[str, str] = {}
        for pair in pairs:
            gtin, identity = pair
            if gtin != under or identity[:-2] != begins:
                under, begins = gtin, identity[:-2]
                part = known[gtin].part(identity) if gtin in known else {}
            if identity in part:
                found.add(pair)
        return found

    def product_id(self, nth: int) -> str:
        return self._workspace.next_product_id(nth)

    def passport(self, passport_id: str) -> KnownPassport | None:
        stored = self._workspace.passports.get(passport_id)
        return stored.known() if stored else None

    def passports_with_serial(self, serial_identity: str, gtin: str | None) -> Sequence[KnownPassport]:
        pairs = self._workspace.pairs
        gtins = pairs if gtin is None else (gtin,)
        owners = (pairs[each].get(serial_identity, NO_OWNER) for each in gtins if each in pairs)
        return [self._workspace.passports[each].known() for some in owners for each in some.split()]

    def passports_page(self, wanted: ListQuery) -> tuple[Sequence[KnownPassport], int]:
        ids = self._workspace.index.ids(wanted.product_id, wanted.status, wanted.search)
        passports, count = self._workspace.passports, len(ids)
        if wanted.created_by is not None:  # the newest come last
            while count and passports[ids[count - 1]].created_at > wanted.created_by:
                count -= 1
        return [passports[each].known() for each in _page(ids, wanted, count)], count

    def product(self, product_id: str) -> CountedProduct | None:
        product = self._workspace.products.get(product_id)
        return self._counted(product) if product else None

    def products_page(self, wanted: ListQuery) -> tuple[Sequence[CountedProduct], int]:
        matching = [each for each in self._workspace.products.values() if _is_wanted(each, wanted)]
        return [self._counted(each) for each in _page(matching, wanted, len(matching))], len(matching)

    def model_exists(self, model: str) -> bool:
        return model in self._workspace.models

    def passports_of_product(self, product_id: str, status: str) -> int:
        return self._workspace.index.count(product_id, status)

    def _counted(self, product: Product) -> CountedProduct:
        return CountedProduct(product, self._workspace.index.count(product.id, None))


def _page(oldest_first: Sequence[_T], wanted: ListQuery, count: int) -> Sequence[_T]:
    """The page of the first `count` elements, newest first."""
    end = count - (wanted.page - 1) * wanted.limit
    return oldest_first[max(0, end - wanted.limit) : end][::-1] if end > 0 else []


def _is_wanted(product: Product, wanted: ListQuery) -> bool:
    if wanted.category not in {None, product.category} or wanted.status not in {None, product.status}:
        return False
    needle = (wanted.search or "").casefold()
    return needle in product.name.casefold() or needle in product.model.casefold()
