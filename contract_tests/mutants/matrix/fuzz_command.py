"""The command `python -m tracepass_contract.contract_tests.mutants fuzz`."""

from dataclasses import replace

import click

from ..catalogue import catalogue
from .schemathesis_runs import attempt


@click.command("fuzz")
@click.argument("mutant_ids", metavar="[ID]...", nargs=-1)
@click.option(
    "--seed",
    "seeds",
    multiple=True,
    type=int,
    default=(1,),
    show_default=True,
    help="Seed of the runs. Can be repeated.",
)
@click.option("--examples", default=50, show_default=True, help="Number of generated bodies for each mutant.")
@click.option("--stock", is_flag=True, help="Run Schemathesis without our hooks and configuration.")
@click.option("--survivors", is_flag=True, help="Exit with code 1 if a mutant survives.")
def fuzz_command(
    mutant_ids: tuple[str, ...], seeds: tuple[int, ...], examples: int, stock: bool, survivors: bool
) -> None:
    """Run `schemathesis run` against the mock and the mutants with these IDs. Default: all mutants.

    A mutant is killed when, with every seed, a check reports its rule.
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
        text = outcomes[0] if len(set(outcomes)) == 1 else " / ".join(outcomes)
        click.echo(f"{mutant.id:8}   {text:16} {max(each.cases for each in tries):5} cases  {', '.join(named)}")
    click.echo(f"{killed} of {len(chosen)} killed by every seed, {len(alarms)} false alarms")
    if survivors and killed < len(chosen):
        raise SystemExit(1)
