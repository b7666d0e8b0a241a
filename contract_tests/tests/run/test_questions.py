"""What is learned of the readings is true, and nothing is asked where it would cost somebody."""

from collections.abc import Mapping, Sequence

import pytest

from tracepass_contract import spec
from tracepass_contract.contract_tests.judging.oracle import judge
from tracepass_contract.contract_tests.model.verdicts import Judgement, Verdict
from tracepass_contract.contract_tests.mutants.matrix.forked_mock import forked_mock
from tracepass_contract.contract_tests.mutants.matrix.reading_sets import by_chance
from tracepass_contract.contract_tests.run import questions
from tracepass_contract.contract_tests.run.questions import QUESTIONS, Question, learn
from tracepass_contract.contract_tests.target.deployment import Deployment
from tracepass_contract.contract_tests.target.settings import Settings
from tracepass_contract.contract_tests.target.target import opened
from tracepass_contract.contract_tests.target.workspace import Account

OTHER_READINGS = {
    "budget.refused-shape": "one",
    "budget.refused-by-quota": "every-item",
    "quota.compares-with": "creatable-items",
    "quota.consent-within-quota": "refused",
    "quota.consent-place": "items-only",
    "quota.conflicting-consent": "any-true-wins",
    "idempotency.remembered-outcomes": "all",
    "idempotency.key-identity": "api-key",
    "idempotency.fingerprint": "raw-bytes",
    "idempotency.lifetime-from": "last-replay",
    "idempotency.replay-when-budget-spent": "refused",
    "items.gtin-spellings": "14-digits",
    "items.serial-equality": "case-folded",
}


def learned(card: Mapping[str, str], prefixes: Sequence[str] = ()) -> Judgement:
    options = tuple(part for answer in card.items() for part in ("--reading", "=".join(answer)))
    with opened(Settings(mock_options=options)) as target:
        learn(target, prefixes)
        return judge(target.session.history)


def test_there_is_a_question_for_each_of_these_readings() -> None:
    assert {reading for question in QUESTIONS for reading in question.readings} == set(OTHER_READINGS)
    assert set(OTHER_READINGS) <= set(spec.readings())


def test_other_answers_are_learned() -> None:
    found = {each.reading: each.answers for each in learned(OTHER_READINGS).observations}

    assert {reading: found.get(reading) for reading in OTHER_READINGS} == {
        reading: [answer] for reading, answer in OTHER_READINGS.items()
    }


@pytest.mark.parametrize("card", [{}, *by_chance(3, seed=26)], ids=str)
def test_nothing_is_learned_that_is_not_so(card: Mapping[str, str]) -> None:
    judgement = learned(card)
    in_force = {each.id: card.get(each.id, each.default) for each in spec.readings().values()}

    assert [each for each in judgement.findings if each.verdict is not Verdict.CONFORMS] == []
    assert [each for each in judgement.observations if in_force[each.reading] not in each.answers] == []


def test_only_what_is_asked_for_is_learned() -> None:
    with opened(Settings()) as target:
        learn(target, ["budget"])

        purposes = {each.purpose for each in target.session.history.exchanges if "arranging" not in each.purpose}
    assert purposes == {"learning budget.refused-shape", "learning budget.refused-by-quota", "read out what is left"}


def test_a_question_that_fails_is_noted_and_the_others_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_account: Account) -> None:
        raise KeyError("gs1")

    def fails(account: Account) -> None:
        account.api.create_batch(account.passports(1))

    monkeypatch.setattr(questions, "QUESTIONS", [Question(["a.b"], (), broken), Question(["c.d"], (), fails)])
    with opened(Settings()) as target:
        learn(target)

        assert target.session.notes == ["learning a.b: the suite failed (KeyError: 'gs1')"]
        assert [each.purpose for each in target.session.history.exchanges] == ["learning c.d"]


def test_nothing_is_asked_in_a_workspace_that_is_somebody_s(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOMEBODY", "tp_mock_unlimited")
    with forked_mock() as url:
        theirs = Deployment(base_url=url, api_key_env="SOMEBODY", product_id="p", gtin="09506000140087")
        with opened(Settings(deployment=theirs, control_plane=False)) as target:
            before = len(target.session.history.exchanges)
            learn(target)

            assert len(target.session.history.exchanges) == before
