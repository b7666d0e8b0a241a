"""A part that fails stands in its place, costs no other, and is in the exit code."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from benchmarks import __main__ as command
from benchmarks import parts
from benchmarks.measures import suite_run
from benchmarks.page.page import page
from benchmarks.run import machine
from benchmarks.run.attempts import attempted, failures
from benchmarks.run.rounds import Rounds, measure
from benchmarks.subjects.contenders import FLOOR
from benchmarks.tests.runs import run

FAILURE = "RuntimeError: seed 7, a rule that was broken"


def broken(*_: Any, **__: Any) -> Any:
    raise RuntimeError("seed 7, a rule\n that was broken")


def test_of_a_command_that_failed_its_last_words_are_reported() -> None:
    def fails() -> None:
        raise subprocess.CalledProcessError(2, "npm", stderr="much\nno such package\n")

    assert attempted(fails) == {"failure": "CalledProcessError: exit code 2: no such package"}


def test_a_family_that_fails_stands_in_its_row() -> None:
    found = run(ours=950, floor=1000)
    found["suite"]["families"]["quota"] = attempted(broken)

    text = page(found)

    assert f"| `quota` | failed: {FAILURE} |" in text
    assert "| `batch` | 3.0 | 100 |" in text
    assert f"- suite, families, quota: {FAILURE}" in text


@pytest.mark.parametrize("part", ["rounds", "measures", "profiles", "suite"])
def test_a_page_is_written_without_any_part(part: str) -> None:
    found = run(ours=950, floor=1000)
    found[part] = attempted(broken)

    text = page(found)

    assert text.count(FAILURE) > 1  # at the top, and in its place
    assert list(failures(found)) == [(part, FAILURE)]


@pytest.mark.parametrize("name", ["start", "import", "control", "passport", "flat"])
def test_a_measure_that_fails_stands_in_its_row(name: str) -> None:
    found = run(ours=950, floor=1000)
    found["measures"][name] = attempted(broken)

    assert f"| {name} | not measured: {FAILURE} |" in page(found)


def test_a_family_that_fails_does_not_keep_the_next_from_being_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def made(*options: str) -> dict[str, float]:
        return broken() if "batch." in options else {"seconds": 1, "requests": 2}

    for name in ("_shares", "_cells"):
        monkeypatch.setattr(suite_run, name, broken)
    monkeypatch.setattr(suite_run, "_run", made)

    found = suite_run.whole(lambda _: None, quick=False)

    assert found["families"]["batch"] == {"failure": FAILURE}
    assert found["families"]["quota"] == {"seconds": 1, "requests": 2}


def test_a_server_that_does_not_start_is_reported() -> None:
    gone = replace(FLOOR, command=(sys.executable, "-c", "raise SystemExit('no such port')"))

    found = measure([gone], ["1"], 1, 1, lambda _: None)

    assert found.as_json()["broken"] == {"floor": {"failure": "does not start: it ended: no such port"}}


def test_no_figure_is_left_of_a_server_that_answers_wrongly() -> None:
    found = Rounds(cells={"floor": {"1": []}, "ours": {"1": []}})

    found.leave_out(FLOOR, "batch of 1: 3 wrong")

    assert found.as_json()["broken"] == {"floor": {"failure": "batch of 1: 3 wrong"}}
    assert found.cells.keys() == {"ours"}


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the parts find, in place of measuring it: for the test to change."""
    whole = run(ours=950, floor=1000)
    found = {
        "rates": {name: whole[name] for name in ("plan", "titles", "lacks", "failures", "rounds")},
        **{name: {name: whole[name]} for name in ("measures", "profiles", "suite")},
    }
    made = {name: (lambda *_, name=name: found[name]) for name in found}
    monkeypatch.setattr(parts, "MAKES", made)
    monkeypatch.setattr(machine, "require_tools", lambda: None)
    return found


def test_a_run_with_a_failure_is_written_and_exits_with_1(made_up: dict[str, Any], tmp_path: Path) -> None:
    made_up["measures"] = {"measures": attempted(broken)}

    done = CliRunner().invoke(command.main, ["run", "--folder", str(tmp_path)])

    assert done.exit_code == 1
    assert f"measures: {FAILURE}" in done.output
    assert "| `batch` | 3.0 | 100 |" in (tmp_path / "benchmarks.md").read_text(encoding="utf-8")


@pytest.mark.usefixtures("made_up")
def test_a_whole_run_exits_with_0(tmp_path: Path) -> None:
    assert CliRunner().invoke(command.main, ["run", "--folder", str(tmp_path)]).exit_code == 0


def test_a_part_alone_leaves_the_others_as_they_were(made_up: dict[str, Any], tmp_path: Path) -> None:
    """The first run found 1,200 requests; the second, of the suite only, 1,300, and of rates nothing new."""
    CliRunner().invoke(command.main, ["run", "--folder", str(tmp_path)])
    made_up["suite"]["suite"]["whole"]["requests"] = 1300
    made_up["rates"]["rounds"] = {"cells": {}}

    CliRunner().invoke(command.main, ["run", "--part", "suite", "--folder", str(tmp_path)])

    text = (tmp_path / "benchmarks.md").read_text(encoding="utf-8")
    assert "| all rules | 11.0 | 1,300 |" in text
    assert "| Ours | 950 |" in text


def test_parts_of_two_commits_are_distinguished() -> None:
    found = run(ours=950, floor=1000)
    found["parts"]["suite"] |= {"commit": "89abcde", "command": 'make bench ARGS="--part suite"'}

    text = page(found)

    assert "| commit | 1234567 (rates, measures, profiles); 89abcde (suite) |" in text
    assert 'written by `make bench` and `make bench ARGS="--part suite"`' in text
