"""One item of a batch: its pair, and how far its shape is beyond doubt."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

_GTIN = re.compile(r"[0-9]{8}|[0-9]{12,14}")  # every spelling that reading items.gtin-spellings knows
_SAFE_SERIAL = re.compile(r"[A-Za-z0-9-]{1,20}")  # in every answer of reading items.serial-domain
_MEMBERS = {"productId", "gs1", "confirmOverage"}

Pair = tuple[str, str]  # GTIN in 14 digits, serial number as it was sent

SAME_SERIAL: Mapping[str, Callable[[str], str]] = {  # the answers of reading items.serial-equality
    "exact": lambda serial: serial,
    "trimmed": str.strip,
    "case-folded": str.casefold,
    "nfc": lambda serial: unicodedata.normalize("NFC", serial),
}


@dataclass(frozen=True, slots=True)
class Item:
    """`pair` is None where the item names none. `is_sound`: no reading can find fault with it, but for its check digit.

    `is_whole`: it has every member that the documentation asks for, with a value that some reading takes.
    """

    product_id: str | None
    pair: Pair | None
    is_sound: bool
    is_whole: bool
    says: Any = None  # confirmOverage, as sent; None where it is absent
    sent: Any = None


def item_of(raw: Any) -> Item:
    if not isinstance(raw, dict):
        return Item(None, None, is_sound=False, is_whole=False)
    gs1 = raw["gs1"] if isinstance(raw.get("gs1"), dict) else {}
    gtin, serial = gs1.get("gtin"), gs1.get("serialNumber")
    product = raw["productId"] if isinstance(raw.get("productId"), str) else None
    if not isinstance(gtin, str) or not isinstance(serial, str):
        return Item(product, None, is_sound=False, is_whole=False, says=raw.get("confirmOverage"), sent=raw)
    whole = bool(product and _GTIN.fullmatch(gtin) and serial and not _too_long(serial))
    sound = bool(
        whole
        and raw.keys() <= _MEMBERS
        and gs1.keys() == {"gtin", "serialNumber"}
        and len(gtin) == 14
        and _SAFE_SERIAL.fullmatch(serial)
        and isinstance(raw.get("confirmOverage", False), bool)
    )
    return Item(product, (gtin.zfill(14), serial), sound, whole, raw.get("confirmOverage"), raw)


def gtin14(value: Any) -> str | None:
    return value.zfill(14) if isinstance(value, str) else None


def loosest(pair: Pair) -> Pair:
    """What a deployment would compare that forgives every difference of spelling."""
    return pair[0], unicodedata.normalize("NFC", pair[1]).strip().casefold()


def same_but_for_spelling(one: str, other: str) -> bool:
    """Whether a deployment that forgives every difference of spelling takes the two for one serial number."""
    return loosest(("", one)) == loosest(("", other))


def has_right_check_digit(gtin: str) -> bool:
    """GS1 modulo 10: the digits, from the right, count 1, 3, 1, 3, …; the sum is a multiple of ten."""
    return sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(gtin))) % 10 == 0


def _too_long(serial: str) -> bool:
    """More than 100 by any way of counting. Text outside ASCII can be counted in several."""
    return serial.isascii() and len(serial) > 100
