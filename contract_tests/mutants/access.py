"""Faults of who may do what."""

from typing import Any

from tracepass_contract.contract_tests.mutants.mutant import Family
from tracepass_contract.mockserver.state import State
from tracepass_contract.mockserver.state.view import View

family = Family()


@family.around(State, "workspace_of", "AUT-02", rule="auth.bearer-required")
def lets_anybody_in(workspace_of: Any, self: Any, api_key: str) -> Any:
    """Any token opens the first workspace."""
    return workspace_of(self, api_key) or next(iter(self.workspaces.values()))


@family.around(View, "gtin_is_foreign", "AUT-05", rule="auth.workspaces-are-separate", severity="D", needs="T2")
def nobody_holds_a_gtin(_gtin_is_foreign: Any, _self: Any, _gtin: str) -> bool:
    """A GTIN that is registered to another workspace can be used."""
    return False
