"""The findings of a test, from how it ended."""

from collections.abc import Mapping
from dataclasses import replace

from ..model.outcomes import Inconclusive, Mismatch, NotApplicable, Untested
from ..model.verdicts import Finding, Role, Verdict

_LONG = 400
Roles = Mapping[str, Role]  # of a test for each of its rules; the first rule is the main one


def findings_of(check: str, roles: Roles, sentence: str, error: BaseException | None) -> list[Finding]:
    """A finding for each rule of the test. A failure counts against one rule: the one that it names, or the first. The
    test ended there, so it did not check its other rules.
    """
    found = _outcome(check, sentence, error)
    if found.verdict is not Verdict.VIOLATES:
        return [replace(found, rule=rule, role=role) for rule, role in roles.items()]
    wrong = found.rule or next(iter(roles))
    unseen = Finding("", Verdict.UNTESTED, check, sentence, missing=f"a deployment that conforms to {wrong}")
    violation = replace(found, rule=wrong, role=roles.get(wrong, Role.ADDS))
    return [violation, *(replace(unseen, rule=rule, role=role) for rule, role in roles.items() if rule != wrong)]


def _outcome(check: str, sentence: str, error: BaseException | None) -> Finding:
    """The finding. Only a failure that names a rule has one."""
    match error:
        case None:
            return Finding("", Verdict.CONFORMS, check, sentence)
        case Mismatch():
            return Finding(
                error.rule or "",
                Verdict.VIOLATES,
                check,
                f"expected {error.expected}, found {error.actual}",
                expected=error.expected,
                actual=error.actual,
                witnesses=error.witnesses,
                shows=sentence,
            )
        case AssertionError():
            message = _first_line(error)
            return Finding("", Verdict.VIOLATES, check, message, actual=message, shows=sentence)
        case Untested():
            return Finding("", Verdict.UNTESTED, check, sentence, missing=error.missing)
        case NotApplicable():
            return Finding("", Verdict.NOT_APPLICABLE, check, error.because)
        case Inconclusive():
            return Finding("", Verdict.INCONCLUSIVE, check, error.because, witnesses=error.witnesses)
        case _:
            return Finding("", Verdict.SUITE_ERROR, check, f"{type(error).__name__}: {_first_line(error)}")


def _first_line(error: BaseException) -> str:
    lines = str(error).splitlines()
    return lines[0][:_LONG] if lines else ""
