"""What the commands of `tracepass-check` share: their options, the settings from them, and a run."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import reduce
from pathlib import Path
from typing import Any, NoReturn, TypeVar, cast

import click

from tracepass_contract import spec

from ..judging.judgement import selected_rules
from ..model.failures import described
from ..model.history import History
from ..model.history_lines import UnreadableHistory, from_lines
from ..model.outcomes import BadDeployment, Inconclusive, Unreachable
from ..model.redaction import Redactor
from ..report.conclusion import Exit
from ..report.files import NO_FILES, ReportFiles
from ..report.progress import Progress
from ..report.text import DELETE_LATER, REPORT_IT, printable
from ..report.view import Report
from ..run import options
from ..run.options import VARIABLES, Option, files_of, settings_of
from ..run.pytest_run import perform
from ..run.run import Run
from ..target.settings import Settings
from ..target.target import Target, opened

OUTPUT = click.Path(path_type=Path, dir_okay=False)
INPUT = click.Path(path_type=Path, dir_okay=False, exists=True)
JSON = Option("--json", "Write JSON to stdout. Default: text.", bool, default=False)
RUN = (*options.RUN, options.SEED, JSON)
VERDICT = (options.CARD, options.ACCEPT_UNTESTED)
_ENDING = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]  # Windows has no SIGHUP
URL = click.argument("url", required=False, envvar=f"{VARIABLES}URL")
Command = TypeVar("Command", bound=Callable[..., Any])


class _Lines(click.types.StringParamType):
    """A text that an environment variable gives several times, one per line."""

    def split_envvar_value(self, rv: str) -> Sequence[str]:
        return [line.strip() for line in rv.splitlines() if line.strip()]


def with_options(*given: Option) -> Callable[[Command], Command]:
    """The command with these options, in their order. Each can be given as an environment variable, too."""
    return lambda command: reduce(lambda so_far, option: _click_option(option)(so_far), reversed(given), command)


def _click_option(option: Option) -> Callable[[Command], Command]:
    kind: Any = option.kind
    if option.kind is Path:
        kind = INPUT if option.must_exist else OUTPUT
    elif option.least is not None:
        kind = click.IntRange(int(option.least)) if option.kind is int else click.FloatRange(option.least)
    if option.one_per_line:
        kind = _Lines()
    more = {"is_flag": True} if option.kind is bool else {"type": kind, "metavar": option.metavar}
    return click.option(
        option.name,
        option.key,
        help=option.help,
        default=() if option.repeats else option.default,
        show_default=option.least is not None,
        multiple=option.repeats,
        envvar=option.variable,
        **more,
    )


def settings_from(given: Mapping[str, Any]) -> Settings:
    """The settings of a run. Raises `click.UsageError`."""
    settings = settings_for_one(given)
    refuse_unknown_variables(settings)
    return settings


def settings_for_one(given: Mapping[str, Any]) -> Settings:
    """The settings for one of several deployments: variables may hold the keys of the others. Raises as above."""
    with usage_errors():
        return settings_of(given)


def files_from(given: Mapping[str, Any], **more: Path | None) -> ReportFiles:
    """The files that the run leaves. Raises `click.UsageError` where one of them, or of `more`, can't be written."""
    files = files_of(given)
    if problems := files.problems(**more):
        raise click.UsageError("\n".join(problems))
    return files


def history_in(file: Path) -> History:
    """The history that a run wrote. Raises `click.UsageError`."""
    try:
        return from_lines(file.read_bytes())
    except UnreadableHistory as error:
        raise click.UsageError(f"{file}: {error}") from None


def refuse_unknown_variables(*settings: Settings) -> None:
    """A variable TRACEPASS_CHECK_… is an option, or a deployment file names it for a key. Raises `click.UsageError`."""
    commands = cast("click.Group", click.get_current_context().find_root().command).commands.values()
    of_options = {str(each.envvar) for command in commands for each in command.params if each.envvar}
    files = [each.deployment for each in settings if each.deployment]
    of_files = {variable for each in files for variable in (*each.variables, *each.variables_of_headers)}
    if problems := list(spec.no_such_variables(VARIABLES, of_options | of_files, os.environ)):
        raise click.UsageError("\n".join(problems))


def performed(settings: Settings, files: ReportFiles = NO_FILES) -> Run:
    """A finished run, with its progress on stderr. Ends the command where no run is possible.

    A signal that ends the process interrupts the run, as Ctrl-C does: it cleans up, and the reports are written.
    """
    rules = len(selected_rules(settings.rule_prefixes) or spec.rules())
    with ends_where_unreachable(), interrupted_by_signals(), Progress(sys.stderr, rules) as progress:
        run = perform(settings, progress, files)
    assert run.target is not None
    if run.wrong_call:
        raise click.UsageError(printable(Redactor(run.target.session.secrets).text(run.wrong_call)))
    if run.result is None and run.failures.found:
        end("\n".join([*run.failures.found, REPORT_IT]), Exit.SUITE_FAILED)
    if run.result is None:
        prefixes = " or ".join(f'"{each}"' for each in settings.rule_prefixes)
        raise click.UsageError(f"--rule: no test is about rules that start with {prefixes}")
    return run


@contextmanager
def reached(settings: Settings) -> Iterator[Target]:
    """The open target of these settings. Ends the command where it does not answer."""
    with ends_where_unreachable(), opened(settings) as target:
        yield target


def reach(settings: Settings) -> None:
    """End the command where the deployment does not answer. The check costs nothing."""
    with reached(settings):
        pass


@contextmanager
def ends_where_unreachable() -> Iterator[None]:
    """End the command where the target, or the mock in its place, can't be used."""
    try:
        with usage_errors():
            yield
    except Unreachable as error:
        end(str(error), Exit.UNREACHABLE)
    except Inconclusive as error:
        end(str(error), Exit.UNPROVEN)


@contextmanager
def interrupted_by_signals() -> Iterator[None]:
    """A signal that would end the process raises `KeyboardInterrupt`, except where somebody handles or ignores it."""
    is_main = threading.current_thread() is threading.main_thread()  # only there signals can be handled
    taken = [each for each in _ENDING if is_main and signal.getsignal(each) is signal.SIG_DFL]
    for each in taken:
        signal.signal(each, signal.default_int_handler)
    try:
        yield
    finally:
        for each in taken:
            signal.signal(each, signal.SIG_DFL)


@contextmanager
def usage_errors() -> Iterator[None]:
    """Options and files with mistakes as `click.UsageError`."""
    try:
        yield
    except (BadDeployment, spec.UnreadableFile) as error:
        raise click.UsageError(printable(str(error))) from None


@contextmanager
def writes(otherwise: Callable[[], object] = lambda: None) -> Iterator[None]:
    """Write the files of a run. Where one can't be written, call `otherwise` and end the command."""
    try:
        yield
    except OSError as error:
        otherwise()
        end(f"{error.filename}: {error.strerror}", Exit.USAGE)


@contextmanager
def suite_errors() -> Iterator[None]:
    """Any other error is one of the suite: say so, and end the command with the exit code for it."""
    try:
        yield
    except (click.ClickException, click.exceptions.Exit, click.Abort):
        raise
    except Exception as error:
        end(f"The suite failed: {printable(Redactor().text(described(error)))}\n{REPORT_IT}", Exit.SUITE_FAILED)


def end_if_failed(failed: Sequence[str], report: Report) -> None:
    """End the command where a report could not be made."""
    if failed:
        lines = [f"The suite failed: {printable(each)}" for each in failed]
        end("\n".join([*lines, REPORT_IT, report.conclusion]), Exit.SUITE_FAILED)


_INTERRUPTED = f"Interrupted before there was a report. If passports were created: {DELETE_LATER}"


class Ended(SystemExit):
    """The command ended without a report. `message` is what it said."""

    def __init__(self, message: str, code: Exit) -> None:
        super().__init__(code)
        self.message = message


@contextmanager
def told_in_junit(given: Mapping[str, Any]) -> Iterator[None]:
    """Write a JUnit report with an error, where one is wanted and the command ends without a report."""
    try:
        yield
    except (click.UsageError, Ended, KeyboardInterrupt) as error:
        ended = error if isinstance(error, click.UsageError | Ended) else Ended(_INTERRUPTED, Exit.UNPROVEN)
        code = Exit.USAGE if isinstance(ended, click.UsageError) else ended.code
        with suppress(OSError):
            files_of(given).write_end(given["url"] or "tracepass-check", ended.message, int(str(code)))
        if ended is not error:
            end(_INTERRUPTED, Exit.UNPROVEN)
        raise


def end(message: str, code: Exit) -> NoReturn:
    """End the command with a message on stderr."""
    click.echo(printable(message), err=True)
    raise Ended(printable(message), code)
