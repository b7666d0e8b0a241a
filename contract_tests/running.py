"""One run: what was asked, the target, what the tests found, and in the end the result."""

from collections.abc import Callable, Sequence
from importlib.metadata import version

from tracepass_contract import spec
from tracepass_contract.contract_tests import clock
from tracepass_contract.contract_tests.findings import findings_of
from tracepass_contract.contract_tests.judging import judged, with_card
from tracepass_contract.contract_tests.settings import Settings
from tracepass_contract.contract_tests.target import Target
from tracepass_contract.contract_tests.verdicts import Finding, RunResult


class Run:
    """Collects until `finish`; `result` is None before. `told` is called after each test, to show progress."""

    def __init__(self, settings: Settings, told: Callable[["Run", str], None] | None = None) -> None:
        self.settings = settings
        self.target: Target | None = None
        self.findings: list[Finding] = []
        self.result: RunResult | None = None
        self.tests = 0
        self.expected = 0  # tests, as soon as they are collected
        self.seed = settings.seed if settings.seed is not None else clock.new_seed()
        self._told = told
        self._started_at = clock.utc_now()

    def add(self, check: str, rules: Sequence[str], sentence: str, error: BaseException | None) -> None:
        """A test has ended."""
        self.findings += findings_of(check, rules, sentence, error)
        self.tests += 1
        if self._told is not None:
            self._told(self, check)

    def finish(self) -> RunResult:
        """Clean up, look at the whole history, and sum up."""
        assert self.target is not None
        session = self.target.session
        session.purpose = "cleaning up"
        left_behind = self.target.clean_up()
        judgement = judged(session.history, self.findings, self.settings.rule_prefixes)
        card = spec.load_card(self.settings.card) if self.settings.card else {}
        self.result = RunResult(
            target=session.base_url,
            run=session.run,
            seed=self.seed,
            started_at=self._started_at,
            finished_at=clock.utc_now(),
            findings=judgement.findings,
            observations=with_card(judgement.observations, card),
            spend=session.purse.as_spend(left_behind),
            capabilities=sorted(self.target.capabilities),
            notes=tuple(session.notes),
            versions={"tracepass-contract": version("tracepass-contract")},
        )
        return self.result
