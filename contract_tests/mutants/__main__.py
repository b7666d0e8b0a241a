"""The command line: `python -m tracepass_contract.contract_tests.mutants`."""

import json
from difflib import get_close_matches

import click

from tracepass_contract.contract_tests.mutants.catalogue import catalogue
from tracepass_contract.contract_tests.mutants.mutant import Mutant
from tracepass_contract.mockserver.app import UnusableReadings, create_app
from tracepass_contract.mockserver.serving import announced, bind, ready_object, serve

HOST = "127.0.0.1"


@click.group()
def main() -> None:
    """The mock with one fault, to see whether tests find it."""


@main.command("list")
@click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
def list_command(as_json: bool) -> None:
    """List the faults: id, severity, what it takes to see it, the rule, the fault."""
    if as_json:
        click.echo(json.dumps([_facts(each) for each in catalogue().values()], indent=2))
        return
    for each in catalogue().values():
        click.echo(f"{each.id}  {each.severity}  {each.needs or '-':4}{each.rule:36}{each.fault}")


@main.command("serve")
@click.argument("mutant_id", metavar="ID")
@click.option("--port", default=4747, show_default=True, type=click.IntRange(0, 65535), help="0 picks a free port.")
@click.option("--reading", multiple=True, metavar="ID=ANSWER", help="Set one reading; may be repeated.")
def serve_command(mutant_id: str, port: int, reading: tuple[str, ...]) -> None:
    """Serve one. The first line on stdout is the ready object, as the mock's."""
    if mutant_id not in catalogue():
        near = get_close_matches(mutant_id, catalogue(), n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise click.UsageError(f"ID: expected a fault of the list, found {mutant_id}.{hint}")
    answers = dict(each.partition("=")[::2] for each in reading)
    with catalogue()[mutant_id].in_force():
        try:
            mock = create_app(readings=answers)
        except UnusableReadings as error:
            raise click.UsageError(str(error)) from None
        listener = bind(HOST, port)
        ready = {**ready_object(listener, HOST, None), "mutant": mutant_id}
        serve(mock, listener, announced(json.dumps(ready), ready, None))


def _facts(mutant: Mutant) -> dict[str, object]:
    return {name: getattr(mutant, name) for name in ("id", "severity", "needs", "rule", "fault")}


if __name__ == "__main__":
    main()
