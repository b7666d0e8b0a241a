"""Changes of one product: create, update, archive, delete. Each takes one write and no slot."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from ..checks.other_refusals import (
    field_contradicts_itself,
    field_unknown,
    model_taken,
    not_on_this_plan,
    product_in_use,
    product_unknown,
)
from ..checks.write import Outcome, Write
from ..types.answers import Effects, Refusal, RemovedProduct
from ..types.readings import Readings
from ..types.records import ARCHIVED, CountedProduct, Product
from ..types.request import NamedCall
from ..types.results import ProductChanged, ProductShown
from ..types.state_view import StateView
from ..types.templates import by_field_key, unknown_keys


class NewProduct(NamedTuple):
    """The product that a call asks for."""

    name: str
    model: str
    category: str
    description: str | None = None
    default_field_values: Mapping[str, Any] = {}
    image_urls: tuple[str, ...] = ()
    source_locale: str = "en"

    def as_product(self, product_id: str, now: datetime) -> Product:
        return Product(
            product_id,
            self.name,
            self.model,
            self.category,
            now,
            now,
            self.description,
            self.default_field_values,
            self.image_urls,
            self.source_locale,
        )


class ProductWrite(Write):
    """A write to one product."""

    def __init__(self, call: NamedCall, state: StateView, readings: Readings) -> None:
        super().__init__(call, state, readings)
        self.named = call

    def found(self) -> CountedProduct | None:
        return self.state.product(self.named.names["id"])

    def _in_use(self, product: Product) -> Refusal | None:
        """The refusal to archive a product that has passports which are not archived."""
        every = self.found()
        archived = self.state.passports_of_product(product.id, ARCHIVED)
        others = every.passports - archived if every else 0
        return product_in_use(others, archiving=True) if others else None


class CreateProduct(ProductWrite):
    """Creates a product. The body is a `NewProduct`."""

    rule = "products.model-is-unique"

    def outcome(self, now: datetime) -> Outcome | Refusal:
        new: NewProduct = self.named.body
        if wrong := unknown_keys(new.category, list(new.default_field_values)):
            return field_unknown(new.category, wrong)
        values, contradicting = by_field_key(new.category, new.default_field_values)
        if contradicting:
            return field_contradicts_itself(contradicting)
        if self.state.model_exists(new.model):
            return model_taken(new.model)
        product = new._replace(default_field_values=values).as_product(self.state.product_id(0), now)
        return ProductShown(201, CountedProduct(product, 0)), Effects(writes=1, new_products=(product,))


class UpdateProduct(ProductWrite):
    """Updates a product. The body maps fields of `Product` to their new values."""

    rule = "products.model-is-unique"

    def outcome(self, now: datetime) -> Outcome | Refusal:
        counted, changes = self.found(), self.named.body
        if counted is None:
            return product_unknown()
        product = counted.product._replace(**changes, updated_at=now)
        if product.model != counted.product.model and self.state.model_exists(product.model):
            return model_taken(product.model)
        if wrong := unknown_keys(product.category, list(changes.get("default_field_values", {}))):
            return field_unknown(product.category, wrong)
        values, contradicting = by_field_key(product.category, product.default_field_values)
        if contradicting:
            return field_contradicts_itself(contradicting)
        product = product._replace(default_field_values=values)
        if product.status == ARCHIVED != counted.product.status and (refused := self._in_use(product)):
            return refused
        return ProductChanged("updated", product, tuple(changes)), Effects(writes=1, changed=(product,))


class ArchiveProduct(ProductWrite):
    """Archives a product. Archiving it again changes only `updated_at`."""

    rule = "products.kept-while-used"

    def outcome(self, now: datetime) -> Outcome | Refusal:
        counted = self.found()
        if counted is None:
            return product_unknown()
        if refused := self._in_use(counted.product):
            return refused
        product = counted.product._replace(status=ARCHIVED, updated_at=now)
        return ProductChanged("archived", product), Effects(writes=1, changed=(product,))


class DeleteProduct(ProductWrite):
    """Deletes a product that has no passports of any status."""

    rule = "products.kept-while-used"

    def outcome(self, now: datetime) -> Outcome | Refusal:  # noqa: ARG002
        if self.state.account.plan.name == "free":
            return not_on_this_plan("products")
        counted = self.found()
        if counted is None:
            return product_unknown()
        if counted.passports:
            return product_in_use(counted.passports, archiving=False)
        product = counted.product
        return ProductChanged("deleted", product), Effects(writes=1, removed=RemovedProduct(product.id))
