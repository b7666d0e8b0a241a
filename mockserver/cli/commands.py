"""The command line: `tracepass-mock`."""

import json
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from difflib import get_close_matches
from pathlib import Path

import click
from click_default_group import DefaultGroup

from tracepass_contract.fixtures import accounts, load_accounts
from tracepass_contract.spec import UnreadableFile, answers_in, check_answers, load_card, no_such_variables
from tracepass_contract.spec import readings as known_readings

from ..app import VERSION, UnusableReadings, create_app
from ..http.api.log import Line, Log
from ..wrong_servers import VariantServer, WrongServer, conforming_variants, wrong_servers
from .serving import (
    CannotServe,
    announced,
    bind,
    new_control_token,
    ready_object,
    serve,
)
from .state_file import restore, saved
from .terminal import banner, explanation, list_of_readings, list_of_wrong_servers

TOKEN_LENGTH_MIN = 8
_VARIABLES = "TRACEPASS_MOCK"
_FILE = click.Path(path_type=Path, dir_okay=False)


def _token(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    """A token that can be sent in a header, and not too short. It is not shown, whatever is wrong with it."""
    if value is not None and not (len(value) >= TOKEN_LENGTH_MIN and value.isascii() and value.isprintable()):
        raise click.BadParameter(f"expected {TOKEN_LENGTH_MIN} or more printable ASCII characters, found another text.")
    return value


def _wrong_server(_ctx: click.Context, _param: click.Parameter, value: str | None) -> WrongServer | None:
    if value is None:
        return None
    known = wrong_servers()
    if value not in known:
        near = get_close_matches(value, known, n=1)
        hint = f"Did you mean {near[0]}?" if near else "`tracepass-mock mutants` lists those that are installed."
        raise click.BadParameter(f"expected the id of a wrong server, found {value}. {hint}")
    return known[value]


def _conforming_variants(
    _ctx: click.Context, _param: click.Parameter, values: Sequence[str]
) -> Sequence[VariantServer]:
    known = conforming_variants() if values else {}
    for value in values:
        if value not in known:
            raise click.BadParameter(f"expected ids among {', '.join(known) or 'none'}, found {value}.")
    return [known[value] for value in values]


class Commands(DefaultGroup):
    """A group with a default command that takes options only: another word is a command mistyped."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.commands and not cmd_name.startswith("-"):
            near = get_close_matches(cmd_name, self.commands, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            ctx.fail(f"expected one of the commands {', '.join(self.commands)}, found {cmd_name}.{hint}")
        command: click.Command | None = super().get_command(ctx, cmd_name)
        return command


@click.group(cls=Commands, default="serve", default_if_no_args=True)
@click.version_option(VERSION, prog_name="tracepass-mock")
def main() -> None:
    """A mock of the TracePass batch-create API that behaves like the real thing.

    Without a command it serves; `serve --help` has the options.
    """


@main.command("serve", context_settings={"auto_envvar_prefix": _VARIABLES})
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to bind.")
@click.option("--port", default=4747, show_default=True, type=click.IntRange(0, 65535), help="0 picks a free port.")
@click.option("--ready-file", type=_FILE, help="Write the ready object there once requests are accepted.")
@click.option("--readings", type=_FILE, help="Behave like this card.")
@click.option("--reading", multiple=True, metavar="ID=ANSWER", help="Set one reading; may be repeated.")
@click.option("--mutant", callback=_wrong_server, metavar="ID", help="Serve with this fault; `mutants` lists them.")
@click.option(
    "--variant",
    multiple=True,
    callback=_conforming_variants,
    metavar="ID",
    help="Be different in this, where it is legal; may be repeated.",
)
@click.option("--seed-file", type=_FILE, help="Start with these accounts.")
@click.option("--state-file", type=_FILE, help="Go on from what is saved there, and save there at the end.")
@click.option("--log", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Form of the log.")
@click.option("--control-token", callback=_token, metavar="TOKEN", help="What the control plane asks for.")
@click.option("--workers", default=1, show_default=True, help="One process keeps the books: 1 is all there can be.")
def serve_command(
    host: str,
    port: int,
    ready_file: Path | None,
    readings: Path | None,
    reading: tuple[str, ...],
    mutant: WrongServer | None,
    variant: Sequence[VariantServer],
    seed_file: Path | None,
    state_file: Path | None,
    log: str,
    control_token: str | None,
    workers: int,
) -> None:
    """Serve the mock. This is what happens without a command.

    Each option can stand in the environment: TRACEPASS_MOCK_PORT, TRACEPASS_MOCK_READY_FILE and so on.
    """
    _refuse_other_variables()
    if workers != 1:
        raise click.UsageError(f"--workers: expected 1, found {workers}. Two processes would keep two sets of books.")
    for option, file in (("--ready-file", ready_file), ("--state-file", state_file)):
        if file is not None and not file.parent.is_dir():
            raise click.UsageError(f"{option}: expected a file in a folder that exists, found {file}.")
    token = control_token or new_control_token(host)
    for server in variant:
        click.get_current_context().with_resource(server.in_force())
        click.echo(f"This is an odd server, {server.id}: {server.what}", err=True)
    if mutant is not None:
        click.get_current_context().with_resource(mutant.in_force())
        click.echo(f"This is a wrong server, {mutant.id} ({mutant.rule}): {mutant.fault}", err=True)
    try:
        seeds = load_accounts(seed_file) if seed_file else accounts()
        answers = _answers(readings, reading)
        mock = create_app(readings=answers, seed_with=seeds, log=log_as(log), control_token=token)
        if state_file is not None:
            restore(mock, state_file, answers)
    except (UnreadableFile, UnusableReadings) as error:
        raise click.UsageError(str(error)) from None
    try:
        listener = bind(host, port)
        ready = ready_object(listener, host, token)
        as_ever = not any((mock.deviations, mutant, variant, seed_file, state_file))
        about = (mock.spec_sha256, mock.deviations, seeds[0])
        text = json.dumps(ready) if port == 0 else banner(ready, *about, as_ever=as_ever)
        if new_control_token(host):
            click.echo(
                f"Bound to {host}: other machines can reach this mock; its control plane needs the token.", err=True
            )
        with saved(mock, state_file):
            serve(mock, listener, announced(text, ready, ready_file))
    except CannotServe as error:
        raise click.ClickException(str(error)) from None


@main.command("mutants")
@click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
def mutants_command(as_json: bool) -> None:
    """List the wrong servers: id, severity, what it takes to see the fault, the rule, the fault.

    The letters of the second and the third are explained at the end of the list.
    """
    click.echo(list_of_wrong_servers(wrong_servers(), as_json=as_json))


@main.group("readings", cls=Commands, default="list", default_if_no_args=True)
def readings_command() -> None:
    """Show the readings: questions that the documentation leaves open, and the answers that the mock can use."""


@readings_command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def list_command(as_json: bool) -> None:
    """List all readings with their answers. The default is the first answer."""
    click.echo(list_of_readings(as_json=as_json))


@readings_command.command("explain")
@click.argument("reading_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def explain_command(reading_id: str, *, as_json: bool) -> None:
    """Explain one reading.

    Shows the question, the answers, the default and the reason for it, and how to observe the answer of a deployment.

    The likeliest answer for the real service comes first. The order is our guess.
    """
    if reading_id not in known_readings():
        raise click.UsageError("\n".join(check_answers({reading_id: ""})))
    click.echo(explanation(known_readings()[reading_id], as_json=as_json))


def _refuse_other_variables() -> None:
    """What begins with TRACEPASS_MOCK_ and is no option was meant to be one."""
    prefix = f"{_VARIABLES}_"
    known = {f"{prefix}{each.name.upper()}" for each in serve_command.params if each.name}
    if problems := list(no_such_variables(prefix, known, os.environ)):
        raise click.UsageError("\n".join(problems))


def _answers(card: Path | None, single: Sequence[str]) -> dict[str, str]:
    """The card's answers, and over them those given one by one."""
    of_card = load_card(card).readings if card else {}
    answers, wrong = answers_in(single)
    if wrong:
        raise click.UsageError("\n".join(f"--reading: {each}" for each in wrong))
    return {**of_card, **answers}


def log_as(log: str) -> Log:
    """One line per call, on stderr. Where nobody reads it any more, calls are answered all the same."""
    as_json, nobody_reads = log == "json", suppress(OSError)

    def say(line: Line) -> None:
        with nobody_reads:
            sys.stderr.write(f"{line.as_json() if as_json else line.as_text()}\n")

    return say
