"""The bodies of related endpoints: from valid JSON to the types of the semantics."""

from collections.abc import Mapping, Sequence
from typing import Any

from ...semantics.operations.passport_changes import FieldValue
from ...semantics.operations.product_changes import NewProduct
from ...semantics.types.request import BATCH_ITEMS_MAX
from ..call.problems import items_in
from .reply_bodies import PRODUCT_MEMBERS

_NOTHING = NewProduct("", "", "")
_FIELDS = {member: name for name, member in PRODUCT_MEMBERS.items()}


def reason(body: Any) -> str | None:
    return body.get("reason") if body else None


def party(body: Any) -> Any:
    return body


def field_value(body: Any) -> FieldValue:
    return FieldValue(body["value"], body.get("source", "manual"), body.get("sourceLocale"))


def product_changes(body: Any) -> Mapping[str, Any]:
    """The new values by field of the record. Members that are not documented are ignored."""
    changes = {_FIELDS[member]: value for member, value in body.items() if member in _FIELDS}
    if "image_urls" in changes:
        changes["image_urls"] = tuple(changes["image_urls"])
    return changes


def new_product(body: Any) -> NewProduct:
    """The product to create. An empty description counts as none, because some clients send an empty one."""
    wanted = {name: value for name, value in product_changes(body).items() if name != "status"}
    return NewProduct(category=body["category"], **{**wanted, "description": wanted.get("description") or None})


def new_products(body: Any) -> Sequence[NewProduct]:
    """The items of a batch. A malformed item is empty here; its problem makes it fail."""
    items = items_in(body, "products")
    if len(items) > BATCH_ITEMS_MAX:  # the number of items is enough for the refusal
        return (_NOTHING,) * len(items)
    return [_item(each) if _is_whole(each) else _NOTHING for each in items]


def _item(item: Any) -> NewProduct:
    return NewProduct(item["name"], item["model"], item["category"], item.get("description") or None)


def _is_whole(item: object) -> bool:
    return isinstance(item, dict) and all(isinstance(item.get(name), str) for name in ("name", "model", "category"))
