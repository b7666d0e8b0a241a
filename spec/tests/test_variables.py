"""Misspelled environment variables get a suggestion."""

from tracepass_contract.spec import no_such_variables

KNOWN = {"APP_PORT", "APP_HOST"}


def test_a_similar_name_is_suggested() -> None:
    found = list(no_such_variables("APP_", KNOWN, {"APP_PROT": "1", "APP_PORT": "1"}))

    assert found == ['unknown environment variable "APP_PROT". Did you mean "APP_PORT"?']


def test_without_a_similar_name_all_names_are_listed() -> None:
    found = list(no_such_variables("APP_", KNOWN, {"APP_XYZ": "1"}))

    assert found == ['unknown environment variable "APP_XYZ". The variables are APP_HOST, APP_PORT.']


def test_empty_variables_and_variables_without_the_prefix_are_ignored() -> None:
    assert not list(no_such_variables("APP_", KNOWN, {"APP_PROT": "", "APPLE": "1", "PATH": "/bin"}))
