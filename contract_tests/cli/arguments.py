"""What the commands of `tracepass-check` share: the options of a run, what they ask for, and a run that is made."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from functools import reduce
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple, NoReturn, TypeVar, cast

import click

from tracepass_contract import spec

from ..judging.cards import required
from ..judging.judgement import selected_rules
from ..model.outcomes import BadDeployment, Inconclusive, Unreachable
from ..model.redaction import Redactor
from ..model.verdicts import RunResult
from ..report.progress import Progress
from ..report.text import printable
from ..report.write import Exit, files_of, unwritable
from ..run.pytest_run import run_checks
from ..run.run import Run
from ..target import settings as defaults
from ..target.deployment import deployment_of
from ..target.settings import Settings, mock_options_of
from ..target.target import Target, opened

FILE = click.Path(path_type=Path, dir_okay=False)
READABLE = click.Path(path_type=Path, dir_okay=False, exists=True)
_VARIABLES = "TRACEPASS_CHECK_"
Command = TypeVar("Command", bound=Callable[..., Any])


def option(*names: str, **more: Any) -> Callable[[Command], Command]:
    """An option that the environment can give too: `--max-slots` is `TRACEPASS_CHECK_MAX_SLOTS`."""
    name = next(each for each in names if each.startswith("--"))
    variable = name.removeprefix("--").replace("-", "_").upper()
    return click.option(*names, envvar=f"{_VARIABLES}{variable}", **more)


OF_A_FILE = (option("--deployment", "file", type=READABLE, help="What is known of the deployment (TOML)."),)
OF_A_RUN = (
    option(
        "--api-key", metavar="KEY", help="Better given as TRACEPASS_CHECK_API_KEY: arguments can be seen by others."
    ),
    option("--product-id", metavar="ID", help="A product of the workspace."),
    option("--gtin", metavar="GTIN", help="A GTIN of the workspace."),
    option("--rule", "rule_prefixes", multiple=True, metavar="PREFIX", help="Only rules that begin so."),
    option("--max-writes", default=defaults.MAX_WRITES, show_default=True, type=click.IntRange(0)),
    option("--max-slots", default=defaults.MAX_SLOTS, show_default=True, type=click.IntRange(0)),
    option("--allow-charges", is_flag=True, help="Let confirmOverage be sent; without it it never is."),
    option("--max-charge-cents", default=0, show_default=True, type=click.IntRange(0)),
    option("--concurrency", is_flag=True, help="Open connections in parallel, for races."),
    option("--no-control-plane", is_flag=True, help="Use no control plane, even where there is one."),
    option("--control-token", metavar="TOKEN", help="Opens the control plane of a mock on another machine."),
    option("--keep-drafts", is_flag=True, help="Do not delete what the run created."),
    option(
        "--call-seconds",
        default=defaults.CALL_SECONDS,
        show_default=True,
        type=click.FloatRange(defaults.SECONDS_LEAST),
    ),
    option(
        "--time-limit",
        "time_limit_seconds",
        default=defaults.TIME_LIMIT_SECONDS,
        show_default=True,
        type=click.FloatRange(defaults.SECONDS_LEAST),
    ),
    option(
        "--examples", default=defaults.EXAMPLES, show_default=True, type=click.IntRange(0), help="Sequences to try."
    ),
    option("--seed", type=int, help="Chance, as it was in another run."),
    option("--json", "as_data", is_flag=True, help="Write JSON to stdout."),
)
OF_OUR_MOCK = (
    option("--reading", "readings", multiple=True, metavar="ID=ANSWER", help="For the mock that is started."),
)
OF_A_VERDICT = (
    option("--card", type=READABLE, help="Readings that are required, not only observed."),
    option("--accept-untested", type=READABLE, help="Rules that may stay untested: an id a line, and after # why."),
)
OF_REPORTS = (
    option("--history", type=FILE, help="Keep all that was asked and answered."),
    option("--report-json", type=FILE),
    option("--report-junit", type=FILE),
    option("--report-html", type=FILE),
)
URL = click.argument("url", required=False, envvar=f"{_VARIABLES}URL")
Decorator = Callable[[Callable[..., None]], Callable[..., None]]


def with_options(*groups: Sequence[Decorator]) -> Decorator:
    """These options, in their order. What they come to is for `asked_for`."""
    return lambda command: reduce(lambda so_far, option: option(so_far), reversed([*chain(*groups)]), command)


def settings_from(**given: Any) -> Settings:
    """The settings that options, arguments and environment come to. Raises `click.UsageError`."""
    given_settings = settings_for_one(**given)
    refuse_other_variables(given_settings)
    return given_settings


def settings_for_one(**given: Any) -> Settings:
    """Likewise for one of several deployments, when the environment may name the keys of the others, too."""
    try:
        return _settings(**given)
    except (BadDeployment, spec.UnreadableFile) as error:
        raise click.UsageError(str(error)) from None


def refuse_other_variables(*given_settings: Settings) -> None:
    """What begins with TRACEPASS_CHECK_ was meant to be an option, unless a deployment file names it for a key."""
    commands = cast("click.Group", click.get_current_context().find_root().command).commands.values()
    options = {str(each.envvar) for command in commands for each in command.params if each.envvar}
    keys = {variable for each in given_settings if each.deployment for variable in each.deployment.variables}
    if message := list(spec.no_such_variables(_VARIABLES, options | keys, os.environ)):
        raise click.UsageError("\n".join(message))


class Made(NamedTuple):
    """A run that was made, to its end or until somebody broke it off."""

    target: Target
    result: RunResult
    is_interrupted: bool


def made(given_settings: Settings) -> Made:
    """A run, with its progress on stderr. Ends the command where nobody answers, or nothing is asked."""
    run = Run(given_settings)
    rules = len(selected_rules(given_settings.rule_prefixes) or spec.rules())
    with (
        _reached(given_settings) as run.target,
        Progress(sys.stderr, rules, Redactor(run.target.session.secrets)) as run.watcher,
    ):
        run_checks(run)
    if run.wrong_call and run.target is not None:
        raise click.UsageError(printable(Redactor(run.target.session.secrets).text(run.wrong_call)))
    if run.result is None or run.target is None:
        raise click.UsageError(
            f"nothing is checked by itself of rules that begin with {' or '.join(given_settings.rule_prefixes)}"
        )
    return Made(run.target, run.result, run.is_interrupted)


def reach(given_settings: Settings) -> None:
    """End the command where the deployment does not answer, before anything is sent that costs."""
    with _reached(given_settings):
        pass


@contextmanager
def _reached(given_settings: Settings) -> Iterator[Target]:
    """The target of a run; ends the command where it can't be."""
    try:
        with opened(given_settings) as target:
            yield target
    except Unreachable as error:
        end(str(error), Exit.UNREACHABLE)
    except Inconclusive as error:
        end(str(error), Exit.NOT_SHOWN)
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
        mock_options=mock_options_of(readings, deployment),
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
            message = f"expected the id of a rule, found {rule}. {_meant(rule, spec.rules())}"
            raise BadDeployment(f"{path}, line {number}: {message}")
    return tuple(filter(None, lines))


def check_files(given_settings: Settings, **more: Path | None) -> None:
    """End the command where a file that the run is to leave can't be written, before anything is sent."""
    others = {f"--{name}": path for name, path in more.items()}
    if message := [*unwritable({**files_of(given_settings), **others})]:
        raise click.UsageError("\n".join(message))


@contextmanager
def writes(otherwise: Callable[[], object] = lambda: None) -> Iterator[None]:
    """Files that a run leaves. Where one can't be written, something else is done, and the command ends."""
    try:
        yield
    except OSError as error:
        otherwise()
        end(f"{error.filename}: {error.strerror}", Exit.USAGE)


def end(message: str, code: Exit) -> NoReturn:
    """The end of the command, and why."""
    click.echo(message, err=True)
    raise SystemExit(code)
