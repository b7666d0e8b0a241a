"""The command line of the benchmarks: `python -m benchmarks`, which `make bench` and `make bench-check` call."""

import json
import shutil
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from benchmarks import baseline, contenders, figures, hot_paths, machine, measures, peers, rounds, suite
from benchmarks.cases import CASES
from benchmarks.contenders import Contender
from benchmarks.load import WrongAnswers
from benchmarks.page import page
from benchmarks.processes import DidNotStart

DOCS = machine.ROOT / "docs"
QUICK_CASES = ("1", "100", "search", "replay", "429", "1-alone", "100-alone")


@click.group()
def main() -> None:
    """How fast the mock is, beside what one would use in its place."""


@main.command("run")
@click.option("--quick", is_flag=True, help="A few minutes: no peers, no memory over time, no families.")
@click.option("--rounds", "rounds_", type=click.IntRange(1), help="How often each case is measured.  [default: 5 or 3]")
@click.option("--seconds", type=click.IntRange(1), help="How long each time.  [default: 2 or 1]")
@click.option("--write-baseline", is_flag=True, help="Keep the ratios as those that bench-check holds others against.")
@click.option(
    "--folder", type=click.Path(path_type=Path, file_okay=False, exists=True), default=DOCS, show_default="docs"
)
def run_command(*, quick: bool, rounds_: int | None, seconds: int | None, write_baseline: bool, folder: Path) -> None:
    """Measure all of it and write benchmarks.md and benchmarks.json."""
    begun = time.perf_counter()
    found: dict[str, Any] = {
        "command": f"make bench{' ARGS=' + json.dumps(' '.join(sys.argv[2:])) if sys.argv[2:] else ''}",
        "day": datetime.now(UTC).date().isoformat(),
        "machine": machine.described(),
        "plan": {"rounds": rounds_ or (3 if quick else 5), "seconds": seconds or (1 if quick else 2)},
    }
    found |= _rates(_contenders(quick=quick), quick=quick, **found["plan"])
    found["ratios"] = figures.ratios(found["rounds"]["cells"])
    found["measures"] = measures.all_of_them(quick=quick, say=_say)
    _write(found, folder, begun)
    _say("profiles")
    found["profiles"] = hot_paths.profiles(3 if quick else 15)
    _write(found, folder, begun)
    found["suite"] = suite.whole(_say, quick=quick)
    _write(found, folder, begun)
    if write_baseline:
        baseline.write(found["ratios"], baseline.BASELINE)


@main.command("page")
@click.option(
    "--folder", type=click.Path(path_type=Path, file_okay=False, exists=True), default=DOCS, show_default="docs"
)
def page_command(folder: Path) -> None:
    """Write benchmarks.md again from benchmarks.json."""
    found = json.loads((folder / "benchmarks.json").read_text(encoding="utf-8"))
    (folder / "benchmarks.md").write_text(page(found), encoding="utf-8")


@main.command("check")
@click.option("--write-baseline", is_flag=True, help="Keep these ratios in place of the baseline.")
@click.option("--rounds", "rounds_", type=click.IntRange(1), default=3, show_default=True)
def check_command(*, write_baseline: bool, rounds_: int) -> None:
    """A short run, its ratios held against the baseline: exits with 1 where one fell by more than 15 %.

    What fell is measured a second time, and the better of the two counts: a machine has its moments.
    """
    now = _ratios_now(rounds_)
    if not write_baseline and baseline.BASELINE.exists() and baseline.fallen(now, baseline.read(baseline.BASELINE)):
        _say("something fell: once more")
        again = _ratios_now(rounds_)
        now = {name: max(ratio, again.get(name, ratio)) for name, ratio in now.items()}
    for name, ratio in now.items():
        click.echo(f"{ratio:8.2f}  {name}")
    if write_baseline:
        baseline.write(now, baseline.BASELINE)
        return
    if not baseline.BASELINE.exists():
        raise click.ClickException("there is no baseline yet: make bench-check ARGS=--write-baseline writes it")
    if fallen := baseline.fallen(now, baseline.read(baseline.BASELINE)):
        raise click.ClickException("\n".join(["slower than the baseline:", *fallen]))


def _write(found: dict[str, Any], folder: Path, begun: float) -> None:
    """After each part, so that nothing is lost with a later one."""
    found["minutes"] = (time.perf_counter() - begun) / 60
    (folder / "benchmarks.json").write_text(f"{json.dumps(found, indent=1)}\n", encoding="utf-8")
    (folder / "benchmarks.md").write_text(page(found), encoding="utf-8")


def _ratios_now(rounds: int) -> dict[str, float]:
    return figures.ratios(_rates(contenders.QUICK, quick=True, rounds=rounds, seconds=1)["rounds"]["cells"])


def _contenders(*, quick: bool) -> tuple[Contender, ...]:
    return contenders.QUICK if quick else (*contenders.ALL, *contenders.of_peers())


def _rates(who: tuple[Contender, ...], *, quick: bool, rounds: int, seconds: int) -> dict[str, Any]:
    """Raises a `ClickException` for what ends the run."""
    if missing := [tool for tool in ("wrk", "taskset") if shutil.which(tool) is None]:
        raise click.ClickException(f"not there: {', '.join(missing)}. On Debian: apt-get install wrk util-linux")
    failures: dict[str, str] = {}
    if not quick:
        _say("install the peers")
        failures = peers.install()
    there = [contender for contender in who if contender.id not in failures]
    cases = QUICK_CASES if quick else [case.id for case in CASES]
    try:
        found = _measured(there, cases, rounds, seconds)
    except (WrongAnswers, DidNotStart) as error:
        raise click.ClickException(str(error)) from None
    return {
        "titles": {contender.id: contender.title for contender in who},
        "lacks": {contender.id: contender.lacks for contender in who},
        "failures": {**failures, **found["failures"]},
        "rounds": found,
    }


def _measured(who: list[Contender], cases: Any, times: int, seconds: int) -> dict[str, Any]:
    return rounds.measure(who, cases, times, seconds, _say).as_json()


def _say(text: str) -> None:
    click.echo(f"… {text}", err=True)


if __name__ == "__main__":
    main()
