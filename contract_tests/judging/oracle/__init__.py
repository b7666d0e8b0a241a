"""The oracle: what a history says of the rules, by sets of bookkeeping hypotheses."""

from .judge import judge

__all__ = ["judge"]
