"""A wrong body for the control plane: the problem suggests the right name."""

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
