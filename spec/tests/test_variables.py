"""Variables that were meant to be others."""

from tracepass_contract.spec import no_such_variables

KNOWN = {"APP_PORT", "APP_HOST"}


def test_a_name_that_is_near_is_suggested() -> None:
    found = list(no_such_variables("APP_", KNOWN, {"APP_PROT": "1", "APP_PORT": "1"}))

    assert found == ["APP_PROT: there is no such variable; did you mean APP_PORT?"]


def test_for_one_that_is_like_none_all_names_are_told() -> None:
    found = list(no_such_variables("APP_", KNOWN, {"APP_XYZ": "1"}))

    assert found == ["APP_XYZ: there is no such variable; the names are APP_HOST, APP_PORT"]


def test_empty_ones_and_those_of_others_are_nothing_to_us() -> None:
    assert not list(no_such_variables("APP_", KNOWN, {"APP_PROT": "", "APPLE": "1", "PATH": "/bin"}))
