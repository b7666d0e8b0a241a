"""The command line of the benchmarks: `python -m benchmarks`, which `make bench` and `make bench-check` call."""

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from . import parts
from .page import reasons
from .page.page import page
from .run import earlier, machine, rounds
from .run.attempts import failures
from .subjects import contenders
from .subjects.cases import BY_ID
from .subjects.contenders import Contender

DOCS = machine.ROOT / "docs"
QUICK = Path(__file__).with_name(".quick")
_NO_BYTECODE = "PYTHONDONTWRITEBYTECODE"
_in_folder = click.option("--folder", type=click.Path(path_type=Path, file_okay=False), help="[default: docs]")


@click.group()
def main() -> None:
    """How fast the mock is, beside what one would use in its place."""
    os.environ.pop(_NO_BYTECODE, None)  # every start would compile what an installed package has compiled


@main.command("run")
@click.option("--quick", is_flag=True, help="A few minutes, into a folder of its own: fewer cases, no peers.")
@click.option("--rounds", "rounds_", type=click.IntRange(1), help="Of all cases.  [default: 10, quick 5]")
@click.option("--seconds", type=click.IntRange(1), default=1, show_default=True, help="For each case.")
@click.option("--part", "wanted", multiple=True, type=click.Choice(parts.PARTS), help="Only this; the rest is kept.")
@_in_folder
def run_command(
    *, quick: bool, rounds_: int | None, seconds: int, wanted: tuple[str, ...], folder: Path | None
) -> None:
    """Measure all of it; write benchmarks.md and benchmarks.json.

    A part that fails has its reason on the page in place of its figures, and makes the exit code 1.
    """
    machine.require_tools()
    folder = folder or (QUICK if quick else DOCS)
    folder.mkdir(exist_ok=True)
    options = " ".join(sys.argv[2:])
    command = f"make bench ARGS={json.dumps(options)}" if options else "make bench"
    plan = parts.Plan(command, quick, rounds_ or (5 if quick else 10), seconds)
    before = _read(folder) if wanted else {}
    found = parts.measured(before, wanted or parts.PARTS, plan, _say, lambda so_far: _write(so_far, folder))
    failed = list(failures(found))
    _say(f"written: {folder / 'benchmarks.md'}")
    for target in reasons.without(found):
        _say(f"missed, and benchmarks/page/reasons.py does not say why: {target}")
    if failed:
        raise click.ClickException("\n".join(["not whole:", *(f"{where}: {why}" for where, why in failed)]))


@main.command("page")
@_in_folder
def page_command(folder: Path | None) -> None:
    """Write benchmarks.md again from benchmarks.json."""
    folder = folder or DOCS
    (folder / "benchmarks.md").write_text(page(_read(folder)), encoding="utf-8")


@main.command("check")
@click.option("--against", metavar="COMMIT", help="[default: that of the rates in docs/benchmarks.json]")
@click.option("--rounds", "rounds_", type=click.IntRange(1), default=5, show_default=True)
def check_command(*, against: str | None, rounds_: int) -> None:
    """Measure the mock beside the mock of an earlier commit: exit with 1 if a rate fell by more than 15 %.

    A case that fell is measured a second time, and the better result counts: a machine has its moments.
    """
    machine.require_tools("git", "tar")
    measured = _read(DOCS).get("parts", {}).get("rates", {}).get("commit", "").split()
    if not against and not measured:
        raise click.ClickException("docs/benchmarks.json names no commit: choose one with --against")
    commit = against or measured[0]
    try:
        with earlier.mock_of(commit) as before:
            found = _ratios(before, parts.QUICK_CASES, rounds_)
            if again := earlier.fallen(found):
                _say("something fell: once more")
                second = _ratios(before, tuple(again), rounds_)
                found |= {case: max(found[case], ratio) for case, ratio in second.items()}
    except earlier.NoSuchCommit as error:
        raise click.ClickException(f"{commit}: {error}") from None
    click.echo(f"requests/s of the mock to those of the mock of {commit}:")
    for case, ratio in found.items():
        click.echo(f"{ratio:8.2f}  {BY_ID[case].title}")
    if fallen := earlier.fallen(found):
        raise click.ClickException(f"slower by more than 15 %: {', '.join(BY_ID[case].title for case in fallen)}")


def _ratios(before: Contender, cases: Sequence[str], times: int) -> dict[str, float]:
    found = rounds.measure((contenders.OURS, before), cases, times, 1, _say).as_json()
    if failed := list(failures(found)):
        raise click.ClickException("\n".join(f"{where}: {why}" for where, why in failed))
    return earlier.ratios(found)


def _read(folder: Path) -> dict[str, Any]:
    file = folder / "benchmarks.json"
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return found


def _write(found: dict[str, Any], folder: Path) -> None:
    """After each part, so that nothing is lost with a later one."""
    (folder / "benchmarks.json").write_text(f"{json.dumps(found, indent=1)}\n", encoding="utf-8")
    (folder / "benchmarks.md").write_text(page(found), encoding="utf-8")


def _say(text: str) -> None:
    click.echo(f"… {text}", err=True)


if __name__ == "__main__":
    main()
