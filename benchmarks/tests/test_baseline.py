"""What fell is named, and how far; what did not fall is not."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks import __main__ as command
from benchmarks import baseline, figures
from benchmarks.tests.runs import cells

BEFORE = {"to the floor": 0.9, "to plain Connexion": 8.0}


def test_a_ratio_that_fell_by_more_than_15_percent_is_named() -> None:
    assert baseline.fallen({"to the floor": 0.75, "to plain Connexion": 7.0}, BEFORE) == [
        "to the floor: 0.90 before, 0.75 now (-17%)"
    ]


def test_a_ratio_that_is_not_measured_any_more_is_named() -> None:
    assert baseline.fallen({"to the floor": 0.9}, BEFORE) == ["to plain Connexion: 8.00 before, not measured now"]


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    baseline.write(BEFORE, tmp_path / "baseline.json")

    assert baseline.read(tmp_path / "baseline.json") == BEFORE


def test_the_ratios_are_of_rates_of_one_run() -> None:
    """Half as many as the floor, eight times plain Connexion; with the full store as many as with the empty one."""
    ratios = figures.ratios(cells(ours=800, floor=1600, connexion=100, full=800))

    assert ratios["requests/s of the mock to those of the floor: 100"] == 0.5
    assert ratios["requests/s of the mock to those of plain Connexion: 1"] == 8
    assert ratios["requests/s with the full store to those with the empty one: search"] == 1
    assert ratios["p50 to p99 at one connection: 1"] == 0.5


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The mock has 0.5 of the floor; the baseline is in a folder of the test."""
    found = {"rounds": {"cells": cells(ours=800, floor=1600)}}
    monkeypatch.setattr(command, "_rates", lambda *_, **__: found)
    monkeypatch.setattr(baseline, "BASELINE", tmp_path / "baseline.json")
    return tmp_path / "baseline.json"


def test_bench_check_fails_with_the_name_of_what_fell(measured: Path) -> None:
    name = "requests/s of the mock to those of the floor: 100"
    measured.write_text(json.dumps({name: 0.9}), encoding="utf-8")

    done = CliRunner().invoke(command.main, ["check"])

    assert done.exit_code == 1
    assert f"{name}: 0.90 before, 0.50 now (-44%)" in done.output


def test_what_fell_once_and_not_again_did_not_fall(measured: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first run has 0.5 of the floor, the second what the baseline has."""
    measured.write_text(json.dumps({"requests/s of the mock to those of the floor: 100": 0.9}), encoding="utf-8")
    runs = iter([800, 1440])
    monkeypatch.setattr(command, "_rates", lambda *_, **__: {"rounds": {"cells": cells(ours=next(runs), floor=1600)}})

    assert CliRunner().invoke(command.main, ["check"]).exit_code == 0


def test_bench_check_is_content_with_what_was_reached(measured: Path) -> None:
    measured.write_text(json.dumps({"requests/s of the mock to those of the floor: 100": 0.55}), encoding="utf-8")

    assert CliRunner().invoke(command.main, ["check"]).exit_code == 0


def test_bench_check_asks_for_a_baseline(measured: Path) -> None:
    done = CliRunner().invoke(command.main, ["check"])

    assert done.exit_code == 1
    assert not measured.exists()
    assert "--write-baseline" in done.output
