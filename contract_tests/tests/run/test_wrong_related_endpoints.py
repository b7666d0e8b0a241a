"""Each server that is wrong beside the batch is found, by the rule that it breaks; and one that has less is not."""

from collections.abc import Iterator
from dataclasses import replace

import orjson
import pytest

from tracepass_contract.contract_tests.model.verdicts import Verdict
from tracepass_contract.contract_tests.mutants.matrix.forked_mock import forked_mock
from tracepass_contract.contract_tests.tests.helpers.runs import result_of, violated
from tracepass_contract.contract_tests.tests.helpers.wrong_server import Answered, Ask, Behaviour, Request, in_front_of

RELATED = ("calls", "reads", "passports", "products")
JSON = {"content-type": "application/json"}
OF_TEMPLATES = {"calls.field-keys-are-of-template"}  # which template is said by the product


@pytest.fixture(scope="module")
def mock_url() -> Iterator[str]:
    with forked_mock() as base_url:
        yield base_url


def takes_any_page(request: Request, ask: Ask) -> Answered:
    """What a list can't be asked for is passed over."""
    answered = ask(request)
    return ask(replace(request, path=request.path.partition("?")[0])) if answered.status == 400 else answered


def takes_any_body(request: Request, ask: Ask) -> Answered:
    """A field without a value is set to nothing."""
    answered = ask(request)
    if answered.status == 400 and "/fields/" in request.path and "value" not in request.json:
        return ask(request.with_json({**request.json, "value": ""}))
    return answered


def finds_what_is_not_there(request: Request, ask: Ask) -> Answered:
    answered = ask(request)
    return Answered(200, JSON, b"{}") if request.method == "GET" and answered.status == 404 else answered


def takes_any_field(request: Request, ask: Ask) -> Answered:
    answered = ask(request)
    return Answered(200, JSON, b'{"fields":{}}') if answered.json.get("error") == "invalid_field_key" else answered


def deletes_on_any_plan(request: Request, ask: Ask) -> Answered:
    answered = ask(request)
    return Answered(200, JSON, b"{}") if request.method == "DELETE" and answered.status == 403 else answered


def reads_without_end(request: Request, ask: Ask) -> Answered:
    answered = ask(request)
    return Answered(200, JSON, b"{}") if request.method == "GET" and answered.status == 429 else answered


def picks_one_of_two(request: Request, ask: Ask) -> Answered:
    """Of several passports with a serial number, whichever comes first."""
    answered = ask(request)
    if "/by-serial/" in request.path and answered.status == 409:
        return Answered(200, JSON, orjson.dumps({"_id": "1", "status": "draft"}))
    return answered


def says_that_it_deleted(request: Request, ask: Ask) -> Answered:
    answered = ask(request)
    return Answered(200, JSON, b"{}") if request.method == "DELETE" and answered.status == 409 else answered


def thaws_what_is_archived(request: Request, ask: Ask) -> Answered:
    answered = ask(request)
    is_change = request.method in ("PATCH", "POST") and "/passports/" in request.path
    return Answered(200, JSON, b"{}") if is_change and answered.status == 409 else answered


def gives_a_model_twice(request: Request, ask: Ask) -> Answered:
    """A model that is taken is made another behind the client's back."""
    answered = ask(request)
    if request.path.endswith("/products") and answered.status == 409:
        return ask(request.with_json({**request.json, "model": f"{request.json['model']} (2)"}))
    return answered


def archives_what_is_used(request: Request, ask: Ask) -> Answered:
    answered = ask(request)
    is_archiving = "/products/" in request.path and request.path.endswith("/archive")
    return Answered(200, JSON, b'{"status":"archived"}') if is_archiving and answered.status == 409 else answered


def makes_up_what_it_does_not_serve(request: Request, ask: Ask) -> Answered:
    answered = ask(request)
    return Answered(500, JSON, b'{"error":"No"}') if answered.status == 501 else answered


@pytest.mark.parametrize(
    ("behaviour", "rule"),
    [
        (takes_any_page, "calls.documented-shape"),
        (takes_any_body, "calls.documented-shape"),
        (finds_what_is_not_there, "calls.name-what-exists"),
        (takes_any_field, "calls.field-keys-are-of-template"),
        (deletes_on_any_plan, "calls.deletion-needs-paid-plan"),
        (makes_up_what_it_does_not_serve, "calls.not-served-here"),
        (reads_without_end, "reads.draw-on-own-budget"),
        (picks_one_of_two, "passports.serial-alone-is-unambiguous"),
        (says_that_it_deleted, "passports.only-drafts-are-deleted"),
        (says_that_it_deleted, "products.kept-while-used"),
        (thaws_what_is_archived, "passports.archived-is-final"),
        (gives_a_model_twice, "products.model-is-unique"),
        (archives_what_is_used, "products.kept-while-used"),
    ],
)
def test_a_wrong_related_endpoint_is_found(mock_url: str, behaviour: Behaviour, rule: str) -> None:
    with in_front_of(mock_url, behaviour, beside=True) as url:
        result = result_of(url, rule, stop_at=frozenset({rule}))

    assert rule in violated(result), violated(result)


def lacks(*words: str, status: int = 404) -> Behaviour:
    """A server without the operations whose path ends so or has it inside; its router and its document say so."""

    def is_there(path: str) -> bool:
        return not any(path.endswith(word) or f"{word}/" in path for word in words)

    def behaviour(request: Request, ask: Ask) -> Answered:
        if request.is_for_document:
            document = ask(request).json
            paths = {path: methods for path, methods in document["paths"].items() if is_there(path)}
            return Answered(200, JSON).with_json({**document, "paths": paths})
        there = is_there(request.path.partition("?")[0])
        return ask(request) if there else Answered(status, JSON, b'{"error":"Not Found"}')

    return behaviour


def of_another_document(behaviour: Behaviour) -> Behaviour:
    """A server whose document is not that of the suite."""

    def described(request: Request, ask: Ask) -> Answered:
        if request.is_for_document:
            return Answered(200, JSON).with_json({**ask(request).json, "info": {"title": "Another", "version": "1"}})
        return behaviour(request, ask)

    return described


def asks(request: Request, ask: Ask) -> Answered:
    return ask(request)


def suspends_no_draft(request: Request, ask: Ask) -> Answered:
    """The pages do not say whether a draft can be suspended or archived."""
    is_change = request.path.partition("?")[0].endswith(("/suspend", "/archive")) and "/passports/" in request.path
    return Answered(409, JSON, b'{"error":"Conflict"}') if is_change else ask(request)


def shows_changes_later(request: Request, ask: Ask) -> Answered:
    """The first read after a change still shows what was before it."""
    path = request.path.partition("?")[0]
    if request.method == "GET" and path in _before:
        return _before.pop(path)
    if request.method == "PATCH" and "/fields/" in path and "/by-serial/" not in path:
        named = path.partition("/fields/")[0]
        _before[named] = ask(replace(request, method="GET", path=named, body=b""))
    return ask(request)


_before: dict[str, Answered] = {}


def says_422(request: Request, ask: Ask) -> Answered:
    answered = ask(request)
    return replace(answered, status=422) if answered.status == 400 else answered


def says_no_more_than_it_must(request: Request, ask: Ask) -> Answered:
    """A passport is shown with its id, pair and status only; a refusal has its own words and nothing else."""
    answered = ask(request)
    body = answered.json
    if not isinstance(body, dict):
        return answered
    if answered.status >= 400 and answered.status != 501:
        return answered.with_json({"error": "nein"})
    if "gs1" in body:
        return answered.with_json({name: body[name] for name in ("_id", "gs1", "status")})
    return answered


def wraps_what_it_shows(request: Request, ask: Ask) -> Answered:
    answered = ask(request)
    is_one = answered.status < 300 and isinstance(answered.json, dict) and "_id" in answered.json
    return answered.with_json({"data": answered.json}) if is_one else answered


@pytest.mark.parametrize(
    ("behaviour", "untested"),
    [
        (lacks("/products"), {"products.model-is-unique", "products.kept-while-used", *OF_TEMPLATES}),
        (lacks("/by-serial", status=405), {"passports.serial-alone-is-unambiguous"}),
        (lacks("/fields", "/templates", status=501), OF_TEMPLATES),
        (lacks("/archive"), {"passports.archived-is-final"}),
        (says_422, set()),
        (of_another_document(says_no_more_than_it_must), set()),
        (wraps_what_it_shows, set()),
        (of_another_document(asks), set()),
        (of_another_document(suspends_no_draft), {"passports.archived-is-final"}),
        (shows_changes_later, set()),
    ],
    ids=[
        *("no products", "no by-serial", "no fields", "no archive", "422", "trimmed", "wrapped"),
        *("another document", "suspends no draft", "shows changes later"),
    ],
)
def test_what_a_deployment_may_do_otherwise_is_no_breach(
    mock_url: str, behaviour: Behaviour, untested: set[str]
) -> None:
    with in_front_of(mock_url, behaviour, beside=True) as url:
        result = result_of(url, *RELATED)

    assert violated(result) == {}
    assert {rule for rule in result.rules or () if result.verdict_of(rule) is Verdict.UNTESTED} == untested
    assert {finding.rule for finding in result.findings if finding.verdict is Verdict.INCONCLUSIVE} == set()
