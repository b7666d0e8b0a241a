"""GTINs and serial numbers: spelling, comparison and check digits, which depend on readings."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from urllib.parse import quote

from .readings import GtinCheckDigit, Readings, SerialEquality

_GTIN = re.compile(r"[0-9]{8}|[0-9]{12,14}")  # the lengths that GS1 defines
_needs_quoting = re.compile(r"[^A-Za-z0-9._~-]").search  # RFC 3986: most serial numbers need no quoting

_IDENTITIES: Mapping[SerialEquality, Callable[[str], str]] = {
    SerialEquality.EXACT: str,
    SerialEquality.TRIMMED: str.strip,
    SerialEquality.CASE_FOLDED: str.casefold,
    SerialEquality.NFC: partial(unicodedata.normalize, "NFC"),
}


def gtin14(gtin: str) -> str:
    """The 14-digit form in which a GTIN of any length is stored and compared."""
    return gtin.zfill(14)


def is_gtin14(text: str) -> bool:
    """Whether the text is a 14-digit GTIN. Its check digit may be wrong."""
    return len(text) == 14 and _GTIN.fullmatch(text) is not None


def with_check_digit(digits: str) -> str:
    """The digits with their check digit added."""
    return f"{digits}{_check_digit(digits)}"


@lru_cache(maxsize=4096)
def has_right_check_digit(gtin: str) -> bool:
    """Whether the text is a GTIN with the right check digit (GS1 modulo 10)."""
    return with_right_check_digit(gtin) == gtin


def with_right_check_digit(gtin: str) -> str | None:
    """The GTIN with the right check digit, or None for text that is not a GTIN."""
    return with_check_digit(gtin[:-1]) if _GTIN.fullmatch(gtin) else None


def gtin_is_acceptable(gtin: str, readings: Readings) -> bool:
    """Reading items.gtin-check-digit: whether the check digit is right, or not enforced."""
    return has_right_check_digit(gtin) or readings.gtin_check_digit is GtinCheckDigit.NOT_ENFORCED


def serial_identity(serial_number: str, readings: Readings) -> str:
    """The identity of a serial number: equal serial numbers share it (items.serial-unique-per-gtin)."""
    return serial_identities(readings)(serial_number)


def serial_identities(readings: Readings) -> Callable[[str], str]:
    """The function that gives identities: reading items.serial-equality."""
    return _IDENTITIES[readings.serial_equality]


def digital_link_uri(gtin: str, serial_number: str) -> str:
    """The GS1 Digital Link URI. Its last segment decodes to exactly the serial number."""
    segment = quote(serial_number, safe="") if _needs_quoting(serial_number) else serial_number
    return f"https://id.tracepass.eu/p/01/{gtin}/21/{segment}"


def _check_digit(digits: str) -> int:
    from biip.checksums import gs1_standard_check_digit  # imported here, because biip takes a tenth of the start

    return gs1_standard_check_digit(digits)
