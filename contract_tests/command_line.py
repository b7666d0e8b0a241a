"""What the commands of `tracepass-check` share: the options of a run, what they ask for, and a run that is made."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from functools import reduce
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple, NoReturn, TypeVar

import click

from tracepass_contract import spec
from tracepass_contract.contract_tests import settings as defaults
from tracepass_contract.contract_tests.cards import required
from tracepass_contract.contract_tests.deployment import BadDeployment
from tracepass_contract.contract_tests.judging import rules_asked_for
from tracepass_contract.contract_tests.options import deployment_of
from tracepass_contract.contract_tests.outcomes import Unreachable
from tracepass_contract.contract_tests.report.progress import Progress
from tracepass_contract.contract_tests.report.redaction import Redactor
from tracepass_contract.contract_tests.reporting import Exit
from tracepass_contract.contract_tests.running import Run
from tracepass_contract.contract_tests.settings import Settings
from tracepass_contract.contract_tests.suite import run_checks
from tracepass_contract.contract_tests.target import Target, opened
from tracepass_contract.contract_tests.verdicts import RunResult

FILE = click.Path(path_type=Path, dir_okay=False)
READABLE = click.Path(path_type=Path, dir_okay=False, exists=True)
Command = TypeVar("Command", bound=Callable[..., Any])


def _option(*names: str, **more: Any) -> Callable[[Command], Command]:
    """An option that the environment can give too: `--max-slots` is `TRACEPASS_CHECK_MAX_SLOTS`."""
    variable = names[0].removeprefix("--").replace("-", "_").upper()
    return click.option(*names, envvar=f"TRACEPASS_CHECK_{variable}", **more)


OF_A_FILE = (_option("--deployment", "file", type=READABLE, help="What is known of the deployment (TOML)."),)
OF_A_RUN = (
    _option(
        "--api-key", metavar="KEY", help="Better given as TRACEPASS_CHECK_API_KEY: arguments can be seen by others."
    ),
    _option("--product-id", metavar="ID", help="A product of the workspace."),
    _option("--gtin", metavar="GTIN", help="A GTIN of the workspace."),
    _option("--rule", "rule_prefixes", multiple=True, metavar="PREFIX", help="Only rules that begin so."),
    _option("--max-writes", default=defaults.MAX_WRITES, show_default=True, type=click.IntRange(0)),
    _option("--max-slots", default=defaults.MAX_SLOTS, show_default=True, type=click.IntRange(0)),
    _option("--allow-charges", is_flag=True, help="Let confirmOverage be sent; without it it never is."),
    _option("--max-charge-cents", default=0, show_default=True, type=click.IntRange(0)),
    _option("--concurrency", is_flag=True, help="Open connections in parallel, for races."),
    _option("--no-control-plane", is_flag=True, help="Use no control plane, even where there is one."),
    _option("--control-token", metavar="TOKEN", help="Opens the control plane of a mock on another machine."),
    _option("--keep-drafts", is_flag=True, help="Do not delete what the run created."),
    _option("--call-seconds", default=defaults.CALL_SECONDS, show_default=True, type=click.FloatRange(0.1)),
    _option("--time-limit", "time_limit_seconds", default=defaults.TIME_LIMIT_SECONDS, show_default=True, type=float),
    _option(
        "--examples", default=defaults.EXAMPLES, show_default=True, type=click.IntRange(0), help="Sequences to try."
    ),
    _option("--seed", type=int, help="Chance, as it was in another run."),
    click.option("--json", "as_data", is_flag=True, help="Write JSON to stdout."),
)
OF_OUR_MOCK = (
    click.option("--reading", "readings", multiple=True, metavar="ID=ANSWER", help="For the mock that is started."),
)
OF_A_VERDICT = (
    _option("--card", type=READABLE, help="Readings that are required, not only observed."),
    _option("--accept-untested", type=READABLE, help="Rules that may stay untested: an id a line, and after # why."),
)
OF_REPORTS = (
    _option("--history", type=FILE, help="Keep all that was asked and answered."),
    _option("--report-json", type=FILE),
    _option("--report-junit", type=FILE),
    _option("--report-html", type=FILE),
)
URL = click.argument("url", required=False, envvar="TRACEPASS_CHECK_URL")
Decorator = Callable[[Callable[..., None]], Callable[..., None]]


def with_options(*groups: Sequence[Decorator]) -> Decorator:
    """These options, in their order. What they come to is for `asked_for`."""
    return lambda command: reduce(lambda so_far, option: option(so_far), reversed([*chain(*groups)]), command)


def asked_for(**given: Any) -> Settings:
    """The settings that options and arguments come to. Raises `click.UsageError`."""
    try:
        return _settings(**given)
    except (BadDeployment, spec.UnreadableFile) as error:
        raise click.UsageError(str(error)) from None


class Made(NamedTuple):
    """A run that was made, to its end or until somebody broke it off."""

    target: Target
    result: RunResult
    is_interrupted: bool


def made(asked: Settings) -> Made:
    """A run, with its progress on stderr. Ends the command where nobody answers, or nothing is asked."""
    run = Run(asked)
    rules = len(rules_asked_for(asked.rule_prefixes) or spec.rules())
    with (
        _reached(asked) as run.target,
        Progress(sys.stderr, rules, Redactor(run.target.session.secrets)) as run.watcher,
    ):
        run_checks(run)
    if run.result is None or run.target is None:
        raise click.UsageError(
            f"nothing is checked by itself of rules that begin with {' or '.join(asked.rule_prefixes)}"
        )
    return Made(run.target, run.result, run.is_interrupted)


def reach(asked: Settings) -> None:
    """End the command where the deployment does not answer, before anything is sent that costs."""
    with _reached(asked):
        pass


@contextmanager
def _reached(asked: Settings) -> Iterator[Target]:
    """The target of a run; ends the command where it can't be."""
    try:
        with opened(asked) as target:
            yield target
    except Unreachable as error:
        end(str(error), Exit.UNREACHABLE)
    except BadDeployment as error:
        raise click.UsageError(str(error)) from None


def _settings(
    url: str | None,
    readings: tuple[str, ...] = (),
    *,
    file: Path | None = None,
    card: Path | None = None,
    accept_untested: Path | None = None,
    **given: Any,
) -> Settings:
    """Raises `BadDeployment` and `UnreadableFile`."""
    deployment = deployment_of(file, url, given.pop("api_key"), given.pop("product_id"), given.pop("gtin"))
    chosen(given["rule_prefixes"])
    return Settings(
        accepted_untested=_accepted(accept_untested) if accept_untested else (),
        deployment=deployment,
        control_plane=not given.pop("no_control_plane"),
        mock_options=tuple(part for answer in readings for part in ("--reading", answer)),
        card=required(card),
        learns=card is not None,
        **given,
    )


def chosen(prefixes: tuple[str, ...]) -> list[spec.Rule]:
    """The rules that begin with one of these, or all. Raises `BadDeployment` where a prefix has none."""
    known = {*spec.rules(), *(rule.partition(".")[0] for rule in spec.rules())}
    for prefix in prefixes:
        if not any(rule.startswith(prefix) for rule in known):
            raise BadDeployment(f"no rule begins with {prefix}. {_meant(prefix, known)}")
    return [rule for rule in spec.rules().values() if not prefixes or rule.id.startswith(prefixes)]


def _meant(mistyped: str, known: Iterable[str]) -> str:
    near = get_close_matches(mistyped, known, n=1)
    return f"Did you mean {near[0]}?" if near else "`tracepass-check rules` lists them."


def _accepted(path: Path) -> tuple[str, ...]:
    """The rules that a person has said may stay untested: an id a line, and after `#` why. Raises `BadDeployment`."""
    lines = [line.partition("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines()]
    for number, rule in enumerate(lines, start=1):
        if rule and rule not in spec.rules():
            told = f"expected the id of a rule, found {rule}. {_meant(rule, spec.rules())}"
            raise BadDeployment(f"{path}, line {number}: {told}")
    return tuple(filter(None, lines))


@contextmanager
def writes(otherwise: Callable[[], object] = lambda: None) -> Iterator[None]:
    """Files that a run leaves. Where one can't be written, something else is done, and the command ends."""
    try:
        yield
    except OSError as error:
        otherwise()
        end(f"{error.filename}: {error.strerror}", Exit.USAGE)


def end(told: str, code: Exit) -> NoReturn:
    """The end of the command, and why."""
    click.echo(told, err=True)
    raise SystemExit(code)
