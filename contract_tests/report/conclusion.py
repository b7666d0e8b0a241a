"""The result of a run: which rules count, the exit code, and the sentence at the end."""

from collections import Counter
from collections.abc import Collection, Sequence
from enum import IntEnum

from tracepass_contract.spec import Rule, rules

from ..model.verdicts import Observation, RunResult, Verdict

GAPS = (Verdict.INCONCLUSIVE, Verdict.UNTESTED, Verdict.PARTLY_TESTED)
_LEVELS = ("must", "doc", "norm")
_ORDER = (
    *(Verdict.SUITE_ERROR, Verdict.VIOLATES, Verdict.INCONCLUSIVE),
    *(Verdict.CONFORMS, Verdict.PARTLY_TESTED, Verdict.UNTESTED, Verdict.NOT_APPLICABLE),
)


class Exit(IntEnum):
    """The exit codes of `tracepass-check`."""

    CONFORMS = 0
    VIOLATES = 1
    USAGE = 2
    UNREACHABLE = 3
    UNPROVEN = 4
    SUITE_FAILED = 5


def rules_of(result: RunResult) -> Sequence[Rule]:
    """The rules that were selected or have a finding: those with trouble, those that conform, and then what was not
    tested. In each group by level, then as in the file.
    """
    selected = rules() if result.rules is None else result.rules
    ids = [*(rule for rule in rules() if rule in selected), *(f.rule for f in result.findings), *selected]
    known = [rules().get(rule) or _unknown(rule) for rule in dict.fromkeys(ids)]
    return sorted(known, key=lambda rule: (_ORDER.index(result.verdict_of(rule.id)), _LEVELS.index(rule.level)))


def is_warning(rule: Rule, verdict: Verdict) -> bool:
    """Whether the breach fails no run: the rule is general practice and not about security."""
    return verdict is Verdict.VIOLATES and rule.level == "norm" and not rule.security


def breaks_card(observation: Observation) -> bool:
    """Whether the card requires an answer that the deployment can't have."""
    return observation.required is not None and observation.required not in observation.answers


def exit_code(result: RunResult, accepted_untested: Collection[str] = ()) -> Exit:
    """0: conforms. 1: a rule or the card is violated. 4: a must-rule is not proven or accepted. 5: the suite failed.

    An interrupted run is 4: a check that did not run might have found something. A suite error is 5, whatever the level
    of the rule is, and can't be accepted: it is worse than a violation.
    """
    verdicts = [(rule, result.verdict_of(rule.id)) for rule in rules_of(result)]
    if result.failures or any(verdict is Verdict.SUITE_ERROR for _, verdict in verdicts):
        return Exit.SUITE_FAILED
    if any(verdict is Verdict.VIOLATES and not is_warning(rule, verdict) for rule, verdict in verdicts):
        return Exit.VIOLATES
    if any(map(breaks_card, result.observations)):
        return Exit.VIOLATES
    if result.is_interrupted or any(
        is_unproven(rule, verdict) and rule.id not in accepted_untested for rule, verdict in verdicts
    ):
        return Exit.UNPROVEN
    return Exit.CONFORMS


def is_unproven(rule: Rule, verdict: Verdict) -> bool:
    """Whether it is a must-rule that is inconclusive, untested or partly tested."""
    return rule.level == "must" and verdict in GAPS


def counts(result: RunResult) -> dict[Verdict, int]:
    """The number of rules with each verdict, worst first. A verdict without rules is 0."""
    found = Counter(result.verdict_of(rule.id) for rule in rules_of(result))
    return {verdict: found[verdict] for verdict in Verdict}


def conclusion(result: RunResult, accepted_untested: Collection[str] = ()) -> str:
    """The one sentence at the end."""
    found, code = counts(result), exit_code(result, accepted_untested)
    verdicts = [(rule, result.verdict_of(rule.id)) for rule in rules_of(result)]
    warnings = sum(is_warning(rule, verdict) for rule, verdict in verdicts)
    unproven = sum(is_unproven(rule, verdict) and rule.id not in accepted_untested for rule, verdict in verdicts)
    good, violated = found[Verdict.CONFORMS], found[Verdict.VIOLATES] - warnings
    broken = sum(map(breaks_card, result.observations))
    parts = [
        "the suite failed" if result.failures else "",
        f"the suite failed on {_many(found[Verdict.SUITE_ERROR], 'rule')}" if found[Verdict.SUITE_ERROR] else "",
        f"{_many(violated, 'rule')} {_is(violated)} violated" if violated else "",
        f"{_many(broken, 'reading')} {_is(broken)} not as the card requires" if broken else "",
        f"{_many(unproven, 'must-rule')} {_is(unproven)} not proven" if unproven else "",
        "some checks did not run" if result.is_interrupted else "",
        f"{good} of {_many(len(verdicts), 'rule')} {'conforms' if good == 1 else 'conform'}",
        f"{partly} {_is(partly)} partly tested" if (partly := found[Verdict.PARTLY_TESTED]) else "",
        f"{_many(warnings, 'warning')}" if warnings else "",
    ]
    said = ", ".join(filter(None, parts))
    conforms = "Conforms, as far as it was tested" if any(found[gap] for gap in GAPS) else "Conforms"
    verdict = {
        Exit.CONFORMS: conforms if good or partly else "Nothing was tested",
        Exit.VIOLATES: "Does not conform",
        Exit.UNPROVEN: "Not proven",
        Exit.SUITE_FAILED: "Does not conform" if violated or broken else "No verdict on the deployment",
    }[code]
    return f"{'Interrupted. ' if result.is_interrupted else ''}{verdict}: {said} (exit code {code})."


def _unknown(rule: str) -> Rule:
    return Rule(rule, "This version does not have this rule.", "must", "none")


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _is(count: int) -> str:
    return "is" if count == 1 else "are"
