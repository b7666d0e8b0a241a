"""How a test ends when it does not pass, and errors of a run."""

from collections.abc import Iterable


class Untested(Exception):
    """The target lacks something that the check needs: `missing`."""

    def __init__(self, missing: str) -> None:
        super().__init__(missing)
        self.missing = missing


class NotApplicable(Exception):
    """The rule is not about this deployment; `because` says why."""

    def __init__(self, because: str) -> None:
        super().__init__(because)
        self.because = because


class Inconclusive(Exception):
    """The check started without a result: a lost answer, traffic of others, or a state that could not be arranged."""

    def __init__(self, because: str, witnesses: Iterable[int] = ()) -> None:
        super().__init__(because)
        self.because = because
        self.witnesses = tuple(witnesses)


class BadDeployment(ValueError):
    """The run can't use a deployment, its file, or an option. The message says what is wrong and where."""


class Unreachable(Exception):
    """No API answers at the URL. The message says what happened."""


class Mismatch(AssertionError):
    """The deployment violates `rule`; None: the main rule of the test."""

    def __init__(self, expected: str, actual: str, witnesses: Iterable[int] = (), rule: str | None = None) -> None:
        self.expected, self.actual, self.witnesses, self.rule = expected, actual, tuple(witnesses), rule
        numbers = ", ".join(f"#{number}" for number in self.witnesses)
        super().__init__(f"expected {expected}; found {actual}" + (f" (exchanges {numbers})" if numbers else ""))
