"""One run: what was asked, the target, what the tests found, and in the end the result."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from typing import Protocol

from ..judging.document import notes_of_document
from ..judging.judgement import (
    is_selected,
    judged,
    notes_on_card,
    selected_rules,
    with_card,
)
from ..model import clock
from ..model.history import Exchange
from ..model.verdicts import Finding, RunResult, Spend, Verdict, worst
from ..target.settings import Settings
from ..target.target import Target
from .findings import findings_of
from .questions import learn

_CALLS_MAX = 12  # of a test, as witnesses


class Watcher(Protocol):
    """Who is told while a run goes on (`report.progress`)."""

    def rule_done(self, rule: str, verdict: Verdict) -> None: ...

    def spent(self, spend: Spend) -> None: ...


class Run:
    """Collects until `finish`; `result` is None before."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.target: Target | None = None
        self.findings: list[Finding] = []
        self.result: RunResult | None = None
        self.watcher: Watcher | None = None
        self.is_interrupted = False
        self.wrong_call = ""  # why what was given can't be run with: nothing that was found then counts
        self._tests_left: Counter[str] = Counter()  # by rule
        self._calls_before = 0  # the test began
        self.seed = settings.seed if settings.seed is not None else clock.new_seed()
        self._started_at = clock.utc_now()

    def begin(self) -> None:
        """A test begins."""
        self._calls_before = len(self._calls)

    def expect(self, checks: Sequence[Sequence[str]]) -> None:
        """The rules of each test that is going to be run."""
        self._tests_left = Counter(rule for rules in checks for rule in rules)

    def add(self, check: str, rules: Sequence[str], sentence: str, error: BaseException | None) -> None:
        """A test has ended. What it found wrong and saw in no call of its own, all its calls have shown together."""
        found = findings_of(check, rules, sentence, error)
        self.findings += [replace(each, witnesses=each.witnesses or self._calls_of_test(each)) for each in found]
        if self.watcher is None or self.target is None:
            return
        self.watcher.spent(self.target.session.purse.as_spend(()))
        for rule in rules:
            self._tests_left[rule] -= 1
            if self._tests_left[rule] == 0 and is_selected(rule, self.settings.rule_prefixes):
                self.watcher.rule_done(rule, worst(each.verdict for each in self.findings if each.rule == rule))

    @property
    def _calls(self) -> Sequence[Exchange]:
        return self.target.session.history.exchanges if self.target is not None else ()

    def _calls_of_test(self, finding: Finding) -> Sequence[int]:
        """The latest of its calls, where it found a rule violated."""
        if finding.verdict is not Verdict.VIOLATES:
            return ()
        return [each.number for each in self._calls[self._calls_before :]][-_CALLS_MAX:]

    def check_given_product(self) -> str:
        """Whether the product and the GTIN that were given can be used, looked at after a test; why not, or nothing."""
        if not self.wrong_call and self.target is not None:
            self.wrong_call = self.target.trouble_of_given_product()
        return self.wrong_call

    @property
    def is_settled(self) -> bool:
        """What the run was to find, it has found."""
        stop_at = self.settings.stop_at
        return any(each.rule in stop_at and each.verdict is Verdict.VIOLATES for each in self.findings)

    def finish(self) -> RunResult:
        """Ask what is left to ask, clean up, look at the whole history, and sum up."""
        assert self.target is not None
        session = self.target.session
        if self.settings.learns and not self.is_interrupted and not self.wrong_call:
            learn(self.target, self.settings.rule_prefixes)
        session.purpose = "cleaning up"
        left_behind = self.target.clean_up()
        missing = "a run that is not interrupted before" if self.is_interrupted else "a check of it"
        judgement = judged(session.history, self.findings, self.settings.rule_prefixes, missing)
        self.result = RunResult(
            target=session.base_url,
            run=session.run,
            seed=self.seed,
            started_at=self._started_at,
            finished_at=clock.utc_now(),
            findings=judgement.findings,
            observations=with_card(judgement.observations, self.settings.card),
            spend=session.purse.as_spend(left_behind),
            capabilities=sorted(self.target.capabilities),
            notes=(
                *session.notes,
                *notes_on_card(judgement.observations, self.settings.card),
                *notes_of_document(session.history),
            ),
            versions={"tracepass-contract": version("tracepass-contract")},
            rules=selected_rules(self.settings.rule_prefixes),
            is_interrupted=self.is_interrupted,
        )
        return self.result
