"""Run or collect the directed tests in this process, whatever pytest configuration is around it."""

import gc
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from ..client.spend import Price
from ..model.verdicts import Role
from ..report.files import NO_FILES, ReportFiles
from ..target.settings import Settings
from ..target.target import opened
from . import markers
from .run import Run, Watcher

CHECKS = Path(__file__).resolve().parents[1] / "checks"
_CONFIGURATION = Path(__file__).with_name("suite.ini")
SUBJECTS = (
    "auth",
    "batch",
    "items",
    "unique_pairs",
    "created_passports",
    "declared_budget",
    "budget",
    "quota",
    "idempotency",
    "idempotency_bodies",
    "idempotency_keys",
    "relations",
    "concurrency",
    "calls",
    "changes",
    "shapes",
    "lives",
    "product_batch",
    "reads",
    "writes",
    "lists",
    "long_lists",
    "ways_to_read",
    "refusals",
    "related_endpoints",
    "mock",
    "access",
    "failing_items",
    "http",
    "encodings",
    "limits",
    "long_history",
    "new_day",
    "races",
    "replays",
    "spellings",
    "types",
    "sequences",
)
_FILES = [CHECKS / f"test_{subject}.py" for subject in SUBJECTS]
_PLUGIN = "tracepass_contract.contract_tests.run.pytest_plugin"
_UNCLEAN = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS")


@dataclass(frozen=True, slots=True)
class Check:
    """One directed test. It `decides` some of its rules, and adds to the others. `price` is the most that it takes of a
    conforming deployment, and `room` is how much must be left of the limits of a run before it.
    """

    name: str
    sentence: str
    rules: Sequence[str]
    decides: Sequence[str]
    needs: Sequence[str]
    price: Price
    risk: Price
    room: Price


class _Given:
    """Hands a run to the plugin. `checks` are the collected tests in their order."""

    def __init__(self, run: Run) -> None:
        self.__name__ = "tracepass-run"  # by which the plugin finds it
        self.run = run
        self.checks: list[Check] = []

    def pytest_configure(self, config: pytest.Config) -> None:
        """Nobody reads tracebacks here, and to format them takes half of the time of a run."""
        config.option.tbstyle = "line"

    @pytest.hookimpl(tryfirst=True)
    def pytest_ignore_collect(self, collection_path: Path) -> bool:
        """Ignore all other files. First, and without other plugins: this saves more time than the tests of one rule
        take.
        """
        return collection_path != CHECKS and collection_path not in _FILES

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items.sort(key=lambda item: _FILES.index(item.path))

    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> bool:
        """A plugin or a hook failed. The report says so, so pytest need not print it."""
        self.run.failures.add("pytest", excinfo.value)
        return True

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            lines = report.longreprtext.splitlines()
            self.run.failures.found.append(f"{report.nodeid}: {lines[-1] if lines else 'it can not be imported'}")

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """A person interrupted the run. pytest also calls this where the plugin stops a run."""
        self.run.is_interrupted = not isinstance(excinfo.value, pytest.Session.Interrupted)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.checks = [_check(item) for item in session.items]


def perform(settings: Settings, watcher: Watcher | None = None, files: ReportFiles = NO_FILES) -> Run:
    """Open the target, run the selected tests, and finish. The run has no result where no test is selected. Of
    `files` only the history is written: it grows with the run.

    Raises `Unreachable`, `Inconclusive` and `BadDeployment` where the target can't be opened.
    """
    run = Run(settings, watcher)
    with opened(settings) as run.target, run.recorded_in(files):
        run_checks(run)
    return run


def run_checks(run: Run) -> Sequence[Check]:
    """Run the selected tests against the open target of the run, and finish it, whatever fails. The selected tests in
    their order.
    """
    given = _Given(run)
    _pytest(given, "--continue-on-collection-errors")
    if run.result is None and (given.checks or run.failures.found):
        run.finish()
    return given.checks


def collect_checks(run: Run) -> Sequence[Check]:
    """The tests that `perform` would run. Sends nothing."""
    given = _Given(run)
    _pytest(given, "--collect-only")
    return given.checks


def _pytest(given: _Given, *more: str) -> None:
    with _alone(), _with_rare_garbage_collection():
        pytest.main(
            [str(CHECKS), "-p", _PLUGIN, "-c", str(_CONFIGURATION), "--rootdir", str(CHECKS), *more], plugins=[given]
        )


@contextmanager
def _with_rare_garbage_collection() -> Iterator[None]:
    """A run keeps nearly all that it makes, so that looking for garbage finds little. It took an eighth of the time."""
    before = gc.get_threshold()
    gc.set_threshold(50_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)


@contextmanager
def _alone() -> Iterator[None]:
    """Without the options and plugins that the environment would add to pytest."""
    before = dict(os.environ)
    for name in _UNCLEAN:
        os.environ.pop(name, None)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _check(item: pytest.Item) -> Check:
    roles = markers.roles_of(item)
    return Check(
        name=item.name,
        sentence=markers.sentence_of(item),
        rules=list(roles),
        decides=[rule for rule, role in roles.items() if role is Role.DECIDES],
        needs=markers.needs_of(item),
        price=markers.price_of(item),
        risk=markers.risk_of(item),
        room=markers.room_of(item),
    )
