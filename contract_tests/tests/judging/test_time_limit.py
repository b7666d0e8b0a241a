"""The judges end when the time of the run is over. What they did not judge is inconclusive, never green."""

from collections.abc import Callable
from itertools import count

import pytest

from tracepass_contract.contract_tests.judging.judgement import judged
from tracepass_contract.contract_tests.model import clock
from tracepass_contract.contract_tests.model.history import BATCH, Exchange
from tracepass_contract.contract_tests.model.time_is_up import BECAUSE
from tracepass_contract.contract_tests.model.verdicts import Verdict
from tracepass_contract.contract_tests.mutants.matrix.forked_mock import forked_mock
from tracepass_contract.contract_tests.run.pytest_run import perform
from tracepass_contract.contract_tests.target.settings import Settings
from tracepass_contract.contract_tests.tests.helpers.histories import NOON, Story, batch
from tracepass_contract.spec import rules

OF_THE_ORACLE = (
    "auth.",
    "batch.",
    "items.",
    "summary.",
    "budget.",
    "quota.",
    "idempotency.",
    "limits.",
    "errors.",
    "calls.",
)


def after(asked: int) -> Callable[[], bool]:
    """The time is up after a judge asked so many times."""
    numbers = count(1)
    return lambda: next(numbers) > asked


@pytest.mark.parametrize("asked", [*range(12), 15, 20, 30, 50])
def test_what_was_not_judged_is_inconclusive(asked: int) -> None:
    story = Story(writes_left=9, slots_left=9)
    body = batch("a", "b")
    answer = story.executed(body, "cc", key="k")
    story.call(body, 200, answer, key="k")
    story.refused(batch(), 400)
    story.executed(batch("a"), "e")

    findings = judged(story.history, [], is_up=after(asked)).findings

    unjudged = {each.rule for each in findings if each.because == BECAUSE}
    assert unjudged <= {rule for rule in rules() if rule.startswith(OF_THE_ORACLE)}
    assert {each.verdict for each in findings} <= {Verdict.INCONCLUSIVE, Verdict.CONFORMS, Verdict.UNTESTED}
    if asked < 12:
        assert "items.one-result-each" in unjudged


def test_a_run_whose_time_is_over_ends_with_its_reports(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock jumps beyond the limit after some calls."""
    seconds = count(0)
    monkeypatch.setattr(clock, "monotonic", lambda: float(next(seconds)))

    run = perform(Settings(rule_prefixes=("summary",), examples=1, time_limit_seconds=300, start_mock=forked_mock))

    assert run.result is not None
    assert run.result.failures == []
    assert run.result.verdict_of("summary.adds-up") is Verdict.INCONCLUSIVE
    assert BECAUSE in {each.because for each in run.result.findings}


def test_a_long_array_is_cut() -> None:
    """A deployment may answer a batch with any number of entries. A thousand tell enough."""
    entries = b",".join([b'{"index":0}'] * 180_000)
    call = Exchange(1, "main", "k", "POST", BATCH, NOON, status=200, answer=b'{"results":[' + entries + b"]}")

    assert len(call.answer_json["results"]) == 1000
