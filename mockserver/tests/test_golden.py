"""The golden exchanges: the document, the fixtures and the server agree."""

import json
import re
from typing import Any

import pytest

from tracepass_contract.fixtures import Exchange, Message, golden
from tracepass_contract.mockserver.tests.client import Client
from tracepass_contract.spec import openapi_document, rules


def send(client: Client, message: Message) -> Any:
    content = b"" if message.body is None else json.dumps(message.body).encode()
    return client.request(message.method, message.path, list(message.headers.items()), content)


@pytest.mark.parametrize("exchange", golden(), ids=lambda exchange: exchange.name)
def test_the_server_answers_as_the_exchange_says(exchange: Exchange) -> None:
    """Status, named headers and body are equal."""
    client = Client(**{reading.replace(".", "__"): answer for reading, answer in exchange.readings.items()})
    for message in exchange.before:
        send(client, message)

    reply = send(client, exchange.request)

    assert reply.status_code == exchange.response.status
    assert reply.json() == exchange.response.body
    assert {name: reply.headers.get(name) for name in exchange.response.headers} == exchange.response.headers
    assert reply.headers["mock-rule"] == exchange.rule


@pytest.mark.parametrize("exchange", [each for each in golden() if each.example], ids=lambda exchange: exchange.name)
def test_the_document_shows_the_same_answer(exchange: Exchange) -> None:
    assert exchange.example is not None
    status, name = exchange.example.split("/")
    document = openapi_document()
    component = _operation(document, exchange.request)["responses"][status]["$ref"].rpartition("/")[2]
    example = document["components"]["responses"][component]["content"]["application/json"]["examples"][name]

    assert example["value"] == exchange.response.body
    assert int(status) == exchange.response.status


def _operation(document: dict[str, Any], request: Message) -> Any:
    """The operation of a request."""
    path = request.path.removeprefix("/api/v1").partition("?")[0]
    templates = {each: re.sub(r"{[^}]+}", "[^/]+", each) for each in document["paths"]}
    (template,) = [each for each, pattern in templates.items() if each == path or re.fullmatch(pattern, path)][:1]
    return document["paths"][template][request.method.lower()]


def test_every_example_of_an_answer_in_the_document_is_a_golden_exchange() -> None:
    shown = {
        name
        for response in openapi_document()["components"]["responses"].values()
        for name in response["content"].get("application/json", {}).get("examples", {})
    }

    assert shown == {each.example.split("/")[1] for each in golden() if each.example}


def test_the_exchanges_name_rules_that_exist() -> None:
    assert {exchange.rule for exchange in golden()} <= set(rules())
