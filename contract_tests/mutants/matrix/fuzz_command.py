"""The command line: `python -m tracepass_contract.contract_tests.mutants`."""

from dataclasses import replace

import click

from ..catalogue import catalogue
from .schemathesis_runs import attempt


@click.group()
def main() -> None:
    """What finds wrong servers, beside the directed tests."""


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
        text = outcomes[0] if len(set(outcomes)) == 1 else " / ".join(outcomes)
        click.echo(f"{mutant.id:8}   {text:16} {max(each.cases for each in tries):5} cases  {', '.join(named)}")
    click.echo(f"{killed} of {len(chosen)} killed by every seed, {len(alarms)} false alarms")
    if survivors and killed < len(chosen):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
