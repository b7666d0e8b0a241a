"""The command line of the benchmarks: `python -m benchmarks`, which `make bench` and `make bench-check` call."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import click

from . import parts
from .page import reasons
from .page.page import page
from .run import baseline, machine
from .run.attempts import failures
from .subjects import contenders

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
    """Measure all of it; write benchmarks.md, benchmarks.json and the baseline of bench-check.

    What fails is told of in its place on the page, and makes the exit code 1. The baseline goes with the page in docs:
    neither is written by a quick run.
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
    if folder == DOCS and "rates" in (wanted or parts.PARTS) and not any(failures(found["rounds"])):
        baseline.write(found["ratios"], found["parts"]["rates"], baseline.BASELINE)
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
@click.option("--rounds", "rounds_", type=click.IntRange(1), default=3, show_default=True)
def check_command(*, rounds_: int) -> None:
    """A short run, its ratios held against the baseline: exits with 1 where one fell by more than 15 %.

    What fell is measured a second time, and the better of the two counts: a machine has its moments.
    """
    if not baseline.BASELINE.exists():
        raise click.ClickException("there is no baseline yet: make bench writes it")
    machine.require_tools()
    before = baseline.read(baseline.BASELINE)
    now = _ratios_now(rounds_)
    if baseline.fallen(now, before):
        _say("something fell: once more")
        again = _ratios_now(rounds_)
        now = {name: max(now.get(name, 0), again.get(name, 0)) for name in now | again}
    for name, ratio in now.items():
        click.echo(f"{ratio:8.2f}  {name}{'' if name in before else ' (not in the baseline: not steady)'}")
    if fallen := baseline.fallen(now, before):
        raise click.ClickException("\n".join(["slower than the baseline:", *fallen]))


def _ratios_now(rounds: int) -> dict[str, float]:
    found = parts.rates(contenders.QUICK, quick=True, times=rounds, seconds=1, say=_say)
    if failed := list(failures(found["rounds"])):
        raise click.ClickException("\n".join(f"{where}: {why}" for where, why in failed))
    return baseline.middles(found["ratios"])


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
