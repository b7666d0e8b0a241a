import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import jsonschema_rs
import pytest

from tracepass_contract.contract_tests.model.history import History
from tracepass_contract.contract_tests.model.verdicts import Finding, Observation, RunResult, Spend, Verdict
from tracepass_contract.contract_tests.report import view
from tracepass_contract.contract_tests.report.as_json import as_data, schema, to_json
from tracepass_contract.contract_tests.report.view import Report, report_of
from tracepass_contract.contract_tests.tests.helpers.sample_run import START, result, sample, verdicts

EMPTY = RunResult("t", "r", 0, START, START, [], [], Spend())
UNKNOWN = [Finding("no.rule", Verdict.SUITE_ERROR, "check", "\ud800", witnesses=[99])]


@pytest.mark.parametrize(
    "written",
    [
        sample(),
        sample(verdicts()),
        sample(verdicts(summary__adds_up=Verdict.UNTESTED), ["summary.adds-up"]),
        report_of(EMPTY, History("t", "r")),
        report_of(replace(EMPTY, findings=UNKNOWN, observations=[Observation("no.reading", [])]), History("t", "r")),
    ],
    ids=["rich", "all conform", "accepted", "empty", "unknown"],
)
def test_a_report_is_valid(written: Report) -> None:
    validator = jsonschema_rs.Draft202012Validator(schema(), validate_formats=True)

    problems = [error.message for error in validator.iter_errors(json.loads(to_json(written)))]

    assert problems == []


def test_the_schema_is_one() -> None:
    assert schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert jsonschema_rs.meta.is_valid(schema())


def test_the_schema_describes_every_member() -> None:
    """Each object lists its members, requires them all, allows no other, and has a sentence for each."""
    objects = [part for part in _parts(schema()) if "properties" in part]

    assert len(objects) > 8
    for each in objects:
        assert each["additionalProperties"] is False
        assert set(each["required"]) == set(each["properties"])
        for name, member in each["properties"].items():
            assert member.get("description") or "$ref" in member or "const" in member, name


def test_the_form_has_a_number() -> None:
    data = as_data(sample())

    assert data["format"] == 1
    assert (data["exit_code"], data["seed"], data["counts"]["violates"]) == (1, 4711, 2)


def test_rules_with_trouble_stand_first_with_what_decided() -> None:
    rules = as_data(sample())["rules"]

    assert [rule["verdict"] for rule in rules[:4]] == ["violates", "violates", "inconclusive", "conforms"]
    [broken] = [rule for rule in rules if rule["id"] == "budget.refuses-whole-batch"]
    found = "200 with three results, for the key [redacted]"
    assert broken["because"] == f"expected 429, and both writes still there, found {found}"
    [finding] = broken["findings"]
    assert finding["shows"] == "Two writes are left, and a batch of three is refused."
    assert finding["witnesses"] == [1, 2, 3, 4]
    assert finding["curl"].startswith("#!/bin/sh\n")
    assert "$TRACEPASS_API_KEY_2" in finding["curl"]


def test_a_script_of_a_test_has_the_calls_that_led_to_it_and_one_of_the_oracle_those_that_it_names() -> None:
    by_id = {rule["id"]: rule["findings"][0]["curl"] or "" for rule in as_data(sample())["rules"] if rule["findings"]}

    expected = {rule: [number for number in range(1, 8) if f"# {number}. " in script] for rule, script in by_id.items()}
    assert expected["idempotency.executes-once"] == [1, 3, 4]  # 2 is of another workspace
    assert expected["items.fail-independently"] == [5, 6]


def test_of_a_run_that_is_one_workspace_a_script_has_the_named_calls_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view, "_SCRIPT_CALLS_MAX", 2)

    [script] = [
        rule["findings"][0]["curl"] for rule in as_data(sample())["rules"] if rule["id"] == "idempotency.executes-once"
    ]

    assert [f"# {number}. " in script for number in range(1, 5)] == [False] * 3 + [True]


def test_the_exchanges_that_are_named_are_there_and_no_others() -> None:
    """7 is in the history, and nothing names it; 99 is named, and not in the history."""
    named = replace(result(), findings=[*result().findings, *UNKNOWN])

    exchanges = as_data(sample(named))["exchanges"]

    assert [each["number"] for each in exchanges] == [1, 2, 3, 4, 5, 6]
    assert exchanges[5]["answer"] == {"base64": "/wAbWzMxbXJlZA=="}
    assert exchanges[3]["lost"] == "connection"
    assert exchanges[2]["headers"]["Authorization"] == "Bearer [redacted]"


def test_readings_say_what_can_still_be_true() -> None:
    readings = {each["id"]: each for each in as_data(sample())["readings"]}

    assert readings["quota.consent-place"]["answers"] == ["top-level", "items-only"]
    assert readings["budget.refunds"]["as_required"] is False
    assert readings["batch.mixed-status"]["as_required"] is None
    assert readings["batch.mixed-status"]["mock_default"] == "200"


def _parts(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for member in value.values():
            yield from _parts(member)
    elif isinstance(value, list):
        for member in value:
            yield from _parts(member)
