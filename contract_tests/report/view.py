"""The content of all reports: redacted, sorted, each failure with its exchanges and its script.

Every writer takes a `Report` and nothing else, so no writer can forget to redact.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from tracepass_contract.spec import Reading, Rule, readings

from ..model.history import Exchange, History
from ..model.redaction import Redactor
from ..model.verdicts import Finding, Observation, Role, RunResult, Verdict
from . import conclusion as outcome
from . import curl
from .coverage import Coverage, coverage_of, lacking
from .to_test_more import Need, in_short, nearest_limits, to_test_more

_SCRIPT_CALLS_MAX = 24
_TROUBLE = {Verdict.SUITE_ERROR, Verdict.VIOLATES, Verdict.INCONCLUSIVE}


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule with its verdict and findings. `lacks` says what an untested or partly tested rule needs."""

    rule: Rule
    verdict: Verdict
    findings: Sequence[Finding]
    warning: bool
    accepted: bool
    lacks: Sequence[str]
    needs: str  # of the checks that decide it and did not run, in a few words; of all others where it conforms

    @property
    def coverage(self) -> Coverage:
        return coverage_of(self.findings)

    @property
    def in_a_line(self) -> str:
        """The reason in a few words: what is missing, by the keys and options that give it."""
        return self.because if self.verdict in _TROUBLE or not self.needs else self.needs

    @property
    def because(self) -> str:
        """The reason for the verdict; without trouble, what the checks need that did not run, or what one showed."""
        if self.verdict not in {*_TROUBLE, Verdict.NOT_APPLICABLE} and (remark := self.coverage.remark):
            return f"{remark}."
        if self.verdict is Verdict.UNTESTED and self.lacks:
            return f"Needs {'; '.join(self.lacks)}."
        return next((f.because for f in self.findings if f.verdict is self.verdict and f.because), "")


@dataclass(frozen=True, slots=True)
class Failure:
    """A finding that a person has to look at. `curl` is empty where it has no witnesses."""

    number: int
    rule: Rule
    warning: bool
    finding: Finding
    exchanges: Sequence[Exchange]
    curl: str


@dataclass(frozen=True, slots=True)
class ReadingLine:
    """An observed reading. `reading` is None where this version does not know it."""

    observation: Observation
    reading: Reading | None
    broken: bool

    @property
    def known(self) -> bool:
        return len(self.observation.answers) == 1

    @property
    def differs_from_mock(self) -> bool:
        return self.reading is not None and self.reading.default not in self.observation.answers

    def means(self, answer: str) -> str:
        found = self.reading.answers.get(answer) if self.reading else None
        return found.means if found else ""


@dataclass(frozen=True)
class Report:
    """All that the reports show. It contains no secret. `exchanges` are those that findings and observations name."""

    result: RunResult
    exchanges: Mapping[int, Exchange]
    failures: Sequence[Failure]
    accepted_untested: Collection[str]

    @cached_property
    def lines(self) -> Sequence[RuleLine]:
        """In the order of `conclusion.rules_of`."""
        return [self._line(rule) for rule in outcome.rules_of(self.result)]

    @cached_property
    def needs(self) -> Sequence[Need]:
        """What the deployment file or the options can add, those first with which most rules are tested."""
        return to_test_more(self.result)

    @cached_property
    def card(self) -> Sequence[ReadingLine]:
        """The observed readings. Those that break the card come first."""
        lines = [
            ReadingLine(each, readings().get(each.reading), outcome.breaks_card(each))
            for each in self.result.observations
        ]
        return sorted(lines, key=lambda line: not line.broken)

    @property
    def exit_code(self) -> outcome.Exit:
        return outcome.exit_code(self.result, self.accepted_untested)

    @property
    def conclusion(self) -> str:
        return outcome.conclusion(self.result, self.accepted_untested)

    @property
    def counts(self) -> Mapping[Verdict, int]:
        return outcome.counts(self.result)

    @property
    def seconds(self) -> float:
        return (self.result.finished_at - self.result.started_at).total_seconds()

    def _line(self, rule: Rule) -> RuleLine:
        verdict = self.result.verdict_of(rule.id)
        findings = sorted((f for f in self.result.findings if f.rule == rule.id), key=lambda f: f.verdict.badness)
        lacks = lacking(self.result, rule.id)
        return RuleLine(
            rule,
            verdict,
            findings,
            outcome.is_warning(rule, verdict),
            rule.id in self.accepted_untested and outcome.is_unproven(rule, verdict),
            lacks,
            self._needs(verdict, findings, lacks),
        )

    def _needs(self, verdict: Verdict, findings: Sequence[Finding], lacks: Sequence[str]) -> str:
        """`RuleLine.needs`."""
        untested = [each for each in findings if each.verdict is Verdict.UNTESTED and each.missing]
        if lacks:
            decisive = [each.missing for each in untested if each.role is Role.DECIDES]
            return f"needs {in_short(decisive or lacks, self.result, self._nearest)}"
        if verdict is not Verdict.CONFORMS or not untested:
            return ""
        needs = in_short((each.missing for each in untested), self.result, self._nearest)
        return f"{len(untested)} more need{'s' if len(untested) == 1 else ''} {needs}"

    @cached_property
    def _nearest(self) -> Mapping[str, int]:
        return nearest_limits(self.result)


def report_of(
    result: RunResult, history: History, *, secrets: Iterable[str] = (), accepted_untested: Collection[str] = ()
) -> Report:
    """The report of a run, without `secrets`: its keys and tokens."""
    redactor = Redactor(secrets)
    clean = _redacted_result(result, redactor)
    named = _witnesses(clean)
    exchanges = {each.number: redacted_exchange(each, redactor) for each in history.exchanges if each.number in named}
    found = [
        (rule, finding)
        for rule in outcome.rules_of(clean)
        for finding in sorted((f for f in clean.findings if f.rule == rule.id), key=lambda f: f.verdict.badness)
        if finding.verdict in _TROUBLE
    ]
    failures = [
        Failure(
            number,
            rule,
            outcome.is_warning(rule, finding.verdict),
            finding,
            [exchanges[witness] for witness in finding.witnesses if witness in exchanges],
            _script(finding, result, history, redactor),
        )
        for number, (rule, finding) in enumerate(found, 1)
    ]
    return Report(clean, exchanges, failures, frozenset(accepted_untested))


def _witnesses(result: RunResult) -> set[int]:
    """The numbers of the calls that findings and observations name."""
    of_findings = {number for finding in result.findings for number in finding.witnesses}
    return of_findings.union(*(observation.witnesses for observation in result.observations))


def redacted_exchange(exchange: Exchange, redactor: Redactor) -> Exchange:
    return replace(
        exchange,
        path=redactor.text(exchange.path),
        headers=redactor.headers(exchange.headers),
        body=None if exchange.body is None else redactor.body(exchange.body),
        answer_headers=redactor.headers(exchange.answer_headers),
        answer=redactor.body(exchange.answer),
        detail=redactor.text(exchange.detail),
        purpose=redactor.text(exchange.purpose),
        credential=redactor.text(exchange.credential),
    )


def _redacted_result(result: RunResult, redactor: Redactor) -> RunResult:
    text = redactor.text
    return replace(
        result,
        target=text(result.target),
        findings=[
            replace(
                f,
                check=text(f.check),
                because=text(f.because),
                expected=text(f.expected),
                actual=text(f.actual),
                missing=text(f.missing),
                shows=text(f.shows),
            )
            for f in result.findings
        ],
        spend=replace(
            result.spend,
            left_behind=[
                replace(each, passport=text(each.passport), why=text(each.why)) for each in result.spend.left_behind
            ],
        ),
        notes=[*map(text, result.notes)],
        failures=[*map(text, result.failures)],
        versions={text(name): text(version) for name, version in result.versions.items()},
    )


def _script(finding: Finding, result: RunResult, history: History, redactor: Redactor) -> str:
    """The witnesses of a finding as a script, with what the run knew and changed between them.

    The oracle names every call that its finding needs. A test names the calls that it looks at, so earlier calls in the
    same workspace are added, unless there are too many.
    """
    witnesses = {each.number for each in history.exchanges} & set(finding.witnesses)
    if not witnesses:
        return ""
    until = max(at for at, each in enumerate(history.events, 1) if getattr(each, "number", None) in witnesses)
    workspaces = {each.workspace for each in history.exchanges if each.number in witnesses}
    events = [each for each in history.events[:until] if each.workspace in workspaces]
    calls = {each.number for each in events if isinstance(each, Exchange) and each.workspace is not None}
    if finding.check.startswith("oracle") or len(calls) > _SCRIPT_CALLS_MAX:
        calls = witnesses
    events = [each for each in events if not isinstance(each, Exchange) or each.number in calls | witnesses]
    title = f"{finding.rule}: {finding.because or finding.check} (run {result.run}, seed {result.seed})"
    return curl.script(events, redactor, title=title)
