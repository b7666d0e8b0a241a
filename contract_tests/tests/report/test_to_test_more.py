"""What a report says at its end: what to add, so that the next run tests more."""

from collections.abc import Mapping
from dataclasses import replace
from io import StringIO

import jsonschema_rs

from tracepass_contract.contract_tests.model.capabilities import ADDED_BY, LAST_WRITES, WORDS, lacked
from tracepass_contract.contract_tests.model.verdicts import Finding, Role, RunResult, Verdict
from tracepass_contract.contract_tests.report.as_html import to_html
from tracepass_contract.contract_tests.report.as_json import as_data, schema
from tracepass_contract.contract_tests.report.terminal import print_report
from tracepass_contract.contract_tests.report.to_test_more import to_test_more
from tracepass_contract.contract_tests.tests.helpers.sample_run import result, sample
from tracepass_contract.spec import rules

QUOTA, SHARED, SUMMARY = "quota.asks-for-consent", "budget.is-shared", "summary.adds-up"


def untested(*missing: tuple[str, str], capabilities: tuple[str, ...] = ()) -> RunResult:
    """A run of these rules alone, each with the need of one check that decides it."""
    findings = [Finding(rule, Verdict.UNTESTED, f"check {at}", missing=need) for at, (rule, need) in enumerate(missing)]
    named = list(dict.fromkeys(rule for rule, _ in missing))
    return replace(result(), findings=findings, rules=named, capabilities=capabilities, observations=[])


def gains(run: RunResult) -> Mapping[str, str]:
    return {need.add: need.gain for need in to_test_more(run)}


def test_needs_are_merged_and_the_one_that_helps_most_rules_comes_first() -> None:
    """In each way in which a check says what it needs. Must-rules count first."""
    run = untested(
        (SHARED, f"S: {lacked('S')}"),
        (SHARED, f"S: {lacked('S')}; W: {lacked('W')}"),
        (QUOTA, "W: writes_left or the hook set_budget in the deployment file"),
        (SUMMARY, "W"),
        ("reads.agree", f"K2: {lacked('K2')}"),
        ("calls.required-members", "K2"),
        ("calls.documented-shape", "K2, S"),
    )

    assert [*gains(run).items()] == [
        ("writes_left = …", "2 must-rules; 1 more together with another line"),
        ('second_key_env = "NAME_OF_A_VARIABLE"', "2 rules; 1 more together with another line"),
        ("single_create = true", "1 rule; 1 more together with another line"),
    ]


def test_ceilings_are_one_need_with_the_values_that_are_enough() -> None:
    """What needs much more than the next step is a step of its own."""
    run = untested(
        (QUOTA, "`--max-writes 90`"),
        (SUMMARY, "`--max-writes 70`; `--max-slots 9`"),
        (SHARED, "`--max-writes 5000`; `--max-slots 900`"),
    )

    assert gains(run) == {
        "--max-writes 90 --max-slots 9": "2 must-rules",
        "--max-writes 5000 --max-slots 900": "1 rule",
    }


def test_what_the_deployment_does_not_serve_is_no_line_to_add() -> None:
    """The run looked for it. Where it did not look, the line may help."""
    run = untested((SHARED, f"S: {lacked('S')}"))

    assert [need.add for need in to_test_more(run)] == ["single_create = true"]
    [need] = to_test_more(replace(run, absent=["S"]))
    assert (need.add, need.means) == (
        "",
        "a call that creates a single passport; the run looked for it, and the deployment does not serve it",
    )


def test_the_line_of_a_rule_names_no_number_of_a_limit() -> None:
    """Whether it is near or far; "To test more" has the values."""
    run = untested((QUOTA, "`--max-writes 90`"), (SHARED, "`--max-writes 5000`"), (SUMMARY, "`--max-writes 6356`"))
    conforms = [Finding(SUMMARY, Verdict.CONFORMS, "check"), replace(run.findings[2], role=Role.ADDS)]

    lines = {
        line.rule.id: line.in_a_line for line in sample(replace(run, findings=[*run.findings[:2], *conforms])).lines
    }

    assert lines == {
        SUMMARY: "1 more needs much higher limits",
        QUOTA: "needs higher limits",
        SHARED: "needs much higher limits",
    }


def test_what_nobody_can_give_comes_last_and_what_the_run_had_is_not_declared_again() -> None:
    run = untested(
        (SUMMARY, "P: a control plane"),
        (QUOTA, "W: 26 writes of today's budget, 20 are left"),
        (SHARED, "C"),
        capabilities=("W",),
    )

    assert [(need.add, need.means) for need in to_test_more(run)] == [
        (ADDED_BY[LAST_WRITES], LAST_WRITES),
        ("--concurrency", WORDS["C"]),
        ("", WORDS["P"]),
    ]


def test_a_check_that_decides_nothing_is_no_need() -> None:
    adds = Finding(SUMMARY, Verdict.UNTESTED, "thorough", missing="`--max-writes 9000`", role=Role.ADDS)
    run = untested((SUMMARY, "C"))

    assert [*gains(replace(run, findings=[*run.findings, adds]))] == ["--concurrency"]
    assert to_test_more(replace(run, findings=[Finding(SUMMARY, Verdict.CONFORMS, "check"), adds])) == []


def test_a_rule_without_a_check_that_says_so_needs_what_the_rule_needs() -> None:
    assert rules()[QUOTA].needs == ("Q",) or [*rules()[QUOTA].needs] == ["Q"]
    assert gains(untested((QUOTA, ""))) == {"slots_left = …": "1 must-rule"}


def test_every_report_says_it() -> None:
    """The terminal never cuts it, and its table names needs by the keys and options that give them."""
    run = untested((QUOTA, f"Q: {lacked('Q')}; C: {lacked('C')}"), (SUMMARY, "T2"), (SHARED, "`--max-writes 90`"))
    report, stream = sample(run), StringIO()

    print_report(report, stream)

    [line] = [each for each in stream.getvalue().splitlines() if f"  {QUOTA} " in each]
    assert line.endswith("needs slots_left, --concurrency")
    shown = stream.getvalue().partition("To test more")[2]
    for line in ('api_key_env = "NAME_OF_A_VARIABLE"', 'gtin = "…"', "--max-writes 90", "1 together with another line"):
        assert line in shown
    assert "--max-writes 90</code>" in to_html(report)
    data = as_data(report)
    jsonschema_rs.validate(schema(), data | {"exit_code": int(data["exit_code"])})
    assert {need["add"]: need["rules"] for need in data["to_test_more"]}["--max-writes 90"] == [SHARED]
