"""JSON on one side, the types of the semantics on the other. With `shown` and `changes`, the only place where
members are spelled in camelCase.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from ...semantics.types.answers import (
    BatchResult,
    Failed,
    ItemResult,
    NewPassport,
    ProductCreated,
    Refusal,
)
from ...semantics.types.gs1 import digital_link_uri
from ...semantics.types.records import Counted
from ...semantics.types.request import BATCH_ITEMS_MAX, Consent, Item
from . import reply_bodies

Json = dict[str, Any]
_NOTHING = Item("", "", "")
_item = partial(tuple.__new__, Item)  # of a tuple in the order of its members: half the time of `Item(…)`
_NO_MEMBERS: Json = {}  # one for all: nobody writes into what is about to be sent
_ABSENT = Consent.ABSENT
_CONSENT = {True: Consent.GIVEN, False: Consent.WITHHELD}


def items_of(elements: Sequence[Any], *, valid: bool) -> Sequence[Item]:
    """The items of a batch, or the one that the body of a single create is.

    Of what is not valid, as much as can be read; the rest of its members is empty.
    """
    if valid:
        return [
            _item(
                (
                    element["productId"],
                    (gs1 := element["gs1"])["gtin"],
                    gs1["serialNumber"],
                    consent_in(element) if "confirmOverage" in element else _ABSENT,
                    element.get("parties"),
                )
            )
            for element in elements
        ]
    if len(elements) > BATCH_ITEMS_MAX:  # only their number is asked for
        return (_NOTHING,) * len(elements)
    return [_item_as_far_as_it_goes(element) for element in elements]


def consent_in(holder: object) -> Consent:
    """What the `confirmOverage` of a body or an item says: true and false only, never 1, "true" or null."""
    if not isinstance(holder, dict) or "confirmOverage" not in holder:
        return Consent.ABSENT
    value = holder["confirmOverage"]
    return _CONSENT[value] if isinstance(value, bool) else Consent.NOT_BOOLEAN


def batch_result(result: BatchResult, decided_at: datetime) -> Json:
    """`results` in the order asked, and their `summary`."""
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
        return {"index": result.position, "status": "created", "data": reply_bodies.product(Counted(result.product, 0))}
    assert isinstance(result, Failed)  # noqa: S101  the one that is left
    return {"index": result.position, "status": "error", "error": result.error}


def refusal(refused: Refusal) -> Json:
    """The API's envelope (errors.envelope)."""
    envelope: Json = {"error": refused.error}
    if refused.message is not None:
        envelope["message"] = refused.message
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


def _item_as_far_as_it_goes(element: object) -> Item:
    item = element if isinstance(element, dict) else {}
    gs1, parties = item.get("gs1"), item.get("parties")
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
