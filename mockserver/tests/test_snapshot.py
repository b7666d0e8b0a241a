"""Save and restore: the state comes back as it was, and a wrong document is refused."""

import json
import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from tracepass_contract.mockserver.tests.control_client import VALIDATORS, Owner


def a_lived_in_mock() -> tuple[Owner, dict[str, Any]]:
    """A workspace with passports, stored answers, a second key, a revoked key, a fault, and a clock of its own."""
    owner = Owner()
    workspace = owner.create_workspace(plan="growth", writes_per_day=50, passports_included=3)
    owner.ask("POST", f"/workspaces/{workspace['id']}/api-keys")
    owner.ask("PUT", f"/workspaces/{workspace['id']}/clock", {"now": "2026-02-01T23:59:59.900Z", "frozen": True})
    owner.ask("POST", f"/workspaces/{workspace['id']}/faults", {"kind": "status", "skip": 9, "match": {"key": "k"}})
    for n in range(3):
        keyed(owner, workspace, f"k{n}", "a", f"S-{n}")
    owner.create(workspace, "é\u2028x", "b", confirmOverage=True)
    owner.create(workspace, "c", "d")  # refused: two slots are needed
    bearer = [("Authorization", f"Bearer {workspace['api_key']}"), ("Content-Type", "application/json")]
    product = b'{"name": "Cell", "model": "C-1", "category": "battery"}'
    assert owner.request("POST", "/api/v1/products", bearer, product).status_code == 201
    assert owner.request("POST", "/api/v1/passports/by-serial/a/suspend", bearer, b'{"reason": "why"}').is_success
    owner.ask("DELETE", "/workspaces/other_workspace/api-keys/tp_mock_other_workspace")
    return owner, workspace


def keyed(owner: Owner, workspace: dict[str, Any], key: str, *serials: str) -> bytes:
    gs1 = [{"gtin": workspace["gtin"], "serialNumber": serial} for serial in serials]
    body = json.dumps({"passports": [{"productId": workspace["product_id"], "gs1": each} for each in gs1]}).encode()
    return owner.send(body, [("Idempotency-Key", key)], api_key=workspace["api_key"]).content


def later(owner: Owner, workspace: dict[str, Any]) -> list[bytes]:
    """The answers to calls that depend on the whole state."""
    answers = [
        keyed(owner, workspace, "k0", "a", "S-0"),
        keyed(owner, workspace, "k0", "z"),
        keyed(owner, workspace, "k", "a", "w"),
    ]
    answers.append(owner.create(workspace, "b", "new", confirmOverage=True).content)
    for path in ("", "/ledger", "/journal", "/journal/2", "/faults", "/clock"):
        answers.append(owner.ask("GET", f"/workspaces/{workspace['id']}{path}").content)
    bearer = [("Authorization", f"Bearer {workspace['api_key']}"), ("Content-Type", "application/json")]
    for path in ("passports?search=S", "passports?status=suspended", "products?limit=1", "passports/by-serial/b"):
        answers.append(owner.request("GET", f"/api/v1/{path}", bearer).content)
    for model in (b"C-1", b"C-2"):
        product = b'{"name": "Cell", "category": "battery", "model": "%s"}' % model
        answers.append(owner.request("POST", "/api/v1/products", bearer, product).content)
    created = owner.create_workspace()
    answers.append(owner.create(created, "a").content)
    answers.append(owner.create(workspace, *(f"N{n}" for n in range(40)), api_key=created["api_key"]).content)
    answers.append(owner.send(b"{}", api_key="tp_mock_other_workspace").content)
    return answers


def test_what_is_restored_answers_as_what_was_saved() -> None:
    owner, workspace = a_lived_in_mock()
    saved = owner.ask("GET", "/state")
    VALIDATORS["#/components/schemas/State"].validate(saved.json())
    first = later(owner, workspace)

    assert (
        owner.request("PUT", "/_mock/state", [("Content-Type", "application/json")], saved.content).status_code == 204
    )
    again = later(owner, workspace)

    assert again == first
    other = Owner()
    other.request("PUT", "/_mock/state", [("Content-Type", "application/json")], saved.content)
    assert other.ask("GET", "/state").content == saved.content
    assert later(other, workspace) == first


def test_a_state_whose_ledger_does_not_know_the_operations_is_restored() -> None:
    owner, workspace = a_lived_in_mock()
    saved = owner.ask("GET", "/state").json()
    for each in saved["workspaces"]:
        for row in each["rows"]:
            del row["operation"]

    assert owner.ask("PUT", "/state", saved).status_code == 204

    ledger = owner.ask("GET", f"/workspaces/{workspace['id']}/ledger").json()
    VALIDATORS["#/components/schemas/Ledger"].validate(ledger)
    assert {row["operation"] for row in ledger["entries"]} == {""}
    assert ledger["keys"][0] == {"key": "k0", "executions": 1, "replays": 0, "refusals": 0, "failures": 0}


def test_after_a_reset_the_state_is_that_of_a_fresh_start() -> None:
    owner, _ = a_lived_in_mock()
    owner.ask("PUT", "/readings", {"readings": {"batch.mixed-status": "207"}})
    owner.clock.advance(timedelta(hours=3))

    owner.ask("POST", "/reset")

    assert owner.ask("GET", "/state").content == Owner().ask("GET", "/state").content


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"format": "something"}, 'not a saved state of a mock: "format" is not "tracepass-mock-state"'),
        ({"version": 2}, "the saved state has version 2; this mock reads version 3"),
        ({"workspaces_minted": -1}, "workspaces_minted"),
        ({"extra": 1}, "extra"),
        ({"workspaces": [{"id": "w"}]}, r"workspaces\[...\]|workspaces\[0\]"),
        (
            {"gtin_holders": {"04012345000015": "nobody"}},
            "gtin_holders.04012345000015: unknown workspace 'nobody'",
        ),
        (
            {"readings": {"batch.mixed-status": "204"}},
            'batch.mixed-status: unknown answer "204". The answers are 200, 201, 207',
        ),
    ],
)
def test_a_document_that_no_mock_saved_is_refused_and_nothing_changes(change: dict[str, Any], complaint: str) -> None:
    owner, _ = a_lived_in_mock()
    before = owner.ask("GET", "/state")

    reply = owner.ask("PUT", "/state", {**before.json(), **change})

    assert reply.status_code == 400
    assert re.search(complaint, reply.json()["detail"]), reply.json()["detail"]
    assert owner.ask("GET", "/state").content == before.content


def test_a_document_without_a_format_is_refused() -> None:
    reply = Owner().ask("PUT", "/state", {})

    detail = 'body: not a saved state of a mock: "format" is not "tracepass-mock-state"'
    assert (reply.status_code, reply.json()["detail"]) == (400, detail)


@pytest.mark.parametrize("twice", ["workspaces", "api_keys"])
def test_what_must_be_there_once_is_not_taken_twice(twice: str) -> None:
    owner = Owner()
    saved = owner.ask("GET", "/state").json()
    if twice == "workspaces":
        saved["workspaces"].append({**saved["workspaces"][0], "api_keys": []})
    else:
        saved["workspaces"][1]["api_keys"] += saved["workspaces"][0]["api_keys"]

    reply = owner.ask("PUT", "/state", saved)

    assert (reply.status_code, "occurs twice; each must be unique" in reply.json()["detail"]) == (400, True)


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        (("plan", "writes_per_day"), -1, "plan.writes_per_day: -1 is not possible; 0 to .* is allowed"),
        (("passports", 0, "status"), "zz", "passports: unknown status 'zz'"),
        (("passports", 0, "completion"), -1, "passports: a completion of -1 is not possible"),
        (("passports", 0, "gtin"), "zz", "passports: the GTIN 'zz' does not have 14 digits"),
        (("passports", 0, "id"), "zz", "passports: the id 'zz' does not have 24 hexadecimal digits"),
        (("passports", 1, "id"), "0" * 24, "passports: the ids do not ascend"),
        (("passports", 0, "serial_number"), "", "passports: a serial number is empty"),
        (("passports", 0, "fields"), "W10=", "passports: fields and parties of .* are not JSON objects"),
        (("passports", 0, "fields"), "eA==", "passports: fields and parties of .* are not JSON objects"),
        (
            ("passports", 0, "suspended_at"),
            "2026-01-15T12:00:00",
            "passports: the time 2026-01-15T12:00:00 has no UTC offset",
        ),
        (("products", 0, 10), "zz", "products: unknown status 'zz'"),
        (("ids_given",), 0, "ids_given: 0 is less than the 4 of the passports"),
        (("reads_used",), 2**60, "reads_used: .* is not possible; at most 9,007,199,254,740,992"),
        (("entries_written",), 0, "entries_written: 0 is less than the .* of the entries"),
        (("clock_frozen_at",), "9999-12-31T23:59:59Z", "clock_frozen_at: .* is not in the years 1970 to 9998"),
        (("clock_ahead",), "P3000000D", "clock_ahead: .* is not possible; -60,000 to 2,940,000"),
        (
            ("answers", 0, 1, "expires_at"),
            "2026-01-15T12:00:00",
            "answers: the time 2026-01-15T12:00:00 has no UTC offset",
        ),
        (("answers", 0, 1, "status"), 99, "answers: a status of 99 is not possible; 200 to 599"),
        (("answers", 0, 1, "headers"), [["a", "b\r\nc"]], "answers: a header has characters that are not printable"),
        (("faults", 0, "fired"), -1, "faults.1: a count is less than 0"),
        (("faults", 0, "options"), {}, "faults.1: a fault of the kind status needs status"),
        (("pairs",), {"09506000000017": {"a": "f" * 24}}, "pairs.09506000000017: unknown passport in"),
        (("entries", 0, "checks"), [], "entries: an entry has no check"),
        (("entries", 0, "outcome"), "zz", "unknown outcome 'zz'"),
        (("rows", 0, "outcome"), "zz", "unknown outcome 'zz'"),
    ],
)
def test_a_value_that_no_call_led_to_is_refused_with_its_place(
    path: Sequence[str | int], value: object, complaint: str
) -> None:
    owner, workspace = a_lived_in_mock()
    saved = owner.ask("GET", "/state").json()
    node = next(each for each in saved["workspaces"] if each["id"] == workspace["id"])
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value

    reply = owner.ask("PUT", "/state", saved)

    assert reply.status_code == 400
    assert re.search(f"workspaces.{workspace['id']}.{complaint}", reply.json()["detail"]), reply.json()["detail"]


@pytest.mark.parametrize("content", [b"", b"[", b"[]", b'"x"', b'{"format": 1}', b'{"a": "\xff"}'])
def test_a_body_that_is_no_state_at_all_is_refused(content: bytes) -> None:
    reply = Owner().request("PUT", "/_mock/state", [("Content-Type", "application/json")], content)

    assert reply.status_code == 400
    assert reply.headers["content-type"] == "application/problem+json"
