"""The rules: spec/rules.yaml."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from .files import load


@dataclass(frozen=True, slots=True)
class Rule:
    """One normative sentence. `needs` are the capabilities without which it can't be tested (see rules.yaml)."""

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
    """The gates of a call in the order in which they are asked; each is named by a rule."""
    return list(load("rules.yaml")["precedence"])
