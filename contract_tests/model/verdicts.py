"""The result of a run: a verdict for each rule, the observed readings, the spend."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Verdict(StrEnum):
    """The verdict on a rule, worst first."""

    SUITE_ERROR = "suite error"
    VIOLATES = "violates"
    INCONCLUSIVE = "inconclusive"
    UNTESTED = "untested"
    PARTLY_TESTED = "partly tested"
    CONFORMS = "conforms"
    NOT_APPLICABLE = "not applicable"

    @property
    def badness(self) -> int:
        """0 is the worst."""
        return list(Verdict).index(self)


class Role(StrEnum):
    """What a check means for its rule."""

    DECIDES = "decides"  # the rule does not conform without it
    ADDS = "adds"  # it may find a violation; the rule can conform without it
    SUFFICES = "suffices"  # as `adds`, and the rule conforms by it without any other
    JUDGES = "judges"  # it looks at the calls of all checks


@dataclass(frozen=True, slots=True)
class Finding:
    """The verdict of one check on one rule.

    `check` is a test or a part of the oracle; `because` is the reason in a sentence; `witnesses` are the numbers of the
    exchanges that show it, in order; `missing` is what an untested check needs; `shows` is what a check with a
    violation shows of a conforming deployment.
    """

    rule: str
    verdict: Verdict
    check: str
    because: str = ""
    expected: str = ""
    actual: str = ""
    witnesses: Sequence[int] = ()
    missing: str = ""
    shows: str = ""
    role: Role = Role.DECIDES


def verdict_of(findings: Iterable[Finding]) -> Verdict:
    """The verdict on a rule with these findings: the worst one, untested where there are none.

    Without trouble, the rule conforms where each check that decides it ran, or one that suffices. Where only other
    checks ran, it is partly tested. Where no check that decides it is about the deployment, neither is the rule.
    """
    found = [*findings]
    verdicts = {each.verdict for each in found}
    decided = {each.verdict for each in found if each.role is Role.DECIDES}
    suffices = any(each.role is Role.SUFFICES and each.verdict is Verdict.CONFORMS for each in found)
    worst = min(verdicts, key=lambda verdict: verdict.badness, default=Verdict.UNTESTED)
    if verdicts & _TROUBLE:
        return worst
    if decided == {Verdict.NOT_APPLICABLE} and not suffices:
        return Verdict.NOT_APPLICABLE
    if Verdict.CONFORMS not in verdicts:
        return worst
    is_decided = suffices or (Verdict.CONFORMS in decided and Verdict.UNTESTED not in decided)
    return Verdict.CONFORMS if is_decided else Verdict.PARTLY_TESTED


_TROUBLE = frozenset({Verdict.SUITE_ERROR, Verdict.VIOLATES, Verdict.INCONCLUSIVE})


@dataclass(frozen=True, slots=True)
class Observation:
    """The answers of a reading (spec/readings.yaml) that are still possible, and the exchanges that show it.

    `required` is the answer that a card requires.
    """

    reading: str
    answers: Sequence[str]
    witnesses: Sequence[int] = ()
    required: str | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """The findings and observations of a history."""

    findings: Sequence[Finding]
    observations: Sequence[Observation] = ()


@dataclass(frozen=True, slots=True)
class LeftOver:
    """A passport of the run that was not deleted: its id, or its serial number where no answer reported an id. Its
    deletion `is_refused`, or none was attempted; `why` says which answer or which reason.
    """

    passport: str
    why: str
    is_refused: bool = False


@dataclass(frozen=True, slots=True)
class Spend:
    """What a run took, and its ceilings. `writes_perhaps` are further writes that refused calls may have taken; the
    ceiling counts them. `deleted` passports were deleted by the clean-up, those of `left_behind` were not.
    """

    requests: int = 0
    writes: int = 0
    writes_perhaps: int = 0
    slots: int = 0
    charge_cents: int = 0
    max_writes: int | None = None
    max_slots: int | None = None
    max_charge_cents: int | None = None
    deleted: int = 0
    left_behind: Sequence[LeftOver] = ()


@dataclass(frozen=True, slots=True)
class RunResult:
    """A whole run, as the reports show it. `rules` are the ids of the selected rules; None: all.

    `capabilities` are those that the run had, `absent` those that it looked for and the deployment does not serve. The
    missing findings of an interrupted run mean nothing. A result that `is_judged` comes from a stored history,
    without the checks of tests. `failures` are errors of the suite that belong to no check: then no verdict is certain.
    """

    target: str
    run: str
    seed: int
    started_at: datetime
    finished_at: datetime
    findings: Sequence[Finding]
    observations: Sequence[Observation]
    spend: Spend
    capabilities: Sequence[str] = ()
    absent: Sequence[str] = ()
    notes: Sequence[str] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    rules: Sequence[str] | None = None
    is_interrupted: bool = False
    is_judged: bool = False
    failures: Sequence[str] = ()

    def verdict_of(self, rule: str) -> Verdict:
        return verdict_of(finding for finding in self.findings if finding.rule == rule)
