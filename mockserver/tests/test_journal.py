"""The journal gives the reason of every decision, and shows no API key."""

import json
from datetime import timedelta
from typing import Any

import pytest

from tracepass_contract.mockserver.state import journal
from tracepass_contract.mockserver.tests.client import NOON
from tracepass_contract.mockserver.tests.control_client import WorkspaceOwner


def test_the_journal_says_why() -> None:
    """An entry has the checks in order, their numbers, the balances, and the readings."""
    reader = WorkspaceOwner(writes_per_day=10, passports_included=1)
    reader.post("a", "b", key="k")

    (line,) = reader.read("journal", "Journal")["entries"]
    entry = reader.read(f"journal/{line['entry']}", "JournalEntry")

    assert (line["status"], line["outcome"], line["rule"]) == (402, "refused", "quota.asks-for-consent")
    assert entry["because"]["rule"] == "quota.asks-for-consent"
    assert [(check["rule"], check["outcome"]) for check in entry["because"]["checks"]] == [
        ("batch.same-shape-as-single", "passed"),
        ("budget.refuses-whole-batch", "passed"),
        ("quota.asks-for-consent", "refused"),
    ]
    assert entry["because"]["checks"][2]["numbers"] == {"wanted": 2, "left": 1}
    assert entry["because"]["readings"]["quota.compares-with"] == "requested-items"
    assert entry["before"] == entry["after"]
    assert json.loads(entry["response"]["body"])["error"] == "overage_required"


def test_the_balances_stand_before_and_after_the_call() -> None:
    reader = WorkspaceOwner(writes_per_day=10, passports_included=1)
    reader.post("a", "b", confirmOverage=True)

    entry = reader.read("journal/1", "JournalEntry")

    assert (entry["before"]["writes_left"], entry["after"]["writes_left"]) == (10, 8)
    assert (entry["before"]["passports_used"], entry["after"]["passports_used"]) == (0, 2)
    assert (entry["before"]["overage_cents"], entry["after"]["overage_cents"]) == (0, 150)


def numbers_of_the_quota(reader: WorkspaceOwner) -> dict[str, Any]:
    checks = reader.read("journal/1", "JournalEntry")["because"]["checks"]
    (found,) = [check["numbers"] for check in checks if check["rule"] == "quota.asks-for-consent"]
    return dict(found)


def test_the_journal_says_which_consent_was_used() -> None:
    at_the_top, in_an_item = (WorkspaceOwner(passports_included=1) for _ in range(2))
    at_the_top.post("a", "b", confirmOverage=True)
    items = [in_an_item.item("a"), in_an_item.item("b", confirmOverage=True)]
    in_an_item.send(json.dumps({"passports": items}).encode(), api_key=in_an_item.created["api_key"])

    assert numbers_of_the_quota(at_the_top) == {"wanted": 2, "left": 1, "consent": "/confirmOverage"}
    assert numbers_of_the_quota(in_an_item) == {"wanted": 2, "left": 1, "consent": "/passports/1/confirmOverage"}


def test_a_consent_that_was_not_needed_was_not_used() -> None:
    reader = WorkspaceOwner(passports_included=2)
    reader.post("a", "b", confirmOverage=True)

    assert numbers_of_the_quota(reader) == {"wanted": 2, "left": 2}


def test_the_journal_warns_of_a_wrong_check_digit() -> None:
    """It warns once for each GTIN that the mock accepts, and not for a failed call."""
    reader = WorkspaceOwner()
    items = [reader.item(serial) for serial in ("a", "b", "c", "d")]
    for item, gtin in zip(items[1:], ("04012345000015", "04012345000015", "09506000000020"), strict=True):
        item["gs1"]["gtin"] = gtin
    for batch in (items, [{"productId": "x"}]):
        reader.send(json.dumps({"passports": batch}).encode(), api_key=reader.created["api_key"])

    assert reader.read("journal/1", "JournalEntry")["warnings"] == [
        {
            "where": f"/passports/{where}/gs1/gtin",
            "expected": expected,
            "found": found,
            "reading": "items.gtin-check-digit",
        }
        for where, expected, found in (
            (1, "04012345000016", "04012345000015"),
            (3, "09506000000022", "09506000000020"),
        )
    ]
    assert reader.read("journal/2", "JournalEntry")["warnings"] == []


def test_the_journal_warns_of_a_single_create_too() -> None:
    reader = WorkspaceOwner()
    item = reader.item("a")
    item["gs1"]["gtin"] = "09506000000020"
    headers = [("Authorization", f"Bearer {reader.created['api_key']}"), ("Content-Type", "application/json")]
    assert reader.request("POST", "/api/v1/passports", headers, json.dumps(item).encode()).status_code == 201

    (warning,) = reader.read("journal/1", "JournalEntry")["warnings"]

    assert (warning["where"], warning["found"]) == ("/gs1/gtin", "09506000000020")


@pytest.mark.parametrize("name", ["X-Api-Key", "Api-Key", "x-api-key"])
def test_a_key_in_a_header_of_another_name_is_not_shown(name: str) -> None:
    reader = WorkspaceOwner()
    reader.send(b"{}", [(name, reader.created["api_key"])], api_key=reader.created["api_key"])

    entry = reader.read("journal/1", "JournalEntry")

    assert {"name": name.lower(), "value": "[redacted]"} in entry["request"]["headers"]


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("/api/v1/passports?limit=1&api_key={}", "/api/v1/passports?limit=1&api_key=[redacted]"),
        ("/api/v1/passports/{}?a={}&b={}", "/api/v1/passports/[redacted]?a=[redacted]&b=[redacted]"),
    ],
)
def test_a_key_in_the_path_or_the_query_is_not_shown(sent: str, shown: str) -> None:
    """It is not in the journal, the curl line or the log."""
    reader = WorkspaceOwner()
    api_key = reader.created["api_key"]
    reader.request("GET", sent.replace("{}", api_key), [("Authorization", f"Bearer {api_key}")])

    entry = reader.read("journal/1", "JournalEntry")

    assert entry["path"] == entry["request"]["path"] == shown
    assert f"'http://127.0.0.1{shown}'" in entry["curl"]
    assert (reader.lines[0]["path"], api_key in reader.log[0].as_text()) == (shown, False)


def test_a_body_that_is_no_json_is_in_the_journal_too() -> None:
    reader = WorkspaceOwner()
    reader.send(b"\xff{", api_key=reader.created["api_key"])

    entry = reader.read("journal/1", "JournalEntry")

    assert (entry["status"], entry["request"]["body"]) == (400, "\ufffd{")


def test_workspaces_have_journals_of_their_own_and_a_call_without_a_valid_key_has_none() -> None:
    reader = WorkspaceOwner()
    other = reader.create_workspace()
    reader.create(other, "a")
    reader.send(b"{}", api_key="tp_nobody")

    assert reader.read("journal", "Journal") == {"entries": [], "forgotten": 0}
    assert len(reader.ask("GET", f"/workspaces/{other['id']}/journal").json()["entries"]) == 1


def test_a_journal_can_be_cleared_and_the_ledger_stays() -> None:
    reader = WorkspaceOwner()
    reader.post("a")
    path = f"/workspaces/{reader.created['id']}/journal"

    assert reader.ask("DELETE", path).status_code == 204
    reader.post("b")

    assert [line["entry"] for line in reader.read("journal", "Journal")["entries"]] == [2]
    assert reader.read("journal", "Journal")["forgotten"] == 1
    assert len(reader.read("ledger", "Ledger")["entries"]) == 2


@pytest.mark.parametrize("entry", ["2", "0", "-1", "one", "1" * 30, "\u0661"])
def test_an_entry_that_is_not_there(entry: str) -> None:
    reader = WorkspaceOwner()
    reader.post("a")

    reply = reader.ask("GET", f"/workspaces/{reader.created['id']}/journal/{entry}")

    assert reply.status_code == 404
    journal = f"/_mock/workspaces/{reader.created['id']}/journal"
    assert reply.json()["detail"] == f'entry: unknown entry "{entry[:60]}"; GET {journal} lists them'


def test_an_entry_of_a_workspace_that_is_not_there() -> None:
    """A long id is shortened."""
    reply = WorkspaceOwner().ask("GET", f"/workspaces/{'w' * 100}/journal/1")

    assert reply.status_code == 404
    assert reply.json()["detail"] == f'id: unknown workspace "{"w" * 60}"'


@pytest.mark.parametrize(("limit", "most"), [("ENTRIES_MAX", 3), ("BYTES_MAX", 2000)])
def test_a_journal_is_bounded_and_forgets_the_oldest(monkeypatch: pytest.MonkeyPatch, limit: str, most: int) -> None:
    monkeypatch.setattr(journal, limit, most)
    reader = WorkspaceOwner()
    for n in range(10):
        reader.post(f"S-{n}")

    kept = reader.read("journal", "Journal")

    numbers = [line["entry"] for line in kept["entries"]]
    assert 1 <= len(numbers) <= 3
    assert numbers == list(range(11 - len(numbers), 11))
    assert kept["forgotten"] == 10 - len(numbers)
    assert reader.read("ledger", "Ledger")["totals"]["executions"] == 10


def test_entries_have_the_time_of_their_workspace() -> None:
    reader = WorkspaceOwner()
    reader.ask("POST", f"/workspaces/{reader.created['id']}/clock/advance", {"seconds": 3600})
    reader.post("a")

    assert reader.read("journal", "Journal")["entries"][0]["at"] == "2026-01-15T13:00:00.000Z"
    assert NOON + timedelta(hours=1) == reader.mock.state.workspaces[reader.created["id"]].journal.entries[0].at
