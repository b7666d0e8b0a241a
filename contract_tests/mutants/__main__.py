"""The command line: `python -m tracepass_contract.contract_tests.mutants`."""

import json
from dataclasses import replace
from difflib import get_close_matches

import click

from tracepass_contract.contract_tests.mutants.catalogue import catalogue
from tracepass_contract.contract_tests.mutants.fuzzed import attempt
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


@main.command("fuzz")
@click.argument("mutant_ids", metavar="[ID]...", nargs=-1)
@click.option("--seed", "seeds", multiple=True, type=int, default=(1,), show_default=True, help="May be repeated.")
@click.option("--examples", default=50, show_default=True, help="Generated bodies for each mutant.")
@click.option("--stock", is_flag=True, help="Schemathesis as it comes: no hooks, no configuration.")
@click.option("--survivors", is_flag=True, help="Exit with 1 if a mutant of those named is not killed.")
def fuzz_command(
    mutant_ids: tuple[str, ...], seeds: tuple[int, ...], examples: int, stock: bool, survivors: bool
) -> None:
    """Let `schemathesis run` loose on the mock and on each fault (all of them, or those named): which does it see?

    A fault is killed when a check names its rule, with every seed.
    """
    chosen = [catalogue()[each] for each in mutant_ids] if mutant_ids else list(catalogue().values())
    alarms: set[str] = set()
    for seed in seeds:
        right = attempt(None, seed=seed, examples=examples, stock=stock)
        alarms |= {*right.rules, *right.others}
        click.echo(f"the mock   seed {seed}  {right.cases:5} cases  alarms: {', '.join(sorted(alarms)) or 'none'}")
    killed = 0
    for mutant in chosen:
        tries = [attempt(mutant.id, seed=seed, examples=examples, stock=stock) for seed in seeds]
        tries = [replace(each, others=[other for other in each.others if other not in alarms]) for each in tries]
        outcomes = [each.outcome(mutant) for each in tries]
        killed += set(outcomes) == {"killed"}
        named = sorted({name for each in tries for name in (*each.rules, *each.others)})
        told = outcomes[0] if len(set(outcomes)) == 1 else " / ".join(outcomes)
        click.echo(f"{mutant.id:8}   {told:16} {max(each.cases for each in tries):5} cases  {', '.join(named)}")
    click.echo(f"{killed} of {len(chosen)} killed by every seed, {len(alarms)} false alarms")
    if survivors and killed < len(chosen):
        raise SystemExit(1)


def _facts(mutant: Mutant) -> dict[str, object]:
    return {name: getattr(mutant, name) for name in ("id", "severity", "needs", "rule", "fault")}


if __name__ == "__main__":
    main()
