"""Every write beside the batch, as a table: the same checks hold for all of them."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from ..client.api import Api
from ..client.reply import Reply
from ..model.outcomes import Untested
from ..target.workspace import Account
from . import arranged
from .arranged import PARTY

NOBODY = "0" * 24  # an id of the documented form that does not exist


@dataclass(frozen=True)
class Named:
    """What a call names: a draft, a product without passports, and what the call sends. The last three
    are None where the deployment does not serve products or templates.
    """

    passport_id: str
    gs1: Mapping[str, str]
    item: Mapping[str, Any]  # of a new passport
    spare: str | None = None  # the id of the product
    product: Mapping[str, Any] | None = None  # a new one
    field_and_value: tuple[str, Any] | None = None

    @property
    def product_id(self) -> str:
        """Raises `Untested`."""
        if self.spare is None:
            raise Untested("products")
        return self.spare

    @property
    def new_product(self) -> Mapping[str, Any]:
        """Raises `Untested`."""
        if self.product is None:
            raise Untested("products")
        return self.product

    @property
    def field(self) -> str:
        """Raises `Untested`."""
        return self._field[0]

    @property
    def value(self) -> Any:
        """Raises `Untested`."""
        return self._field[1]

    @property
    def _field(self) -> tuple[str, Any]:
        if self.field_and_value is None:
            raise Untested("a template with the keys of its fields")
        return self.field_and_value

    def unknown(self, serial: str) -> "Named":
        """The same call, but what it names does not exist."""
        return replace(self, passport_id=NOBODY, gs1={**self.gs1, "serialNumber": serial}, spare=NOBODY)


Send = Callable[[Api, Named, str | None], Reply]


@dataclass(frozen=True)
class Write:
    """One operation. `send` gets the idempotency key; `other` sends another body to the same path."""

    operation: str
    send: Send
    other: Send | None = None
    creates: bool = False

    def __str__(self) -> str:
        return self.operation


def named(account: Account) -> Named:
    """A draft with a party, and a product, of this workspace."""
    passport_id = arranged.draft(account, parties={"importer": PARTY})
    gtin, serial = account.api.pairs.ids[passport_id]
    its = Named(passport_id, {"gtin": gtin, "serialNumber": serial}, account.passport())
    with suppress(Untested):
        category = arranged.category_of(account)
        made = arranged.product(account, category=category)
        product = {**made.exchange.sent_json, "model": account.session.serial()}
        its = replace(its, spare=str(made.shown["_id"]), product=product)
        its = replace(its, field_and_value=arranged.fields_of(account, category)[0])
    return its


WRITES = (
    Write(
        "POST /passports",
        lambda api, its, key: api.create_one(its.item, key),
        lambda api, its, key: api.create_one({**its.item, "parties": {"importer": PARTY}}, key),
        creates=True,
    ),
    Write(
        "PATCH /passports/{id}/fields/{key}",
        lambda api, its, key: api.update_field(its.passport_id, its.field, {"value": its.value}, key),
        lambda api, its, key: api.update_field(its.passport_id, its.field, {"value": "another"}, key),
    ),
    Write(
        "PATCH /passports/by-serial/{serial}/fields/{key}",
        lambda api, its, key: api.update_field_by_serial(its.gs1, its.field, {"value": its.value}, key),
        lambda api, its, key: api.update_field_by_serial(its.gs1, its.field, {"value": "another"}, key),
    ),
    Write(
        "PATCH /passports/{id}/parties/{role}",
        lambda api, its, key: api.set_party(its.passport_id, "recycler", PARTY, key),
        lambda api, its, key: api.set_party(its.passport_id, "recycler", {**PARTY, "country": "FR"}, key),
    ),
    Write(
        "DELETE /passports/{id}/parties/{role}",
        lambda api, its, key: api.remove_party(its.passport_id, "importer", key),
    ),
    Write(
        "POST /passports/{id}/suspend",
        lambda api, its, key: api.suspend_passport(its.passport_id, {"reason": "Recall 17"}, key),
        lambda api, its, key: api.suspend_passport(its.passport_id, {"reason": "Recall 18"}, key),
    ),
    Write(
        "POST /passports/by-serial/{serial}/suspend",
        lambda api, its, key: api.suspend_by_serial(its.gs1, {"reason": "Recall 17"}, key),
        lambda api, its, key: api.suspend_by_serial(its.gs1, {"reason": "Recall 18"}, key),
    ),
    Write(
        "POST /passports/{id}/archive",
        lambda api, its, key: api.archive_passport(its.passport_id, key),
    ),
    Write(
        "POST /passports/by-serial/{serial}/archive",
        lambda api, its, key: api.archive_by_serial(its.gs1, key),
    ),
    Write(
        "DELETE /passports/{id}",
        lambda api, its, key: api.delete_passport(its.passport_id, key).sure(),
    ),
    Write(
        "POST /products",
        lambda api, its, key: api.create_product(its.new_product, key),
        lambda api, its, key: api.create_product({**its.new_product, "name": "Another"}, key),
        creates=True,
    ),
    Write(
        "PATCH /products/{id}",
        lambda api, its, key: api.update_product(its.product_id, {"description": "x"}, key),
        lambda api, its, key: api.update_product(its.product_id, {"description": "y"}, key),
    ),
    Write(
        "POST /products/{id}/archive",
        lambda api, its, key: api.archive_product(its.product_id, key),
    ),
    Write(
        "DELETE /products/{id}",
        lambda api, its, key: api.delete_product(its.product_id, key),
    ),
)
