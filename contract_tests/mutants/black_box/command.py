"""The command `python -m tracepass_contract.contract_tests.mutants mutate-mock`."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

import click

from ...model import clock
from ..matrix.command import jobs_option
from ..matrix.runner import in_processes
from .kept import Kept
from .mutations import Mutation, all_mutations
from .page import Result, as_page, result_of, summary
from .survivors import Class, Reason, as_entries, load_survivors
from .trial import Fate, Trial, clean_runs, tried


@click.command("mutate-mock")
@click.option("--sample", default=200, show_default=True, type=click.IntRange(0), help="Number of mutants. 0: all.")
@click.option("--seed", default=1, show_default=True, metavar="N", help="Seed of the sample.")
@click.option(
    "--skip",
    default=0,
    show_default=True,
    type=click.IntRange(0),
    help="Leave out the first N mutants of the sample: those that somebody looked at.",
)
@click.option(
    "--only", multiple=True, metavar="TEXT", help="Run the mutants whose ID or key contains TEXT, not a sample."
)
@jobs_option
@click.option(
    "--page",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the result to FILE as Markdown.",
)
@click.option(
    "--resume",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Keep what became of each mutant in FILE, and run no mutant that is in it.",
)
@click.option("--new", "shows_new", is_flag=True, help="Print entries for survivors.yaml, for those that have none.")
@click.option("--list", "only_lists", is_flag=True, help="Print the drawn mutants and run none.")
def mutate_mock_command(
    sample: int,
    seed: int,
    skip: int,
    only: tuple[str, ...],
    jobs: int,
    page: Path | None,
    resume: Path | None,
    *,
    shows_new: bool,
    only_lists: bool,
) -> None:
    """Change the mock mechanically, and let the suite judge each mutant over HTTP.

    Exit code 1: a mutant that should be killed is not, or survivors.yaml contradicts the runs.
    """
    everything = all_mutations()
    chosen = named(everything, only) if only else drawn(everything, sample, seed)[skip:]
    if only_lists:
        for each in chosen:
            click.echo(f"{each.key} {each.id}  {each.change}")
        return
    known = load_survivors()
    trials = _trials(chosen, Kept(resume), jobs)
    results = [result_of(each, trials[each.key], known) for each in chosen]
    if page is not None:
        page.write_text(as_page(results, len(everything), seed, skip), encoding="utf-8")
    click.echo(summary(results))
    if shows_new:
        click.echo(as_entries(each.mutation for each in results if each.is_new))
    wrong = contradictions(results, known)
    for line in (*wrong, *stale(everything, known)):
        click.echo(line)
    if wrong or any(each.reason is not None and each.reason.of in {Class.MISSED, Class.SANK} for each in results):
        raise SystemExit(1)


def drawn(mutations: Sequence[Mutation], sample: int, seed: int) -> Sequence[Mutation]:
    """A random sample. Other code changes few of its members, because each is drawn by its own key."""
    if sample == 0 or sample >= len(mutations):
        return mutations
    return sorted(mutations, key=lambda each: hashlib.sha256(f"{seed} {each.key}".encode()).digest())[:sample]


def named(mutations: Sequence[Mutation], texts: Sequence[str]) -> Sequence[Mutation]:
    """The mutants whose ID or key contains one of the texts."""
    found = [each for each in mutations if any(text in each.id or text == each.key for text in texts)]
    if not found:
        raise click.UsageError(f'--only: no mutant has "{texts[0]}" in its ID. `--list --sample 0` lists all.')
    return found


def contradictions(results: Sequence[Result], known: Mapping[str, Reason]) -> Sequence[str]:
    """What survivors.yaml says of mutants that are killed."""
    return [
        f"{each.mutation.key} {each.mutation.id}: is killed ({', '.join(each.trial.by)}), and survivors.yaml calls it"
        f" {known[each.mutation.key].of}"
        for each in results
        if each.trial.fate is Fate.KILLED and each.mutation.key in known
    ]


def stale(everything: Iterable[Mutation], known: Mapping[str, Reason]) -> Sequence[str]:
    """The entries of survivors.yaml that name no mutant any more: the text of their functions has changed."""
    keys = {each.key for each in everything}
    return [f"{key}: survivors.yaml names no mutant by this key ({known[key].why})" for key in known if key not in keys]


def _trials(chosen: Sequence[Mutation], kept: Kept, jobs: int) -> Mapping[str, Trial]:
    """What became of each mutant, by key."""
    trials = {each.key: trial for each in chosen if (trial := kept.get(each)) is not None}
    missing = [each for each in chosen if each.key not in trials]
    if not missing:
        return trials
    began, clean = clock.monotonic(), clean_runs()
    for done, (mutation, trial) in enumerate(in_processes(partial(tried, clean=clean), missing, jobs), start=1):
        trials[mutation.key] = trial
        kept.keep(mutation, trial)
        left = (clock.monotonic() - began) / done * (len(missing) - done)
        click.echo(f"{done}/{len(missing)}  {_line(mutation, trial)}   about {left / 60:.0f} min left", err=True)
    return trials


def _line(mutation: Mutation, trial: Trial) -> str:
    unseen = "" if trial.is_seen else ", no answer differs"
    return f"{mutation.id}  {trial.fate} in {trial.seconds:.1f} s{unseen}  {', '.join(trial.by[:3])}"
