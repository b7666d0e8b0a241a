"""`judge`: what a history says of the rules and the readings. Pure: the same history, the same judgement."""

from tracepass_contract.contract_tests.history import History
from tracepass_contract.contract_tests.oracle.answers import check_answers
from tracepass_contract.contract_tests.oracle.calls import Call, is_batch
from tracepass_contract.contract_tests.oracle.findings import Notes
from tracepass_contract.contract_tests.verdicts import Judgement


def judge(history: History) -> Judgement:
    """The findings, worst first, and the observations. A rule that the history says nothing of has no finding."""
    notes = Notes()
    calls = [Call(exchange) for exchange in history.exchanges if is_batch(exchange)]
    check_answers(calls, notes)
    return Judgement(notes.findings, notes.observations)
