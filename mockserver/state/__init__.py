"""The books: balances, passports, stored answers. `State.commit` is the only thing that changes them for a call."""

from tracepass_contract.mockserver.state.state import State
from tracepass_contract.mockserver.state.stored_answers import Sent
from tracepass_contract.mockserver.state.workspace import Workspace

__all__ = ["Sent", "State", "Workspace"]
