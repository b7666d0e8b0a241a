import pytest

from tracepass_contract.contract_tests.model.verdicts import Finding, Role, Verdict, verdict_of

V, R = Verdict, Role


@pytest.mark.parametrize(
    ("findings", "verdict"),
    [
        ([], V.UNTESTED),
        ([(V.CONFORMS, R.DECIDES)], V.CONFORMS),
        ([(V.CONFORMS, R.DECIDES), (V.UNTESTED, R.ADDS)], V.CONFORMS),
        ([(V.CONFORMS, R.DECIDES), (V.UNTESTED, R.DECIDES)], V.PARTLY_TESTED),
        ([(V.CONFORMS, R.DECIDES), (V.NOT_APPLICABLE, R.DECIDES)], V.CONFORMS),
        ([(V.UNTESTED, R.DECIDES), (V.CONFORMS, R.ADDS)], V.PARTLY_TESTED),
        ([(V.UNTESTED, R.DECIDES), (V.CONFORMS, R.JUDGES)], V.PARTLY_TESTED),
        ([(V.CONFORMS, R.JUDGES)], V.PARTLY_TESTED),
        ([(V.UNTESTED, R.DECIDES), (V.CONFORMS, R.SUFFICES)], V.CONFORMS),
        ([(V.CONFORMS, R.DECIDES), (V.UNTESTED, R.SUFFICES)], V.CONFORMS),
        ([(V.UNTESTED, R.DECIDES), (V.UNTESTED, R.ADDS)], V.UNTESTED),
        ([(V.UNTESTED, R.DECIDES), (V.NOT_APPLICABLE, R.DECIDES)], V.UNTESTED),
        ([(V.NOT_APPLICABLE, R.DECIDES)], V.NOT_APPLICABLE),
        ([(V.NOT_APPLICABLE, R.DECIDES), (V.UNTESTED, R.ADDS)], V.NOT_APPLICABLE),
        ([(V.NOT_APPLICABLE, R.DECIDES), (V.CONFORMS, R.ADDS), (V.CONFORMS, R.JUDGES)], V.NOT_APPLICABLE),
        ([(V.NOT_APPLICABLE, R.DECIDES), (V.CONFORMS, R.SUFFICES)], V.CONFORMS),
        ([(V.NOT_APPLICABLE, R.DECIDES), (V.INCONCLUSIVE, R.ADDS)], V.INCONCLUSIVE),
        ([(V.NOT_APPLICABLE, R.DECIDES), (V.VIOLATES, R.JUDGES)], V.VIOLATES),
        ([(V.CONFORMS, R.DECIDES), (V.INCONCLUSIVE, R.ADDS)], V.INCONCLUSIVE),
        ([(V.CONFORMS, R.DECIDES), (V.VIOLATES, R.JUDGES), (V.INCONCLUSIVE, R.DECIDES)], V.VIOLATES),
        ([(V.VIOLATES, R.DECIDES), (V.SUITE_ERROR, R.ADDS)], V.SUITE_ERROR),
    ],
)
def test_a_rule_conforms_only_by_the_checks_that_decide_it(
    findings: list[tuple[Verdict, Role]], verdict: Verdict
) -> None:
    assert verdict_of(Finding("rule", each, "check", role=role) for each, role in findings) is verdict


def test_verdicts_stand_worst_first() -> None:
    assert [*Verdict][:6] == [V.SUITE_ERROR, V.VIOLATES, V.INCONCLUSIVE, V.UNTESTED, V.PARTLY_TESTED, V.CONFORMS]
