"""The ledger lists what each call took, and adds it up for each idempotency key."""

import pytest

from tracepass_contract.mockserver.tests.control_client import WorkspaceOwner
from tracepass_contract.spec import control_document


def test_the_ledger_separates_executions_from_replays_and_adds_up() -> None:
    """Two slots are left. The calls are a batch of three with consent, its replay, and a refusal by the budget."""
    reader = WorkspaceOwner(writes_per_day=4, passports_included=2)
    for _ in range(2):
        reader.post("a", "b", "c", key="k", confirmOverage=True)
    reader.post("d", "e", key="l")

    ledger = reader.read("ledger", "Ledger")

    totals = ledger["totals"]
    assert (totals["executions"], totals["replays"], totals["refusals"]) == (1, 1, 1)
    assert (totals["writes"], totals["passports"], totals["overage_count"], totals["overage_cents"]) == (3, 3, 1, 150)
    assert ledger["keys"] == [
        {"key": "k", "executions": 1, "replays": 1, "refusals": 0, "failures": 0},
        {"key": "l", "executions": 0, "replays": 0, "refusals": 1, "failures": 0},
    ]
    assert [(row["outcome"], row["status"], row["writes"], row["overage_cents"]) for row in ledger["entries"]] == [
        ("executed", 200, 3, 150),
        ("replayed", 200, 0, 0),
        ("refused", 429, 0, 0),
    ]


def test_each_total_of_the_ledger_is_documented() -> None:
    totals = WorkspaceOwner().read("ledger", "Ledger")["totals"]
    ledger = control_document()["components"]["schemas"]["Ledger"]["properties"]

    assert totals.keys() == ledger["totals"]["properties"].keys()


def test_a_row_of_the_ledger_names_its_operation() -> None:
    reader = WorkspaceOwner()
    reader.post("a")
    bearer = [("Authorization", f"Bearer {reader.created['api_key']}")]
    reader.request("GET", "/api/v1/templates", bearer)
    reader.request("POST", "/api/v1/products", bearer)

    rows = reader.read("ledger", "Ledger")["entries"]

    assert [row["operation"] for row in rows] == ["createPassportBatch", "listTemplates", "createProduct"]


@pytest.mark.parametrize("path", ["/api/v1/passports", "/api/v1/templates", "/api/v1/passports/none"])
def test_a_read_that_is_sent_with_a_key_is_no_call_under_it(path: str) -> None:
    reader = WorkspaceOwner()
    reader.post("a", key="k")
    reader.request("GET", path, [("Authorization", f"Bearer {reader.created['api_key']}"), ("Idempotency-Key", "k")])

    ledger = reader.read("ledger", "Ledger")

    assert ledger["keys"] == [{"key": "k", "executions": 1, "replays": 0, "refusals": 0, "failures": 0}]
    assert [row["key"] for row in ledger["entries"]] == ["k", "k"]
