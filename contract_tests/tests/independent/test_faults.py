"""The faults of the independent server: a run finds each of them, or it is known why it can't."""

from dataclasses import replace

import pytest

from tracepass_contract.contract_tests.tests.helpers.runs import violated
from tracepass_contract.contract_tests.tests.independent import modes
from tracepass_contract.contract_tests.tests.independent.faults.catalogue import FAULTS
from tracepass_contract.contract_tests.tests.independent.runs import run_in

QUICK = ("index-from-one", "errors-dropped", "last-write-refused", "local-day", "lost-update")


def found(name: str) -> set[str]:
    """The rules that a run finds violated."""
    fault = FAULTS[name]
    assert fault.mode is not None
    mode = fault.mode if fault.mode.rules else replace(fault.mode, rules=fault.rules)
    return set(violated(run_in(mode, fault.parts).result))


@pytest.mark.parametrize("name", QUICK)
def test_a_fault_breaks_its_rule(name: str) -> None:
    assert found(name) & set(FAULTS[name].rules)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(name for name in FAULTS if FAULTS[name].mode and name not in QUICK))
def test_each_fault_breaks_its_rule(name: str) -> None:
    assert found(name) & set(FAULTS[name].rules)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(name for name in FAULTS if FAULTS[name].mode is None))
def test_what_no_run_can_see_raises_no_other_alarm(name: str) -> None:
    assert FAULTS[name].unseen
    assert violated(run_in(modes.KEYS, FAULTS[name].parts).result) == {}
