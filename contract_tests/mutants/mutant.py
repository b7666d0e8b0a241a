"""What a mutant is: a fault, the rule that it breaks, and a few lines around one named function."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from tracepass_contract.mockserver.app import Mock
from tracepass_contract.mockserver.http.middleware import CallOperation

Instead = Callable[..., Any]


class Broken(Exception):
    """What a fault raises that breaks the server. Any other exception in a mutant is a mistake of the mutant."""


class Severity(StrEnum):
    """What a fault breaks."""

    PAGE = "M"  # a sentence of the batch page
    SIBLING = "D"  # the documentation of a sibling
    NORM = "N"  # a general norm


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault.

    `rule` is the rule that a check must name for a kill, or one of `also`. `needs` are the capabilities without which
    nobody sees it, in the letters of spec/rules.yaml; `profiles` are the readings under which it is tried, `hidden_by`
    the answers (`reading=answer`) and odd servers under which nobody could tell it from a server that conforms. `where`
    holds `name`, the function that the mock looks up there; `instead` is given the original, and then what the
    original would have been given.
    """

    id: str
    fault: str
    rule: str
    also: Sequence[str]
    profiles: Sequence[Mapping[str, str]]
    severity: Severity
    needs: str
    where: Any
    name: str
    instead: Instead
    hidden_by: Sequence[str] = ()

    @contextmanager
    def in_force(self) -> Iterator[None]:
        """In this process, until the end of the block, every mock has the fault."""
        original = getattr(self.where, self.name)

        def wrong(*args: Any, **kwargs: Any) -> Any:
            return self.instead(original, *args, **kwargs)

        async def application(app: Any, scope: Any, receive: Any, send: Any) -> None:  # as the server knows one
            await self.instead(original, app, scope, receive, send)

        setattr(self.where, self.name, application if original is Mock.__call__ else wrong)
        try:
            yield
        finally:
            setattr(self.where, self.name, original)


class Family:
    """The mutants of one module, in the order in which they stand there."""

    def __init__(self, *profiles: str) -> None:
        """`profiles`, beside the default: readings, apart by spaces, under which the code of the mock is another."""
        self._profiles = profiles
        self._mutants: list[Mutant] = []

    @property
    def mutants(self) -> Sequence[Mutant]:
        return self._mutants

    def around(
        self,
        where: Any,
        name: str,
        mutant: str,
        *,
        rule: str,
        severity: str = "M",
        needs: str = "",
        profiles: Sequence[str] | None = None,
        only_under: Sequence[str] = (),
        hidden_by: str = "",
    ) -> Callable[[Instead], Instead]:
        """The decorated function takes the place of `where.name`. Its docstring is the fault, in one sentence.

        `rule` is the rule that it breaks; others that a check may name as well stand behind it. `profiles` are those
        of the family where they are not given; a fault that nobody sees under the default is tried `only_under` others.
        `hidden_by` are answers and odd servers, apart by spaces.
        """
        cards = [*map(_card, only_under or ("", *(self._profiles if profiles is None else profiles)))]

        def enter(instead: Instead) -> Instead:
            fault = " ".join((instead.__doc__ or "").split())
            first, *also = rule.split()
            entry = Mutant(mutant, fault, first, tuple(also), cards, Severity(severity), needs, where, name, instead)
            self._mutants.append(replace(entry, hidden_by=tuple(hidden_by.split())))
            return instead

        return enter


def _card(profile: str) -> Mapping[str, str]:
    return dict(each.split("=") for each in profile.split())


def handled_by(operation: Any, handle: Any) -> Any:
    """A copy, so that the operation itself stays as it is."""
    other = object.__new__(CallOperation)
    other.__dict__.update(operation.__dict__, _handler=handle)
    return other
