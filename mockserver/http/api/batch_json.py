"""Passport batches: from JSON to the types of the semantics, and from results to JSON.

Only this module, `reply_bodies` and `request_bodies` know the camelCase names of members.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any

from ...semantics.types.answers import (
    BatchResult,
    Failed,
    ItemResult,
    NewPassport,
    ProductCreated,
    Refusal,
)
from ...semantics.types.gs1 import digital_link_uri, gtin14
from ...semantics.types.records import CountedProduct
from ...semantics.types.request import BATCH_ITEMS_MAX, Consent, Item
from . import reply_bodies

Json = dict[str, Any]
_NOTHING = Item("", "", "")
_REQUIRED = {"productId", "gs1"}
_new = tuple.__new__  # of a type and a tuple of the members in order: half the time of `Item(…)`
_NO_MEMBERS: Json = {}  # shared, because nothing changes an answer
_ABSENT = Consent.ABSENT
_CONSENT = {True: Consent.GIVEN, False: Consent.WITHHELD}


def items_of(elements: Sequence[Any], members: AbstractSet[str] | None) -> Sequence[Item]:
    """The items of a batch, or the one item of a single create.

    `members` are the members of all items of a valid body. An item of a body that is not valid, None, has the members
    that can be read; the others are empty.
    """
    if members == _REQUIRED:
        return [
            _new(Item, (element["productId"], (gs1 := element["gs1"])["gtin"], gs1["serialNumber"], _ABSENT, None))
            for element in elements
        ]
    if members is not None:
        return [
            _new(
                Item,
                (
                    element["productId"],
                    (gs1 := element["gs1"] if "gs1" in element else element["identifier"])["gtin"],
                    gs1["serialNumber"],
                    consent_in(element) if "confirmOverage" in element else _ABSENT,
                    element.get("parties"),
                ),
            )
            for element in elements
        ]
    if len(elements) > BATCH_ITEMS_MAX:  # the number of items is enough for the refusal
        return (_NOTHING,) * len(elements)
    return [_readable_part(element) for element in elements]


def consent_in(holder: object) -> Consent:
    """The consent in the `confirmOverage` of a body or an item. 1, "true" and null are no boolean."""
    if not isinstance(holder, dict) or "confirmOverage" not in holder:
        return Consent.ABSENT
    value = holder["confirmOverage"]
    return _CONSENT[value] if isinstance(value, bool) else Consent.NOT_BOOLEAN


def pair_in(holder: object) -> tuple[str, str] | None:
    """The GTIN with 14 digits and the serial number in a `gs1` or an `identifier`, or None."""
    if not isinstance(holder, dict):
        return None
    gtin, serial = holder.get("gtin"), holder.get("serialNumber")
    return (gtin14(gtin), serial) if isinstance(gtin, str) and isinstance(serial, str) else None


def batch_result(result: BatchResult, decided_at: datetime) -> Json:
    """`results` in the order of the items, and their `summary`."""
    created = _whole if result.full_data else _trimmed
    now = reply_bodies.timestamp(decided_at)
    return {
        "results": [
            created(each, now) if type(each) is NewPassport else _other_result(each) for each in result.results
        ],
        "summary": {"created": result.created, "errors": result.errors, "total": result.total},
    }


def _other_result(result: ItemResult) -> Json:
    if isinstance(result, ProductCreated):
        return {
            "index": result.position,
            "status": "created",
            "data": reply_bodies.product(CountedProduct(result.product, 0)),
        }
    assert isinstance(result, Failed)  # noqa: S101  the only other type
    return {"index": result.position, "status": "error", "error": result.error}


def refusal(refused: Refusal) -> Json:
    """The API's envelope (errors.envelope)."""
    envelope: Json = {"error": refused.error, "message": refused.message}
    if refused.reason is not None:
        envelope["reason"] = refused.reason
    if refused.details is not None:
        envelope["details"] = refused.details
    return envelope


def _whole(passport: NewPassport, now: str) -> Json:
    passport_id, product_id, gtin, serial, _, parties, _, position = passport
    data = {
        "_id": passport_id,
        "productId": product_id,
        "gs1": {"gtin": gtin, "serialNumber": serial, "digitalLinkUri": digital_link_uri(gtin, serial)},
        "status": "draft",
        "fields": _NO_MEMBERS,
        "parties": parties or _NO_MEMBERS,
        "completionPercentage": 0,
        "publishedAt": None,
        "createdAt": now,
        "updatedAt": now,
    }
    return {"index": position, "status": "created", "data": data}


def _trimmed(passport: NewPassport, _now: str) -> Json:
    gs1 = {"gtin": passport.gtin, "serialNumber": passport.serial_number}
    data = {"_id": passport.id, "gs1": gs1, "status": "draft"}
    return {"index": passport.position, "status": "created", "data": data}


def _readable_part(element: object) -> Item:
    item = element if isinstance(element, dict) else {}
    gs1, parties = item.get("gs1", item.get("identifier")), item.get("parties")
    gs1 = gs1 if isinstance(gs1, dict) else {}
    return Item(
        _text(item.get("productId")),
        _text(gs1.get("gtin")),
        _text(gs1.get("serialNumber")),
        consent_in(item),
        parties if isinstance(parties, dict) else None,
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
