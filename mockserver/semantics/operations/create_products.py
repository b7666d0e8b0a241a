"""POST /api/v1/products/batch: the rules of a passport batch for products, which take no slot."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property

from ..checks.budget import writes_needed, writes_taken
from ..checks.items import success_status, whole_data
from ..checks.other_refusals import MODEL_TAKEN
from ..checks.refusals import ITEM_FAILED, describe, rule_of
from ..checks.shape import by_item, shape_refusal
from ..checks.write import Outcome, Write
from ..types.answers import BatchResult, Effects, Failed, ProductCreated, Refusal
from ..types.readings import Readings
from ..types.records import Product
from ..types.request import NamedCall
from ..types.state_view import StateView
from .product_changes import NewProduct


class CreateProductBatch(Write):
    """The body is a sequence of `NewProduct`. A malformed item is an empty one."""

    shape_rule = "batch.same-shape-as-single"
    rule = "items.fail-independently"

    def __init__(self, call: NamedCall, state: StateView, readings: Readings) -> None:
        super().__init__(call, state, readings)
        self._items: Sequence[NewProduct] = call.body
        self._failing_item = call.failing_item
        self.requested = len(self._items)
        self._problems = by_item(call.problems)

    def shape_refusal(self) -> Refusal | None:
        return shape_refusal(self.call.problems, self.readings)

    def writes_needed(self) -> int:
        return writes_needed(self.requested, self, self.readings)

    @property
    def creatable(self) -> int:
        return len(self._items) - len(self._failures)

    @cached_property
    def _failures(self) -> Mapping[int, Failed]:
        """The failing items by index. Of two items with one model, the first gets it."""
        failures: dict[int, Failed] = {}
        claimed: set[str] = set()
        for index, item in enumerate(self._items):
            if index == self._failing_item:
                failures[index] = Failed(index, ITEM_FAILED, "items.fail-independently")
            elif problem := self._problems.get(index):
                failures[index] = Failed(index, describe(problem), rule_of(problem))
            elif item.model in claimed or self.state.model_exists(item.model):
                failures[index] = Failed(index, MODEL_TAKEN, "products.model-is-unique")
            else:
                claimed.add(item.model)
        return failures

    def outcome(self, now: datetime) -> Outcome:
        results: list[ProductCreated | Failed] = []
        products: list[Product] = []
        for index, item in enumerate(self._items):
            if failure := self._failures.get(index):
                results.append(failure)
                continue
            product = item.as_product(self.state.product_id(len(products)), now)
            products.append(product)
            results.append(ProductCreated(index, product))
        writes = writes_taken(self.writes_needed(), self, self.readings)
        status = success_status(len(products), self.requested, self.readings)
        result = BatchResult(status, results, len(products), whole_data(self.readings))
        return result, Effects(writes=writes, new_products=products)

    def numbers(self, effects: Effects) -> Mapping[str, int | str | None]:
        created = len(effects.new_products)
        return {"created": created, "errors": self.requested - created}
