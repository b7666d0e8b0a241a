"""Random sequences of calls: for each, some set of readings explains all answers."""

import pytest

from tracepass_contract.contract_tests.checks.sequences import explore
from tracepass_contract.contract_tests.run.run import Run
from tracepass_contract.contract_tests.target.target import Target


@pytest.mark.rule(
    "idempotency.replays-original",
    "idempotency.replay-changes-nothing",
    "items.serial-unique-per-gtin",
    "budget.counts-every-item",
    "quota.asks-for-consent",
    adds=True,
)
@pytest.mark.needs("K2", "T2", "W", "Q", "T")
@pytest.mark.late(-3)  # what a directed test can say, it says in fewer calls
def test_any_sequence_of_calls_can_be_explained(target: Target, run: Run) -> None:
    """Random sequences of batches, replays, changed bodies, duplicates, reached limits, consent, new days and lost
    answers have an explanation.
    """
    explore(target, run.seed, run.settings.examples, shrinks=run.settings.shrinks)
