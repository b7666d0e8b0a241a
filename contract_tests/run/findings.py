"""The findings of a test, from how it ended."""

from collections.abc import Sequence

from ..model.outcomes import Inconclusive, Mismatch, NotApplicable, Untested
from ..model.verdicts import Finding, Verdict

_LONG = 400


def findings_of(check: str, rules: Sequence[str], sentence: str, error: BaseException | None) -> Sequence[Finding]:
    """A finding for each rule of the test. A failure counts against one rule: the one that it names, or the first."""
    match error:
        case None:
            return [Finding(rule, Verdict.CONFORMS, check, sentence) for rule in rules]
        case Mismatch():
            wrong = error.rule or rules[0]
            return [
                Finding(
                    wrong,
                    Verdict.VIOLATES,
                    check,
                    f"expected {error.expected}, found {error.actual}",
                    expected=error.expected,
                    actual=error.actual,
                    witnesses=error.witnesses,
                    shows=sentence,
                )
            ]
        case AssertionError():
            message = _first_line(error)
            return [Finding(rules[0], Verdict.VIOLATES, check, message, actual=message, shows=sentence)]
        case Untested():
            return [Finding(rule, Verdict.UNTESTED, check, sentence, missing=error.missing) for rule in rules]
        case NotApplicable():
            return [Finding(rule, Verdict.NOT_APPLICABLE, check, error.because) for rule in rules]
        case Inconclusive():
            return [
                Finding(rule, Verdict.INCONCLUSIVE, check, error.because, witnesses=error.witnesses) for rule in rules
            ]
        case _:
            message = f"{type(error).__name__}: {_first_line(error)}"
            return [Finding(rule, Verdict.SUITE_ERROR, check, message) for rule in rules]


def _first_line(error: BaseException) -> str:
    lines = str(error).splitlines()
    return lines[0][:_LONG] if lines else ""
