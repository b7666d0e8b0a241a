"""The other servers: the document that Connexion can read, and the mock with passports in it."""

import json
from typing import Any

from openapi_spec_validator import OpenAPIV30SpecValidator

from benchmarks.servers.balances import all_balances
from benchmarks.servers.filled import API_KEY, filled_mock
from benchmarks.servers.plain_connexion import relabelled
from benchmarks.servers.raw import constant_answer
from tracepass_contract.spec import openapi_document


def test_the_relabelled_document_is_openapi_3_0() -> None:
    document = relabelled(openapi_document())

    OpenAPIV30SpecValidator(document).validate()


def test_the_relabelled_document_asks_for_what_the_document_asks() -> None:
    """Nothing is made easier for Connexion: patterns, lengths and required members are there."""
    schemas, original = (each["components"]["schemas"] for each in (relabelled(openapi_document()), openapi_document()))

    assert schemas["Gs1Input"]["required"] == original["Gs1Input"]["required"]
    assert schemas["Gs1Input"]["properties"]["gtin"]["pattern"] == "^[0-9]{14}$"
    assert schemas["CreatePassportBatch"]["properties"]["passports"]["maxItems"] == 100


def test_the_full_store_holds_what_it_is_said_to_hold() -> None:
    mock = filled_mock(20_000)

    workspace = mock.state.workspace_of(API_KEY)
    assert workspace is not None
    assert len(workspace.passports) == 20_000


def test_the_constant_answer_is_one_of_so_many_items() -> None:
    answer: dict[str, Any] = json.loads(constant_answer(all_balances()["tp_mock_unlimited"], 100))

    assert answer["summary"] == {"created": 100, "errors": 0, "total": 100}
