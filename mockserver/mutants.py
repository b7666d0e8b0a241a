"""Mutants and conforming variants that are installed: the mock with one fault, or with one permitted difference.

The mock contains none of them. Packages register them under entry points: each is a function that returns them by id.
The conformance suite registers its own.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from importlib.metadata import entry_points
from typing import Any, Protocol

MUTANTS = "tracepass_mock.mutants"  # groups of entry points
VARIANTS = "tracepass_mock.variants"


class Changed(Protocol):
    """A mock that differs from the normal one."""

    @property
    def id(self) -> str: ...

    def in_force(self) -> AbstractContextManager[None]:
        """Change every mock of this process until the end of the block."""


class Mutant(Changed, Protocol):
    """One fault. `fault` describes it in a sentence; `rule` is the rule of spec/rules.yaml that it breaks.

    `severity` is M for a rule of the batch page, D for a rule of the vendor's other pages, N for general practice.
    `needs` are the capabilities that a test needs to see the fault.
    """

    @property
    def fault(self) -> str: ...
    @property
    def rule(self) -> str: ...
    @property
    def severity(self) -> str: ...
    @property
    def needs(self) -> str: ...


class Variant(Changed, Protocol):
    """One difference that no rule forbids. `what` describes it in a sentence; `because` says why it is legal."""

    @property
    def what(self) -> str: ...
    @property
    def because(self) -> str: ...


def installed_mutants() -> Mapping[str, Mutant]:
    """All mutants by id."""
    return _registered(MUTANTS)


def installed_variants() -> Mapping[str, Variant]:
    """All conforming variants by id."""
    return _registered(VARIANTS)


def _registered(group: str) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    for each in entry_points(group=group):
        found |= each.load()()
    return found
