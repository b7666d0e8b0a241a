"""One item of a batch: its pair, and the flaws of its shape."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from typing import Any

_GTIN = re.compile(r"[0-9]{8}|[0-9]{12,14}")  # every spelling that reading items.gtin-spellings knows
_SAFE_SERIAL = re.compile(r"[A-Za-z0-9-]{1,20}")  # in every answer of reading items.serial-domain
_MEMBERS = {"productId", "gs1", "parties", "confirmOverage"}
_NEWER = {"operatorIdentifier", "facilityIdentifier"}  # of a party

Pair = tuple[str, str]  # GTIN in 14 digits, serial number as it was sent

SAME_SERIAL: Mapping[str, Callable[[str], str]] = {  # the answers of reading items.serial-equality
    "exact": lambda serial: serial,
    "trimmed": str.strip,
    "case-folded": str.casefold,
    "nfc": lambda serial: unicodedata.normalize("NFC", serial),
}


class Flaw(Enum):
    """What a deployment may reject. It must reject `STRUCTURE` and `VALUE`."""

    STRUCTURE = auto()  # a documented member is missing or has the wrong type
    VALUE = auto()  # a GTIN or a serial number that no reading takes
    SPELLING = auto()  # reading items.gtin-spellings
    CHECK_DIGIT = auto()  # reading items.gtin-check-digit
    DOMAIN = auto()  # reading items.serial-domain
    UNKNOWN_MEMBER = auto()  # reading batch.unknown-members
    PARTIES = auto()  # there are some, be they right or wrong: reading items.bad-parties
    CONSENT = auto()  # not a boolean: reading quota.conflicting-consent


@dataclass(frozen=True, slots=True)
class Item:
    """`pair` is None where the item has none. `says` is its confirmOverage, or None."""

    product_id: str | None
    pair: Pair | None
    flaws: Set[Flaw]
    says: Any
    sent: Any

    @property
    def is_whole(self) -> bool:
        """Whether it has all documented members with values that some reading accepts."""
        return not self.flaws & {Flaw.STRUCTURE, Flaw.VALUE}


def item_of(raw: Any) -> Item:
    if not isinstance(raw, dict):
        return Item(None, None, {Flaw.STRUCTURE}, None, raw)
    named = raw.get("gs1", raw.get("identifier"))  # reading items.identifier: the flaw is an unknown member
    gs1 = named if isinstance(named, dict) else {}
    gtin, serial, product = gs1.get("gtin"), gs1.get("serialNumber"), raw.get("productId")
    pair = (gtin.zfill(14), serial) if isinstance(gtin, str) and isinstance(serial, str) else None
    flaws = {*_flaws_of_members(raw, gs1)}
    if pair is None or not isinstance(product, str) or not product:
        flaws.add(Flaw.STRUCTURE)
    if pair is not None:
        flaws |= {*_flaws_of_gtin(gs1["gtin"]), *_flaws_of_serial(pair[1])}
    return Item(product if isinstance(product, str) else None, pair, flaws, raw.get("confirmOverage"), raw)


def _flaws_of_members(raw: Mapping[str, Any], gs1: Mapping[str, Any]) -> Iterator[Flaw]:
    if raw.keys() - _MEMBERS or gs1.keys() - {"gtin", "serialNumber"}:
        yield Flaw.UNKNOWN_MEMBER
    if "parties" in raw:
        yield Flaw.PARTIES
        if _has_newer_members(raw["parties"]):
            yield Flaw.UNKNOWN_MEMBER
    if not isinstance(raw.get("confirmOverage", False), bool):
        yield Flaw.CONSENT


def _has_newer_members(parties: Any) -> bool:
    """Whether a party has an identifier of the newer kind, which a deployment may not know."""
    found = parties.values() if isinstance(parties, dict) else ()
    return any(isinstance(party, dict) and _NEWER & party.keys() for party in found)


def _flaws_of_gtin(gtin: str) -> Iterator[Flaw]:
    if not _GTIN.fullmatch(gtin):
        yield Flaw.VALUE
        return
    if len(gtin) != 14:
        yield Flaw.SPELLING
    if not has_right_check_digit(gtin):
        yield Flaw.CHECK_DIGIT


def _flaws_of_serial(serial: str) -> Iterator[Flaw]:
    if not serial or _too_long(serial):
        yield Flaw.VALUE
    elif not _SAFE_SERIAL.fullmatch(serial):
        yield Flaw.DOMAIN


def gtin14(value: Any) -> str | None:
    return value.zfill(14) if isinstance(value, str) else None


def loosest(pair: Pair) -> Pair:
    """The pair as a deployment compares it that ignores every difference of spelling."""
    return pair[0], unicodedata.normalize("NFC", pair[1]).strip().casefold()


def same_but_for_spelling(one: str, other: str) -> bool:
    """Whether two serial numbers are equal where every difference of spelling is ignored."""
    return one == other or loosest(("", one)) == loosest(("", other))


@lru_cache(maxsize=4096)  # the judge asks for the same few numbers thousands of times
def has_right_check_digit(gtin: str) -> bool:
    """GS1 modulo 10: from the right, the digits have the weights 1, 3, 1, 3, …; the sum is a multiple of ten."""
    return sum(int(digit) * (3 if position % 2 else 1) for position, digit in enumerate(reversed(gtin))) % 10 == 0


def _too_long(serial: str) -> bool:
    """Longer than 100 however it is counted: text outside ASCII has several lengths."""
    return serial.isascii() and len(serial) > 100
