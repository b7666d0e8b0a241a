"""The documents, the rules and the readings are valid and consistent with each other."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema_rs
import pytest
from openapi_spec_validator import validate

from tracepass_contract import spec
from tracepass_contract.spec.files import HERE, load

EVERY_ANSWER = [(reading.id, answer) for reading in spec.readings().values() for answer in reading.answers]


@pytest.mark.parametrize("document", [spec.openapi_document(), spec.control_document()], ids=["api", "control"])
def test_the_documents_are_valid_openapi_31(document: dict[str, Any]) -> None:
    validate(document)

    assert document["openapi"].startswith("3.1.")


@pytest.mark.parametrize("document", [spec.openapi_document(), spec.control_document()], ids=["api", "control"])
def test_a_generator_finds_a_name_and_a_type_for_each_schema(document: dict[str, Any]) -> None:
    """openapi-python-client drops an unnamed object that may also be null, with all that uses it; spectral refuses an
    array without items. `make clients` tries the tools themselves.
    """
    schemas = [each for each in _objects(document) if "type" in each]

    assert not [each for each in schemas if isinstance(each["type"], list) and "properties" in each]
    assert not [each for each in schemas if each["type"] == "array" and "items" not in each]


def _objects(part: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(part, Mapping):
        yield part
    for each in part.values() if isinstance(part, Mapping) else part if isinstance(part, list) else ():
        yield from _objects(each)


@pytest.mark.parametrize("answer", EVERY_ANSWER, ids="=".join)
def test_the_document_with_each_answer_is_valid_too(answer: tuple[str, str]) -> None:
    """Most answers leave the document as it is, which is validated above."""
    document = spec.document_under(dict([answer]))

    if document != spec.openapi_document():
        validate(document)


def test_an_overlay_applies_with_its_answer_only() -> None:
    gtin = spec.document_under({"items.gtin-spellings": "13-padded"})["components"]["schemas"]["Gs1Input"]

    assert gtin["properties"]["gtin"]["pattern"] == "^[0-9]{13,14}$"
    assert spec.document_under({}) == spec.openapi_document()


@pytest.mark.parametrize("name", ["rules", "readings"])
def test_the_files_are_valid_under_their_schemas(name: str) -> None:
    schema = json.loads((HERE / f"schemas/{name}.schema.json").read_text())

    jsonschema_rs.validate(schema, load(f"{name}.yaml"))


def test_operations_name_existing_rules() -> None:
    paths = spec.openapi_document()["paths"].values()
    operations = [operation for path in paths for method, operation in path.items() if method != "parameters"]

    assert {rule for operation in operations for rule in operation["x-rules"]} <= set(spec.rules())
    assert set(spec.precedence()) <= set(spec.rules())


def test_readings_use_families_of_rules_and_contradict_only_existing_rules() -> None:
    families = {rule.family for rule in spec.rules().values()}
    contradicted = {answer.contradicts for reading in spec.readings().values() for answer in reading.answers.values()}

    assert {reading.partition(".")[0] for reading in spec.readings()} <= families
    assert contradicted - {None} <= set(spec.rules())


def test_the_default_is_one_of_the_answers_and_a_fixed_reading_has_a_reason() -> None:
    for reading in spec.readings().values():
        assert reading.default in reading.answers
        assert reading.settable is (reading.fixed_because is None)


def test_conflicts_name_existing_answers_and_the_defaults_do_not_conflict() -> None:
    for conflict in spec.conflicts():
        for reading, answers in conflict.when.items():
            assert set(answers) <= set(spec.readings()[reading].answers)
    assert spec.check_answers({each.id: each.default for each in spec.readings().values()}) == []
    assert spec.check_answers({}) == []


def test_every_example_is_valid_under_its_schema() -> None:
    document = spec.openapi_document()
    validators = jsonschema_rs.validator_map_for(document, validate_formats=True)
    shown = 0
    for path in document["paths"].values():
        for operation in path.values():
            body = operation.get("requestBody") if isinstance(operation, dict) else None
            media = body["content"]["application/json"] if body else {}
            for example in media.get("examples", {}).values():
                validators[media["schema"]["$ref"]].validate(example["value"])
                shown += 1
    for response in document["components"]["responses"].values():
        media = response["content"]["application/json"]
        for example in media.get("examples", {}).values():
            validators[media["schema"]["$ref"]].validate(example["value"])
            shown += 1
    assert shown >= 35


def test_the_digest_does_not_depend_on_the_order_of_members() -> None:
    assert spec.sha256_of({"a": 1, "b": 2}) == spec.sha256_of({"b": 2, "a": 1})
    assert spec.sha256_of({"a": 1}) != spec.sha256_of({"a": 2})


@pytest.mark.parametrize("document", [spec.openapi_document(), spec.control_document()], ids=["api", "control"])
def test_generators_of_clients_can_read_each_schema(document: Mapping[str, Any]) -> None:
    """They know no boolean schema of a member, and no array without `items`."""
    schemas = list(_schemas(document["components"]["schemas"]))

    without_items = [at for at, schema in schemas if schema.get("type") == "array" and "items" not in schema]
    booleans = [
        f"{at}/{name}" for at, schema in schemas for name, member in _members(schema) if isinstance(member, bool)
    ]
    assert without_items == []
    assert [at for at in booleans if not at.startswith("NewFault/")] == []  # these are in branches, of no model


def _schemas(value: Any, at: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(value, dict):
        if at:
            yield at, value
        for name, member in value.items():
            yield from _schemas(member, f"{at}/{name}" if at else name)
    elif isinstance(value, list):
        for number, member in enumerate(value):
            yield from _schemas(member, f"{at}/{number}")


def _members(schema: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    properties = schema.get("properties")
    if isinstance(properties, dict):
        yield from properties.items()
