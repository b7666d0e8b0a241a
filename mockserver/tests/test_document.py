"""The server and openapi-core accept and refuse the same calls and answers of one 3.1 document.

The validators are independent: jsonschema-rs in the server, jsonschema (with ECMA expressions) in openapi-core.
"""

import asyncio
import json
from typing import Any

import httpx
import pytest
from connexion.middleware import ConnexionMiddleware
from connexion.middleware.exceptions import ExceptionMiddleware
from connexion.resolver import Resolver
from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError
from starlette.types import ASGIApp
from werkzeug.datastructures import Headers, ImmutableMultiDict

from tracepass_contract.mockserver.http.call.body import Body
from tracepass_contract.mockserver.http.call.document import BrokenDocument, Contract31
from tracepass_contract.mockserver.http.call.exchange import Call, Reply
from tracepass_contract.mockserver.http.faults import Faults
from tracepass_contract.mockserver.http.middleware import CallMiddleware, ExactRoutingMiddleware
from tracepass_contract.mockserver.state import State
from tracepass_contract.mockserver.state.clock import SystemClock
from tracepass_contract.mockserver.tests.client import Client
from tracepass_contract.spec import openapi_document

KEYWORDS: dict[
    str, tuple[dict[str, Any], list[Any], list[Any]]
] = {  # keywords of 2020-12 that Draft 4 lacks, with accepted and refused values
    "const": ({"const": "a"}, ["a"], ["b", None]),
    "type list": ({"type": ["string", "null"]}, ["a", None], [1, []]),
    "prefixItems": ({"prefixItems": [{"type": "string"}], "items": False}, [["a"], []], [[1], ["a", "b"]]),
    "contains": ({"contains": {"const": 1}, "maxContains": 1}, [[1], [1, 2]], [[], [1, 1]]),
    "if then else": (
        {"if": {"type": "string"}, "then": {"minLength": 2}, "else": {"type": "null"}},
        ["ab", None],
        ["a", 1],
    ),
    "dependentRequired": ({"dependentRequired": {"a": ["b"]}}, [{"a": 1, "b": 1}, {"b": 1}], [{"a": 1}]),
    "dependentSchemas": ({"dependentSchemas": {"a": {"required": ["b"]}}}, [{"b": 1}, {"a": 1, "b": 2}], [{"a": 1}]),
    "unevaluatedProperties": (
        {"allOf": [{"properties": {"a": {"type": "integer"}}}], "unevaluatedProperties": False},
        [{"a": 1}, {}],
        [{"b": 1}, {"a": 1, "b": 1}],
    ),
    "propertyNames": ({"propertyNames": {"pattern": "^[a-z]$"}}, [{"a": 1}, {}], [{"ab": 1}, {"1": 1}]),
    "exclusiveMinimum": ({"type": "number", "exclusiveMinimum": 0}, [1, 0.5], [0, -1]),
    "ref with siblings": (  # one level down, because openapi-core ignores siblings of a reference at the top
        {"properties": {"a": {"$ref": "#/components/schemas/Text", "maxLength": 2}}},
        [{"a": "ab"}, {}],
        [{"a": "abc"}, {"a": 1}],
    ),
    "$defs": ({"$defs": {"n": {"type": "integer"}}, "type": "array", "items": {"type": "integer"}}, [[1], []], [["a"]]),
    "boolean schema": ({"properties": {"a": False, "b": True}}, [{"b": 1}, {}], [{"a": 1}]),
    "pattern": ({"type": "string", "pattern": "^[0-9]{2}$"}, ["01", "99"], ["\u0660\u0661", "01\n", "1"]),
    "minLength in characters": ({"type": "string", "minLength": 2, "maxLength": 2}, ["🔋🔋", "é1"], ["🔋", "🔋🔋🔋"]),
}


class Exchanged:
    """A request and its answer in the form of openapi-core."""

    method, content_type = "post", "application/json"

    def __init__(self, path: str, body: object, headers: dict[str, str] | None = None, status: int = 200) -> None:
        self.host_url, self.path, self.full_url_pattern = "http://127.0.0.1:4747", path, f"http://127.0.0.1:4747{path}"
        self.body = self.data = json.dumps(body).encode()
        self.headers = Headers(headers or {})
        self.parameters = RequestParameters(ImmutableMultiDict(), Headers(headers or {}), {}, {})
        self.status_code = status


def document(schema: dict[str, Any]) -> dict[str, Any]:
    """A document with one operation. Its request and its answer have this schema."""
    content = {"application/json": {"schema": schema}}
    operation = {
        "operationId": "echo",
        "parameters": [{"$ref": "#/components/parameters/Id"}],
        "requestBody": {"required": True, "content": content},
        "responses": {"2XX": {"description": "", "content": content}, "4XX": {"description": ""}},
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "servers": [{"url": "http://127.0.0.1:4747/v"}],
        "paths": {"/echo/{id}": {"post": operation}},
        "components": {
            "schemas": {"Text": {"type": "string"}},
            "parameters": {"Id": {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}},
        },
    }


def echo(call: Call) -> Reply:
    """Answer 204 to a valid body and 422 to another. The call passes through the whole stack."""
    assert isinstance(call.body, Body)
    assert call.operation.body is not None
    return Reply(204 if call.operation.body.is_valid(call.body.value) else 422, (), b"")


def served(contract: Contract31) -> ASGIApp:
    app = ConnexionMiddleware(
        lambda *_: None,  # type: ignore[arg-type]
        middlewares=[ExceptionMiddleware, ExactRoutingMiddleware, CallMiddleware],  # type: ignore[list-item]
    )
    view, handlers = contract.routing_view(), {"echo": echo}
    resolver = Resolver(handlers.__getitem__)
    state = State(SystemClock())
    app.add_api(view, base_path="/v", resolver=resolver, state=state, contract=contract, handlers=handlers, current=app)
    return Faults(app, state, lambda *_: None, "/_mock")  # gives each call its context


def accepted(app: ASGIApp, value: object) -> bool:
    async def call() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:4747") as client:
            return await client.post(
                "/v/echo/1", content=json.dumps(value), headers={"Content-Type": "application/json"}
            )

    return asyncio.run(call()).status_code == 204


@pytest.mark.parametrize("keyword", KEYWORDS)
def test_the_keywords_of_2020_12_mean_the_same_to_both(keyword: str) -> None:
    schema, good, bad = KEYWORDS[keyword]
    contract = Contract31(document(schema))
    app, second = served(contract), OpenAPI.from_dict(document(schema))

    for value, valid in [*((value, True) for value in good), *((value, False) for value in bad)]:
        assert accepted(app, value) is valid, value
        assert contract.operations["echo"].allows(200, value) is valid, value
        assert _openapi_core_accepts(second, Exchanged("/v/echo/1", value)) is valid, value


def test_an_answer_is_held_to_its_status_then_its_range_and_refused_without_either() -> None:
    operation = Contract31(document({"const": 1})).operations["echo"]

    assert operation.allows(404, "anything")
    assert not operation.allows(500, 1)


CALLS: list[tuple[object, dict[str, str]]] = [
    ({"passports": [{"productId": "p", "gs1": {"gtin": "04012345000015", "serialNumber": "s"}}]}, {}),
    ({"passports": [{"productId": "p", "gs1": {"gtin": "04012345000015", "serialNumber": "🔋" * 100}}]}, {}),
    ({"passports": [{"productId": "p", "gs1": {"gtin": "04012345000015", "serialNumber": "🔋" * 101}}]}, {}),
    ({"passports": [{"productId": "p", "gs1": {"gtin": "0401234500001", "serialNumber": "s"}}]}, {}),
    ({"passports": [{"productId": "p", "gs1": {"gtin": "04012345000015\n", "serialNumber": "s"}}]}, {}),
    ({"passports": [{"productId": "p", "gs1": {"gtin": "٠٤٠١٢٣٤٥٠٠٠٠١٥", "serialNumber": "s"}}]}, {}),
    ({"passports": [{"productId": "p", "gs1": {"gtin": 4012345000015, "serialNumber": "s"}}]}, {}),
    ({"passports": [{"productId": "p", "gs1": {"gtin": "04012345000015", "serialNumber": ""}}]}, {}),
    ({"passports": [{"productId": "p", "gs1": {"gtin": "04012345000015", "serialNumber": "s"}, "x": 1}]}, {}),
    ({"passports": [{"productId": "p"}]}, {}),
    ({"passports": [{"gs1": {"gtin": "04012345000015", "serialNumber": "s"}}]}, {}),
    ({"passports": []}, {}),
    ({"passports": "[]"}, {}),
    ({}, {}),
    ([], {}),
    (None, {}),
    *(
        ({"passports": [{"productId": "p", "gs1": {"gtin": "0" * 14, "serialNumber": "s"}, "parties": parties}]}, {})
        for parties in (
            {},
            None,
            {"importer": {"legalName": "A", "gln": "4012345000009"}},
            {"importer": {"legalName": "A", "legacyOperatorId": "x", "country": "DE"}},
            {"importer": {"legalName": "A"}},
            {"importer": {"legalName": "A", "gln": "401234500000"}},
            {"importer": {"gln": "4012345000009"}},
            {"maker": {"legalName": "A", "gln": "4012345000009"}},
        )
    ),
    *(
        (
            {"passports": [{"productId": "p", "gs1": {"gtin": "0" * 14, "serialNumber": "s"}}], "confirmOverage": said},
            {},
        )
        for said in (True, False, "true", 1, None)
    ),
    *(
        ({"passports": [{"productId": "p", "gs1": {"gtin": "0" * 14, "serialNumber": "s"}}]}, {"Idempotency-Key": key})
        for key in ("k", "k" * 255, "k" * 256, "")
    ),
]


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_the_mock_and_openapi_core_refuse_the_same_calls(call: tuple[object, dict[str, str]]) -> None:
    """openapi-core also accepts every answer of the mock."""
    body, headers = call
    second = OpenAPI.from_dict(openapi_document())

    reply = Client().send(json.dumps(body).encode(), list(headers.items()))

    exchanged = Exchanged("/api/v1/passports/batch", body, {"Authorization": "Bearer x", **headers})
    assert (reply.status_code != 400) is _openapi_core_accepts(second, exchanged)
    answered = Exchanged("/api/v1/passports/batch", reply.json(), dict(reply.headers), reply.status_code)
    second.validate_response(exchanged, answered)


def _openapi_core_accepts(document: OpenAPI, exchanged: Exchanged) -> bool:
    try:
        document.validate_request(exchanged)
    except OpenAPIError:
        return False
    return True


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"openapi": "3.0.3"}, "openapi: expected 3.1.x, found '3.0.3'"),
        ({"components": {"schemas": {}}}, "#/components/parameters/Id: refers to a place that does not exist"),
        (
            {"components": {"parameters": {"Id": {"$ref": "#/components/parameters/Id"}}}},
            "#/components/parameters/Id: refers to itself",
        ),
        ({"security": [{"basic": []}]}, "#/paths/~1echo~1{id}/post/security: expected none or"),
    ],
)
def test_a_document_that_cannot_be_served_is_refused_at_start(change: dict[str, Any], text: str) -> None:
    with pytest.raises(BrokenDocument, match=text.replace("/", "[/]")):
        Contract31(document({"type": "string"}) | change)


@pytest.mark.parametrize("schema", [{"$ref": "#/components/schemas/Nothing"}, {"type": "strin"}, {"pattern": "("}])
def test_a_schema_that_is_broken_or_refers_to_nothing_is_refused_at_start(schema: dict[str, Any]) -> None:
    with pytest.raises(BrokenDocument, match="cannot compile the schema"):
        Contract31(document(schema))


def test_the_view_has_the_security_that_an_operation_asks_for() -> None:
    guarded = document({"type": "string"})
    guarded["components"]["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
    guarded["paths"]["/echo/{id}"]["post"]["security"] = [{"bearer": []}]

    assert Contract31(guarded).routing_view()["paths"]["/echo/{id}"]["post"]["security"] == [{"bearer": []}]


def test_parameters_of_a_path_are_those_of_its_operations() -> None:
    shared = document({"type": "string"})
    shared["paths"]["/echo/{id}"]["parameters"] = [{"name": "X-A", "in": "header", "schema": {"minLength": 1}}]

    (header,) = Contract31(shared).operations["echo"].headers

    assert (header.name, header.wire_name, header.required) == ("X-A", b"x-a", False)
