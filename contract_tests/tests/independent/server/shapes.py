"""The documented shape of what is sent. Each function says what is wrong, or returns an empty text."""

import re
from collections.abc import Mapping
from typing import Any

from tracepass_contract.contract_tests.tests.independent.server.messages import Refused

MOST = 100
ROLES = frozenset(
    {
        "manufacturer",
        "importer",
        "authorisedRepresentative",
        "distributor",
        "recycler",
        "producerResponsibilityOrg",
    }
)
_OF_ITEM = frozenset({"productId", "gs1", "parties", "confirmOverage"})


def batch_of(document: Mapping[str, Any], most: int = MOST) -> list[Any]:
    """The items of a batch. Raises `Refused`."""
    items = document.get("passports")
    if not isinstance(items, list):
        raise Refused(400, "`passports` is no array", details={"fieldErrors": {"passports": ["no array"]}})
    if not 1 <= len(items) <= most:
        raise Refused(422, f"{len(items)} passports; 1 to 100 can be sent", details={"count": len(items)})
    if unknown := document.keys() - {"passports", "confirmOverage"}:
        raise Refused(400, f"nobody knows {min(unknown)}", details={"fieldErrors": {min(unknown): ["unknown"]}})
    return items


def wrong_item(item: Any) -> str:
    if not isinstance(item, dict):
        return "an item is an object"
    if unknown := item.keys() - _OF_ITEM:
        return f"nobody knows {min(unknown)}"
    if not isinstance(item.get("productId"), str):
        return "productId is the id of a product"
    if not isinstance(item.get("confirmOverage", False), bool):
        return "confirmOverage is true or false"
    return wrong_gs1(item.get("gs1")) or wrong_parties(item.get("parties", {}))


def wrong_gs1(found: Any) -> str:
    if not isinstance(found, dict):
        return "gs1 is an object"
    gtin, serial = found.get("gtin"), found.get("serialNumber")
    if not isinstance(gtin, str) or not re.fullmatch("[0-9]{14}", gtin):
        return "gtin has 14 digits"
    if int(gtin[-1]) != check_digit(gtin[:-1]):
        return f"gtin ends in {check_digit(gtin[:-1])}"
    if not isinstance(serial, str) or not 1 <= len(serial) <= 100:
        return "serialNumber has 1 to 100 characters"
    return ""


def check_digit(digits: str) -> int:
    """By GS1: from the right the weights are 3, 1, 3, …"""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return -total % 10


def wrong_parties(found: Any) -> str:
    if not isinstance(found, dict):
        return "parties is an object"
    for role, party in found.items():
        if role not in ROLES:
            return f"there is no role {role}"
        if wrong := wrong_party(party):
            return wrong
    return ""


def wrong_party(found: Any) -> str:
    if not isinstance(found, dict):
        return "a party is an object"
    name, gln, country = found.get("legalName"), found.get("gln"), found.get("country", "DE")
    if not isinstance(name, str) or not 1 <= len(name) <= 200:
        return "legalName has 1 to 200 characters"
    if gln is None and not isinstance(found.get("legacyOperatorId"), str):
        return "a party has a gln or a legacyOperatorId"
    if gln is not None and not _is_gln(gln):
        return "gln has 13 digits with a check digit"
    return "" if isinstance(country, str) and re.fullmatch("[A-Z]{2}", country) else "country has two letters"


def _is_gln(found: Any) -> bool:
    is_number = isinstance(found, str) and re.fullmatch("[0-9]{13}", found) is not None
    return is_number and int(found[-1]) == check_digit(found[:-1])
