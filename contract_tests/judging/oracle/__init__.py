"""The oracle: what a history says of the rules, by sets of worlds."""

from .judge import judge

__all__ = ["judge"]
