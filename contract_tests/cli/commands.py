"""The command `tracepass-check`. Results go to stdout, progress and errors to stderr."""

import json
import sys
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click
from click_default_group import DefaultGroup

from ..judging.cards import required
from ..judging.judgement import judged, notes_on_card, selected_rules, with_card
from ..model import clock
from ..model.failures import Failures
from ..model.history import History
from ..model.verdicts import RunResult, Spend
from ..report.as_json import to_json
from ..report.terminal import print_report
from ..report.view import Report, report_of
from ..run import options
from ..run.options import rules_starting_with
from .arguments import (
    INPUT,
    JSON,
    RUN,
    URL,
    VERDICT,
    end_if_failed,
    files_from,
    history_in,
    performed,
    settings_from,
    suite_errors,
    told_in_junit,
    usage_errors,
    with_options,
    writes,
)
from .clean import clean_command
from .init import init_command
from .plan import rules_as_text
from .plan_command import plan_command, refused_option
from .probe import diff_command, probe_command

_MUTANTS = "mutants"
_OF_A_RUN = (options.DEPLOYMENT, *RUN, options.READING, *VERDICT, *options.REPORTS)


class Commands(DefaultGroup):
    """The commands. A first argument that is no command belongs to `run`, unless it is a mistyped command."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), _MUTANTS})

    def get_command(self, ctx: click.Context, cmd_name: str) -> Any:
        """Only `mutants` loads the mutants: they need the server, which takes two thirds as long as all the rest."""
        if cmd_name == _MUTANTS:
            from ..mutants.matrix.command import mutants_command

            return mutants_command
        return super().get_command(ctx, cmd_name)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """Raises `click.UsageError` for a mistyped command."""
        known = self.list_commands(ctx)
        may_be_one = args[0] not in known and not args[0].startswith("-")
        if near := get_close_matches(args[0], known if may_be_one else (), n=1):
            ctx.fail(f'unknown command "{args[0]}". Did you mean "{near[0]}"?')
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Raises `click.UsageError` for a mistyped option."""
        try:
            with suite_errors():
                return super().invoke(ctx)
        except click.NoSuchOption as error:
            if error.ctx and error.ctx.info_name == "plan" and error.option_name in {each.name for each in _OF_A_RUN}:
                raise click.UsageError(refused_option(error.option_name), error.ctx) from None
            hint = f'. Did you mean "{error.possibilities[0]}"?' if error.possibilities else ""
            raise click.UsageError(f'unknown option "{error.option_name}"{hint}', error.ctx) from None


@click.group(cls=Commands, default="run", default_if_no_args=False, context_settings={"max_content_width": 120})
@click.version_option(package_name="tracepass-contract", prog_name="tracepass-check")
def main() -> None:
    """Check whether a deployment of the TracePass API keeps the rules of the API.

    `tracepass-check URL` is short for `tracepass-check run URL`. Each option can also be given as an environment
    variable: --max-writes is TRACEPASS_CHECK_MAX_WRITES.
    """


@main.command("run")
@URL
@with_options(*_OF_A_RUN)
def run_command(*, json: bool, **given: Any) -> None:
    """Check the deployment at URL. Without URL, start the mock and check it.

    Exit codes: 0 conforms, 1 a rule is violated, 2 wrong usage, 3 unreachable, 4 a must-rule is not proven, 5 the suite
    failed.
    """
    with told_in_junit(given):
        settings = settings_from(given)
        files = files_from(given)
        run = performed(settings, files)
    report = run.report
    with writes(otherwise=lambda: _show(report, as_json=json)):
        failed = files.write(report, run.history)
    _show(report, as_json=json)
    end_if_failed(failed, report)
    raise SystemExit(report.exit_code)


@main.command("rules")
@with_options(options.RULE, JSON)
def rules_command(rule: tuple[str, ...], *, json: bool) -> None:
    """List the rules, their sources, and what their checks need."""
    with usage_errors():
        found = rules_starting_with(rule)
    if not json:
        click.echo(rules_as_text(found))
        return
    members = ("id", "sentence", "level", "source", "security")
    click.echo(_as_json([{**{m: getattr(r, m) for m in members}, "needs": [*r.needs]} for r in found]))


@main.command("judge")
@click.argument("file", type=INPUT)
@with_options(options.RULE, options.CARD, JSON)
def judge_command(file: Path, rule: tuple[str, ...], card: Path | None, *, json: bool) -> None:
    """Judge the calls in FILE, which `run --history` wrote. Sends nothing.

    The result has what the calls show. It does not have what the tests of the run checked in addition.
    """
    with usage_errors():
        wanted = required(card)
        rules_starting_with(rule)
    history = history_in(file)
    failures = Failures()
    judgement = judged(history, (), rule, "a run: these calls alone do not show it", failures=failures)
    observations = with_card(judgement.observations, wanted)
    result = RunResult(
        *(history.target, history.run, history.seed, *_span(history), judgement.findings, observations),
        Spend(requests=len(history.exchanges)),
        notes=notes_on_card(observations, wanted),
        rules=selected_rules(rule),
        is_judged=True,
        failures=failures.found,
    )
    report = report_of(result, history)
    _show(report, as_json=json)
    raise SystemExit(report.exit_code)


def _show(report: Report, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(to_json(report).decode())
    else:
        print_report(report, sys.stdout)


def _as_json(data: Any) -> str:
    return json.dumps(data, indent=2)


def _span(history: History) -> tuple[datetime, datetime]:
    """When the first and the last of its calls were sent."""
    times = sorted(each.sent_at for each in history.exchanges) or [clock.utc_now()]
    return times[0], times[-1]


for command in (plan_command, init_command, clean_command, probe_command, diff_command):
    main.add_command(command)
