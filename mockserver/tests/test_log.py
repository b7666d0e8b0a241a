"""One line per call says the decision."""

import json

import pytest

from tracepass_contract.mockserver.app import create_app
from tracepass_contract.mockserver.tests.client import Client

UUID = "7b4f1e2c-9a3d-4e5b-8c1a-2d3e4f5a6b7c"


def test_the_line_of_a_first_call_and_of_its_replay() -> None:
    client = Client("page_sample")
    items = [client.item(f"BP-48V-100-00000{n}") for n in (1, 2, 3)]
    for _ in range(2):
        client.batch(*items, key=UUID)

    assert [entry.as_text() for entry in client.log] == [
        "POST batch 200 3 items: 2 created 1 error  writes 500->497  key 7b4f… first",
        "POST batch 200 3 items: the first answer again  writes 497->497  key 7b4f… replay",
    ]


@pytest.mark.parametrize(
    ("account", "line"),
    [
        ("unlimited", "POST batch 200 1 item: 1 created 0 errors"),
        (
            "budget_spent",
            "POST batch 429 1 item refused: Daily write budget exceeded  by budget.refuses-whole-batch  writes 0->0",
        ),
        ("quota_full", "POST batch 402 1 item refused: overage_required  by quota.asks-for-consent"),
    ],
)
def test_the_line_of_an_account_in_its_situation(account: str, line: str) -> None:
    client = Client(account)
    client.batch(client.item())

    assert client.log[0].as_text() == line


def test_a_charge_is_told_in_euros() -> None:
    client = Client("quota_full")
    client.batch(*client.items(2), confirmOverage=True)

    assert client.log[0].as_text() == "POST batch 200 2 items: 2 created 0 errors  overage 3.00 EUR"


def test_a_body_that_is_no_json_has_no_items_to_count() -> None:
    client = Client()
    client.send(b"{")

    line = "POST batch 400 refused: Validation error  by batch.same-shape-as-single"
    assert client.log[0].as_text() == line


def test_without_a_log_nothing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    client = Client()
    client.mock = create_app(clock=client.clock)
    client.batch(client.item())

    assert capsys.readouterr() == ("", "")


def test_as_json_it_has_the_same_facts_and_no_secret() -> None:
    client = Client("free")
    client.batch(client.item(), key=UUID)

    entry = json.loads(client.log[0].as_json())

    assert entry["event"] == "call"
    assert (entry["workspace"], entry["writes_before"], entry["writes_after"]) == ("free", 100, 99)
    assert (entry["status"], entry["outcome"], entry["key"]) == (200, "executed", "7b4f…")
    assert client.account.api_key not in client.log[0].as_json()
    assert UUID not in client.log[0].as_json()
