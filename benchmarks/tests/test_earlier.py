"""What has become slower than it was at a commit is named; what has not is not."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result

from benchmarks import __main__ as command
from benchmarks.run import earlier, machine, rounds
from benchmarks.subjects.contenders import OURS, Contender
from benchmarks.tests.runs import cells


def test_the_earlier_mock_is_the_code_of_its_commit() -> None:
    if shutil.which("git") is None or not (machine.ROOT / ".git").exists():
        pytest.skip("needs git and a clone: the commit comes from its history")

    with earlier.mock_of("HEAD") as before:
        code = "import tracepass_contract.mockserver as found; print(found.__file__)"
        interpreter = [*before.command[: before.command.index("-m")], "-c", code]
        loaded = subprocess.run(interpreter, capture_output=True, text=True, check=True, cwd="/").stdout

    [path] = [part.removeprefix("PYTHONPATH=") for part in before.command if part.startswith("PYTHONPATH=")]
    assert loaded.startswith(path)
    assert before.command[-2:] == OURS.command[-2:]


def test_a_commit_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "require_tools", lambda *_: None)

    done = CliRunner().invoke(command.main, ["check", "--against", "no-such-commit"])

    assert done.exit_code == 1
    assert "Error: no-such-commit: fatal:" in done.output


def test_a_rate_that_fell_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    done = check(monkeypatch, cells(ours=800, earlier=1000), cells(ours=810, earlier=1000))

    assert done.exit_code == 1
    assert re.search(r"^ +0\.81  batch of 1$", done.stdout, re.MULTILINE)
    assert "slower by more than 15 %: " in done.stderr
    assert "batch of 1, " in done.stderr


def test_what_fell_once_and_not_again_did_not_fall(monkeypatch: pytest.MonkeyPatch) -> None:
    done = check(monkeypatch, cells(ours=500, earlier=1000), cells(ours=1000, earlier=1000))

    assert done.exit_code == 0
    assert "1.00  batch of 1\n" in done.stdout


def test_a_smaller_fall_is_the_noise_of_a_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """And is not measured a second time: there is one run only."""
    assert check(monkeypatch, cells(ours=860, earlier=1000)).exit_code == 0


def test_a_server_that_answers_wrongly_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    done = check(monkeypatch, cells(ours=800), broken={"earlier": "batch of 1: 3 wrong"})

    assert done.exit_code == 1
    assert "broken, earlier: batch of 1: 3 wrong" in done.stderr


def test_the_tools_that_are_not_installed_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")

    done = CliRunner().invoke(command.main, ["check"])

    assert done.exit_code == 1
    assert "not installed: wrk, taskset, git, tar. " in done.output


def test_without_a_measured_commit_one_has_to_be_chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(machine, "require_tools", lambda *_: None)
    monkeypatch.setattr(command, "DOCS", tmp_path)

    done = CliRunner().invoke(command.main, ["check"])

    assert done.exit_code == 1
    assert "choose one with --against" in done.output


def check(monkeypatch: pytest.MonkeyPatch, *runs: Any, broken: dict[str, str] | None = None) -> Result:
    """The command, where each measurement finds the next of these."""
    left = iter(runs)

    @contextmanager
    def mock_of(_: str) -> Iterator[Contender]:
        yield OURS

    monkeypatch.setattr(machine, "require_tools", lambda *_: None)
    monkeypatch.setattr(earlier, "mock_of", mock_of)
    found = {"failures": {}, "broken": {who: {"failure": why} for who, why in (broken or {}).items()}}
    monkeypatch.setattr(rounds, "measure", lambda *_: SimpleNamespace(as_json=lambda: {**found, "cells": next(left)}))
    return CliRunner().invoke(command.main, ["check"])
