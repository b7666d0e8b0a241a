"""What CI shows: the summary in Markdown, SARIF for code scanning, and JUnit however the command ends."""

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tracepass_contract.contract_tests.model.failures import Failures
from tracepass_contract.contract_tests.model.history import History
from tracepass_contract.contract_tests.model.verdicts import Finding, Observation, Verdict
from tracepass_contract.contract_tests.report import files as report_files
from tracepass_contract.contract_tests.report.as_markdown import to_markdown
from tracepass_contract.contract_tests.report.as_sarif import to_sarif
from tracepass_contract.contract_tests.report.files import ReportFiles
from tracepass_contract.contract_tests.report.view import Report
from tracepass_contract.contract_tests.tests.helpers.command import at_once
from tracepass_contract.contract_tests.tests.helpers.sample_run import SECRETS, result, sample, verdicts

BROKEN = Observation("budget.refunds", ["none"], required="failed-items")


def results_of(report: Report) -> dict[str, str]:
    [run] = json.loads(to_sarif(report))["runs"]
    return {each["ruleId"]: each["level"] for each in run["results"]}


@pytest.mark.parametrize(
    ("report", "found"),
    [
        (sample(verdicts()), {}),
        (sample(verdicts(summary__adds_up=Verdict.VIOLATES)), {"summary.adds-up": "error"}),
        (sample(verdicts(calls__are_http=Verdict.VIOLATES)), {"calls.are-http": "warning"}),  # a norm
        (sample(verdicts(summary__adds_up=Verdict.UNTESTED)), {"summary.adds-up": "note"}),
        (sample(verdicts(summary__adds_up=Verdict.UNTESTED), ["summary.adds-up"]), {}),
        (sample(verdicts(budget__is_shared=Verdict.UNTESTED)), {}),
        (sample(verdicts(budget__is_shared=Verdict.SUITE_ERROR)), {"budget.is-shared": "error"}),
        (sample(replace(verdicts(), observations=[BROKEN])), {"budget.refunds": "error"}),
    ],
)
def test_code_scanning_gets_a_result_for_each_rule_with_trouble(report: Report, found: dict[str, str]) -> None:
    assert results_of(report) == found


def test_a_sarif_result_has_what_code_scanning_wants() -> None:
    """A known rule, a place in the repository, and a fingerprint that the next run has, too."""
    [run] = json.loads(to_sarif(sample(), "checks/staging.toml"))["runs"]

    rules = [each["id"] for each in run["tool"]["driver"]["rules"]]
    assert sorted(rules) == sorted({each["ruleId"] for each in run["results"]})
    for each in run["results"]:
        [location] = each["locations"]
        assert location["physicalLocation"]["artifactLocation"] == {"uri": "checks/staging.toml"}
        assert each["partialFingerprints"] == {"tracepassRule/v1": each["ruleId"]}
        assert each["message"]["text"]
    assert run["invocations"][0]["exitCode"] == 1


def test_the_summary_names_what_failed_and_what_is_not_proven() -> None:
    said = to_markdown(sample())

    assert "Does not conform" in said
    assert "| budget.refuses-whole-batch | must | violates |" in said
    assert "| quota.asks-for-consent | must | untested |" in said
    assert "| budget.refunds | none |" in said


def test_a_summary_of_a_run_without_trouble_is_short() -> None:
    assert "####" not in to_markdown(sample(replace(verdicts(), notes=[]))).replace("#### Spent", "")


def test_no_answer_can_put_markup_into_the_summary() -> None:
    evil = "x | y <img src=x> [a](http://evil.test) `c` **b** \x9b @team #1"
    finding = Finding("summary.adds-up", Verdict.VIOLATES, "check", because=evil)
    said = to_markdown(sample(replace(result(), findings=[finding])))

    [row] = [line for line in said.splitlines() if "summary.adds-up" in line]
    assert "<img" not in row
    assert "](" not in row.replace("\\](", "")
    assert "://" not in row
    assert row.replace("\\|", "").count("|") == 5
    assert "\x9b" not in row


def test_neither_shows_a_secret() -> None:
    for text in (to_markdown(sample()), to_sarif(sample()).decode()):
        assert not [secret for secret in (*SECRETS, "password") if secret in text]


def test_a_report_that_can_not_be_made_is_an_error_in_junit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The exit code is 5 then."""

    def fails(_: Report) -> str:
        raise ZeroDivisionError

    monkeypatch.setattr(report_files, "to_html", fails)
    files = ReportFiles(report_html=tmp_path / "run.html", report_junit=tmp_path / "run.xml")

    failed = files.write(sample(verdicts()), History("", ""))

    root = ElementTree.parse(tmp_path / "run.xml").getroot()
    assert (len(failed), root.get("errors"), root.get("failures")) == (1, "1", "0")
    assert root.find(".//property[@name='exit code']") is not None
    assert root.find(".//property[@value='5']") is not None
    assert Failures().found == []


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("run", "http://127.0.0.1:9"), 3),  # nobody is there
        (("run", "ftp://somewhere"), 2),
        (("run", "http://127.0.0.1:9", "--rule", "no-such-rule"), 2),
        (("run", "http://127.0.0.1:9", "--header", "none"), 2),
        (("run", "http://127.0.0.1:9", "--report-json", "/dev/null/run.json"), 2),
        (("probe", "http://127.0.0.1:9"), 3),
    ],
)
def test_a_command_that_ends_without_a_report_leaves_an_error(
    tmp_path: Path, arguments: tuple[str, ...], code: int
) -> None:
    """In place of the report of an earlier run, which would be green."""
    file = tmp_path / "run.xml"
    file.write_text("<testsuites/>")

    done = at_once(*arguments, "--api-key", "tp_secret_key", "--report-junit", str(file))

    root = ElementTree.parse(file).getroot()
    assert (done.code, root.get("errors")) == (code, "1")
    error = root.find(".//error")
    assert error is not None
    assert error.get("message", "").splitlines()[0] in done.stderr
    assert "tp_secret_key" not in file.read_text()
