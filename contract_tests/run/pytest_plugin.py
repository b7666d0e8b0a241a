"""The pytest plugin: the target, a workspace for each test, and the findings of each test.

It is active where tests of this package run, by path or by `--pyargs`, and nowhere else.
"""

from collections.abc import Generator, Iterator, Set
from contextlib import ExitStack
from typing import Any

import pytest

from tracepass_contract.spec import UnreadableFile

from ..client.api import Api
from ..judging.limits import reached_limit
from ..model.outcomes import (
    BadDeployment,
    Inconclusive,
    Mismatch,
    NotApplicable,
    Unreachable,
    Untested,
)
from ..model.verdicts import Role
from ..report.conclusion import Exit, exit_code
from ..report.files import ReportFiles
from ..report.terminal import text_of
from ..target.target import Target, opened
from ..target.workspace import Account
from . import pytest_options
from .markers import MARKERS, is_thorough, needs_of, price_of, risk_of, roles_of, room_of, sentence_of, spends_budget
from .options import files_of, settings_of
from .run import Run
from .selection import is_own, may_show
from .shared_batch import PRICE_OF_SAMPLE, Sample, take_sample

_RUN = pytest.StashKey[Run]()
_FILES = pytest.StashKey[ReportFiles]()
_GIVEN = "tracepass-run"  # the plugin of pytest_run.py that hands in a run; its caller writes the reports
_CAN_NOT_READ = (KeyError, IndexError, TypeError, AttributeError, ValueError)  # of a check with an answer
_KIND_OF_END = {Untested: "untested", Inconclusive: "inconclusive", NotApplicable: "not applicable"}


def pytest_addoption(parser: pytest.Parser) -> None:
    pytest_options.add_to(parser)


def pytest_configure(config: pytest.Config) -> None:
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)
    if _RUN not in config.stash:
        given: Run | None = getattr(config.pluginmanager.get_plugin(_GIVEN), "run", None)
        values = pytest_options.values_of(config)
        config.stash[_FILES] = files_of(values)
        try:
            config.stash[_RUN] = given or Run(settings_of(values))
        except (BadDeployment, UnreadableFile) as error:
            raise pytest.UsageError(str(error)) from None
        if problems := config.stash[_FILES].problems():
            raise pytest.UsageError("\n".join(problems))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the selected tests, those of selected rules first, and run the cheap ones first: what they leave must not
    disturb the others. A run that ends with a violation begins with the tests that decide, where none disturbs another.
    """
    run = config.stash[_RUN]
    prefixes, stop_at = run.settings.rule_prefixes, run.settings.stop_at if run.is_isolated else frozenset()
    unselected = [item for item in items if _is_ours(item) and not may_show(item, prefixes)]
    if unselected:
        config.hook.pytest_deselected(items=unselected)
    left_out = {id(item) for item in unselected}
    items[:] = sorted(
        (item for item in items if id(item) not in left_out),
        key=lambda item: (
            _is_ours(item) and not is_own(item, prefixes),
            bool(stop_at) and (not _decides(item, stop_at), is_thorough(item)),
            _order(item),
        ),
    )


def pytest_collection_finish(session: pytest.Session) -> None:
    run = session.config.stash[_RUN]
    run.expect({item.name: roles_of(item) for item in session.items if _is_ours(item)})


@pytest.fixture(scope="session")
def target(request: pytest.FixtureRequest) -> Iterator[Target]:
    """The target of the tests. Without a URL it is a mock that is started for them."""
    run = request.config.stash[_RUN]
    with ExitStack() as stack:
        if run.target is None:
            try:
                run.target = stack.enter_context(opened(run.settings))
                stack.enter_context(run.recorded_in(request.config.stash[_FILES]))
            except Unreachable as error:
                pytest.exit(str(error), returncode=Exit.UNREACHABLE)
            except BadDeployment as error:
                pytest.exit(str(error), returncode=Exit.USAGE)
        yield run.target
        run.finish()


@pytest.fixture
def run(request: pytest.FixtureRequest) -> Run:
    """The run: its seed and its settings."""
    return request.config.stash[_RUN]


@pytest.fixture
def account(request: pytest.FixtureRequest, target: Target) -> Account:
    """The workspace of this test: an isolated one where there is a control plane, else the given one."""
    _check_needs(request.node, request.config.stash[_RUN])
    return target.account()


@pytest.fixture
def api(account: Account) -> Api:
    """The operations, with the first key of the test's workspace."""
    return account.api


@pytest.fixture(scope="session")
def _taken_sample(target: Target) -> Sample:
    target.session.purpose = "sample"
    target.check_deletions(PRICE_OF_SAMPLE)
    return take_sample(target.account())


@pytest.fixture
def sample(_taken_sample: Sample, request: pytest.FixtureRequest) -> Sample:
    """A batch of a known and a new pair. It is sent once for all tests that only look at its answer."""
    _check_needs(request.node, request.config.stash[_RUN])
    return _taken_sample


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    run = item.config.stash[_RUN]
    if _is_ours(item) and run.target is not None:
        run.target.session.purpose = item.name
        run.begin()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> Generator[None, Any, Any]:
    if not _is_ours(item):
        return (yield)
    run = item.config.stash[_RUN]
    error = _error_of(call, item)
    if message := run.check_given_product():
        error = Inconclusive(message)
    kind = _KIND_OF_END.get(type(error))
    if kind:
        call.excinfo = None  # pytest would describe a failure, which takes longer than the test
    report = yield
    if kind:
        report.outcome = "skipped"
        report.longrepr = (str(item.path), item.reportinfo()[1] or 0, f"{kind}: {error}")
    if error is not None or call.when == "call":
        run.add(item.name, roles_of(item), sentence_of(item) or item.name, error)
        item.session.shouldstop = message or (run.is_settled and "a rule of `stop_at` is violated")
    return report


def _error_of(call: pytest.CallInfo[Any], item: pytest.Item) -> BaseException | None:
    """How the test ended. A failure that a reached limit explains is inconclusive."""
    run = item.config.stash[_RUN]
    error, target = call.excinfo.value if call.excinfo is not None else None, run.target
    if isinstance(error, _CAN_NOT_READ) and (strange := run.strange_answer_of_test()):
        return Inconclusive(f"the check can't read an answer that is not as documented: {strange}")
    if not isinstance(error, Mismatch) or target is None:
        return error
    calls = target.session.history.exchanges
    return (
        reached_limit(error, calls, needs=needs_of(item), limits=target.limits, key_may_expire=target.is_live) or error
    )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    run = config.stash[_RUN]
    if run.wrong_call:
        terminalreporter.write_line(run.wrong_call)
    elif run.result is not None and run.target is not None:
        terminalreporter.section("rules")
        terminalreporter.write_line(text_of(run.report))


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the reports. A violation that only the oracle finds fails the run, too."""
    run = session.config.stash[_RUN]
    if run.wrong_call:
        session.exitstatus = Exit.USAGE
    if run.result is None or run.target is None or run.wrong_call:
        return
    session.config.stash[_FILES].write(run.report, run.history)
    if exit_code(run.result) is Exit.VIOLATES:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _is_ours(item: pytest.Item) -> bool:
    """Whether it is a directed test: it has rules and uses the target."""
    return "target" in getattr(item, "fixturenames", ()) and bool(roles_of(item))


def _decides(item: pytest.Item, rules: Set[str]) -> bool:
    return any(role is Role.DECIDES for rule, role in roles_of(item).items() if rule in rules)


def _order(item: pytest.Item) -> tuple[int, int]:
    price = item.get_closest_marker("price")
    if not _is_ours(item):
        return 0, 0
    if late := item.get_closest_marker("late"):
        return 4, -late.args[0]
    if is_thorough(item):
        return 3, 0
    if item.get_closest_marker("early"):
        return 1, 0
    return 2, int(price.kwargs.get("slots", 0)) if price else 0


def _check_needs(node: Any, run: Run) -> None:
    """Raises `Untested` where the target lacks something, `Inconclusive` where no time is left."""
    target = run.target
    assert target is not None
    if target.session.seconds_left <= 0:
        raise Inconclusive("the time limit of the run is over (--time-limit)")
    if because := target.not_applicable(needs_of(node)):
        raise NotApplicable(because)
    if missing := target.missing(needs_of(node)):
        raise Untested(missing)
    price, room, purse = price_of(node) + risk_of(node), room_of(node), target.session.purse
    if message := purse.refusal(room, consents=price.cents > 0):
        wanted = purse.with_deletions(room), purse.exceeded(room), purse.with_deletions(price)
        run.left_out.add(node.name, *wanted)
        raise Untested(message)
    if room != price:
        target.check_for_thorough()
    is_late = node.get_closest_marker("late") is not None
    of_quota = is_late and "Q" in needs_of(node)
    if not spends_budget(node):
        target.check_deletions(price_of(node))
    if is_late:
        target.refill(price_of(node))
    if not (node.get_closest_marker("early") or of_quota):
        target.check_room(price_of(node), is_last=is_late)
