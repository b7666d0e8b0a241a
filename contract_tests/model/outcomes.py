"""How a test ends when it neither passes nor finds a violation, and the violation itself."""

from collections.abc import Iterable


class Untested(Exception):
    """The check can't be made here; `missing` says what would make it possible."""

    def __init__(self, missing: str) -> None:
        super().__init__(missing)
        self.missing = missing


class NotApplicable(Exception):
    """The rule does not speak of this deployment; `because` says why."""

    def __init__(self, because: str) -> None:
        super().__init__(because)
        self.because = because


class Inconclusive(Exception):
    """The check was begun and came to nothing: the network, someone else's traffic, a state that did not come about."""

    def __init__(self, because: str, witnesses: Iterable[int] = ()) -> None:
        super().__init__(because)
        self.because = because
        self.witnesses = tuple(witnesses)


class BadDeployment(ValueError):
    """A deployment, or the file that describes it, can't be used; the message says what was expected and found."""


class Unreachable(Exception):
    """Nobody answers as the API does; the message says what happened."""


class Mismatch(AssertionError):
    """A deployment did what a rule forbids. `rule` is None where it is the rule of the test."""

    def __init__(self, expected: str, actual: str, witnesses: Iterable[int] = (), rule: str | None = None) -> None:
        self.expected, self.actual, self.witnesses, self.rule = expected, actual, tuple(witnesses), rule
        numbers = ", ".join(f"#{number}" for number in self.witnesses)
        super().__init__(f"expected {expected}; found {actual}" + (f" (exchanges {numbers})" if numbers else ""))
