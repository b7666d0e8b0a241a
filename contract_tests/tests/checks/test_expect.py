"""What a directed test asserts: each assertion lets pass what keeps the rule, and names what does not."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson
import pytest

from tracepass_contract.contract_tests.checks import expect
from tracepass_contract.contract_tests.client.reply import Reply
from tracepass_contract.contract_tests.model.history import Exchange, Lost
from tracepass_contract.contract_tests.model.operations import Standing
from tracepass_contract.contract_tests.model.outcomes import Inconclusive, Mismatch, Untested
from tracepass_contract.contract_tests.tests.helpers.histories import BATCH, NOON, answered, batch, passport

RULE, VALID = "a.rule", "calls.valid-calls-succeed"
THREE = answered(batch("a", "b", "c"), "cec")
OPERATION = "GET /passports"


def reply(status: int | None, answer: Any = None, number: int = 1) -> Reply:
    lost = Lost.TIMEOUT if status is None else None
    body = b"" if answer is None else orjson.dumps(answer)
    return Reply(Exchange(number, "main", "main", "POST", BATCH, NOON, status=status, answer=body, lost=lost))


def refusal(status: int) -> Reply:
    return reply(status, {"error": "No"})


def _of(standing: Standing, status: int, media: str = "application/json") -> Reply:
    """A refusal or failure of an operation whose standing is known."""
    exchange = replace(reply(status, {"error": "No"}).exchange, answer_headers={"content-type": media})
    return Reply(exchange, standing)


def _of_get(answered: Reply) -> Reply:
    return Reply(replace(answered.exchange, method="GET"))


def result(status: int = 200, outcomes: str = "cec", **changes: Any) -> Reply:
    return reply(status, {**answered(batch("a", "b", "c"), outcomes), **changes}, number=2)


FINE: dict[str, Callable[[], Any]] = {
    "executed": lambda: expect.executed(result()),
    "executed with 207": lambda: expect.executed(result(207)),
    "executed, all failed, with 422": lambda: expect.executed(result(422, "eee")),
    "refused": lambda: expect.refused(refusal(418)),
    "refused with one of these": lambda: expect.refused(refusal(422), 400, 422),
    "offered, and refused": lambda: expect.offered(refusal(409), OPERATION),
    "offered: what it names is not there": lambda: expect.offered(_of_get(refusal(404)), OPERATION),
    "served": lambda: expect.served(reply(200, {}), OPERATION),
    "served for a draft": lambda: expect.served_for_draft(reply(200, {}), OPERATION),
    "declined": lambda: expect.declined(refusal(404), OPERATION, 404),
    "declined with a status that elsewhere is a limit": lambda: expect.declined(refusal(429), OPERATION, 429),
    "reasoned": lambda: expect.reasoned(refusal(403)),
    "outcomes": lambda: expect.outcomes(result(), "created", "error", "created"),
    "same": lambda: expect.same("a number", 1, 1, result()),
    "true": lambda: expect.true("a thing", "there", "there", result()),
    "replayed": lambda: expect.replayed(result(201), result(200)),
    "replayed in another order": lambda: expect.replayed(result(results=THREE["results"][::-1]), result()),
    "none there": lambda: expect.none_there(lambda _item: False, [passport("a")], refusal(429)),
    "none asked for": lambda: expect.none_there(lambda _item: True, [], refusal(429)),
}
WRONG: dict[str, tuple[Callable[[], Any], type[Exception]]] = {
    "executed: refused": (lambda: expect.executed(refusal(429), rule=RULE), Mismatch),
    "executed: created with 422": (lambda: expect.executed(result(422), rule=RULE), Mismatch),
    "refused: executed": (lambda: expect.refused(result(), rule=RULE), Mismatch),
    "refused: executed with 422": (lambda: expect.refused(result(422), 422, rule=RULE), Mismatch),
    "refused: with 500": (lambda: expect.refused(reply(500, {"error": "x"}), rule=RULE), Mismatch),
    "refused: with another status": (lambda: expect.refused(refusal(400), 422, rule=RULE), Mismatch),
    "offered: not there": (lambda: expect.offered(refusal(404), OPERATION), Untested),
    "offered: not there, to a GET": (lambda: expect.offered(_of_get(refusal(501)), OPERATION), Untested),
    "served: not there": (lambda: expect.served(refusal(404), OPERATION), Untested),
    "served: failed": (lambda: expect.served(refusal(400), OPERATION), Inconclusive),
    "served: failed with 500": (lambda: expect.served(refusal(500), OPERATION), Mismatch),
    "served: a page of 500": (lambda: expect.served(_of(Standing.OURS, 500, "text/html"), OPERATION), Inconclusive),
    "served: of a gateway": (lambda: expect.served(_of(Standing.OURS, 520), OPERATION), Inconclusive),
    "served: was there before": (lambda: expect.served(_of(Standing.SERVED, 404), OPERATION), Mismatch),
    "served: conflicts": (lambda: expect.served(_of(Standing.SERVED, 409), OPERATION), Mismatch),
    "served: refused by another document": (lambda: expect.served(_of(Standing.SERVED, 400), OPERATION), Inconclusive),
    "served: refused by our document": (lambda: expect.served(_of(Standing.OURS, 400), OPERATION), Mismatch),
    "served: not implemented": (lambda: expect.served(_of(Standing.OURS, 501), OPERATION), Mismatch),
    "served for a draft: refused": (lambda: expect.served_for_draft(_of(Standing.SERVED, 409), OPERATION), Untested),
    "served for a draft: failed": (lambda: expect.served_for_draft(_of(Standing.OURS, 409), OPERATION), Mismatch),
    "served for a draft: gone": (lambda: expect.served_for_draft(_of(Standing.SERVED, 404), OPERATION), Mismatch),
    "declined: was there before": (
        lambda: expect.declined(_of(Standing.SERVED, 404), OPERATION, 400, rule=RULE),
        Mismatch,
    ),
    "declined: not there": (lambda: expect.declined(refusal(501), OPERATION, 400), Untested),
    "declined: for a limit": (lambda: expect.declined(refusal(402), OPERATION, 400), Inconclusive),
    "declined: taken": (lambda: expect.declined(reply(200, {}), OPERATION, 400, rule=RULE), Mismatch),
    "declined: with another status": (lambda: expect.declined(refusal(422), OPERATION, 400, rule=RULE), Mismatch),
    "reasoned: nowhere": (lambda: expect.reasoned(reply(409, {"reason": " "})), Mismatch),
    "reasoned: not where our document has it": (lambda: expect.reasoned(_of(Standing.OURS, 403)), Mismatch),
    "outcomes: refused": (lambda: expect.outcomes(refusal(400), rule=RULE), Mismatch),
    "outcomes: others": (lambda: expect.outcomes(result(), "created", "created", "created", rule=RULE), Mismatch),
    "outcomes: one too many": (lambda: expect.outcomes(result(), "created", "error", rule=RULE), Mismatch),
    "outcomes: one too few": (lambda: expect.outcomes(result(outcomes="c"), "created", "error", rule=RULE), Mismatch),
    "same: not": (lambda: expect.same("a number", 1, 2, result(), rule=RULE), Mismatch),
    "true: not": (lambda: expect.true("a thing", "", "nothing", result(), rule=RULE), Mismatch),
    "replayed: refused": (lambda: expect.replayed(refusal(409), result(), rule=RULE), Mismatch),
    "replayed: in another class": (
        lambda: expect.replayed(result(422, "eee"), result(200, "eee"), rule=RULE),
        Mismatch,
    ),
    "replayed: another outcome": (lambda: expect.replayed(result(outcomes="cee"), result(), rule=RULE), Mismatch),
    "replayed: one entry less": (
        lambda: expect.replayed(result(results=THREE["results"][:2]), result(), rule=RULE),
        Mismatch,
    ),
    "replayed: another summary": (lambda: expect.replayed(result(summary={"total": 3}), result(), rule=RULE), Mismatch),
    "none there: one is": (
        lambda: expect.none_there(lambda _item: True, [passport("a")], refusal(429), rule=RULE),
        Mismatch,
    ),
}


@pytest.mark.parametrize("case", FINE)
def test_what_keeps_the_rule_passes(case: str) -> None:
    FINE[case]()


@pytest.mark.parametrize("case", WRONG)
def test_what_breaks_the_rule_is_reported(case: str) -> None:
    assertion, kind = WRONG[case]

    with pytest.raises(kind) as raised:
        assertion()

    if isinstance(raised.value, Mismatch):
        wanted = VALID if case.startswith("served") else None if case.startswith("reasoned") else RULE
        assert raised.value.rule == wanted
        assert raised.value.witnesses
    assert str(raised.value)


def test_a_replay_with_other_data_says_where() -> None:
    """Status by status it is alike; the id of the last item is another one."""
    entries = [*THREE["results"][:2], {**THREE["results"][2], "data": {"_id": "other"}}]

    with pytest.raises(Mismatch, match="other entries at index 2"):
        expect.replayed(result(results=entries), result())


def test_what_is_long_is_shortened() -> None:
    with pytest.raises(Mismatch) as raised:
        expect.same("a text", "x" * 1000, "y")

    assert len(str(raised.value)) < 500
