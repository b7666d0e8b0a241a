"""Faults of who may do what."""

from typing import Any

from tracepass_contract.contract_tests.mutants.mutant import Family
from tracepass_contract.mockserver.state import State

family = Family()


@family.around(State, "workspace_of", "AUT-02", rule="auth.bearer-required")
def lets_anybody_in(workspace_of: Any, self: Any, api_key: str) -> Any:
    """Any token opens the first workspace."""
    return workspace_of(self, api_key) or next(iter(self.workspaces.values()))


@family.around(State, "hold_gtin", "AUT-05", rule="auth.workspaces-are-separate", severity="D", needs="T2")
def nobody_holds_a_gtin(_hold_gtin: Any, _self: Any, _workspace: Any, _gtin: str) -> None:
    """A GTIN that is registered to another workspace can be used."""
