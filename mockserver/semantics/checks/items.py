"""The items of an admitted batch, checked one by one. An item fails alone (items.fail-independently)."""

from collections.abc import Mapping, Sequence, Set
from datetime import datetime
from functools import partial

from ..types.answers import Failed, NewPassport, Refusal
from ..types.gs1 import gtin14, serial_identities
from ..types.readings import (
    CreatedData,
    DuplicateInBatch,
    ForeignGtin,
    RaceLoser,
    Readings,
    UnknownProduct,
)
from ..types.request import BatchRequest, Item, Problem, gtin_of, product_id_of
from ..types.state_view import Pair, StateView
from .refusals import (
    GTIN_FOREIGN,
    ITEM_FAILED,
    PRODUCT_UNKNOWN,
    SERIAL_TAKEN,
    describe,
    gtin_foreign,
    product_unknown,
    race_lost,
    repeated_in_batch,
    rule_of,
)

_new_passport = partial(tuple.__new__, NewPassport)  # of all members in order: half the time


class JudgedItems:
    """The result of each item. The items are checked on first use, so a batch that is refused earlier costs nothing."""

    def __init__(
        self, request: BatchRequest, problems: Mapping[int | None, Problem], state: StateView, readings: Readings
    ) -> None:
        self._items = request.items
        self._failing_item = request.failing_item
        self._creatable_at_arrival = request.creatable_at_arrival
        self._problems = problems
        self._state = state
        self._readings = readings
        self._pairs: Sequence[Pair] = ()
        self._unknown_products: Set[str] = frozenset()
        self._foreign_gtins: Set[str] = frozenset()
        self._taken: Set[Pair] = frozenset()
        self._failures: Mapping[int, Failed] | None = None
        self.whole_refusal: Refusal | None = None

    @property
    def failures(self) -> Mapping[int, Failed]:
        """The failing items by index."""
        if self._failures is None:
            self._look_up()
            self._failures = {} if self._nothing_can_fail() else self._each_failure()
        return self._failures

    def _look_up(self) -> None:
        """Query the state once per product and GTIN, which most items share, and once for all pairs."""
        items, state, identity = self._items, self._state, serial_identities(self._readings)
        spelled = {gtin: gtin14(gtin) for gtin in set(map(gtin_of, items))}
        self._pairs = [(spelled[gtin], identity(serial)) for _, gtin, serial, _, _ in items]
        self._unknown_products = {each for each in set(map(product_id_of, items)) if not state.has_product(each)}
        self._foreign_gtins = {each for each in spelled.values() if state.gtin_is_foreign(each)}
        self._taken = state.existing_pairs(self._pairs)

    def _nothing_can_fail(self) -> bool:
        """Whether all items will be created. This holds for most batches, and saves the check of each item."""
        possible = self._problems or self._unknown_products or self._foreign_gtins or self._taken
        return not possible and self._failing_item is None and len(set(self._pairs)) == len(self._pairs)

    def _each_failure(self) -> Mapping[int, Failed]:
        failures: dict[int, Failed] = {}
        claimed: set[Pair] = set()
        items, pairs = self._items, self._pairs
        for index in self._order():
            pair = pairs[index]
            failure = self._failure(index, items[index], pair, claimed)
            if failure is None:
                claimed.add(pair)
            else:
                failures[index] = failure
        return failures

    @property
    def creatable(self) -> int:
        return len(self._items) - len(self.failures)

    def results(self, now: datetime) -> Sequence[NewPassport | Failed]:
        """One result per item, in the order of the items (items.one-result-each)."""
        failures, pairs, ids = self.failures, self._pairs, iter(self._state.passport_ids(self.creatable))
        return [
            failures[index]
            if index in failures
            else _new_passport((next(ids), product_id, gtin, serial, identity, parties, now, index))
            for index, ((product_id, _, serial, _, parties), (gtin, identity)) in enumerate(
                zip(self._items, pairs, strict=True)
            )
        ]

    def _order(self) -> Sequence[int]:
        """Reading items.duplicate-in-batch: the item that is checked first gets the pair."""
        indexes = range(len(self._items))
        return indexes[::-1] if self._readings.duplicate_in_batch is DuplicateInBatch.LAST_WINS else indexes

    def _failure(self, index: int, item: Item, pair: Pair, claimed: set[Pair]) -> Failed | None:
        if index == self._failing_item:
            return Failed(index, ITEM_FAILED, "items.fail-independently")
        if index in self._problems:
            problem = self._problems[index]
            return Failed(index, describe(problem), rule_of(problem))
        if item.product_id in self._unknown_products:
            if self._readings.unknown_product is UnknownProduct.WHOLE_404:
                self._refuse(product_unknown(index))
            return Failed(index, PRODUCT_UNKNOWN, "items.fail-independently")
        if pair[0] in self._foreign_gtins:
            if self._readings.foreign_gtin is not ForeignGtin.ITEM_ERROR:
                self._refuse(gtin_foreign(index, self._readings))
            return Failed(index, GTIN_FOREIGN, "items.fail-independently")
        if pair in claimed:
            if self._readings.duplicate_in_batch is DuplicateInBatch.WHOLE_REFUSED:
                self._refuse(repeated_in_batch(index))
            return Failed(index, SERIAL_TAKEN, "items.serial-unique-per-gtin")
        if pair in self._taken:
            self._note_a_lost_race(index)
            return Failed(index, SERIAL_TAKEN, "items.serial-unique-per-gtin")
        return None

    def _note_a_lost_race(self, index: int) -> None:
        if index in self._creatable_at_arrival and self._readings.race_loser is RaceLoser.WHOLE_409:
            self._refuse(race_lost(index))

    def _refuse(self, refusal: Refusal) -> None:
        """Refuse the whole batch, as a reading demands. The first reason counts."""
        self.whole_refusal = self.whole_refusal or refusal


def success_status(created: int, requested: int, readings: Readings) -> int:
    """Readings batch.all-created-status, batch.mixed-status and batch.all-failed-status."""
    if created == requested:
        return int(readings.all_created_status)
    return int(readings.mixed_status if created else readings.all_failed_status)


def whole_data(readings: Readings) -> bool:
    """Reading items.created-data: whether `data` has the full passport, or only the members of the batch page."""
    return readings.created_data is CreatedData.FULL
