"""The accounts at start are in the situations that their names say."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tracepass_contract.fixtures import AccountFixture, accounts
from tracepass_contract.mockserver.seeding import seed
from tracepass_contract.mockserver.semantics.types.accounts import Account
from tracepass_contract.mockserver.semantics.types.readings import Readings, SerialEquality
from tracepass_contract.mockserver.state import State, Workspace
from tracepass_contract.mockserver.state.clock import FrozenClock
from tracepass_contract.mockserver.tests.client import NOON

BY_NAME = {account.name: account for account in accounts()}


def seeded(account: AccountFixture, readings: Readings | None = None) -> tuple[State, Workspace]:
    state = State(FrozenClock(NOON))
    seed(state, [account], readings or Readings())
    return state, state.workspaces[account.name]


def balances(name: str) -> Account:
    state, workspace = seeded(BY_NAME[name])
    return state.view(workspace, NOON).account


@pytest.mark.parametrize(
    ("name", "writes_left", "passports_left", "sells_overage"),
    [
        ("page_sample", 500, 299, True),
        ("free", 100, 3, False),
        ("one_write_left", 1, None, False),
        ("budget_spent", 0, None, False),
        ("one_slot_left", None, 1, True),
        ("quota_full", None, 0, True),
        ("quota_full_no_overage", 100, 0, False),
        ("lapsed", None, 300, True),
        ("unlimited", None, None, False),
        ("other_workspace", 500, 300, True),
    ],
)
def test_each_account_has_what_its_name_says(
    name: str, writes_left: int | None, passports_left: int | None, sells_overage: bool
) -> None:
    account = balances(name)

    assert (account.writes_left, account.passports_left) == (writes_left, passports_left)
    assert account.plan.sells_overage is sells_overage
    assert account.subscription_active is (name != "lapsed")


def test_an_account_has_its_keys_its_product_its_gtin_and_its_passports() -> None:
    fixture = replace(BY_NAME["page_sample"], more_api_keys=("tp_second",))
    state, workspace = seeded(fixture)
    view = state.view(workspace, NOON)

    assert {state.workspace_of(key) for key in (fixture.api_key, "tp_second")} == {workspace}
    assert view.has_product("6650a1b2c3d4e5f6a7b8c9d0")
    assert view.existing_pairs([("04012345000015", "BP-48V-100-000002")])
    assert not view.gtin_is_foreign("04012345000015")
    assert [passport.serial_number for passport in workspace.passports.values()] == ["BP-48V-100-000002"]


def test_seeded_passports_count_among_those_used() -> None:
    """The account has two passports. At least two are used, whether the file says none or five."""
    two = replace(BY_NAME["free"], serial_numbers=("a", "b"))

    assert seeded(two)[1].passports_used == 2
    assert seeded(replace(two, passports_used=5))[1].passports_used == 5


def test_seeded_serials_are_compared_as_the_readings_have_it() -> None:
    upper = replace(BY_NAME["free"], serial_numbers=("A-1",))
    state, workspace = seeded(upper, Readings(serial_equality=SerialEquality.CASE_FOLDED))

    assert state.view(workspace, NOON).existing_pairs([(upper.gtin, "a-1")])


def test_the_writes_used_are_those_of_the_first_day() -> None:
    state, workspace = seeded(BY_NAME["budget_spent"])

    assert state.view(workspace, NOON + timedelta(hours=12)).account.writes_left == 100


def test_the_first_account_with_a_gtin_has_it() -> None:
    state = State(FrozenClock(NOON))
    shared = replace(BY_NAME["other_workspace"], gtin=BY_NAME["free"].gtin)

    seed(state, [BY_NAME["free"], shared], Readings())

    assert state.view(state.workspaces["other_workspace"], NOON).gtin_is_foreign(shared.gtin)
    assert not state.view(state.workspaces["free"], NOON).gtin_is_foreign(shared.gtin)
