"""One run of the directed tests against one server: its findings and its price."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from ...judging.document import unlike_the_document
from ...model import clock
from ...model.outcomes import BadDeployment, Unreachable
from ...model.verdicts import Finding, Spend, Verdict
from ...run.pytest_run import perform
from ...run.run import Run
from ...target.settings import Settings
from .forked_mock import forked_mock
from .levels import EVERYTHING, STOCK, given_at
from .schemathesis_runs import found_by_stock
from .server_log import failure_in

_CALL_SECONDS = 10.0
_SECONDS_MAX = 300.0


@dataclass(frozen=True, slots=True)
class Cell:
    """A server: the mock under some readings, with one fault or (`mutant` is None) with none.

    `wire` names conforming variants that are combined with the fault. A violation of one of `rules` is a kill. With
    `only_those` only their tests run, which is quicker; with `until_killed` the run ends with the first kill. Runs with
    different `seed` differ in serial numbers, keys and the timing of races. `level` is one of `levels.LEVELS`, or
    `SMALL`, or `STOCK`.
    """

    mutant: str | None
    readings: Mapping[str, str] = field(default_factory=dict)
    seed: int = 1
    rules: Sequence[str] = ()
    only_those: bool = False
    until_killed: bool = False
    level: str = EVERYTHING
    wire: Sequence[str] = ()

    @property
    def profile(self) -> str:
        """The readings that are not the default, and the conforming variants."""
        answers = [f"{reading}={answer}" for reading, answer in self.readings.items()]
        return " ".join([*answers, *self.wire]) or "default"


@dataclass(frozen=True, slots=True)
class Price:
    """What a run had taken by the end of a test."""

    requests: int
    seconds: float
    writes: int
    slots: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a run against one server: `wrong` maps each violated rule to its first finding.

    `killed_by` is the check that reported a rule of the fault, `at` what the run had taken by then. `unlike` is the
    first answer that the document does not show, in a whole run of a mutant or of the mock itself: all that a check of
    statuses and schemas can find. `broken` is a failure of the server by a mistake of its own; then no finding counts.
    """

    wrong: Mapping[str, str] = field(default_factory=dict)
    unsure: Sequence[str] = ()
    crashes: Sequence[str] = ()
    killed_by: str | None = None
    at: Price | None = None
    whole: Price | None = None
    unlike: str = ""
    broken: str = ""
    error: str = ""

    @property
    def described(self) -> str:
        """*killed*, *by another rule*, *survived*, *broken server*, or *no run*."""
        if self.broken:
            return "broken server"
        if self.error:
            return "no run"
        if self.killed_by is not None:
            return "killed"
        return "by another rule" if self.wrong or self.crashes else "survived"


class _Prices:
    """What a run has taken at the end of each test, and the number of findings by then."""

    def __init__(self) -> None:
        self._began = clock.monotonic()
        self.steps: list[tuple[Price, int]] = []

    def rule_done(self, rule: str, verdict: Verdict) -> None:
        """Only tests matter here."""

    def test_done(self, spend: Spend, findings: int) -> None:
        seconds = round(clock.monotonic() - self._began, 2)
        price = Price(spend.requests, seconds, spend.writes, spend.slots)
        self.steps.append((price, findings))

    def of(self, finding: Finding, by_tests: Sequence[Finding]) -> Price:
        """What the run had taken when this could be known.

        A finding of a test is known at its end, one of the oracle at the end of the test that sent the last witness.
        """
        if finding in by_tests:
            nth = by_tests.index(finding)
            return next(price for price, found in self.steps if found > nth)
        last = max(finding.witnesses, default=self.steps[-1][0].requests)
        return next((price for price, _ in self.steps if price.requests >= last), self.steps[-1][0])


def run_cell(cell: Cell) -> Outcome:
    """Start the server, run the tests, stop it, and read its log."""
    with TemporaryDirectory() as folder:
        log = Path(folder) / "server.log"
        log.touch()
        try:
            outcome = _run(cell, log)
        except (BadDeployment, Unreachable) as error:
            outcome = Outcome(error=str(error))
        failure = failure_in(log.read_text(encoding="utf-8", errors="replace"))
    return replace(outcome, killed_by=None, at=None, broken=failure) if failure else outcome


def _run(cell: Cell, log: Path) -> Outcome:
    if cell.level == STOCK:
        return Outcome(wrong=found_by_stock(cell.mutant, cell.readings, cell.seed, log))
    wrong = ("--mutant", cell.mutant) if cell.mutant else ()
    variants = tuple(part for variant in cell.wire for part in ("--variant", variant))
    options = tuple(part for pair in cell.readings.items() for part in ("--reading", "=".join(pair)))
    settings = Settings(
        mock_options=(*wrong, *variants, *options),
        start_mock=forked_mock,
        shrinks=False,
        mock_log=log,
        rule_prefixes=tuple(cell.rules) if cell.only_those else (),
        stop_at=frozenset(cell.rules) if cell.until_killed else frozenset(),
        call_seconds=_CALL_SECONDS,
        time_limit_seconds=_SECONDS_MAX,
        seed=cell.seed,
    )
    prices = _Prices()
    with given_at(cell.level, settings) as given:
        run = perform(given, prices)
    if run.wrong_call:
        return Outcome(error=run.wrong_call)
    if run.result is None or not prices.steps:
        return Outcome(error="no test ran")
    is_counted = not cell.until_killed and not cell.wire and (cell.mutant is not None or not cell.readings)
    unlike = next(unlike_the_document(run.history), "") if is_counted else ""
    return _outcome(cell, run, prices, unlike)


def _outcome(cell: Cell, run: Run, prices: _Prices, unlike: str) -> Outcome:
    findings = run.result.findings if run.result is not None else ()
    wrong: dict[str, str] = {}
    for each in findings:
        if each.verdict is Verdict.VIOLATES:
            wrong.setdefault(each.rule, f"{each.check}: expected {each.expected}, found {each.actual}")
    kills = [each for each in findings if each.verdict is Verdict.VIOLATES and each.rule in cell.rules]
    priced = [(prices.of(each, run.findings), each.check) for each in kills]
    at, by = min(priced, key=lambda each: each[0].requests, default=(None, None))
    return Outcome(
        wrong=wrong,
        unsure=_distinct(f"{e.rule}: {e.because}" for e in findings if e.verdict is Verdict.INCONCLUSIVE),
        crashes=_distinct(f"{e.check}: {e.because}" for e in findings if e.verdict is Verdict.SUITE_ERROR),
        killed_by=by,
        at=at,
        whole=prices.steps[-1][0],
        unlike=unlike,
    )


def _distinct(described: Iterable[str]) -> Sequence[str]:
    return tuple(sorted(set(described)))
