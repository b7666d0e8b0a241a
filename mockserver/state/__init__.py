"""The books: balances, passports, stored answers. `State.commit` is the only thing that changes them for a call."""

from .state import State
from .stored_answers import Sent
from .workspace import Workspace

__all__ = ["Sent", "State", "Workspace"]
