"""The commands of `tracepass-mock`."""

import click

from tracepass_contract.spec import check_answers
from tracepass_contract.spec import readings as known_readings

from ..app import VERSION
from ..mutants import installed_mutants
from .serve_command import serve_command
from .suggestions import Commands
from .terminal import explanation, list_of_mutants, list_of_readings

_as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.  [default: text]")


@click.group(cls=Commands, default="serve", default_if_no_args=True)
@click.version_option(VERSION, prog_name="tracepass-mock", help="Print the version and exit.")
def main() -> None:
    """A stateful mock of the TracePass API for digital product passports.

    The default command is `serve`; `tracepass-mock serve --help` shows its options.
    """


main.add_command(serve_command)


@main.command("mutants")
@_as_json
def mutants_command(as_json: bool) -> None:
    """List the mutants: mocks with one deliberate bug, to grade your tests.

    The columns are the id, the severity, what a test needs to see the bug, the rule and the bug. The end of the
    list explains the letters.
    """
    click.echo(list_of_mutants(installed_mutants(), as_json=as_json))


@main.group("readings", cls=Commands, default="list", default_if_no_args=True)
def readings_command() -> None:
    """Show the readings: questions that the documentation leaves open, and the answers that the mock can use.

    The default command is `list`.
    """


@readings_command.command("list")
@_as_json
def list_command(as_json: bool) -> None:
    """List the readings and their answers; the default comes first."""
    click.echo(list_of_readings(as_json=as_json))


@readings_command.command("explain")
@click.argument("reading_id", metavar="ID")
@_as_json
def explain_command(reading_id: str, *, as_json: bool) -> None:
    """Explain one reading.

    Shows the question, the answers, the default and the reason for it, and how to observe the answer of a deployment.

    The likeliest answer for the real service comes first. The order is our guess.
    """
    if reading_id not in known_readings():
        raise click.UsageError("\n".join(check_answers({reading_id: ""})))
    click.echo(explanation(known_readings()[reading_id], as_json=as_json))
