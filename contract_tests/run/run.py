"""One run: its settings, its target, the findings of its tests, and its result."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from importlib.metadata import version
from typing import Protocol

from ..judging.document import findings_of_document, notes_of_document, unlike_the_document
from ..judging.judgement import (
    is_selected,
    judged,
    notes_on_card,
    selected_rules,
    with_card,
)
from ..judging.related_answers import findings_of_related_answers
from ..judging.server_errors import findings_of_server_errors
from ..model import clock
from ..model.failures import Failures
from ..model.history import Event, History
from ..model.outcomes import Untested
from ..model.verdicts import Finding, Judgement, RunResult, Spend, Verdict, verdict_of
from ..report.files import ReportFiles
from ..report.view import Report, report_of
from ..target.settings import Settings
from ..target.target import Target
from .findings import Roles, findings_of
from .left_out import LeftOut
from .questions import learn

_CALLS_MAX = 12  # witnesses of a violation that names none


class Watcher(Protocol):
    """Follows a run while it goes on: for example `report.progress`."""

    def rule_done(self, rule: str, verdict: Verdict) -> None:
        """The last test of a rule has ended."""

    def test_done(self, spend: Spend, findings: int) -> None:
        """A test has ended. `findings` is their number so far."""


class Run:
    """Collects findings until `finish`; `result` is None before. `target` is set once it is open."""

    def __init__(self, settings: Settings, watcher: Watcher | None = None) -> None:
        self.settings = settings
        self.target: Target | None = None
        self.findings: list[Finding] = []
        self.result: RunResult | None = None
        self._watcher = watcher
        self.is_interrupted = False
        self.wrong_call = ""  # why the product or the GTIN can't be used: then no finding counts
        self.left_out = LeftOut()
        self.failures = Failures()
        self._tests: dict[str, Roles] = {}  # that have not ended
        self._tests_left: Counter[str] = Counter()  # by rule
        self._events_before = 0  # the test began
        self.seed = settings.seed if settings.seed is not None else clock.new_seed()
        self._started_at = clock.utc_now()

    @property
    def is_isolated(self) -> bool:
        """Whether each test has a workspace of its own; False before the target is open."""
        return self.target is not None and not self.target.is_live

    @property
    def history(self) -> History:
        """All calls up to now."""
        assert self.target is not None
        return self.target.session.history

    @cached_property
    def report(self) -> Report:
        """The report of a finished run."""
        assert self.target is not None
        assert self.result is not None
        secrets, accepted = self.target.session.secrets, self.settings.accepted_untested
        return report_of(self.result, self.history, secrets=secrets, accepted_untested=accepted)

    @contextmanager
    def recorded_in(self, files: ReportFiles) -> Iterator[None]:
        """Until the end of the block, the file of the history grows with the run."""
        assert self.target is not None
        with files.growing_history(replace(self.history, seed=self.seed)) as add:
            self.target.session.tell(add)
            yield

    def begin(self) -> None:
        """A test begins."""
        self._events_before = len(self._events)

    def expect(self, tests: Mapping[str, Roles]) -> None:
        """The tests that are going to be run, by name."""
        self._tests = dict(tests)
        self._tests_left = Counter(rule for roles in tests.values() for rule in roles)

    def add(self, check: str, roles: Roles, sentence: str, error: BaseException | None) -> None:
        """A test has ended. The witnesses of a violation that names none are the calls of the test."""
        self._tests.pop(check, None)
        found = findings_of(check, roles, sentence, error)
        self.findings += [replace(each, witnesses=each.witnesses or self._calls_of_test(each)) for each in found]
        if self._watcher is None or self.target is None:
            return
        self._watcher.test_done(self.target.session.purse.as_spend(), len(self.findings))
        for rule in roles:
            self._tests_left[rule] -= 1
            if self._tests_left[rule] == 0 and is_selected(rule, self.settings.rule_prefixes):
                self._watcher.rule_done(rule, verdict_of(each for each in self.findings if each.rule == rule))

    @property
    def _events(self) -> Sequence[Event]:
        return self.target.session.events if self.target is not None else ()

    def _calls_of_test(self, finding: Finding) -> Sequence[int]:
        """The last calls of the test, for a violation; else none."""
        if finding.verdict is not Verdict.VIOLATES:
            return ()
        return [each.number for each in self._history_of_test().exchanges][-_CALLS_MAX:]

    def strange_answer_of_test(self) -> str:
        """An answer of the test, or of the shared sample, that is not as the document describes it; empty for none."""
        sample = [each for each in self.history.exchanges if each.purpose.startswith("sample")]
        history = History("", "", [*sample, *self._history_of_test().events])
        return next(unlike_the_document(history), "")

    def _history_of_test(self) -> History:
        return History("", "", self._events[self._events_before :])

    def check_given_product(self) -> str:
        """Why the given product or GTIN can't be used; empty where it can be. Called after each test."""
        if not self.wrong_call and self.target is not None:
            self.wrong_call = self.target.trouble_of_given_product()
        return self.wrong_call

    @property
    def is_settled(self) -> bool:
        """Whether one of the rules of `stop_at` is violated, by a test or by an answer of the last test."""
        stop_at = self.settings.stop_at
        if not stop_at:
            return False
        calls = self._history_of_test()
        of_answers = (findings_of_document, findings_of_related_answers, findings_of_server_errors)
        found = (*self.findings, *(each for judge in of_answers for each in judge(calls)))
        return any(each.rule in stop_at and each.verdict is Verdict.VIOLATES for each in found)

    def finish(self) -> RunResult:
        """Learn readings where that is wanted, clean up, judge the history, and make the result.

        A step that fails is an error of the suite. The other steps still happen.
        """
        assert self.target is not None
        session, guarded = self.target.session, self.failures.guarded
        if self.settings.learns and not self.is_interrupted and not self.wrong_call:
            learn(self.target, self.settings.rule_prefixes)
        wanted = session.purse.with_deletions(session.purse.held)
        session.begin_clean_up()
        cleaned_up = guarded("clean-up", self.target.clean_up, None) or self.target.not_cleaned_up("the suite failed")
        self.is_interrupted |= cleaned_up.is_interrupted
        for check, roles in self._tests.items():
            missing = "a run that is not interrupted" if self.is_interrupted else "a run that does not end before it"
            self.findings += findings_of(check, roles, "", Untested(missing))
        judgement = self._judgement(self.left_out.told(self.findings, wanted))
        none: Sequence[str] = ()
        notes = guarded("the notes on the document", lambda: notes_of_document(session.history, self._is_up), none)
        self.result = RunResult(
            target=session.base_url,
            run=session.run,
            seed=self.seed,
            started_at=self._started_at,
            finished_at=clock.utc_now(),
            findings=judgement.findings,
            observations=with_card(judgement.observations, self.settings.card),
            spend=session.purse.as_spend(cleaned_up.deleted, cleaned_up.left),
            capabilities=sorted(self.target.capabilities),
            absent=sorted(self.target.absent),
            notes=(*session.notes, *notes_on_card(judgement.observations, self.settings.card), *notes),
            versions={"tracepass-contract": version("tracepass-contract")},
            rules=selected_rules(self.settings.rule_prefixes),
            is_interrupted=self.is_interrupted,
            failures=self.failures.found,
        )
        return self.result

    def _judgement(self, findings: Sequence[Finding]) -> Judgement:
        """With the findings of the judges that did not fail."""
        return judged(
            self.history,
            findings,
            self.settings.rule_prefixes,
            "a check of this rule",
            failures=self.failures,
            is_up=self._is_up,
        )

    def _is_up(self) -> bool:
        assert self.target is not None
        return self.target.session.is_time_to_report()
