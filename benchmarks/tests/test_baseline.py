"""What fell is named, and how far; what did not fall is not."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from benchmarks import __main__ as command
from benchmarks import parts
from benchmarks.run import baseline, figures, machine
from benchmarks.tests.runs import cells

BEFORE = {"to the floor": 0.9, "to plain Connexion": 8.0}
TO_FLOOR = "requests/s of the mock to those of the floor: 100"


def test_a_ratio_that_fell_by_more_than_15_percent_is_named() -> None:
    assert baseline.fallen({"to the floor": 0.75, "to plain Connexion": 7.0}, BEFORE) == [
        "to the floor: 0.90 before, 0.75 now (-17%)"
    ]


def test_a_ratio_that_is_not_measured_any_more_is_named() -> None:
    assert baseline.fallen({"to the floor": 0.9}, BEFORE) == ["to plain Connexion: 8.00 before, not measured now"]


def test_what_is_kept_is_the_median_of_the_rounds(tmp_path: Path) -> None:
    baseline.write({"to the floor": [0.88, 0.91, 0.9]}, {"commit": "1234567"}, tmp_path / "baseline.json")

    assert baseline.read(tmp_path / "baseline.json") == {"to the floor": 0.9}


def test_a_ratio_whose_rounds_are_far_apart_is_not_kept_but_named(tmp_path: Path) -> None:
    """One round of five may be an accident; when the others differ too, nothing can be said of a fall."""
    by_round = {"one accident": [0.9, 0.91, 0.2, 0.9, 0.89], "a tail": [0.9, 0.5, 0.7, 0.3, 0.6]}

    baseline.write(by_round, {"commit": "1234567"}, tmp_path / "baseline.json")

    kept = json.loads((tmp_path / "baseline.json").read_text(encoding="utf-8"))
    assert kept == {"commit": "1234567", "ratios": {"one accident": 0.9}, "not steady": ["a tail"]}


def test_the_ratios_are_of_rates_of_one_round() -> None:
    """Half as many as the floor, eight times plain Connexion; with the full store as many as with the empty one."""
    ratios = figures.ratios_by_round(cells(ours=800, floor=1600, connexion=100, full=800))

    assert ratios[TO_FLOOR] == [0.5, 0.5, 0.5]
    assert ratios["requests/s of the mock to those of plain Connexion: 1"] == [8, 8, 8]
    assert ratios["requests/s with the full store to those with the empty one: search"] == [1, 1, 1]
    assert ratios["p50 to p99 at one connection: 1"] == [0.5, 0.5, 0.5]


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A baseline in a folder of the test: the mock had 0.9 of the floor."""
    file = tmp_path / "baseline.json"
    monkeypatch.setattr(baseline, "BASELINE", file)
    baseline.write({TO_FLOOR: [0.9]}, {}, file)
    return file


def test_bench_check_fails_with_the_name_of_what_fell(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    measures(monkeypatch, cells(ours=800, floor=1600), cells(ours=800, floor=1600))

    done = CliRunner().invoke(command.main, ["check"])

    assert kept.exists()
    assert done.exit_code == 1
    assert f"{TO_FLOOR}: 0.90 before, 0.50 now (-44%)" in done.output


@pytest.mark.usefixtures("kept")
def test_what_fell_once_and_not_again_did_not_fall(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first run has 0.5 of the floor, the second what the baseline has."""
    measures(monkeypatch, cells(ours=800, floor=1600), cells(ours=1440, floor=1600))

    assert CliRunner().invoke(command.main, ["check"]).exit_code == 0


@pytest.mark.usefixtures("kept")
def test_bench_check_is_content_with_a_smaller_fall(monkeypatch: pytest.MonkeyPatch) -> None:
    measures(monkeypatch, cells(ours=800, floor=1000))

    assert CliRunner().invoke(command.main, ["check"]).exit_code == 0


@pytest.mark.usefixtures("kept")
def test_bench_check_fails_with_a_server_that_answers_wrongly(monkeypatch: pytest.MonkeyPatch) -> None:
    measures(monkeypatch, cells(ours=800, floor=1000), broken={"full": {"failure": "batch of 1: 3 wrong"}})

    done = CliRunner().invoke(command.main, ["check"])

    assert done.exit_code == 1
    assert "broken, full: batch of 1: 3 wrong" in done.output


@pytest.mark.usefixtures("kept")
def test_bench_check_names_the_tools_that_are_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")

    done = CliRunner().invoke(command.main, ["check"])

    assert done.exit_code == 1
    assert "not installed: wrk, taskset" in done.output


def test_bench_check_asks_for_a_baseline(kept: Path) -> None:
    kept.unlink()

    done = CliRunner().invoke(command.main, ["check"])

    assert done.exit_code == 1
    assert "make bench writes it" in done.output


def measures(monkeypatch: pytest.MonkeyPatch, *runs: Any, broken: Any = None) -> None:
    """Each time that rates are measured, the next of these is what is found."""
    left = iter(runs)

    def rates(*_: Any, **__: Any) -> dict[str, Any]:
        found = next(left)
        return {"rounds": {"cells": found, "broken": broken or {}}, "ratios": figures.ratios_by_round(found)}

    monkeypatch.setattr(machine, "require_tools", lambda: None)  # nothing is loaded
    monkeypatch.setattr(parts, "rates", rates)
