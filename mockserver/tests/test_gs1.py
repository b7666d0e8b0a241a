"""The spelling and the comparison of GTINs and serial numbers."""

from urllib.parse import unquote

import pytest

from tracepass_contract.mockserver.semantics.types.gs1 import (
    digital_link_uri,
    gtin14,
    gtin_is_acceptable,
    has_right_check_digit,
    is_gtin14,
    serial_identity,
    with_check_digit,
)
from tracepass_contract.mockserver.semantics.types.readings import GtinCheckDigit, Readings, SerialEquality

GTIN = "04012345000016"


def test_a_check_digit_makes_a_gtin_of_the_digits_before_it() -> None:
    assert with_check_digit("0401234500001") == GTIN
    assert has_right_check_digit(GTIN)
    assert not has_right_check_digit("04012345000017")
    assert not has_right_check_digit("no GTIN")
    assert not has_right_check_digit("00000000000000000")


def test_a_gtin_is_stored_in_fourteen_digits() -> None:
    assert gtin14("4012345000016") == gtin14(GTIN) == GTIN
    assert is_gtin14(GTIN)
    assert not is_gtin14("4012345000016")
    assert not is_gtin14("0401234500001x")


@pytest.mark.rule("items.serial-unique-per-gtin")
@pytest.mark.parametrize(
    ("equality", "alike"),
    [
        (SerialEquality.EXACT, set()),
        (SerialEquality.TRIMMED, {" a\u0308 "}),
        (SerialEquality.CASE_FOLDED, {"A\u0308"}),
        (SerialEquality.NFC, {"\u00e4"}),
    ],
)
def test_two_serial_numbers_are_the_same_as_the_reading_has_it(equality: SerialEquality, alike: set[str]) -> None:
    readings = Readings(serial_equality=equality)
    spellings = {" a\u0308 ", "A\u0308", "\u00e4"}

    same = {each for each in spellings if serial_identity(each, readings) == serial_identity("a\u0308", readings)}

    assert same == alike


def test_a_wrong_check_digit_is_taken_where_the_reading_does_not_look_at_it() -> None:
    wrong = "04012345000017"

    assert gtin_is_acceptable(wrong, Readings(gtin_check_digit=GtinCheckDigit.NOT_ENFORCED))
    assert not gtin_is_acceptable(wrong, Readings(gtin_check_digit=GtinCheckDigit.ENFORCED))


@pytest.mark.parametrize(
    ("serial", "segment"), [("A-1_b.c~d", "A-1_b.c~d"), ("a/b", "a%2Fb"), ("a b", "a%20b"), ("ä", "%C3%A4")]
)
def test_the_last_segment_of_a_digital_link_is_the_serial_number(serial: str, segment: str) -> None:
    uri = digital_link_uri(GTIN, serial)

    assert uri == f"https://id.tracepass.eu/p/01/{GTIN}/21/{segment}"
    assert unquote(uri.rpartition("/")[2]) == serial


@pytest.mark.parametrize(
    ("gtin", "right"),
    [("09506000134352", True), ("04012345000015", False), ("04012345000016", True), ("96385074", True), ("", False)],
)
def test_check_digits(gtin: str, right: bool) -> None:
    assert has_right_check_digit(gtin) is right
