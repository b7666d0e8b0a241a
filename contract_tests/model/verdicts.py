"""What a run says: a verdict for each rule, the readings that were observed, what was spent."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Verdict(StrEnum):
    """Of one rule, worst first."""

    SUITE_ERROR = "suite error"
    VIOLATES = "violates"
    INCONCLUSIVE = "inconclusive"
    UNTESTED = "untested"
    CONFORMS = "conforms"
    NOT_APPLICABLE = "not applicable"

    @property
    def badness(self) -> int:
        """0 is the worst."""
        return list(Verdict).index(self)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of them; untested where there are none. What could not be tried does not hide what was seen."""
    found = set(verdicts)
    if found & {Verdict.SUITE_ERROR, Verdict.VIOLATES, Verdict.INCONCLUSIVE} or Verdict.CONFORMS not in found:
        return min(found, key=lambda verdict: verdict.badness, default=Verdict.UNTESTED)
    return Verdict.CONFORMS


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check says of one rule.

    `check` names the check (a test, or a part of the oracle); `because` says in a sentence what decided; `witnesses`
    are the numbers of the exchanges that matter, in order; `missing` is what an untested check would need; `shows` is
    what a check that found a violation would have shown of a deployment that conforms.
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


@dataclass(frozen=True, slots=True)
class Observation:
    """What is known of a reading: the answers of spec/readings.yaml that can still be true, and what showed it.

    `required` is the answer that a card asked for.
    """

    reading: str
    answers: Sequence[str]
    witnesses: Sequence[int] = ()
    required: str | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a history says."""

    findings: Sequence[Finding]
    observations: Sequence[Observation] = ()


@dataclass(frozen=True, slots=True)
class Spend:
    """What a run took, of what it was allowed. `writes_perhaps` are those that a ceiling counts beside, since a
    deployment may have taken them for calls that it refused. `left_behind` are the ids of passports that it could not
    delete.
    """

    requests: int = 0
    writes: int = 0
    writes_perhaps: int = 0
    slots: int = 0
    charge_cents: int = 0
    max_writes: int | None = None
    max_slots: int | None = None
    max_charge_cents: int | None = None
    left_behind: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class RunResult:
    """A whole run, as the reports show it. `rules` are the ids that were asked for; None: all of them.

    One that `is_interrupted` was broken off by somebody: what it has not found says nothing. One that `is_judged` is no
    run: it is what the kept history of one says, without the checks of its tests.
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
    notes: Sequence[str] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    rules: Sequence[str] | None = None
    is_interrupted: bool = False
    is_judged: bool = False

    def verdict_of(self, rule: str) -> Verdict:
        return worst(finding.verdict for finding in self.findings if finding.rule == rule)
