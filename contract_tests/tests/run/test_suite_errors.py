"""An error of the suite: its own exit code, an explanation, and all reports that can be made."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest

from tracepass_contract.contract_tests.cli import commands
from tracepass_contract.contract_tests.judging import judgement
from tracepass_contract.contract_tests.model.verdicts import Verdict
from tracepass_contract.contract_tests.mutants.matrix.forked_mock import forked_mock
from tracepass_contract.contract_tests.report import files
from tracepass_contract.contract_tests.report.conclusion import Exit, exit_code
from tracepass_contract.contract_tests.run import pytest_run, run
from tracepass_contract.contract_tests.target.target import Target
from tracepass_contract.contract_tests.tests.helpers.command import Done, at_once
from tracepass_contract.contract_tests.tests.helpers.runs import result_of, violated
from tracepass_contract.contract_tests.tests.helpers.wrong_server import Answered, Ask, Request, in_front_of

GIVEN = (
    *("--api-key", "tp_mock_unlimited", "--product-id", "6650a1b2c3d4e5f6a7b8d008", "--gtin", "09506000140087"),
    "--no-control-plane",
)


def fails(*_: Any, **__: Any) -> NoReturn:
    raise KeyError("passports")


def of_a_run(folder: Path, *more: str) -> Done:
    """A short run with all reports, in this process."""
    reports = ("--report-json", "run.json", "--report-junit", "run.xml", "--report-html", "run.html")
    options = [str(folder / each) if "." in each else each for each in ("--history", "history.jsonl", *reports)]
    with forked_mock() as url:
        return at_once("run", url, *GIVEN, "--rule", "errors", *options, *more)


@pytest.mark.parametrize(
    ("where", "name", "step"),
    [
        (judgement, "judge", "the oracle: KeyError: 'passports'"),
        (judgement, "findings_of_document", "the judge of the document: KeyError: 'passports'"),
        (run, "notes_of_document", "the notes on the document: KeyError: 'passports'"),
        (Target, "clean_up", "clean-up: KeyError: 'passports'"),
        (run.Run, "add", "pytest: KeyError: 'passports'"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_step_that_fails_hides_no_other(
    where: Any, name: str, step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reports and the history are there, with the spend and what is left behind."""
    monkeypatch.setattr(where, name, fails)

    done = of_a_run(tmp_path)

    assert done.code == 5, done.stderr
    assert step in done.stdout
    assert "This is a bug in tracepass-check" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    report = json.loads((tmp_path / "run.json").read_text())
    assert report["exit_code"] == 5
    assert any(step in each for each in report["failures"])
    assert report["spend"]["requests"] > 0
    assert step in (tmp_path / "run.xml").read_text()
    assert "The suite failed" in (tmp_path / "run.html").read_text()
    assert len((tmp_path / "history.jsonl").read_text().splitlines()) > 1  # after the line about the run


def test_a_fixture_that_fails_is_an_error_of_its_checks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Target, "account", fails)

    done = of_a_run(tmp_path)

    assert done.code == 5
    [rule] = json.loads((tmp_path / "run.json").read_text())["rules"]
    assert rule["verdict"] == "suite error"
    assert "KeyError: 'passports'" in rule["because"]


@pytest.mark.parametrize("name", ["to_html", "to_junit", "report_json"])
def test_a_report_that_can_not_be_made_hides_no_other(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, name, fails)

    done = of_a_run(tmp_path)

    assert done.code == 5
    assert "The suite failed" in done.stderr
    assert "errors.envelope" in done.stdout
    assert len([*tmp_path.iterdir()]) == 3


@pytest.mark.parametrize(
    ("where", "name"), [(pytest_run, "opened"), (commands, "report_of"), (commands, "settings_from")]
)
def test_an_error_without_a_run_is_explained(
    where: Any, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(where, name, fails)
    history = tmp_path / "history.jsonl"
    history.write_text('{"target": "http://x", "run": "R", "events": []}')

    done = at_once("judge", str(history)) if name == "report_of" else of_a_run(tmp_path)

    assert done.code == 5
    assert "The suite failed: KeyError: 'passports'" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_of_checks_that_can_not_be_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other checks run."""
    broken = tmp_path / "test_broken.py"
    broken.write_text("import no_such_module\n")
    monkeypatch.setattr(pytest_run, "_FILES", [*pytest_run._FILES, broken])
    collected = pytest_run._pytest

    def with_it(given: Any, *more: str) -> None:
        collected(given, *more, str(broken))

    monkeypatch.setattr(pytest_run, "_pytest", with_it)

    done = of_a_run(tmp_path)

    assert done.code == 5
    assert "no_such_module" in done.stdout
    assert re.search(r"errors.envelope +[1-9][0-9]* of", done.stdout)


def _of_results(change: Callable[[dict[str, Any]], Any]) -> Callable[[Request, Ask], Answered]:
    """A server whose results are changed."""

    def changed(request: Request, ask: Ask) -> Answered:
        answered = ask(request)
        answer = answered.json
        return answered.with_json(change(answer)) if isinstance(answer, dict) and "results" in answer else answered

    return changed


CHANGES: dict[str, tuple[str, Callable[[dict[str, Any]], Any]]] = {
    "an index as text": (
        "items.one-result-each",
        lambda answer: {**answer, "results": [{**each, "index": str(each["index"])} for each in answer["results"]]},
    ),
    "no summary.created": (
        "summary.adds-up",
        lambda answer: {
            **answer, "summary": {name: each for name, each in answer["summary"].items() if name != "created"}
        },
    ),
    "results as an object": (
        "items.one-result-each",
        lambda answer: {**answer, "results": {str(each["index"]): each for each in answer["results"]}},
    ),
    "data as text": (
        "items.created-carries-data",
        lambda answer: {
            **answer,
            "results": [{**each, "data": "created"} if "data" in each else each for each in answer["results"]],
        },
    ),
    "gs1 as an array": (
        "items.created-carries-data",
        lambda answer: {
            **answer,
            "results": [
                {**each, "data": {**each["data"], "gs1": ["x"]}} if "data" in each else each
                for each in answer["results"]
            ],
        },
    ),
    "entries that are null": (
        "items.one-result-each", lambda answer: {**answer, "results": [None for _ in answer["results"]]}
    ),
    "a body that is null": ("items.one-result-each", lambda _answer: None),
}  # fmt: skip


@pytest.mark.parametrize(("rule", "change"), CHANGES.values(), ids=CHANGES)
def test_an_answer_of_a_wrong_type_is_no_error_of_the_suite(rule: str, change: Any) -> None:
    """All checks see it. One random sequence is enough: it ends where the first answer is wrong."""
    with forked_mock() as base_url, in_front_of(base_url, _of_results(change)) as url:
        result = result_of(url, "items", "summary", "batch", examples=1, shrinks=False)

    assert exit_code(result) is Exit.VIOLATES, result.failures
    assert rule in violated(result)
    assert [each for each in result.findings if each.verdict is Verdict.SUITE_ERROR] == []
