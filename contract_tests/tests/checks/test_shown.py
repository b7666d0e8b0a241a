"""What the ways to read a resource must agree in, and what a call must leave as it was."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import orjson
import pytest

from tracepass_contract.contract_tests.checks import shown
from tracepass_contract.contract_tests.client.reply import Reply
from tracepass_contract.contract_tests.model.history import Exchange
from tracepass_contract.contract_tests.model.operations import Standing
from tracepass_contract.contract_tests.model.outcomes import Mismatch
from tracepass_contract.contract_tests.tests.helpers.histories import NOON

WHOLE = {"_id": "1", "gs1": {"gtin": "04012345000015", "serialNumber": "S"}, "status": "draft", "requestId": 1}


class Reads:
    """Stands for an account and its API: each way to read has its answer."""

    def __init__(self, **answers: Any) -> None:
        self.answers = {"whole": WHOLE, "by_serial": WHOLE, "entries": [WHOLE], **answers}
        self.waited = 0
        self.api = self

    def read(self, _passport_id: str) -> Reply:
        return replied(self.answers["whole"])

    def get_by_serial(self, _serial: str, **_query: str) -> Reply:
        return replied(self.answers["by_serial"])

    def list_passports(self, **_query: str) -> Reply:
        return replied({"data": {"items": self.answers["entries"]}})

    def eventually(self, ask: Callable[[], Reply], _holds: Callable[[Reply], bool]) -> Reply:
        return ask()

    def let_pass(self, _seconds: float) -> None:
        self.waited += 1


def replied(answer: Any, standing: Standing = Standing.UNKNOWN) -> Reply:
    status = answer if isinstance(answer, int) else 200
    body = b"" if isinstance(answer, int) else orjson.dumps(answer)
    return Reply(Exchange(1, "main", "main", "GET", "/", NOON, status=status, answer=body), standing)


def passport(**answers: Any) -> shown.Resource:
    return shown.passport(Reads(**answers), "1")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {"by_serial": {**WHOLE, "requestId": 2}},
        {"by_serial": {"_id": "1"}},
        {"by_serial": 501, "entries": [{"_id": "1", "status": "draft"}]},
    ],
    ids=["the same", "other members", "fewer members", "not served"],
)
def test_reads_that_agree_pass(answers: dict[str, Any]) -> None:
    assert passport(**answers).look().shown == WHOLE


@pytest.mark.parametrize(
    ("answers", "rule"),
    [
        ({"by_serial": {**WHOLE, "status": "archived"}}, "reads.agree"),
        ({"entries": [{**WHOLE, "status": "archived"}]}, "reads.agree"),
        ({"entries": [{**WHOLE, "_id": "2"}]}, "reads.lists-show-each-match-once"),
        ({"whole": {"_id": "1"}}, "items.created-is-readable"),
        ({"by_serial": 500}, "calls.valid-calls-succeed"),
    ],
)
def test_reads_that_differ_are_reported(answers: dict[str, Any], rule: str) -> None:
    found = passport(**answers)

    with pytest.raises(Mismatch) as raised:
        found.look()

    assert raised.value.rule == rule
    assert found.account.waited > 1  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("before", "but", "shows"),
    [
        (WHOLE, (), {}),
        ({**WHOLE, "requestId": 2}, (), {"status": "draft"}),
        ({**WHOLE, "status": "archived"}, ("status",), {"suspendedAt": "x"}),
    ],
)
def test_what_a_call_left_and_what_it_changed_pass(before: Any, but: Any, shows: Any) -> None:
    """A member that was answered and that the reads don't have is not compared."""
    passport().after(replied(before), replied({}), but=but, shows=shows)


@pytest.mark.parametrize(
    ("before", "shows"),
    [({**WHOLE, "status": "archived"}, {}), ({**WHOLE, "productId": "7"}, {}), (WHOLE, {"status": "suspended"})],
)
def test_what_a_call_lost_or_did_not_keep_is_reported(before: Any, shows: Any) -> None:
    with pytest.raises(Mismatch) as raised:
        passport().after(replied(before), replied({}), but=(), shows=shows)

    assert raised.value.rule == "calls.changes-are-kept"


@pytest.mark.parametrize(
    ("said", "standing", "is_wrong"),
    [
        ({"_id": "1", "status": "draft"}, Standing.OURS, False),
        ({"_id": "2", "status": "draft"}, Standing.OURS, True),
        ({"_id": "1"}, Standing.OURS, True),
        ({}, Standing.OURS, True),
        ({}, Standing.UNKNOWN, False),
        (409, Standing.OURS, False),
    ],
)
def test_by_its_own_document_an_answer_says_what_changed(said: Any, standing: Standing, is_wrong: bool) -> None:
    resource, cause = passport(), replied(said, standing)

    with pytest.raises(Mismatch) if is_wrong else nullcontext() as found:
        resource.after(replied(WHOLE), cause, but=("status",))

    assert found is None or found.value.rule == "calls.changes-are-kept"
