from dataclasses import replace

import pytest

from tracepass_contract.contract_tests.model.capabilities import WORDS, lacked
from tracepass_contract.contract_tests.model.verdicts import Finding, Observation, RunResult, Verdict
from tracepass_contract.contract_tests.report.conclusion import conclusion, exit_code, rules_of
from tracepass_contract.contract_tests.report.coverage import lacking
from tracepass_contract.contract_tests.tests.helpers.sample_run import result, sample, verdicts
from tracepass_contract.spec import rules

V = Verdict


@pytest.mark.parametrize(
    ("run", "code"),
    [
        (verdicts(), 0),
        (verdicts(summary__adds_up=V.VIOLATES), 1),
        (verdicts(budget__is_shared=V.VIOLATES), 1),  # doc
        (verdicts(auth__workspaces_are_separate=V.VIOLATES), 1),  # norm, but security
        (verdicts(summary__adds_up=V.UNTESTED), 4),
        (verdicts(summary__adds_up=V.INCONCLUSIVE), 4),
        (verdicts(budget__is_shared=V.UNTESTED), 0),
        (verdicts(budget__is_shared=V.INCONCLUSIVE), 0),
        (verdicts(summary__adds_up=V.NOT_APPLICABLE), 0),
        (verdicts(budget__is_shared=V.SUITE_ERROR), 5),
        (verdicts(summary__adds_up=V.PARTLY_TESTED), 4),
        (verdicts(budget__is_shared=V.PARTLY_TESTED), 0),
        (verdicts(summary__adds_up=V.SUITE_ERROR, batch__holds_1_to_100_items=V.VIOLATES), 5),
        (verdicts(summary__adds_up=V.UNTESTED, batch__holds_1_to_100_items=V.VIOLATES), 1),
        (replace(verdicts(), observations=[Observation("budget.refunds", ["none"], required="failed-items")]), 1),
        (replace(verdicts(), observations=[Observation("budget.refunds", ["none"], required="none")]), 0),
        (replace(verdicts(), findings=[]), 4),
        (replace(verdicts(), findings=[], rules=["budget.is-shared"]), 0),
        (replace(verdicts(), findings=[], rules=["summary.adds-up"]), 4),
    ],
)
def test_the_exit_code_is_that_of_the_worst_that_counts(run: RunResult, code: int) -> None:
    assert exit_code(run) == code
    assert f"(exit code {code})" in conclusion(run)


def test_a_run_that_was_broken_off_never_conforms() -> None:
    """Though what it came to conforms: the check that would have found something may be one that it did not make."""
    run = replace(verdicts(), is_interrupted=True)

    assert (exit_code(verdicts()), exit_code(run)) == (0, 4)
    every = f"{len(rules())} of {len(rules())} rules conform"
    assert conclusion(run) == f"Interrupted. Not proven: some checks did not run, {every} (exit code 4)."
    assert exit_code(replace(run, findings=verdicts(summary__adds_up=V.VIOLATES).findings)) == 1


def test_what_is_accepted_by_name_may_stay_untested_but_not_violated() -> None:
    accepted = ["summary.adds-up"]

    assert exit_code(verdicts(summary__adds_up=V.UNTESTED), accepted) == 0
    assert exit_code(verdicts(summary__adds_up=V.VIOLATES), accepted) == 1
    assert exit_code(verdicts(summary__adds_up=V.SUITE_ERROR), accepted) == 5
    assert exit_code(verdicts(summary__adds_up=V.PARTLY_TESTED), accepted) == 0
    assert exit_code(verdicts(summary__adds_up=V.UNTESTED, items__one_result_each=V.UNTESTED), accepted) == 4


def test_a_breach_of_general_practice_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    """No norm in the file is without security now; one is made so."""
    norm = replace(rules()["auth.workspaces-are-separate"], security=False)
    monkeypatch.setattr("tracepass_contract.contract_tests.report.conclusion.rules", lambda: {**rules(), norm.id: norm})
    run = verdicts(auth__workspaces_are_separate=V.VIOLATES)

    assert exit_code(run) == 0
    assert conclusion(run) == f"Conforms: {len(rules()) - 1} of {len(rules())} rules conform, 1 warning (exit code 0)."
    [line, *_] = sample(run).lines
    assert (line.rule.id, line.warning) == (norm.id, True)


def test_the_last_sentence_names_what_counts() -> None:
    assert conclusion(result()) == (
        "Does not conform: 2 rules are violated, 1 reading is not as the card requires, "
        f"2 must-rules are not proven, {len(rules()) - 7} of {len(rules())} rules conform (exit code 1)."
    )
    assert conclusion(verdicts(budget__is_shared=V.UNTESTED)).startswith("Conforms, as far as it was tested: ")
    assert conclusion(replace(verdicts(), findings=[], rules=[])).startswith("Nothing was tested: 0 of 0 rules")
    assert conclusion(verdicts(summary__adds_up=V.UNTESTED)).startswith("Not proven: 1 must-rule is not proven, ")
    assert conclusion(verdicts(summary__adds_up=V.SUITE_ERROR)).startswith("No verdict on the deployment: ")


def test_trouble_stands_first_and_then_what_conforms() -> None:
    """In each group must before doc."""
    run = verdicts(budget__is_shared=V.VIOLATES, summary__adds_up=V.VIOLATES, auth__bearer_required=V.UNTESTED)

    found = [rule.id for rule in rules_of(run)]
    assert found[:2] == ["summary.adds-up", "budget.is-shared"]
    assert {run.verdict_of(rule) for rule in found[2:-1]} == {V.CONFORMS}
    assert found[-1] == "auth.bearer-required"


def test_a_finding_of_a_rule_that_is_not_there_is_shown() -> None:
    run = replace(verdicts(), findings=[Finding("no.rule", V.CONFORMS, "check")], rules=[])

    assert [rule.id for rule in rules_of(run)] == ["no.rule"]


def test_a_rule_with_many_checks_says_how_many() -> None:
    checks = [Finding("summary.adds-up", V.CONFORMS, "check", because) for because in ("", "One and one are two.", "")]

    [line, *_] = sample(replace(result(), findings=checks, rules=[])).lines

    assert (line.coverage.in_words, line.because) == ("1 of 1 check", "One and one are two.")


def test_each_capability_is_reported_in_words() -> None:
    assert set(WORDS) >= {code for rule in rules().values() for code in rule.needs}


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("quota.asks-for-consent", [lacked("Q")]),
        ("auth.workspaces-are-separate", ["a key of a second workspace"]),
        ("budget.renews-each-utc-day", [lacked("T")]),  # it had W
        ("summary.adds-up", []),  # it conforms
    ],
)
def test_an_untested_rule_says_what_it_would_need(rule: str, words: list[str]) -> None:
    assert lacking(result(), rule) == words


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        ("W, T2", [lacked("W"), lacked("T2")]),
        (f"W: {lacked('W')}; T", [lacked("W"), lacked("T")]),
        ("W: 9 writes, 2 are left; a hook gives them", ["9 writes, 2 are left; a hook gives them"]),
        ("a higher ceiling: 9 are needed", ["a higher ceiling: 9 are needed"]),
        ("WRITES, T2", ["WRITES, T2"]),
    ],
)
def test_codes_are_spelled_out(missing: str, words: list[str]) -> None:
    run = replace(result(), findings=[Finding("summary.adds-up", V.UNTESTED, "check", missing=missing)])

    assert lacking(run, "summary.adds-up") == words
