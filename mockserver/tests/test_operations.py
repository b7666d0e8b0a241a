"""From the decision to the answer: each answer is documented, and the mock commits what it answers."""

import asyncio
import json
import logging
from typing import Any

import jsonschema_rs
import pytest

from tracepass_contract.mockserver import app
from tracepass_contract.mockserver.app import create_app
from tracepass_contract.mockserver.http.api import batch_json, operations
from tracepass_contract.mockserver.http.api.log import Line
from tracepass_contract.mockserver.http.call import problems
from tracepass_contract.mockserver.http.call.document import BrokenDocument, Contract31, HeaderParameter, TextParameter
from tracepass_contract.mockserver.semantics.types.request import BATCH_ITEMS_MAX
from tracepass_contract.mockserver.tests.client import BATCH, Client
from tracepass_contract.spec import openapi_document


def test_an_answer_that_is_not_in_the_document_is_a_bug_and_commits_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    client = Client()
    before = client.balances
    monkeypatch.setattr(batch_json, "batch_result", lambda *_: {"results": [], "summary": {}})

    reply = client.batch(client.item(), key="k")

    assert (reply.status_code, reply.json()["error"]) == (500, "Internal Server Error")
    assert "Traceback" not in reply.text
    assert "UndocumentedAnswer" in caplog.text
    assert client.balances == before


def test_a_bug_after_the_commit_says_so(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    client = Client()
    monkeypatch.setattr(operations, "LogEntry", lambda *_: 1 / 0)

    reply = client.batch(client.item())

    assert (reply.status_code, "The call is committed." in reply.json()["message"]) == (500, True)
    assert "The mock has a bug. The call is committed." in caplog.text
    assert len(client.workspace.passports) == 1


def test_a_caller_who_is_gone_when_the_answer_comes_is_no_bug(caplog: pytest.LogCaptureFixture) -> None:
    """Some servers raise an OSError then, as ASGI asks of them."""
    client = Client()
    content = json.dumps({"passports": [client.item()]}).encode()

    asyncio.run(_call(client, [{"type": "http.request", "body": content}], _Gone()))

    assert len(client.workspace.passports) == 1
    assert not caplog.records


class _Gone(list[Any]):
    def append(self, _message: Any) -> None:
        raise ConnectionResetError("the client has gone")


def test_a_log_that_cannot_be_written_changes_no_answer(caplog: pytest.LogCaptureFixture) -> None:
    """The call is committed. A 500 would make the client retry it."""
    client = Client()
    client.mock = create_app(clock=client.clock, log=_broken_log)

    with caplog.at_level(logging.ERROR):
        reply = client.batch(client.item())

    assert reply.json()["summary"] == {"created": 1, "errors": 0, "total": 1}
    assert "could not write its log line" in caplog.text


def test_a_caller_who_goes_away_in_the_middle_leaves_no_trace() -> None:
    """The part that arrived is a complete batch in JSON, and is not executed."""
    client = Client()
    content = json.dumps({"passports": [client.item()]}).encode()
    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": content, "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent: list[Any] = []

    asyncio.run(_call(client, messages, sent))

    assert client.balances["writes"] == client.balances["stored"] == 0
    assert [(line["status"], line["outcome"]) for line in client.lines] == [(400, "refused")]
    assert b"expected the whole body, found a part of it" in sent[1]["body"]


@pytest.mark.parametrize("length", ["1048577", "9" * 5000, "0" * 30 + "1048577"])
def test_a_declared_length_over_the_limit_is_refused_before_the_body_is_read(length: str) -> None:
    assert Client().send(b"{}", [("Content-Length", length)]).status_code == 413


@pytest.mark.parametrize("length", ["0", "000002", "two"])
def test_another_declared_length_is_left_to_the_server_in_front(length: str) -> None:
    assert Client().send(b"{}", [("Content-Length", length)]).status_code == 400


def test_a_body_full_of_items_is_refused_by_their_number_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The mock looks at none of half a million items, which would delay every other call."""

    def looked_at(_element: object) -> None:
        raise AssertionError("an item was looked at")

    monkeypatch.setattr(batch_json, "_readable_part", looked_at)
    client = Client()

    reply = client.send(b'{"passports":[' + b"1," * 500_000 + b"1]}")

    assert (reply.status_code, client.lines[0]["items"]) == (400, 500_001)
    assert reply.json()["message"] == f"/passports: expected {BATCH_ITEMS_MAX} or fewer items, found 500001 items"


def test_a_required_parameter_of_the_query_that_is_missing_is_a_problem() -> None:
    wanted = TextParameter("q", required=True, type="string", validator=jsonschema_rs.validator_for({}))

    (problem,) = problems.of_texts([wanted], [("p", "1")])[1]

    assert problem[1:4] == ("q", "the parameter", "nothing")


def test_a_required_header_that_is_missing_is_a_problem() -> None:
    parameter = Contract31(openapi_document()).operations["createPassportBatch"].headers[0]
    required = HeaderParameter(parameter.name, parameter.wire_name, True, parameter.validator)

    (problem,) = problems.of_header(required, [])

    assert (problem.where, problem.expected, problem.found) == ("Idempotency-Key", "the header", "nothing")
    assert problems.of_header(parameter, []) == ()


def test_another_header_of_the_document_is_not_taken_for_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """The document has a second header. It is validated, and two calls with the same value are two calls."""
    document = openapi_document()
    second = {"name": "X-Source", "in": "header", "schema": {"type": "string", "maxLength": 3}}
    document["paths"]["/passports/batch"]["post"]["parameters"].append(second)
    monkeypatch.setattr(app, "document_under", lambda _answers: document)
    client = Client()
    calls = [json.dumps({"passports": [client.item(serial)]}).encode() for serial in ("a", "b")]

    replies = [client.send(call, [("X-Source", "abc")]) for call in calls]

    assert [reply.status_code for reply in replies] == [200, 200]
    assert client.balances["answers"] == 0
    assert "X-Source: expected 3 or fewer" in client.send(calls[0], [("X-Source", "four")]).json()["message"]


@pytest.mark.parametrize("where", ["cookie"])
def test_a_parameter_that_nothing_would_validate_is_refused_at_start(where: str) -> None:
    document = openapi_document()
    parameter = {"name": "dryRun", "in": where, "schema": {"type": "boolean"}}
    document["paths"]["/passports/batch"]["post"]["parameters"].append(parameter)

    with pytest.raises(BrokenDocument, match=f"cannot validate a parameter in {where!r}"):
        Contract31(document)


async def _call(client: Client, messages: list[dict[str, Any]], sent: list[Any]) -> None:
    async def receive() -> dict[str, Any]:
        return messages.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"authorization", b"Bearer tp_mock_unlimited"), (b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": BATCH, "root_path": "", "query_string": b"", "headers": headers}
    await client.mock(scope, receive, send)


def _broken_log(_line: Line) -> None:
    raise BrokenPipeError


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        ({"format": "date"}, "yesterday", "text in the format date"),
        ({"const": 1}, 2, "another value"),
        ({"maximum": 5}, 7, "5 or less"),
    ],
)
def test_a_problem_says_what_its_keyword_expects(schema: dict[str, Any], value: object, expected: str) -> None:
    """Keywords that the document may use later."""
    validator = jsonschema_rs.validator_for({"properties": {"a": schema}}, validate_formats=True)

    (problem,) = problems.of_body(validator, {"a": value})

    assert (problem.where, problem.expected) == ("/a", expected)


def test_an_operation_can_have_a_security_of_its_own() -> None:
    """In this document it has none, so it requires no key."""
    document = openapi_document()
    document["paths"]["/passports/batch"]["post"]["security"] = []

    view = Contract31(document).routing_view()

    assert view["security"] == [{"bearer": []}]
    assert view["paths"]["/passports/batch"]["post"]["security"] == []
