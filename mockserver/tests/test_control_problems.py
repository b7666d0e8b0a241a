"""A wrong call of the control plane: the problem says what is wrong, and suggests the right name."""

from typing import Any

import pytest

from tracepass_contract.mockserver.http.control.problems import PROBLEMS_MAX
from tracepass_contract.mockserver.tests.control_client import Owner

FAULT = "/workspaces/workspace-1/faults"
CLOCK = "/workspaces/workspace-1/clock"


def detail_of(path: str, body: Any, method: str = "POST") -> str:
    owner = Owner()
    owner.create_workspace()
    reply = owner.ask(method, path, body)
    assert reply.status_code == 400
    detail: str = reply.json()["detail"]
    return detail


@pytest.mark.parametrize(
    ("path", "body", "detail"),
    [
        (
            "/workspaces",
            {"writes_perday": 3},
            '/writes_perday: unknown member "writes_perday". Did you mean "writes_per_day"?',
        ),
        (
            "/workspaces",
            {"writesPerDay": 3},
            '/writesPerDay: unknown member "writesPerDay". Did you mean "writes_per_day"?',
        ),
        (f"{CLOCK}/advance", {"seconds": 1, "x": 2}, '/x: unknown member "x". The members are seconds.'),
        (
            "/workspaces",
            {"plan": "fre"},
            "/plan: expected one of free, basic, starter, growth, scale, pro, enterprise, "
            'found "fre". Did you mean "free"?',
        ),
        (
            "/workspaces",
            {"plan": "gold"},
            '/plan: expected one of free, basic, starter, growth, scale, pro, enterprise, found "gold"',
        ),
        (
            "/workspaces",
            {"plan": 7},
            "/plan: expected one of free, basic, starter, growth, scale, pro, enterprise, found 7",
        ),
        (
            FAULT,
            {"kind": "loose-response"},
            "/kind: expected one of delay, status, lose-request, lose-response, truncate, malformed, slow-body, item, "
            'found "loose-response". Did you mean "lose-response"?',
        ),
        (
            FAULT,
            {"kind": "malformed", "match": {"keys": "k"}},
            '/match/keys: unknown member "keys". Did you mean "key"?',
        ),
        (
            FAULT,
            {"kind": "delay", "seconds": 1, "bytes": 3},
            '/bytes: unknown member "bytes". The members are kind, times, skip, match, seconds, before.',
        ),
        (
            FAULT,
            {"kind": "malformed", "byte": 3},
            '/byte: unknown member "byte". The members are kind, times, skip, match.',
        ),
    ],
)
def test_the_error_suggests_the_right_name(path: str, body: Any, detail: str) -> None:
    assert detail_of(path, body) == detail


def test_an_unknown_member_comes_before_the_missing_one() -> None:
    assert detail_of(FAULT, {"kind": "delay", "second": 1}).splitlines() == [
        '/second: unknown member "second". Did you mean "seconds"?',
        "/seconds: expected the member seconds, found nothing",
    ]


def test_each_of_several_problems_has_a_line_and_a_place_among_the_errors() -> None:
    owner = Owner()

    problem = owner.ask("POST", "/workspaces", {"plan": 1, "reeds_used": [], "zzz": {}}).json()

    assert [line.partition(":")[0] for line in problem["detail"].splitlines()] == ["/reeds_used", "/zzz", "/plan"]
    assert [each["where"] for each in problem["errors"]] == ["/reeds_used", "/zzz", "/plan"]
    assert problem["errors"][0] == {
        "where": "/reeds_used",
        "expected": "a documented member",
        "found": '"reeds_used"',
        "hint": 'Did you mean "reads_used"?',
    }
    assert "hint" not in problem["errors"][2]


def test_of_very_many_problems_the_first_are_listed() -> None:
    detail = detail_of("/workspaces", {f"m{n}": n for n in range(1000)})

    assert len(detail.splitlines()) == PROBLEMS_MAX


def test_an_option_that_excludes_another_makes_it_unknown() -> None:
    detail = detail_of(FAULT, {"kind": "status", "index": 1, "effect": True})

    assert detail == '/effect: unknown member "effect". The members are kind, times, skip, match, status, index.'


@pytest.mark.parametrize(
    ("method", "path", "given", "text"),
    [
        ("POST", "/workspaces", {"plan": "gold"}, "/plan: expected "),
        ("POST", "/workspaces", {"writes_per_day": -1}, "/writes_per_day: expected "),
        ("POST", "/workspaces", {"writes": 1}, '/writes: unknown member "writes"'),
        ("POST", "/workspaces", [], "body: expected object, found an array"),
        ("POST", "/workspaces", None, "body: expected a JSON document in UTF-8, found an empty body"),
        ("PATCH", "/workspaces/workspace-1", {"passports_used": "1"}, '/passports_used: expected integer, found "1"'),
        ("PUT", "/workspaces/workspace-1/clock", {}, "body: expected 1 or more members, found an object"),
        (
            "PUT",
            "/workspaces/workspace-1/clock",
            {"now": "2026-12-31T23:59:60Z"},
            "/now: the clock has no leap seconds",
        ),
        (
            "POST",
            "/workspaces/workspace-1/faults",
            {"kind": "truncate", "bytes": 1e30},
            "/bytes: expected 1000000000 or less",
        ),
        ("PUT", "/workspaces/workspace-1/clock", {"now": "noon"}, "/now: expected text in the format date-time"),
        ("POST", "/workspaces/workspace-1/clock/advance", {"seconds": -1}, "/seconds: expected "),
        ("POST", "/workspaces/workspace-1/clock/advance", {}, "/seconds: expected the member seconds, found nothing"),
    ],
)
def test_a_control_call_that_is_not_as_documented_is_a_problem(method: str, path: str, given: Any, text: str) -> None:
    owner = Owner()
    owner.create_workspace(writes_per_day=1)
    before = owner.seen({"id": "workspace-1"})

    reply = owner.ask(method, path, given)

    assert reply.status_code == 400
    assert text in reply.json()["detail"]
    assert owner.seen({"id": "workspace-1"}) == before


@pytest.mark.parametrize(
    ("method", "path", "given"),
    [
        ("GET", "/workspaces/none", None),
        ("PATCH", "/workspaces/none", {}),
        ("POST", "/workspaces/none/api-keys", None),
        ("DELETE", "/workspaces/none/api-keys/x", None),
        ("GET", "/workspaces/none/clock", None),
        ("PUT", "/workspaces/none/clock", {"frozen": True}),
        ("POST", "/workspaces/none/clock/advance", {"seconds": 1}),
    ],
)
def test_a_workspace_that_is_not_there(method: str, path: str, given: Any) -> None:
    reply = Owner().ask(method, path, given)

    assert reply.status_code == 404
    if "api-keys/" not in path:  # the answer does not show the owner of a key
        assert reply.json()["detail"] == 'id: unknown workspace "none"'
