"""Fills the state with accounts."""

from collections.abc import Sequence
from dataclasses import replace

from tracepass_contract.fixtures import AccountFixture

from .semantics.types.accounts import PLANS
from .semantics.types.answers import NewPassport
from .semantics.types.gs1 import gtin14, serial_identity
from .semantics.types.readings import Readings
from .state import State
from .state.replica import Replica
from .state.workspaces import starting_product


def replica_with(name: str, names: Sequence[str], accounts: Sequence[AccountFixture]) -> Replica:
    """The replica of this name among these. Raises `ValueError` for an account of a replica that is not among them."""
    elsewhere: dict[str, str] = {}
    for account in accounts:
        home = account.replica or names[0]
        if home not in names:
            raise ValueError(f'the account {account.name} belongs to the replica "{home}", which is not one of them')
        if home != name:
            gtin = gtin14(account.gtin)
            elsewhere |= dict.fromkeys((account.name, account.api_key, *account.more_api_keys, gtin), home)
    return Replica(name, tuple(names), elsewhere)


def accounts_of(replica: Replica, accounts: Sequence[AccountFixture]) -> Sequence[AccountFixture]:
    """The seeded accounts that this replica has."""
    return [account for account in accounts if account.api_key not in replica.elsewhere]


def seed(state: State, accounts: Sequence[AccountFixture], readings: Readings) -> None:
    """Add each account of this replica as a workspace: its keys, product, GTIN, passports and balances."""
    for account in accounts_of(state.replica, accounts):
        plan = replace(PLANS[account.plan], **account.limits)  # type: ignore[arg-type]
        workspace = state.add_workspace(account.name, plan, subscription_active=account.subscription_active)
        now = workspace.clock.now()
        today = now.replace(
            hour=0, minute=0, second=0, microsecond=0
        )  # a reset on the same day then equals a fresh start
        for api_key in (account.api_key, *account.more_api_keys):
            state.add_api_key(workspace, api_key)
        workspace.product_id, workspace.gtin = account.product_id, gtin14(account.gtin)
        state.put_product(workspace, starting_product(account.product_id, today))
        gtin = workspace.gtin
        state.hold_gtin(workspace, gtin)
        passports = [
            NewPassport(
                passport_id,
                account.product_id,
                gtin,
                serial,
                serial_identity(serial, readings),
                None,
                today,
            )
            for passport_id, serial in zip(
                workspace.passport_ids(len(account.serial_numbers)), account.serial_numbers, strict=True
            )
        ]
        state.add_passports(workspace, passports)
        used = max(account.passports_used, len(passports))
        taken = {"writes_used": account.writes_used, "reads_used": account.reads_used}
        state.set_balances(workspace, **taken, passports_used=used, now=now)
