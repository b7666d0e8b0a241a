"""What a run comes to: which rules count, the exit code, and the one sentence that says it."""

from collections import Counter
from collections.abc import Collection, Sequence

from tracepass_contract.spec import Rule, rules

from ..model.verdicts import Observation, RunResult, Verdict

CONFORMS, VIOLATES, UNPROVEN = 0, 1, 4
_LEVELS = ("must", "doc", "norm")


def rules_of(result: RunResult) -> Sequence[Rule]:
    """The rules that were asked for or found out about, worst first; within a verdict by level, then as in the file."""
    selected = rules() if result.rules is None else result.rules
    ids = [*(rule for rule in rules() if rule in selected), *(f.rule for f in result.findings), *selected]
    known = [rules().get(rule) or _unknown(rule) for rule in dict.fromkeys(ids)]
    return sorted(known, key=lambda rule: (result.verdict_of(rule.id).badness, _LEVELS.index(rule.level)))


def is_warning(rule: Rule, verdict: Verdict) -> bool:
    """A breach of general practice that fails no run. A security rule is never only that."""
    return verdict is Verdict.VIOLATES and rule.level == "norm" and not rule.security


def breaks_card(observation: Observation) -> bool:
    """The card asked for an answer that can't be the deployment's."""
    return observation.required is not None and observation.required not in observation.answers


def exit_code(result: RunResult, accepted_untested: Collection[str] = ()) -> int:
    """0 conforms; 1 a rule or the card is violated; 4 a must-rule is untested or inconclusive, unless accepted by id.

    It is 4 for a run that was broken off, too: a check that was not made might have found something.

    A suite error is 1: among the verdicts it is worse than a violation, so it must not end a run more mildly. The level
    of the rule does not matter for it, and it can't be accepted.
    """
    verdicts = [(rule, result.verdict_of(rule.id)) for rule in rules_of(result)]
    if any(verdict is Verdict.SUITE_ERROR for _, verdict in verdicts):
        return VIOLATES
    if any(verdict is Verdict.VIOLATES and not is_warning(rule, verdict) for rule, verdict in verdicts):
        return VIOLATES
    if any(map(breaks_card, result.observations)):
        return VIOLATES
    if result.is_interrupted or any(
        is_unproven(rule, verdict) and rule.id not in accepted_untested for rule, verdict in verdicts
    ):
        return UNPROVEN
    return CONFORMS


def is_unproven(rule: Rule, verdict: Verdict) -> bool:
    return rule.level == "must" and verdict in {Verdict.UNTESTED, Verdict.INCONCLUSIVE}


def counts(result: RunResult) -> dict[Verdict, int]:
    """How many rules have each verdict, worst first; a verdict that no rule has is 0."""
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
        f"the suite itself failed at {_many(found[Verdict.SUITE_ERROR], 'rule')}" if found[Verdict.SUITE_ERROR] else "",
        f"{_many(violated, 'rule')} {_is(violated)} violated" if violated else "",
        f"{_many(broken, 'reading')} of the card {_is(broken)} not as required" if broken else "",
        f"{_many(unproven, 'must-rule')} {_is(unproven)} untested or inconclusive" if unproven else "",
        "not every check was made" if result.is_interrupted else "",
        f"{good} of {_many(len(verdicts), 'rule')} {'conforms' if good == 1 else 'conform'}",
        f"{_many(warnings, 'warning')}" if warnings else "",
    ]
    said = ", ".join(filter(None, parts))
    verdict = {
        CONFORMS: "Nothing was tested"
        if not good
        else f"Conforms{', as far as it was tested' if _gaps(found) else ''}",
        VIOLATES: "Does not conform" if violated or broken else "No verdict on the deployment",
        UNPROVEN: "Not proven",
    }[code]
    return f"{'Interrupted. ' if result.is_interrupted else ''}{verdict}: {said} (exit code {code})."


def _gaps(found: dict[Verdict, int]) -> bool:
    return bool(found[Verdict.UNTESTED] or found[Verdict.INCONCLUSIVE])


def _unknown(rule: str) -> Rule:
    return Rule(rule, "The rules of this version have none of this name.", "must", "none")


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _is(count: int) -> str:
    return "is" if count == 1 else "are"
