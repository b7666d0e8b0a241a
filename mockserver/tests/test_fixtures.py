"""The fixtures, and the errors in a file of accounts."""

import json
from pathlib import Path
from typing import Any

import pytest

from tracepass_contract.fixtures import FixtureError, accounts, golden, load_accounts
from tracepass_contract.mockserver.semantics.types.gs1 import has_right_check_digit
from tracepass_contract.spec import UnreadableFile

GOOD: dict[str, Any] = {
    "name": "mine",
    "about": "x",
    "api_key": "tp_mine",
    "plan": "free",
    "product_id": "6650a1b2c3d4e5f6a7b8c9d0",
    "gtin": "09506000140018",
}


def load(tmp_path: Path, *entries: Any) -> Any:
    """Load a seed file with these accounts. Every JSON file is a YAML file."""
    path = tmp_path / "accounts.yaml"
    path.write_text(json.dumps({"accounts": entries}), encoding="utf-8")
    return load_accounts(path)


def test_every_account_is_apart_from_the_others() -> None:
    for values in (
        [account.name for account in accounts()],
        [key for account in accounts() for key in (account.api_key, *account.more_api_keys)],
        [account.product_id for account in accounts()],
        [account.gtin for account in accounts()],
    ):
        assert len(set(values)) == len(values)


def test_every_gtin_but_that_of_the_documentation_has_its_check_digit() -> None:
    """The vendor's sample should end in 6, and must work as it is."""
    wrong = [account.name for account in accounts() if not has_right_check_digit(account.gtin)]

    assert wrong == ["page_sample"]


def test_keys_contain_the_name_of_the_account() -> None:
    assert {account.name: account.api_key for account in accounts()[1:]} == {
        account.name: f"tp_mock_{account.name}" for account in accounts()[1:]
    }


def test_an_account_of_few_words_starts_from_zero(tmp_path: Path) -> None:
    [account] = load(tmp_path, GOOD)

    assert (account.writes_used, account.passports_used) == (0, 0)
    assert (account.serial_numbers, account.more_api_keys, account.limits) == ((), (), {})
    assert account.subscription_active


def test_a_whole_number_may_be_written_with_a_point(tmp_path: Path) -> None:
    (account,) = load(tmp_path, {**GOOD, "writes_per_day": 100.0, "writes_used": 2.0})

    assert (repr(account.limits["writes_per_day"]), repr(account.writes_used)) == ("100", "2")


def test_a_limit_of_null_is_not_a_limit_left_out(tmp_path: Path) -> None:
    [account] = load(tmp_path, GOOD | {"writes_per_day": None, "overage_price_cents": 7})

    assert account.limits == {"writes_per_day": None, "overage_price_cents": 7}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"gtin": 9506000140018}, "accounts/0/gtin: expected text (numbers go in quotes), found 9506000140018"),
        ({"gtin": "1"}, 'accounts/0/gtin: expected text that matches ^[0-9]{14}$, found "1"'),
        ({"writes_per_day": "x"}, 'accounts/0/writes_per_day: expected null or a whole number, found "x"'),
        ({"plan": "gold"}, "accounts/0/plan: expected one of free, basic,"),
        ({"writes_used": -1}, "accounts/0/writes_used: -1 is less than the minimum"),
        ({"serial_numbers": "A" * 90}, f'accounts/0/serial_numbers: expected a list, found "{"A" * 59}…'),
        ({"write_used": 1}, 'accounts/0: unknown member "write_used". Did you mean "writes_used"?'),
        ({"zzz": 1}, 'accounts/0: unknown member "zzz". The members are name, about'),
    ],
)
def test_the_error_of_a_malformed_account_says_where_and_what(
    tmp_path: Path, change: dict[str, Any], says: str
) -> None:
    with pytest.raises(FixtureError) as caught:
        load(tmp_path, GOOD | change)

    assert str(caught.value).startswith(f"{tmp_path / 'accounts.yaml'}: accounts/0")
    assert says in str(caught.value)


def test_a_mistyped_member_comes_before_the_missing_one(tmp_path: Path) -> None:
    mistyped = {("pln" if name == "plan" else name): value for name, value in GOOD.items()}

    with pytest.raises(FixtureError, match=r'unknown member "pln"\. Did you mean "plan"'):
        load(tmp_path, mistyped)


def test_a_missing_member_is_named(tmp_path: Path) -> None:
    with pytest.raises(FixtureError, match='accounts/0: the member "plan" is missing'):
        load(tmp_path, {name: value for name, value in GOOD.items() if name != "plan"})


@pytest.mark.parametrize(
    ("other", "says"),
    [
        ({"name": "other"}, "api_key: tp_mine occurs more than once"),
        ({"api_key": "tp_other"}, "name: mine occurs more than once"),
        (
            {"name": "other", "api_key": "tp_other", "more_api_keys": ["tp_mine"]},
            "api_key: tp_mine occurs more than once",
        ),
    ],
)
def test_no_two_accounts_share_a_name_or_a_key(tmp_path: Path, other: dict[str, Any], says: str) -> None:
    with pytest.raises(FixtureError, match=says):
        load(tmp_path, GOOD, GOOD | other)


@pytest.mark.parametrize(
    ("content", "says"),
    [("", "the file: expected a mapping, found null"), ("a: [", "invalid YAML: "), ("- 1", "found [1]")],
)
def test_a_file_of_another_kind_is_refused(tmp_path: Path, content: str, says: str) -> None:
    path = tmp_path / "accounts.yaml"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(UnreadableFile) as caught:
        load_accounts(path)

    assert says in str(caught.value)


def test_every_way_to_be_refused_by_default_has_its_exchange() -> None:
    assert {exchange.response.status for exchange in golden()} >= {200, 400, 401, 402, 422, 429}
