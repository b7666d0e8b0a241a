"""The pytest plugin: the target, a workspace for each test, and from each outcome what it says of the rules.

It is there where tests of this package are run, by path or by `--pyargs`, and nowhere else.
"""

from collections.abc import Generator, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tracepass_contract.spec import UnreadableFile

from ..client.api import Api
from ..client.spend import FREE, Price
from ..judging.judgement import is_selected
from ..model.outcomes import (
    BadDeployment,
    Inconclusive,
    Mismatch,
    NotApplicable,
    Unreachable,
    Untested,
)
from ..report.write import (
    Exit,
    exit_code,
    files_of,
    report_of,
    text_of,
    unwritable,
    write_reports,
)
from ..target.target import Target, opened
from ..target.workspace import Account
from . import pytest_options
from .run import Run
from .shared_batch import Sample, take_sample

_RUN = pytest.StashKey[Run]()
_ERROR = pytest.StashKey[BaseException]()
_GIVEN = "tracepass-run"  # by this name a run is handed in (suite.py), and its reports are not ours to write
_KIND_OF_END = {Untested: "untested", Inconclusive: "inconclusive", NotApplicable: "not applicable"}
_LIMITS = {429: ("W", "budget."), 402: ("Q", "quota.")}  # by what says that they are reached: what a test needs of them
_MARKERS = (
    "rule(id, …): the rules of spec/rules.yaml that the test shows; the first is the one that it is about",
    "needs(code, …): capabilities of the target that the test can't do without",
    "price(writes, slots, cents): what the test takes from a deployment that conforms",
    "risk(writes, slots, cents): what it would take beside that, at most, were a refusal not one",
    "early: before the other tests, on any target",
    "late(left): after the other tests, in falling order of what is to be left when the test begins",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    pytest_options.add_to(parser)


def pytest_configure(config: pytest.Config) -> None:
    for marker in _MARKERS:
        config.addinivalue_line("markers", marker)
    if _RUN not in config.stash:
        given: Run | None = getattr(config.pluginmanager.get_plugin(_GIVEN), "run", None)
        try:
            config.stash[_RUN] = given or Run(pytest_options.settings_of(config))
        except (BadDeployment, UnreadableFile) as error:
            raise pytest.UsageError(str(error)) from None
        if given is None and (message := [*unwritable(files_of(config.stash[_RUN].settings))]):
            raise pytest.UsageError("\n".join(message))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Only what is asked for, and the cheap before the dear: what a run leaves behind must not stand in its way."""
    prefixes = config.stash[_RUN].settings.rule_prefixes
    unselected = [
        item for item in items if _is_ours(item) and not any(is_selected(r, prefixes) for r in rules_of(item))
    ]
    if unselected:
        config.hook.pytest_deselected(items=unselected)
    items[:] = sorted((item for item in items if item not in unselected), key=_order)


@pytest.fixture(scope="session")
def target(request: pytest.FixtureRequest) -> Iterator[Target]:
    """What the tests run against; a mock that is started for them, where no URL is given."""
    run = request.config.stash[_RUN]
    with ExitStack() as stack:
        if run.target is None:
            try:
                run.target = stack.enter_context(opened(run.settings))
            except Unreachable as error:
                pytest.exit(str(error), returncode=Exit.UNREACHABLE)
            except BadDeployment as error:
                pytest.exit(str(error), returncode=Exit.USAGE)
        yield run.target
        run.finish()


@pytest.fixture
def run(request: pytest.FixtureRequest) -> Run:
    """What was asked of the run as a whole: its seed, its size."""
    return request.config.stash[_RUN]


@pytest.fixture
def account(request: pytest.FixtureRequest, target: Target) -> Account:
    """The workspace of this test: an isolated workspace where there are workspaces, else the one that there is."""
    _check_needs(request.node, target)
    return target.account()


@pytest.fixture
def api(account: Account) -> Api:
    """The operations, with the first key of the test's workspace."""
    return account.api


@pytest.fixture(scope="session")
def _taken_sample(target: Target) -> Sample:
    target.session.purpose = "sample"
    return take_sample(target.account())


@pytest.fixture
def sample(_taken_sample: Sample, request: pytest.FixtureRequest, target: Target) -> Sample:
    """A batch of a known and a new pair, sent once for all the tests that only look at its answer."""
    _check_needs(request.node, target)
    return _taken_sample


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    run = item.config.stash[_RUN]
    if _is_ours(item) and run.target is not None:
        run.target.session.purpose = item.name
        run.begin()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> Generator[None, Any, Any]:
    report = yield
    if _is_ours(item):
        run = item.config.stash[_RUN]
        error = _limited(call.excinfo.value if call.excinfo is not None else None, item)
        if message := run.check_given_product():
            error = Inconclusive(message)
        if kind := _KIND_OF_END.get(type(error)):
            report.outcome = "skipped"
            report.longrepr = (str(item.path), item.reportinfo()[1] or 0, f"{kind}: {error}")
        if error is not None or call.when == "call":
            run.add(item.name, rules_of(item), _sentence_of(item), error)
            item.session.shouldstop = message or (run.is_settled and "what was looked for is found")
    return report


def _limited(error: BaseException | None, item: pytest.Item) -> BaseException | None:
    """The error; as one that concludes nothing where a limit came in the way of a test that speaks of another or none.

    On a deployment that is somebody's the budget or the quota may end at any call, and all that follow are refused.
    Whether it may have ended there is for the oracle to say, which knows what was declared. A key may end there, too.
    """
    target = item.config.stash[_RUN].target
    if not isinstance(error, Mismatch) or target is None:
        return error
    needs = {code for marker in item.iter_markers("needs") for code in marker.args}
    spoken_of = {status for status, (code, family) in _LIMITS.items() if code in needs or family in (error.rule or "")}
    for each in target.session.history.exchanges:
        if each.number not in error.witnesses:
            continue
        if each.meets_another_limit or each.status in target.limits - spoken_of:
            return Inconclusive(f"a limit was reached: call #{each.number} was answered {each.status}", error.witnesses)
        if target.is_live and each.status == 401 and each.workspace is not None:
            message = f"call #{each.number} was answered 401, though its key was accepted before"
            return Inconclusive(message, error.witnesses)
    return error


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    run = config.stash[_RUN]
    if run.wrong_call:
        terminalreporter.write_line(run.wrong_call)
    elif run.result is not None and run.target is not None:
        session = run.target.session
        terminalreporter.section("rules")
        terminalreporter.write_line(text_of(report_of(run.result, session.history, session.secrets, run.settings)))


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """A violation that only the oracle sees fails the run as well."""
    run = session.config.stash[_RUN]
    if run.wrong_call:
        session.exitstatus = Exit.USAGE
    if run.result is None or run.target is None or run.wrong_call:
        return
    if not session.config.pluginmanager.has_plugin(_GIVEN):
        history, secrets = run.target.session.history, run.target.session.secrets
        write_reports(report_of(run.result, history, secrets, run.settings), history, run.settings)
    if exit_code(run.result) is Exit.VIOLATES:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def rules_of(item: pytest.Item) -> list[str]:
    return [rule for marker in item.iter_markers("rule") for rule in marker.args]


def _is_ours(item: pytest.Item) -> bool:
    """A directed test: it has rules, and it goes against the target."""
    return "target" in getattr(item, "fixturenames", ()) and bool(rules_of(item))


def _sentence_of(item: pytest.Item) -> str:
    text = getattr(getattr(item, "function", None), "__doc__", None) or item.name
    return " ".join(text.split())


def _order(item: pytest.Item) -> tuple[int, int]:
    price = item.get_closest_marker("price")
    if not _is_ours(item):
        return 0, 0
    if late := item.get_closest_marker("late"):
        return 3, -late.args[0]
    if item.get_closest_marker("early"):
        return 1, 0
    return 2, int(price.kwargs.get("slots", 0)) if price else 0


def _check_needs(node: Any, target: Target) -> None:
    """Raises `Untested` where the test can't be made here, `Inconclusive` where there is no time for it."""
    if target.session.seconds_left <= 0:
        raise Inconclusive("the time limit of the run is reached")
    needs = [code for marker in node.iter_markers("needs") for code in marker.args]
    if missing := target.missing(needs):
        raise Untested(missing)
    markers = [*node.iter_markers("price"), *node.iter_markers("risk")]
    price = sum((Price(**marker.kwargs) for marker in markers), FREE)
    if message := target.session.purse.refusal(price, consents=price.cents > 0):
        raise Untested(message)
    if not (node.get_closest_marker("early") or node.get_closest_marker("late")):
        target.keep_a_slot(sum(marker.kwargs.get("slots", 0) for marker in node.iter_markers("price")))
