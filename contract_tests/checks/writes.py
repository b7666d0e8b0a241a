"""Every write beside the batch, as a table: the same checks hold for all of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..client.api import Api
from ..client.reply import Reply
from ..target.workspace import Account
from . import arranged
from .arranged import PARTY

NOBODY = "0" * 24  # an id of the documented form that does not exist


@dataclass(frozen=True)
class Named:
    """What a call names: a draft, a product without passports, and what the call sends."""

    passport_id: str
    gs1: Mapping[str, str]
    product_id: str
    field: str
    value: Any
    item: Mapping[str, Any]  # of a new passport
    product: Mapping[str, Any]  # a new one

    def unknown(self, serial: str) -> "Named":
        """The same call, but what it names does not exist."""
        return replace(self, passport_id=NOBODY, gs1={**self.gs1, "serialNumber": serial}, product_id=NOBODY)


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
    spare = arranged.product(account)
    gtin, serial = account.api.pairs.ids[passport_id]
    field, value = arranged.fields_of(account)[0]
    return Named(
        passport_id,
        {"gtin": gtin, "serialNumber": serial},
        str(spare.shown["_id"]),
        field,
        value,
        account.passport(),
        {**spare.exchange.sent_json, "model": account.session.serial()},
    )


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
        lambda api, its, key: api.create_product(its.product, key),
        lambda api, its, key: api.create_product({**its.product, "name": "Another"}, key),
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
