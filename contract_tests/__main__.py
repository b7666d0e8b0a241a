"""The command `tracepass-check`: what a deployment does, rule by rule. stdout is data, stderr is talk."""

import json
import sys
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click
from click_default_group import DefaultGroup

from tracepass_contract import spec
from tracepass_contract.contract_tests import clock
from tracepass_contract.contract_tests import settings as defaults
from tracepass_contract.contract_tests.deployment import BadDeployment
from tracepass_contract.contract_tests.history import UnreadableHistory, from_json
from tracepass_contract.contract_tests.judging import judged, rules_asked_for, with_card
from tracepass_contract.contract_tests.matrix.command import mutants_command
from tracepass_contract.contract_tests.options import deployment_of
from tracepass_contract.contract_tests.outcomes import Unreachable
from tracepass_contract.contract_tests.planning import plan_as_text, planned
from tracepass_contract.contract_tests.report.progress import Progress
from tracepass_contract.contract_tests.report.redaction import Redactor
from tracepass_contract.contract_tests.reporting import Exit, exit_code, report_of, show, write_reports
from tracepass_contract.contract_tests.running import Run
from tracepass_contract.contract_tests.settings import Settings
from tracepass_contract.contract_tests.suite import collect_checks, run_checks
from tracepass_contract.contract_tests.target import opened
from tracepass_contract.contract_tests.verdicts import RunResult, Spend

_FILE = click.Path(path_type=Path, dir_okay=False)
_READABLE = click.Path(path_type=Path, dir_okay=False, exists=True)
Command = TypeVar("Command", bound=Callable[..., Any])


def _option(*names: str, **more: Any) -> Callable[[Command], Command]:
    """An option that the environment can give too: `--max-slots` is `TRACEPASS_CHECK_MAX_SLOTS`."""
    variable = names[0].removeprefix("--").replace("-", "_").upper()
    return click.option(*names, envvar=f"TRACEPASS_CHECK_{variable}", **more)


_OPTIONS = (
    _option(
        "--api-key", metavar="KEY", help="Better given as TRACEPASS_CHECK_API_KEY: arguments can be seen by others."
    ),
    _option("--product-id", metavar="ID", help="A product of the workspace."),
    _option("--gtin", metavar="GTIN", help="A GTIN of the workspace."),
    _option("--deployment", "file", type=_READABLE, help="What is known of the deployment (TOML)."),
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
    _option("--card", type=_READABLE, help="Readings that are required, not only observed."),
    _option("--accept-untested", type=_READABLE, help="Rules that may stay untested: an id a line, and after # why."),
    _option("--history", type=_FILE, help="Keep all that was asked and answered."),
    _option("--report-json", type=_FILE),
    _option("--report-junit", type=_FILE),
    _option("--report-html", type=_FILE),
    _option(
        "--examples", default=defaults.EXAMPLES, show_default=True, type=click.IntRange(0), help="Sequences to try."
    ),
    _option("--seed", type=int, help="Chance, as it was in another run."),
    click.option("--reading", "readings", multiple=True, metavar="ID=ANSWER", help="For the mock that is started."),
    click.option("--json", "as_data", is_flag=True, help="Write JSON to stdout."),
)


def _with_options(command: Callable[..., None]) -> Callable[..., None]:
    """A command of a run, given its settings and whether JSON is wanted."""

    @wraps(command)
    def called(*, as_data: bool, **given: Any) -> None:
        try:
            asked = _settings(**given)
        except (BadDeployment, spec.UnreadableFile) as error:
            raise click.UsageError(str(error)) from None
        command(asked, as_data=as_data)

    for option in reversed(_OPTIONS):
        called = option(called)
    return click.argument("url", required=False, envvar="TRACEPASS_CHECK_URL")(called)


@click.group(cls=DefaultGroup, default="run", default_if_no_args=False, context_settings={"max_content_width": 120})
@click.version_option(package_name="tracepass-contract", prog_name="tracepass-check")
def main() -> None:
    """Check a deployment of the batch-create API against the rules of its contract."""


@main.command("run")
@_with_options
def run_command(asked: Settings, *, as_data: bool) -> None:
    """Check the deployment at URL; without a URL, a mock that is started for it."""
    run = Run(asked)
    rules = len(rules_asked_for(asked.rule_prefixes) or spec.rules())
    try:
        with (
            opened(asked) as run.target,
            Progress(sys.stderr, rules, Redactor(run.target.session.secrets)) as run.watcher,
        ):
            run_checks(run)
    except Unreachable as error:
        _end(str(error), Exit.UNREACHABLE)
    except BadDeployment as error:
        raise click.UsageError(str(error)) from None
    if run.result is None or run.target is None:
        raise click.UsageError(
            f"nothing is checked by itself of rules that begin with {' or '.join(asked.rule_prefixes)}"
        )
    session = run.target.session
    report = report_of(run.result, session.history, session.secrets, asked)
    write_reports(report, session.history, asked)
    show(report, sys.stdout, as_data=as_data)
    raise SystemExit(exit_code(run.result, asked.accepted_untested))


@main.command("plan")
@_with_options
def plan_command(asked: Settings, *, as_data: bool) -> None:
    """Say what a run would take: writes, slots, charges. Sends nothing."""
    plan = planned(collect_checks(Run(asked)), asked)
    click.echo(json.dumps(plan, indent=2) if as_data else plan_as_text(plan))


@main.command("rules")
@click.option("--rule", "prefixes", multiple=True, metavar="PREFIX", help="Only rules that begin so.")
@click.option("--json", "as_data", is_flag=True, help="Write JSON to stdout.")
def rules_command(prefixes: tuple[str, ...], *, as_data: bool) -> None:
    """List the rules."""
    try:
        found = _chosen(prefixes)
    except BadDeployment as error:
        raise click.UsageError(str(error)) from None
    if as_data:
        members = ("id", "sentence", "level", "source", "security")
        click.echo(json.dumps([{**{m: getattr(r, m) for m in members}, "needs": [*r.needs]} for r in found], indent=2))
        return
    for rule in found:
        needs = f" (needs {', '.join(rule.needs)})" if rule.needs else ""
        click.echo(f"{rule.id}  {rule.level}{needs}\n    {rule.sentence}\n    {rule.source}")


@main.command("judge")
@click.argument("file", type=_READABLE)
@click.option("--rule", "prefixes", multiple=True, metavar="PREFIX", help="Only rules that begin so.")
@click.option("--card", type=_READABLE, help="Readings that are required, not only observed.")
@click.option("--json", "as_data", is_flag=True, help="Write JSON to stdout.")
def judge_command(file: Path, prefixes: tuple[str, ...], card: Path | None, *, as_data: bool) -> None:
    """Judge a history that `run --history` kept. Sends nothing."""
    try:
        history = from_json(file.read_bytes())
        required = _card(card)
        _chosen(prefixes)
    except (UnreadableHistory, spec.UnreadableFile, BadDeployment) as error:
        raise click.UsageError(f"{file}: {error}" if isinstance(error, UnreadableHistory) else str(error)) from None
    now, judgement = clock.utc_now(), judged(history, (), prefixes)
    observations = with_card(judgement.observations, required)
    result = RunResult(
        *(history.target, history.run, 0, now, now, judgement.findings, observations),
        Spend(requests=len(history.exchanges)),
        rules=rules_asked_for(prefixes),
    )
    show(report_of(result, history, (), Settings()), sys.stdout, as_data=as_data)
    raise SystemExit(exit_code(result))


main.add_command(mutants_command)


def _settings(url: str | None, file: Path | None, readings: tuple[str, ...], **given: Any) -> Settings:
    """Raises `BadDeployment` and `UnreadableFile`."""
    deployment = deployment_of(file, url, given.pop("api_key"), given.pop("product_id"), given.pop("gtin"))
    _card(given["card"])
    _chosen(given["rule_prefixes"])
    accepted = given.pop("accept_untested")
    return Settings(
        accepted_untested=_accepted(accepted) if accepted else (),
        deployment=deployment,
        control_plane=not given.pop("no_control_plane"),
        mock_options=tuple(part for answer in readings for part in ("--reading", answer)),
        **given,
    )


def _chosen(prefixes: tuple[str, ...]) -> list[spec.Rule]:
    """The rules that begin with one of these, or all. Raises `BadDeployment` where a prefix has none."""
    known = {*spec.rules(), *(rule.partition(".")[0] for rule in spec.rules())}
    for prefix in prefixes:
        if not any(rule.startswith(prefix) for rule in known):
            raise BadDeployment(f"no rule begins with {prefix}. {_meant(prefix, known)}")
    return [rule for rule in spec.rules().values() if not prefixes or rule.id.startswith(prefixes)]


def _meant(mistyped: str, known: Iterable[str]) -> str:
    near = get_close_matches(mistyped, known, n=1)
    return f"Did you mean {near[0]}?" if near else "`tracepass-check rules` lists them."


def _card(path: Path | None) -> dict[str, str]:
    """Raises `UnreadableFile`, and `BadDeployment` where an answer is none."""
    card = spec.load_card(path) if path is not None else {}
    unknown = [reading for reading in card if reading not in spec.readings()]
    if unknown:
        raise BadDeployment(f"{path}: {' '.join(map(spec.no_such_reading, unknown))}")
    return card


def _accepted(path: Path) -> tuple[str, ...]:
    """The rules that a person has said may stay untested: an id a line, and after `#` why. Raises `BadDeployment`."""
    lines = [line.partition("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines()]
    for number, rule in enumerate(lines, start=1):
        if rule and rule not in spec.rules():
            told = f"expected the id of a rule, found {rule}. {_meant(rule, spec.rules())}"
            raise BadDeployment(f"{path}, line {number}: {told}")
    return tuple(filter(None, lines))


def _end(told: str, code: Exit) -> None:
    click.echo(told, err=True)
    raise SystemExit(code)


if __name__ == "__main__":
    main()
