"""The command `plan`: rehearses a run, and shows what it would check and spend."""

import json as json_module
import sys
from collections.abc import Collection, Iterator
from typing import Any

import click
from click.core import ParameterSource

from tracepass_contract import spec

from ..judging.judgement import selected_rules
from ..model.outcomes import Unreachable
from ..report.conclusion import Exit
from ..report.progress import Progress
from ..report.text import REPORT_IT
from ..run import options
from ..run.rehearsal import Rehearsal, rehearse
from ..target.arranged_mock import has_control_plane
from ..target.settings import Settings
from .arguments import (
    RUN,
    URL,
    end,
    ends_where_unreachable,
    interrupted_by_signals,
    settings_from,
    usage_errors,
    with_options,
)
from .clean import DEFAULTS
from .plan import plan_as_text, planned

_OF_TIME = ("--call-seconds", "--time-limit", "--requests-per-second")
_OF_A_LOOK = ("--header", "--ca-file", "--insecure", "--client-cert", "--client-key", "--control-token")
_OF_A_CONTROL_PLANE = ("--control-token", "--examples", "--seed")
_OF_A_GIVEN_WORKSPACE = (
    *("--api-key", "--api-key-command", "--product-id", "--gtin", "--concurrency", "--keep-drafts"),
    *("--max-writes", "--max-slots", "--allow-charges", "--max-charge-cents"),
)
_WHY_REFUSED = "A plan makes no report and takes no time into account, so it would ignore it."
_NOT_KNOWN = (
    "No server answers at the URL. The plan takes for granted that the deployment has no control plane: with one, the"
    " run takes nothing of a workspace of yours."
)


@click.command("plan")
@URL
@with_options(options.DEPLOYMENT, *(each for each in RUN if each.name not in _OF_TIME), options.READING, options.CARD)
def plan_command(*, json: bool, **given: Any) -> None:
    """Show what a run would check and spend. Spends nothing: it rehearses the run against a mock.

    The mock is started on this machine, with what the deployment file declares and with the answers of --card. A
    rehearsal takes about as long as a run. The deployment at URL is only asked whether it has a control plane; with
    --no-control-plane it gets no call.

    Each line has a check, its requests, writes, slots and cents, and what it needs where it stays untested.
    """
    settings = settings_from({**DEFAULTS, **given})
    sees = _sees_control_plane(settings)
    _refuse_ignored(settings, sees)
    run = _rehearsed(settings, is_provisioned=bool(sees))
    plan = planned(run, settings)
    if sees is None:
        plan["notes"].append(_NOT_KNOWN)
    click.echo(json_module.dumps(plan, indent=2) if json else plan_as_text(plan))


def refused_option(option: str) -> str:
    """Why `plan` does not have this option of `run`."""
    return f"{option} is an option of run. {_WHY_REFUSED}"


def _sees_control_plane(settings: Settings) -> bool | None:
    """None where the URL does not answer."""
    try:
        with usage_errors():
            return has_control_plane(settings)
    except Unreachable:
        return None


def _refuse_ignored(settings: Settings, sees: bool | None) -> None:
    """Raises `click.UsageError` for an option on the command line that changes nothing. A variable may be for other
    commands.
    """
    context = click.get_current_context()
    given = {
        max(each.opts, key=len)
        for each in context.command.params
        if each.name and context.get_parameter_source(each.name) is ParameterSource.COMMANDLINE
    }
    for names, why in _ignored(settings, sees):
        if found := sorted(given.intersection(names)):
            raise click.UsageError(f"{', '.join(found)}: the plan would ignore it, because {why}")


def _ignored(settings: Settings, sees: bool | None) -> Iterator[tuple[Collection[str], str]]:
    """Options that change nothing, and why."""
    if settings.deployment is None:
        yield _OF_A_LOOK, "there is no URL"
    elif not settings.control_plane:
        yield _OF_A_LOOK, "with --no-control-plane it sends nothing to the deployment"
    if sees:
        yield _OF_A_GIVEN_WORKSPACE, "the run uses isolated workspaces (see --no-control-plane)"
    if sees is False:
        yield _OF_A_CONTROL_PLANE, "the deployment has no control plane, or the run does not use it"


def _rehearsed(settings: Settings, *, is_provisioned: bool) -> Rehearsal:
    rules, quiet = len(selected_rules(settings.rule_prefixes) or spec.rules()), not sys.stderr.isatty()
    with ends_where_unreachable(), interrupted_by_signals(), Progress(sys.stderr, rules, quiet=quiet) as progress:
        progress.say("Rehearsing the run against a mock on this machine.")
        run = rehearse(settings, is_provisioned=is_provisioned, watcher=progress)
    if run.failures.found:
        end("\n".join([*run.failures.found, REPORT_IT]), Exit.SUITE_FAILED)
    if run.is_interrupted:
        end("Interrupted before there was a plan.", Exit.UNPROVEN)
    if run.result is None:
        prefixes = " or ".join(f'"{each}"' for each in settings.rule_prefixes)
        raise click.UsageError(f"--rule: no test is about rules that start with {prefixes}")
    return run
