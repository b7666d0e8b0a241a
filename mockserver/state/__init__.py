"""The state: balances, passports, stored answers. A call changes it only through `State.commit`."""

from .state import State
from .stored_answers import Sent
from .workspace import Workspace

__all__ = ["Sent", "State", "Workspace"]
