"""The command `tracepass-check`: what a deployment does, rule by rule. stdout is data, stderr is talk."""

import json
import sys
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click
from click_default_group import DefaultGroup

from tracepass_contract import spec

from ..judging.cards import required
from ..judging.judgement import judged, notes_on_card, selected_rules, with_card
from ..model import clock
from ..model.history import History, UnreadableHistory, from_json
from ..model.outcomes import BadDeployment
from ..model.verdicts import RunResult, Spend
from ..mutants.matrix.command import mutants_command
from ..report.write import exit_code, report_of, show, write_reports
from ..run.pytest_run import collect_checks
from ..run.run import Run
from ..target.settings import Settings
from .arguments import (
    OF_A_FILE,
    OF_A_RUN,
    OF_A_VERDICT,
    OF_OUR_MOCK,
    OF_REPORTS,
    READABLE,
    URL,
    check_files,
    chosen,
    made,
    option,
    settings_from,
    with_options,
    writes,
)
from .plan import plan_as_text, planned, rules_as_text
from .probe import diff_command, probe_command


class Commands(DefaultGroup):
    """The commands; what is none of them is for `run`, unless it was probably meant to be one."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """Raises `click.UsageError` for a mistyped command."""
        may_be_one = args[0] not in self.commands and not args[0].startswith("-")
        if near := get_close_matches(args[0], self.commands if may_be_one else (), n=1):
            ctx.fail(f"{args[0]}: there is no such command. Did you mean {near[0]}?")
        return super().resolve_command(ctx, args)


@click.group(cls=Commands, default="run", default_if_no_args=False, context_settings={"max_content_width": 120})
@click.version_option(package_name="tracepass-contract", prog_name="tracepass-check")
def main() -> None:
    """Check a deployment of the batch-create API against the rules of its contract."""


@main.command("run")
@URL
@with_options(OF_A_FILE, OF_A_RUN, OF_OUR_MOCK, OF_A_VERDICT, OF_REPORTS)
def run_command(*, as_data: bool, **given: Any) -> None:
    """Check the deployment at URL; without a URL, a mock that is started for it."""
    settings = settings_from(**given)
    check_files(settings)
    run = made(settings)
    session = run.target.session
    report = report_of(run.result, session.history, session.secrets, settings)
    with writes(otherwise=lambda: show(report, sys.stdout, as_data=as_data)):
        write_reports(report, session.history, settings)
    show(report, sys.stdout, as_data=as_data)
    raise SystemExit(exit_code(run.result, settings.accepted_untested))


@main.command("plan")
@URL
@with_options(OF_A_FILE, OF_A_RUN, OF_OUR_MOCK, OF_A_VERDICT, OF_REPORTS)
def plan_command(*, as_data: bool, **given: Any) -> None:
    """Say what a run would take: writes, slots, charges. Sends nothing."""
    settings = settings_from(**given)
    plan = planned(collect_checks(Run(settings)), settings)
    click.echo(json.dumps(plan, indent=2) if as_data else plan_as_text(plan))


@main.command("rules")
@option("--rule", "prefixes", multiple=True, metavar="PREFIX", help="Only rules that begin so.")
@option("--json", "as_data", is_flag=True, help="Write JSON to stdout.")
def rules_command(prefixes: tuple[str, ...], *, as_data: bool) -> None:
    """List the rules."""
    try:
        found = chosen(prefixes)
    except BadDeployment as error:
        raise click.UsageError(str(error)) from None
    if as_data:
        members = ("id", "sentence", "level", "source", "security")
        click.echo(json.dumps([{**{m: getattr(r, m) for m in members}, "needs": [*r.needs]} for r in found], indent=2))
        return
    click.echo(rules_as_text(found))


@main.command("judge")
@click.argument("file", type=READABLE)
@option("--rule", "prefixes", multiple=True, metavar="PREFIX", help="Only rules that begin so.")
@option("--card", type=READABLE, help="Readings that are required, not only observed.")
@option("--json", "as_data", is_flag=True, help="Write JSON to stdout.")
def judge_command(file: Path, prefixes: tuple[str, ...], card: Path | None, *, as_data: bool) -> None:
    """Judge a history that `run --history` kept. Sends nothing.

    It says what the calls show by themselves. The checks of the tests are made by a run.
    """
    try:
        history = from_json(file.read_bytes())
        wanted = required(card)
        chosen(prefixes)
    except (UnreadableHistory, spec.UnreadableFile, BadDeployment) as error:
        raise click.UsageError(f"{file}: {error}" if isinstance(error, UnreadableHistory) else str(error)) from None
    judgement = judged(history, (), prefixes, "a run: by themselves these calls say nothing of it")
    observations = with_card(judgement.observations, wanted)
    result = RunResult(
        *(history.target, history.run, history.seed, *_span(history), judgement.findings, observations),
        Spend(requests=len(history.exchanges)),
        notes=notes_on_card(observations, wanted),
        rules=selected_rules(prefixes),
        is_judged=True,
    )
    show(report_of(result, history, (), Settings()), sys.stdout, as_data=as_data)
    raise SystemExit(exit_code(result))


def _span(history: History) -> tuple[datetime, datetime]:
    """When the first of its calls was sent, and the last was."""
    times = sorted(each.sent_at for each in history.exchanges) or [clock.utc_now()]
    return times[0], times[-1]


for command in (probe_command, diff_command, mutants_command):
    main.add_command(command)
