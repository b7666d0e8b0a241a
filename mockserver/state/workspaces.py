"""Creates isolated workspaces with a key, a product and a GTIN.

They are deterministic: the nth workspace of a server always has the same id, key, product and GTIN. Replicas give
different ones.
"""

from dataclasses import asdict, dataclass
from datetime import datetime

from ..semantics.types.accounts import Plan
from ..semantics.types.records import Product
from .state import State
from .workspace import Workspace


@dataclass(frozen=True, slots=True)
class Balances:
    """What a new workspace has used."""

    writes_used: int = 0
    passports_used: int = 0
    reads_used: int = 0


def create_workspace(state: State, plan: Plan, used: Balances) -> tuple[Workspace, str]:
    """A new workspace and its first key."""
    state.workspaces_created += 1
    while _is_taken(state, state.workspaces_created):
        state.workspaces_created += 1
    number = state.workspaces_created
    workspace = state.add_workspace(state.replica.workspace_id(number), plan)
    workspace.gtin = state.replica.gtin(number)
    workspace.product_id = f"{0x6650A1B2 << 64 | state.replica.number_of_all(number):024x}"
    now = workspace.clock.now()
    state.put_product(workspace, starting_product(workspace.product_id, now))
    state.hold_gtin(workspace, workspace.gtin)
    state.set_balances(workspace, **asdict(used), now=now)
    return workspace, add_key(state, workspace)


def _is_taken(state: State, number: int) -> bool:
    """Whether an account of a seed file has this name or GTIN."""
    gtin = state.replica.gtin(number)
    is_held = gtin in state.gtin_holders or state.replica.gtin_is_elsewhere(gtin)
    return is_held or state.replica.workspace_id(number) in state.workspaces


def starting_product(product_id: str, now: datetime) -> Product:
    """The product that a workspace starts with."""
    return Product(product_id, "Battery pack 48 V", "BP-48V-100", "battery", now, now)


def add_key(state: State, workspace: Workspace) -> str:
    """A new key of a workspace: the next that no workspace has."""
    workspace.keys_given += 1
    while state.has_api_key(api_key := f"tp_mock_{workspace.id}_{workspace.keys_given}"):
        workspace.keys_given += 1
    state.add_api_key(workspace, api_key)
    return api_key
