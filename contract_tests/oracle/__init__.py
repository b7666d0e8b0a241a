"""The oracle: what a history says of the rules, by sets of worlds."""

from tracepass_contract.contract_tests.oracle.judge import judge

__all__ = ["judge"]
