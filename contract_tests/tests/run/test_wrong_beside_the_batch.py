"""Checks of what lies beside a batch, each against a server that is wrong there: the check finds it by its rule."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from tracepass_contract.contract_tests.checks import (
    test_access,
    test_calls,
    test_changes,
    test_encodings,
    test_lists,
    test_lives,
    test_long_lists,
    test_product_batch,
    test_refusals,
)
from tracepass_contract.contract_tests.model.outcomes import Mismatch
from tracepass_contract.contract_tests.mutants.matrix.forked_mock import forked_mock
from tracepass_contract.contract_tests.run.pytest_run import CHECKS, SUBJECTS
from tracepass_contract.contract_tests.target.deployment import Deployment
from tracepass_contract.contract_tests.target.settings import Settings
from tracepass_contract.contract_tests.target.target import opened
from tracepass_contract.contract_tests.target.workspace import Account
from tracepass_contract.contract_tests.tests.helpers.leaks import Leak
from tracepass_contract.contract_tests.tests.helpers.wrong_server import Answered, Ask, Behaviour, Request, in_front_of

JSON = {"content-type": "application/json"}
ERROR = Answered(500, JSON, b'{"error":"Internal Server Error"}')
SHAPE, KEPT, LISTS = "batch.same-shape-as-single", "calls.changes-are-kept", "reads.lists-show-each-match-once"
ANSWERED, MEMBERS = "calls.no-server-errors", "calls.required-members"
Check = Callable[[Account], None]


@pytest.fixture(scope="module")
def mock_url() -> Iterator[str]:
    with forked_mock() as base_url:
        yield base_url


def found_by(url: str, check: Check) -> str | None:
    """The rule by which the check finds the server wrong; empty for the main rule of the check."""
    with opened(Settings(deployment=Deployment(base_url=url))) as target, pytest.raises(Mismatch) as found:
        check(target.account())
    return found.value.rule


def in_product_batches(change: Callable[[dict[str, Any]], None]) -> Behaviour:
    """The result of a batch of products is changed on its way."""

    def behaviour(request: Request, ask: Ask) -> Answered:
        answered = ask(request)
        if not request.path.endswith("/products/batch") or answered.status != 200:
            return answered
        result = answered.json
        change(result)
        return answered.with_json(result)

    return behaviour


def counts_from_one(result: dict[str, Any]) -> None:
    for entry in result["results"]:
        entry["index"] += 1


def says_no_reason(result: dict[str, Any]) -> None:
    for entry in result["results"]:
        if entry["status"] == "error":
            entry["error"] = ""


def gives_up_after_a_failure(result: dict[str, Any]) -> None:
    entries = result["results"]
    failed = next((each["index"] for each in entries if each["status"] == "error"), len(entries))
    result["results"] = [
        {"index": each["index"], "status": "error", "error": "Not tried"} if each["index"] > failed else each
        for each in entries
    ]
    created = sum(each["status"] == "created" for each in result["results"])
    result["summary"] |= {"created": created, "errors": len(entries) - created}


def has_an_entry_too_many(result: dict[str, Any]) -> None:
    result["results"].append({**result["results"][-1], "index": 7})


def sums_up_wrongly(result: dict[str, Any]) -> None:
    result["summary"]["errors"] = 0


def leaves_out_the_category(result: dict[str, Any]) -> None:
    for entry in result["results"]:
        entry.get("data", {}).pop("category", None)


def shows_another_name(result: dict[str, Any]) -> None:
    for entry in result["results"]:
        if "data" in entry:
            entry["data"]["name"] = "Product"


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (counts_from_one, "items.one-result-each"),
        (has_an_entry_too_many, "items.one-result-each"),
        (says_no_reason, "items.error-carries-reason"),
        (gives_up_after_a_failure, "items.fail-independently"),
        (sums_up_wrongly, "summary.adds-up"),
        (leaves_out_the_category, MEMBERS),
        (shows_another_name, KEPT),
    ],
)
def test_a_wrong_result_of_a_batch_of_products_is_found(mock_url: str, change: Any, rule: str) -> None:
    with in_front_of(mock_url, in_product_batches(change), beside=True) as url:
        found = found_by(
            url, lambda account: test_product_batch.test_a_batch_of_products_creates_what_it_can(account, "k+k+r")
        )

    assert found == rule


def answers_no_parties(request: Request, ask: Ask) -> Answered:
    """They are stored, and reads show them."""
    answered = ask(request)
    result = answered.json
    for entry in result.get("results", ()):
        if "data" in entry:
            entry["data"]["parties"] = {}
    return answered.with_json(result)


def test_an_answer_that_differs_from_the_read_is_found(mock_url: str) -> None:
    with in_front_of(mock_url, answers_no_parties) as url:
        found = found_by(url, test_lives.test_a_passport_of_a_batch_is_read_as_it_was_answered)

    assert found == "items.created-is-readable"


def breaks_on_another_type(request: Request, ask: Ask) -> Answered:
    return ask(request) if "application/json" in request.headers.get("content-type", JSON["content-type"]) else ERROR


def executes_and_refuses(request: Request, ask: Ask) -> Answered:
    answered = ask(request)
    if answered.status != 415:
        return answered
    ask(request.with_header("content-type", "application/json").without("content-encoding"))
    return answered


def breaks_on_what_is_packed(request: Request, ask: Ask) -> Answered:
    return ERROR if "content-encoding" in request.headers else ask(request)


def of_media(account: Account) -> None:
    test_encodings.test_a_batch_of_another_media_type_is_executed_or_refused(account.api, account)


def of_packing(account: Account) -> None:
    test_encodings.test_a_packed_batch_is_executed_or_refused(account.api, account)


def of_a_change(account: Account) -> None:
    test_encodings.test_a_change_of_another_media_type_is_made_or_refused(account, "text/plain")


@pytest.mark.parametrize(
    ("behaviour", "check", "beside", "rule"),
    [
        (breaks_on_another_type, of_media, False, ANSWERED),
        (executes_and_refuses, of_media, False, SHAPE),
        (breaks_on_what_is_packed, of_packing, False, ANSWERED),
        (executes_and_refuses, of_packing, False, SHAPE),
        (breaks_on_another_type, of_a_change, True, ANSWERED),
        (executes_and_refuses, of_a_change, True, KEPT),
    ],
)
def test_a_body_of_another_kind_that_breaks_the_server_is_found(
    mock_url: str, behaviour: Behaviour, check: Check, rule: str, *, beside: bool
) -> None:
    with in_front_of(mock_url, behaviour, beside=beside) as url:
        assert found_by(url, check) == rule


def repeats_the_second_page(request: Request, ask: Ask) -> Answered:
    answered = ask(replace(request, path=request.path.replace("page=22", "page=2")))
    page = answered.json
    is_list = request.method == "GET" and "page=22" in request.path
    return answered.with_json({"data": {**page["data"], "page": 22}}) if is_list else answered


def searches_in_the_newest(request: Request, ask: Ask) -> Answered:
    """A search sees the 256 newest entries only."""
    answered = ask(request)
    if request.method != "GET" or "search=" not in request.path:
        return answered
    page = answered.json["data"]
    return answered.with_json({"data": {**page, "total": min(256, page["total"])}})


def says_nothing_of_the_version(request: Request, ask: Ask) -> Answered:
    answered = ask(request)
    shown = answered.json
    if "/templates/" in request.path and answered.status == 200:
        shown.pop("version")
    return answered.with_json(shown) if isinstance(shown, dict) else answered


def has_fields_without_a_label(request: Request, ask: Ask) -> Answered:
    answered = ask(request)
    shown = answered.json
    if "/templates/" in request.path and answered.status == 200:
        shown["fields"] = [{**each, "label": None} for each in shown["fields"]]
    return answered.with_json(shown) if isinstance(shown, dict) else answered


def answers_the_status_before(request: Request, ask: Ask) -> Answered:
    answered = ask(request)
    is_archiving = request.path.endswith("/archive") and answered.status == 200
    return answered.with_json({**answered.json, "status": "active"}) if is_archiving else answered


def archives_as_it_deletes(request: Request, ask: Ask) -> Answered:
    """The answer to an archiving is that to a deletion."""
    answered = ask(request)
    is_archiving = request.path.endswith("/archive") and answered.status == 200
    return answered.with_json({"message": "Product permanently deleted"}) if is_archiving else answered


def takes_any_field(request: Request, ask: Ask) -> Answered:
    """A new product may have a default value for any field; as it is said, at least."""
    answered = ask(request)
    is_create = request.method == "POST" and request.path.endswith("/products") and answered.status == 400
    return replace(answered, status=201) if is_create else answered


def breaks_on_another_spelling(request: Request, ask: Ask) -> Answered:
    is_spelled_otherwise = request.path.endswith("/products") and b"batteryChemistry" in request.body
    return ERROR if is_spelled_otherwise else ask(request)


def of_fields(account: Account) -> None:
    test_calls.test_a_product_gives_no_field_that_the_template_has_not(account.api, account)


def admits_a_foreign_gtin_alone(request: Request, ask: Ask) -> Answered:
    """A single create is admitted with a GTIN of another workspace; as it is said, at least."""
    answered = ask(request)
    is_create = request.method == "POST" and request.path.endswith("/passports") and answered.status == 409
    return replace(answered, status=201) if is_create else answered


@pytest.mark.parametrize(
    ("behaviour", "check", "rule"),
    [
        (repeats_the_second_page, test_long_lists.test_thousands_of_passports_are_counted_paged_and_found, None),
        (searches_in_the_newest, test_long_lists.test_a_long_list_of_products_and_its_search_show_each_once, None),
        (searches_in_the_newest, test_long_lists.test_thousands_of_passports_are_counted_paged_and_found, None),
        (
            says_nothing_of_the_version,
            lambda account: test_lists.test_the_templates_are_listed_as_they_are_read(account.api),
            MEMBERS,
        ),
        (
            has_fields_without_a_label,
            lambda account: test_lists.test_the_templates_are_listed_as_they_are_read(account.api),
            MEMBERS,
        ),
        (answers_the_status_before, test_changes.test_an_archived_product_is_shown_so, None),
        (archives_as_it_deletes, test_changes.test_an_archived_product_is_shown_so, None),
        (takes_any_field, of_fields, None),
        (breaks_on_another_spelling, of_fields, ANSWERED),
        (
            admits_a_foreign_gtin_alone,
            test_access.test_a_gtin_that_one_workspace_used_first_stays_its_own,
            None,
        ),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_wrong_list_template_or_change_is_found(
    mock_url: str, behaviour: Behaviour, check: Check, rule: str | None
) -> None:
    with in_front_of(mock_url, behaviour, beside=True) as url:
        assert found_by(url, check) == rule


@pytest.mark.parametrize(
    ("leak", "kind"),
    [
        (Leak(402, "writes_used", -1), "402"),
        (Leak(402, "passports_used", -1), "402, no slot"),
        (Leak(422, "passports_used", 1), "422"),
        (Leak(404, "writes_used", 1), "404"),
        (Leak(409, "passports_used", -1), "409"),
        (Leak(400, "writes_used", -1), "400"),
        (Leak(429, "writes_used", -1), "429"),
        (Leak(429, "passports_used", 1), "429, no write"),
    ],
    ids=str,
)
def test_a_refusal_that_changes_a_meter_is_found(leak: Leak, kind: str) -> None:
    with forked_mock(prepare=leak) as url:
        check = partial(test_refusals.test_a_refusal_takes_nothing_and_gives_nothing_back, name=kind)
        assert found_by(url, check) == test_refusals.KINDS[kind].rule


def test_every_file_of_checks_is_run() -> None:
    """A file that no run collects finds nothing."""
    assert {path.stem for path in CHECKS.glob("test_*.py")} == {f"test_{subject}" for subject in SUBJECTS}
