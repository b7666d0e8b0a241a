"""The rules: spec/rules.yaml."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from .files import load


@dataclass(frozen=True, slots=True)
class Rule:
    """One normative sentence. `needs` lists the capabilities that a test of the rule requires (see rules.yaml)."""

    id: str
    sentence: str
    level: Literal["must", "doc", "norm"]
    source: str
    needs: Sequence[str] = ()
    security: bool = False

    @property
    def family(self) -> str:
        return self.id.partition(".")[0]


@cache
def rules() -> Mapping[str, Rule]:
    """Every rule by its id, in the order of the file."""
    return {entry["id"]: Rule(**entry) for entry in load("rules.yaml")["rules"]}


def precedence() -> Sequence[str]:
    """The checks of a call, in the order in which they run. Each one has the id of its rule."""
    return list(load("rules.yaml")["precedence"])
