"""Servers with wrong reads, seen as a given workspace without limits: each is found, and the right one is not."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import count

import httpx
import pytest

from tracepass_contract.contract_tests.mutants.matrix.forked_mock import forked_mock
from tracepass_contract.contract_tests.target.deployment import Deployment, SecondWorkspace
from tracepass_contract.contract_tests.target.settings import Settings
from tracepass_contract.contract_tests.tests.helpers.runs import result_of_settings, violated
from tracepass_contract.contract_tests.tests.helpers.wrong_server import Answered, Ask, Behaviour, Request, in_front_of

LISTS, SEPARATE = "reads.lists-show-each-match-once", "auth.workspaces-are-separate"
OTHER_KEY = "THE_OTHER_KEY"
_TIMES = count()


@pytest.fixture(scope="module")
def deployment() -> Iterator[Deployment]:
    with forked_mock() as url:
        main, other = (httpx.post(f"{url}/_mock/workspaces", json={}).json() for _ in range(2))
        yield Deployment(
            base_url=url,
            product_id=main["product_id"],
            gtin=main["gtin"],
            single_create=True,
            read_back=True,
            second_workspace=SecondWorkspace(OTHER_KEY, other["product_id"], other["gtin"]),
            keys={"TRACEPASS_CHECK_API_KEY": main["api_key"], OTHER_KEY: other["api_key"]},
        )


def no_slash(request: Request, ask: Ask) -> Answered:
    """A router that decodes a path before it splits it."""
    lost = "/by-serial/" in request.path and "%2F" in request.path.upper()
    return Answered(404, {"content-type": "application/json"}, b'{"error": "no"}') if lost else ask(request)


def no_plus(request: Request, ask: Ask) -> Answered:
    """A path is decoded like a form."""
    is_path = "/by-serial/" in request.path
    return ask(replace(request, path=re.sub(r"%2B", "%20", request.path) if is_path else request.path))


def any_status(request: Request, ask: Ask) -> Answered:
    return ask(replace(request, path=re.sub(r"status=\w+", "", request.path)))


def any_search(request: Request, ask: Ask) -> Answered:
    return ask(replace(request, path=re.sub(r"search=[^&]*", "", request.path)))


def total_of_page(request: Request, ask: Ask) -> Answered:
    answered = ask(request)
    shown = answered.json if request.method == "GET" and "/passports?" in request.path else None
    if not isinstance(shown, dict) or "data" not in shown:
        return answered
    return answered.with_json({"data": {**shown["data"], "total": len(shown["data"]["items"])}})


def created_now(request: Request, ask: Ask) -> Answered:
    answered = ask(request)
    is_read = request.method == "GET" and isinstance(answered.json, dict) and "createdAt" in answered.json
    return answered.with_json({**answered.json, "createdAt": f"later {next(_TIMES)}"}) if is_read else answered


@pytest.mark.parametrize(
    ("behaviour", "rule", "found"),
    [
        (no_slash, "reads.agree", "calls.valid-calls-succeed"),
        (no_plus, "reads.agree", "calls.valid-calls-succeed"),
        (any_status, LISTS, LISTS),
        (any_search, LISTS, LISTS),
        (total_of_page, LISTS, LISTS),
        (created_now, "reads.agree", "reads.agree"),
    ],
)
def test_a_wrong_read_is_found(deployment: Deployment, behaviour: Behaviour, rule: str, found: str) -> None:
    assert found in violations_of(deployment, behaviour, rule, found)


def test_a_deletion_by_another_workspace_is_found(deployment: Deployment) -> None:
    def owner_deletes(request: Request, ask: Ask) -> Answered:
        key = deployment.keys["TRACEPASS_CHECK_API_KEY"]
        return ask(request.with_header("authorization", f"Bearer {key}") if request.method == "DELETE" else request)

    assert SEPARATE in violations_of(deployment, owner_deletes, SEPARATE)


def test_right_reads_are_found_right(deployment: Deployment) -> None:
    assert violations_of(deployment, lambda request, ask: ask(request), "reads", SEPARATE) == {}


def violations_of(deployment: Deployment, behaviour: Behaviour, *rules: str) -> dict[str, str]:
    with in_front_of(deployment.base_url, behaviour, beside=True) as url:
        given = replace(deployment, base_url=url)
        settings = Settings(given, control_plane=False, rule_prefixes=rules, seed=1, max_writes=700, max_slots=300)
        return violated(result_of_settings(settings))
