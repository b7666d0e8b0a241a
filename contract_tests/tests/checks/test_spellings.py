"""The serial numbers of the checks of spellings are in the domain that they are meant for, and no two are equal."""

import re

import pytest

from tracepass_contract.contract_tests.checks.spellings import GS1, OF_ANY_TEXT, serials_of

RUN = "ABCDEFGH"
OF_GS1 = re.compile(r"[!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z]{1,20}")


def test_serial_numbers_of_gs1_are_in_every_domain() -> None:
    serials = [serial for each in serials_of(GS1, RUN) for serial in each.all]

    assert [serial for serial in serials if not OF_GS1.fullmatch(serial)] == []


@pytest.mark.parametrize("group", OF_ANY_TEXT)
def test_any_other_text_has_1_to_100_characters(group: str) -> None:
    assert max(len(serial) for each in serials_of(group, RUN) for serial in each.all) <= 100


def test_no_two_are_equal() -> None:
    """All of them may be sent to one workspace."""
    groups = [serials_of(group, RUN, start=start) for group in (GS1, *OF_ANY_TEXT) for start in (0, 300)]
    serials = [serial for group in groups for each in group for serial in each.all]

    assert len(set(serials)) == len(serials)
