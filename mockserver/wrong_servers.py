"""Wrong servers: the mock with one fault, so that tests can be graded by what they find.

The mock knows none of them. Packages bring them along, under the entry points of one group: each is a function that
gives wrong servers by their ids. Those of the conformance suite are among them where it is installed.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from importlib.metadata import entry_points
from typing import Protocol

GROUP = "tracepass_mock.mutants"
VARIANTS = "tracepass_mock.variants"  # servers that conform, and are different where they may be


class WrongServer(Protocol):
    """One fault: `fault` says in a sentence what is wrong, `rule` is the rule of spec/rules.yaml that it breaks.

    `severity` is M for a sentence of the batch page, D for the documentation of a sibling, N for a general norm;
    `needs` are the capabilities without which nobody sees it.
    """

    @property
    def id(self) -> str: ...
    @property
    def fault(self) -> str: ...
    @property
    def rule(self) -> str: ...
    @property
    def severity(self) -> str: ...
    @property
    def needs(self) -> str: ...

    def in_force(self) -> AbstractContextManager[None]:
        """Until the end of the block, every mock of this process has the fault."""


class VariantServer(Protocol):
    """One difference that no rule forbids: `what` says in a sentence which, `because` why it is legal."""

    @property
    def id(self) -> str: ...
    @property
    def what(self) -> str: ...
    @property
    def because(self) -> str: ...

    def in_force(self) -> AbstractContextManager[None]:
        """Until the end of the block, every mock of this process has the difference."""


def conforming_variants() -> Mapping[str, VariantServer]:
    """All that are installed, by id."""
    found: dict[str, VariantServer] = {}
    for each in entry_points(group=VARIANTS):
        found |= each.load()()
    return found


def wrong_servers() -> Mapping[str, WrongServer]:
    """All that are installed, by id."""
    found: dict[str, WrongServer] = {}
    for each in entry_points(group=GROUP):
        found |= each.load()()
    return found
