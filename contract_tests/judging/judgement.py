"""The judgement of a run: the findings of its tests, of the document, and of the oracle."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tracepass_contract import spec

from ..model.failures import RAISING, Failures
from ..model.history import History
from ..model.time_is_up import IsUp, never
from ..model.verdicts import Finding, Judgement, Observation, Role, Verdict
from .document import findings_of_document
from .oracle import judge
from .related_answers import findings_of_related_answers
from .server_errors import findings_of_server_errors


def judged(
    history: History,
    findings: Sequence[Finding],
    prefixes: Sequence[str] = (),
    missing: str = "a check of it",
    *,
    failures: Failures = RAISING,
    is_up: IsUp = never,
) -> Judgement:
    """All findings on the selected rules. A rule without a finding is untested, and `missing` says why.

    A judge that fails is entered into `failures`; the findings of the others still count. The judges end when the time
    `is_up`.
    """
    nothing: Sequence[Finding] = ()
    of_oracle = failures.guarded("the oracle", lambda: judge(history, is_up), Judgement([]))
    of_document = [
        *failures.guarded("the judge of the document", lambda: findings_of_document(history, is_up), nothing),
        *failures.guarded("the judge of related answers", lambda: findings_of_related_answers(history, is_up), nothing),
        *failures.guarded("the judge of server errors", lambda: findings_of_server_errors(history, is_up), nothing),
    ]
    of_judges = [replace(each, role=Role.JUDGES) for each in (*of_document, *of_oracle.findings)]
    every = [*findings, *of_judges]
    selected = [rule for rule in spec.rules() if is_selected(rule, prefixes)]
    seen = {finding.rule for finding in every}
    unseen = [
        Finding(rule, Verdict.UNTESTED, "run", missing=missing, role=Role.JUDGES)
        for rule in selected
        if rule not in seen
    ]
    return Judgement([*(each for each in every if each.rule in selected), *unseen], of_oracle.observations)


def with_card(observations: Sequence[Observation], card: Mapping[str, str]) -> Sequence[Observation]:
    """The observations with the answers that the card requires."""
    return [Observation(each.reading, each.answers, each.witnesses, card.get(each.reading)) for each in observations]


def notes_on_card(observations: Sequence[Observation], card: Mapping[str, str]) -> Sequence[str]:
    """A note on required readings that were not observed."""
    seen = {each.reading for each in observations}
    unseen = [f"{reading}={answer}" for reading, answer in card.items() if reading not in seen]
    return [f"required by the card, but not observed: {', '.join(unseen)}"] if unseen else []


def selected_rules(prefixes: Sequence[str]) -> Sequence[str] | None:
    """The ids of the rules with these prefixes; None for all rules."""
    return [rule for rule in spec.rules() if is_selected(rule, prefixes)] if prefixes else None


def is_selected(rule: str, prefixes: Sequence[str]) -> bool:
    return not prefixes or rule.startswith(tuple(prefixes))
