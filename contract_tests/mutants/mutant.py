"""A mutant: a fault, the rule that it violates, and a few lines around one named function."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from tracepass_contract.mockserver.app import Mock
from tracepass_contract.mockserver.http.middleware import CallOperation

Instead = Callable[..., Any]


class Broken(Exception):
    """A fault raises it to break the server. Any other exception in a mutant is a mistake of the mutant."""


class Severity(StrEnum):
    """The source of the rule that a fault violates."""

    PAGE = "M"  # the batch page
    SIBLING = "D"  # another page of the vendor
    NORM = "N"  # general practice


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault.

    A check kills the mutant when it reports `rule` or one of `also`. `needs` are the capabilities that a check needs to
    see the fault, as codes of spec/rules.yaml. `profiles` are the readings under which it runs. `hidden_by` are answers
    (`reading=answer`) and variants under which it can't be told from a conforming server. The mock looks up the
    function `name` in `where`; `instead` gets the original and its arguments.
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
        """Until the end of the block, every mock in this process has the fault."""
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
    """The mutants of one module, in their order."""

    def __init__(self, *profiles: str) -> None:
        """`profiles`: readings other than the default, separated by spaces, under which the mock runs other code."""
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
        """The decorated function replaces `where.name`. Its docstring is the fault, in one sentence.

        `rule` is the violated rule, followed by others that a check may report. `profiles` are by default those of the
        family. A fault that does not show under the default runs `only_under` other readings. `hidden_by` are answers
        and variants, separated by spaces.
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
    """A copy of the operation with another handler."""
    other = object.__new__(CallOperation)
    other.__dict__.update(operation.__dict__, _handler=handle)
    return other
