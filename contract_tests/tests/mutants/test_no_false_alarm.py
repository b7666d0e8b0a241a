"""No answer of any reading is flagged, alone or with others, unless it breaks a rule; and then that rule is named."""

from collections.abc import Mapping, Sequence

import pytest

from tracepass_contract import spec
from tracepass_contract.contract_tests.model.verdicts import Verdict
from tracepass_contract.contract_tests.mutants.matrix.forked_mock import forked_mock
from tracepass_contract.contract_tests.tests.helpers.runs import result_of, violated

SETTABLE = [reading for reading in spec.readings().values() if reading.settable]
OTHERS = [(r.id, a.id) for r in SETTABLE for a in r.answers.values() if a.id != r.default and not a.contradicts]
BREAKING = [(r.id, a.id, a.contradicts) for r in SETTABLE for a in r.answers.values() if a.contradicts]


def together() -> Sequence[Mapping[str, str]]:
    """Few sets of answers that have every answer in one of them at least, none at its default where that can be."""
    sets, wanted = [], list(OTHERS)
    while wanted:
        answers = _possible(*wanted[0])
        for reading, answer in [*wanted, *OTHERS]:
            if reading not in answers and not spec.check_answers({**answers, reading: answer}):
                answers[reading] = answer
        sets.append(answers)
        wanted = [each for each in wanted if each not in answers.items()]
    return sets


def _possible(reading: str, answer: str) -> dict[str, str]:
    """The answer, with one of another reading where it can't stand beside the defaults."""
    if not spec.check_answers({reading: answer}):
        return {reading: answer}
    for other, company in OTHERS:
        if other != reading and not spec.check_answers({reading: answer, other: company}):
            return {reading: answer, other: company}
    raise AssertionError(f"{reading}={answer} can't be run with")


@pytest.mark.parametrize(
    "answers",
    [pytest.param(answers, marks=[pytest.mark.slow] if nth >= 2 else []) for nth, answers in enumerate(together())],
    ids=lambda answers: f"{len(answers)}-answers",
)
def test_no_answer_is_flagged(answers: Mapping[str, str]) -> None:
    _raises_nothing(answers)


def test_every_answer_is_in_one_of_the_sets() -> None:
    assert set(OTHERS) <= {pair for answers in together() for pair in answers.items()}


@pytest.mark.slow
@pytest.mark.parametrize(("reading", "answer"), OTHERS)
def test_no_answer_alone_is_flagged(reading: str, answer: str) -> None:
    _raises_nothing(_possible(reading, answer))


@pytest.mark.parametrize(("reading", "answer", "rule"), BREAKING)
def test_an_answer_that_breaks_a_rule_is_found(reading: str, answer: str, rule: str) -> None:
    wrong = ("--reading", f"{reading}={answer}")

    result = result_of(None, rule, mock_options=wrong, start_mock=forked_mock, stop_at=frozenset({rule}))

    assert rule in violated(result)


def _raises_nothing(answers: Mapping[str, str]) -> None:
    options = tuple(part for pair in answers.items() for part in ("--reading", "=".join(pair)))

    result = result_of(None, mock_options=options, start_mock=forked_mock)

    assert violated(result) == {}, answers
    assert [f"{each.rule}: {each.because}" for each in result.findings if each.verdict is Verdict.INCONCLUSIVE] == []
