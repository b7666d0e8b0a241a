"""The command `tracepass-check mutants`."""

import json
import os
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from importlib.metadata import entry_points
from pathlib import Path

import click

from .by_level import climbed
from .cell import Cell
from .conforming import conforming, masked
from .kills import Fault, Found, cells_of, rows_of
from .page.page import as_page
from .proof import Proof, as_data
from .runner import Kept, run_cells

_GROUP = "tracepass_mock.mutants"
_FILE = click.Path(path_type=Path, dir_okay=False)


jobs_option = click.option(
    "--jobs",
    default=2 * (os.cpu_count() or 1),  # a run waits half of its time
    show_default="2 for each processor",
    type=click.IntRange(1),
    metavar="N",
    help="Number of parallel runs.",
)


@click.command("mutants")
@click.option("--only", multiple=True, metavar="ID", help="Run only this mutant. Can be repeated. Default: all.")
@click.option(
    "--seed",
    "seeds",
    multiple=True,
    type=int,
    default=(1,),
    show_default=True,
    metavar="N",
    help="Seed of the runs. Can be repeated.",
)
@click.option(
    "--variants",
    "variant_count",
    default=0,
    show_default=True,
    metavar="N",
    help="Number of runs against conforming variants.",
)
@click.option("--no-faults", is_flag=True, help="Run no mutant, only conforming variants.")
@click.option(
    "--masked",
    "masks",
    default=0,
    show_default=True,
    metavar="N",
    help="Also run each mutant N times together with random conforming variants.",
)
@click.option("--levels", is_flag=True, help="Also run each mutant with fewer capabilities, level by level.")
@click.option(
    "--stock", is_flag=True, help="With --levels: also run Schemathesis without our checks. Takes a quarter more time."
)
@click.option("--default-only", is_flag=True, help="Run each mutant under its first profile of readings only.")
@jobs_option
@click.option(
    "--resume", type=_FILE, metavar="FILE", help="Keep outcomes in FILE, and skip runs whose outcome is in it."
)
@click.option(
    "--again",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    metavar="FILE",
    help="Run nothing. Write the page of the JSON report in FILE.",
)
@click.option("--page", type=_FILE, metavar="FILE", help="Write the matrix to FILE as Markdown.")
@click.option("--report-json", type=_FILE, metavar="FILE", help="Write the matrix to FILE as JSON.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON to stdout. Default: text.")
def mutants_command(
    only: tuple[str, ...],
    seeds: tuple[int, ...],
    variant_count: int,
    no_faults: bool,
    masks: int,
    levels: bool,
    stock: bool,
    default_only: bool,
    jobs: int,
    resume: Path | None,
    again: Path | None,
    page: Path | None,
    report_json: Path | None,
    as_json: bool,
) -> None:
    """Run the tests against mutants and conforming variants.

    A mutant is the mock with one deliberate bug. The tests kill it when they report a violation of its rule. A
    conforming variant is the mock with a difference that no rule forbids.

    Exit code 1: a mutant survives, a variant raises a false alarm, or a server fails by a mistake of its own.
    """
    if again is not None:
        text = as_page(json.loads(again.read_text(encoding="utf-8")))
        _write(text, page)
        return
    faults = [] if no_faults else _faults(only)
    kept = Kept(resume)

    def run(cells: Sequence[Cell]) -> Found:
        return list(run_cells(cells, kept, jobs=jobs, tell=lambda line: click.echo(line, err=True)))

    rows = rows_of(faults, run(cells_of(faults, seeds, first_profile=default_only)))
    behind_masks, skipped = masked(faults, seeds[0], masks)
    proof = Proof(
        seeds,
        rows,
        variants=run(conforming(variant_count, seeds[0])),
        masked=run(behind_masks),
        skipped=skipped,
        climb=climbed(faults, rows, seeds[0], run, stock=stock) if levels else None,
        minutes=kept.minutes,
        code=kept.code,
    )
    data = as_data(proof)
    if report_json is not None:
        report_json.write_text(f"{json.dumps(data, indent=2)}\n", encoding="utf-8")
    _write(as_page(data), page, said=json.dumps(data, indent=2) if as_json else None)
    if not proof.holds:
        raise SystemExit(1)


def _write(text: str, page: Path | None, said: str | None = None) -> None:
    """Write the page to its file. Print `said`, or the page without its long table."""
    if page is not None:
        page.write_text(text, encoding="utf-8")
    click.echo(text.partition("## Fault by fault")[0].rstrip() if said is None else said)


def _faults(only: Sequence[str]) -> Sequence[Fault]:
    known: dict[str, Fault] = {}
    for each in entry_points(group=_GROUP):
        known |= each.load()()
    _check(only, known)
    return [known[each] for each in only] if only else list(known.values())


def _check(only: Sequence[str], known: Mapping[str, Fault]) -> None:
    for each in only:
        if each not in known:
            near = get_close_matches(each, known, n=1)
            hint = f'Did you mean "{near[0]}"?' if near else "`tracepass-mock mutants` lists them."
            raise click.UsageError(f'--only: unknown mutant "{each}". {hint}')
