"""Generated bodies, changed so that they name an existing product and GTIN."""

import json
from collections.abc import Mapping
from copy import deepcopy
from typing import Any
from uuid import UUID
from zlib import crc32

from .breaches import BATCH_ITEMS_MAX

Json = dict[str, Any]
NOBODYS_PRODUCT = "0" * 24


def fingerprint(value: Any) -> int:
    """The same number for the same JSON in every run, so that shrinking works."""
    return crc32(json.dumps(value, sort_keys=True, default=str).encode())


def key_for(value: Any) -> str:
    """A UUID v4 that depends only on the body."""
    return str(UUID(int=fingerprint(value) << 64 | fingerprint([value]), version=4))


def meaningful(body: Any, product_id: str, gtin: str, *, charges_allowed: bool) -> Any:
    """The body with items that can be created; every other batch also has some that can't: an unknown product, a
    repeated pair. Consent is removed where charges are not allowed, and so is `false`, because a deployment may refuse
    a call with both.
    """
    if not isinstance(body, dict) or not isinstance(body.get("passports"), list):
        return body
    body, all_good = deepcopy(body), fingerprint(body) % 2 == 0
    for index, item in enumerate(body["passports"]):
        if not isinstance(item, dict):
            continue
        _name_one_gln(item.get("parties"))
        if isinstance(newer := item.pop("identifier", None), dict):  # reading items.identifier
            item.setdefault("gs1", {name: newer[name] for name in ("gtin", "serialNumber") if name in newer})
        if not isinstance(item.get("gs1"), dict):
            continue
        item.pop("confirmOverage", None)
        chance = 7 if all_good else fingerprint([index, item]) % 8
        if chance:
            item["productId"] = product_id
        item["gs1"]["gtin"] = gtin
        if chance == 1 and index:
            item["gs1"] = deepcopy(body["passports"][index - 1]["gs1"])
        elif chance > 2:
            item["gs1"]["serialNumber"] = serial(index, item)
    if not charges_allowed:
        body.pop("confirmOverage", None)
    return body


def _name_one_gln(parties: Any) -> None:
    """A party has its GLN in two places, and two different ones are a contradiction."""
    for party in parties.values() if isinstance(parties, dict) else ():
        operator = party.get("operatorIdentifier") if isinstance(party, dict) else None
        if isinstance(operator, dict) and operator.keys() & party.keys() & {"gln"}:
            operator["gln"] = party["gln"]


def grown(body: Any, at_least: int) -> Any:
    """The body with up to three more items like its first one: most generated batches have one item."""
    items = body.get("passports") if isinstance(body, dict) else None
    if not isinstance(items, list) or not items or len(items) >= BATCH_ITEMS_MAX - 3:
        return body
    more = max(at_least - len(items), fingerprint(body) % 4)
    return {**body, "passports": [*items, *(deepcopy(items[0]) for _ in range(more))]}


def serial(*of: Any, prefix: str = "S-") -> str:
    """A serial number that every reading accepts as different from all others: the prefix and six digits."""
    return f"{prefix}{fingerprint(of) % 1_000_000:06d}"


def item(product_id: str, gtin: str, serial_number: str) -> Json:
    """An element of `passports`."""
    return {"productId": product_id, "gs1": {"gtin": gtin, "serialNumber": serial_number}}


def consenting(body: Mapping[str, Any]) -> Json:
    """The same batch with consent in every place where a deployment may read it."""
    return {
        **body,
        "confirmOverage": True,
        "passports": [{**each, "confirmOverage": True} for each in body["passports"]],
    }
