"""Faults of authentication and of the separation of workspaces."""

from typing import Any

from starlette.exceptions import HTTPException

from tracepass_contract.fixtures import accounts
from tracepass_contract.mockserver.http.call import security
from tracepass_contract.mockserver.semantics.checks.items import JudgedItems
from tracepass_contract.mockserver.semantics.checks.refusals import GTIN_FOREIGN
from tracepass_contract.mockserver.state import State
from tracepass_contract.mockserver.state.view import View

from ..mutant import Family

family = Family()


@family.around(State, "workspace_of", "AUT-02", rule="auth.bearer-required")
def lets_anybody_in(workspace_of: Any, self: Any, api_key: str) -> Any:
    """Any token gives access to the first workspace."""
    return workspace_of(self, api_key) or next(iter(self.workspaces.values()))


@family.around(View, "gtin_is_foreign", "AUT-05", rule="auth.workspaces-are-separate", severity="D", needs="T2")
def nobody_holds_a_gtin(_gtin_is_foreign: Any, _self: Any, _gtin: str) -> bool:
    """A GTIN that is registered to another workspace can be used."""
    return False


@family.around(security, "_refuse_without_token", "AUT-01", rule="auth.bearer-required")
def asks_for_no_key(refuse: Any, headers: Any) -> Any:
    """A call without a key has access to the first workspace."""
    missing = not any(name == b"authorization" for name, _ in headers)
    return accounts()[0].api_key if missing else refuse(headers)


@family.around(State, "view", "AUT-04", rule="auth.workspaces-are-separate", severity="D", needs="T2")
def shares_the_products(_view: Any, self: Any, workspace: Any, now: Any) -> Any:
    """The products of all workspaces can be used."""

    class OfAll(View):
        __slots__ = ()

        def has_product(self, product_id: str) -> bool:
            return any(product_id in each.products for each in workspaces)

    workspaces = list(self.workspaces.values())
    return OfAll(workspace, self.gtin_holders, now)


@family.around(
    JudgedItems,
    "_failure",
    "AUT-06",
    rule="auth.workspaces-are-separate",
    hidden_by="items.foreign-gtin=whole-404 items.foreign-gtin=whole-409 CV-04",
    severity="N",
    needs="T2",
)
def says_whose_it_is(failure: Any, self: Any, index: Any, item: Any, pair: Any, claimed: Any) -> Any:
    """The error for a GTIN of another workspace names that workspace."""
    failed = failure(self, index, item, pair, claimed)
    holder = self._state._gtin_holders.get(pair[0])
    foreign = failed is not None and failed.error == GTIN_FOREIGN
    return failed._replace(error=f"{GTIN_FOREIGN}, {holder}") if foreign else failed


@family.around(
    State,
    "commit",
    "AUT-07",
    rule="auth.workspaces-are-separate budget.counts-every-item",
    severity="N",
    needs="WT2",
)
def charges_another(commit: Any, self: Any, workspace: Any, decision: Any, sent: Any, now: Any) -> None:
    """The writes of a workspace are taken from the budget of the newest other workspace."""
    used, day = workspace.writes_used_on(now.date()), now.date()
    commit(self, workspace, decision, sent, now)
    others = [each for each in self.workspaces.values() if each is not workspace]
    if decision.effects.writes and others:
        workspace.writes_used = used
        others[-1].writes_used = others[-1].writes_used_on(day) + decision.effects.writes
        others[-1].writes_day = day


@family.around(security.AuthorisedOperation, "__call__", "AUT-09", rule="auth.bearer-required", severity="N")
async def looks_at_the_key_first(call: Any, self: Any, scope: Any, receive: Any, send: Any) -> None:
    """A call without a valid API key learns whether an idempotency key is in use."""
    try:
        await call(self, scope, receive, send)
    except HTTPException as error:
        key = dict(scope["headers"]).get(b"idempotency-key", b"").decode("latin-1")
        names = [name for each in self._state.workspaces.values() for name, _ in each.answers.items()]
        if error.status_code == 401 and key and any(name[-1] == key for name in names):
            raise HTTPException(409, "this key was used before") from None
        raise
