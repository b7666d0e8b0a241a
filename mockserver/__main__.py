"""The command line: `tracepass-mock`."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import click
from click_default_group import DefaultGroup

from tracepass_contract.fixtures import AccountFixture, accounts, load_accounts
from tracepass_contract.mockserver.app import VERSION, UnusableReadings, create_app
from tracepass_contract.mockserver.http.log import Log, LogEntry
from tracepass_contract.mockserver.serving import CannotServe, announcement, bind, serve
from tracepass_contract.mockserver.terminal import banner, explanation, list_of_readings
from tracepass_contract.spec import UnreadableFile, load_card, readings

_FILE = click.Path(path_type=Path)


@click.group(cls=DefaultGroup, default="serve", default_if_no_args=True)
@click.version_option(VERSION, prog_name="tracepass-mock")
def main() -> None:
    """A mock of the TracePass batch-create API that behaves like the real thing."""


@main.command("serve", context_settings={"auto_envvar_prefix": "TRACEPASS_MOCK"})
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to bind.")
@click.option("--port", default=4747, show_default=True, type=click.IntRange(0, 65535), help="0 picks a free port.")
@click.option("--ready-file", type=_FILE, help="Write the ready object there once requests are accepted.")
@click.option("--readings", "card", type=_FILE, help="Behave like this card.", envvar="TRACEPASS_MOCK_READINGS")
@click.option("--reading", "single", multiple=True, metavar="ID=ANSWER", help="Set one reading; may be repeated.")
@click.option("--seed-file", type=_FILE, help="Start with these accounts.")
@click.option("--log", "log_format", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--workers", default=1, show_default=True, help="One process keeps the books: 1 is all there can be.")
def serve_command(
    host: str,
    port: int,
    ready_file: Path | None,
    card: Path | None,
    single: tuple[str, ...],
    seed_file: Path | None,
    log_format: str,
    workers: int,
) -> None:
    """Serve the mock. This is what happens without a command."""
    if workers != 1:
        raise click.UsageError(f"--workers: expected 1, found {workers}. Two processes would keep two sets of books.")
    if ready_file is not None and not ready_file.parent.is_dir():
        raise click.UsageError(f"--ready-file: expected a file in a folder that exists, found {ready_file}.")
    seed_with = _seeds(seed_file)
    answers = _answers(card, single)
    try:
        mock = create_app(readings=answers, seed_with=seed_with, log=_log_as(log_format))
        listener = bind(host, port)
    except UnusableReadings as error:
        raise click.UsageError(str(error)) from None
    except CannotServe as error:
        raise click.ClickException(str(error)) from None
    ready = announcement(listener, host)
    default = seed_with or accounts()
    click.echo(json.dumps(ready) if port == 0 else banner(ready, mock.spec_sha256, answers, default[0]))
    sys.stdout.flush()
    if host not in {"127.0.0.1", "localhost", "::1"}:
        click.echo(f"Bound to {host}: whoever reaches this address can use the mock and its control plane.", err=True)
    serve(mock, listener, ready, ready_file)


@main.group("readings", cls=DefaultGroup, default="list", default_if_no_args=True)
def readings_command() -> None:
    """What the documentation leaves open, and how the mock can answer it."""


@readings_command.command("list")
@click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
def list_command(as_json: bool) -> None:
    """List the readings, each with its default first."""
    click.echo(list_of_readings(as_json=as_json))


@readings_command.command("explain")
@click.argument("reading_id", metavar="ID")
def explain_command(reading_id: str) -> None:
    """Tell all about one reading."""
    if reading_id not in readings():
        raise click.UsageError(f"{reading_id}: there is no such reading. `tracepass-mock readings` lists them.")
    click.echo(explanation(readings()[reading_id]))


def _answers(card: Path | None, single: tuple[str, ...]) -> dict[str, str]:
    """The card's answers, and over them those given one by one."""
    try:
        answers = load_card(card) if card else {}
    except UnreadableFile as error:
        raise click.UsageError(str(error)) from None
    for each in single:
        reading, equals, answer = each.partition("=")
        if not equals:
            raise click.UsageError(f"--reading: expected ID=ANSWER, found {each}.")
        answers[reading] = answer
    return answers


def _seeds(seed_file: Path | None) -> Sequence[AccountFixture] | None:
    try:
        return load_accounts(seed_file) if seed_file else None
    except UnreadableFile as error:
        raise click.UsageError(str(error)) from None


def _log_as(log_format: str) -> Log:
    """One line per call, on stderr."""
    write = LogEntry.as_json if log_format == "json" else LogEntry.as_text

    def log(entry: LogEntry) -> None:
        click.echo(write(entry), err=True)

    return log


if __name__ == "__main__":
    main()
