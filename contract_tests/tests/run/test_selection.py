"""A run of one rule finds for it what a whole run finds."""

import pytest

from tracepass_contract.contract_tests.model.verdicts import Verdict
from tracepass_contract.contract_tests.mutants.catalogue import catalogue
from tracepass_contract.contract_tests.mutants.matrix.forked_mock import forked_mock
from tracepass_contract.contract_tests.run.pytest_run import collect_checks
from tracepass_contract.contract_tests.run.run import Run
from tracepass_contract.contract_tests.target.settings import Settings
from tracepass_contract.contract_tests.tests.helpers.command import check
from tracepass_contract.contract_tests.tests.helpers.runs import result_of_settings
from tracepass_contract.spec import rules

SEEN_BY_A_JUDGE = ("HTP-02b",)  # in tests of another rule
SAMPLE = ("ORD-06", "BUD-16", "QUO-07")


def test_a_rule_has_its_own_tests_first_and_then_those_that_may_show_it() -> None:
    rule = "items.one-result-each"

    checks = collect_checks(Run(Settings(rule_prefixes=(rule,))))

    are_own = [rule in each.rules for each in checks]
    assert are_own == sorted(are_own, reverse=True)
    assert 0 < sum(are_own) < len(checks)
    assert "test_a_form_holds_no_items" in {each.name for each in checks}


def test_a_test_that_names_a_rule_is_selected_for_it() -> None:
    """This test is about keys, and says in an assertion, in a helper, that single calls are executed."""
    names = {each.name for each in collect_checks(Run(Settings(rule_prefixes=("items.fail-independently",))))}

    assert "test_a_replay_brings_nothing_back" in names


@pytest.mark.parametrize("mutant", [each for each in (*SEEN_BY_A_JUDGE, *SAMPLE) if each in catalogue()])
def test_the_run_of_its_rule_kills_a_mutant(mutant: str) -> None:
    fault = catalogue()[mutant]
    settings = Settings(
        mock_options=("--mutant", mutant),
        start_mock=forked_mock,
        rule_prefixes=(fault.rule,),
        examples=0,
        seed=1,
        stop_at=frozenset({fault.rule}),
    )

    result = result_of_settings(settings)

    assert result.verdict_of(fault.rule) is Verdict.VIOLATES
    assert {each.rule for each in result.findings} == {fault.rule}


def test_a_rule_that_conforms_alone_says_nothing_of_the_others() -> None:
    rule = "auth.bearer-required"

    with forked_mock() as url:
        done = check("run", url, "--rule", rule, "--json")

    assert done.code == 0, done.stderr
    assert done.verdicts() == {rule: "conforms"}
    assert rule in rules()
