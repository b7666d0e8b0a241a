"""The log has one line per call."""

import json
from datetime import timedelta

import pytest

from tracepass_contract.mockserver.app import create_app
from tracepass_contract.mockserver.cli.serve_command import log_as
from tracepass_contract.mockserver.http.api.log import Line
from tracepass_contract.mockserver.tests.client import BATCH, Client

UUID = "7b4f1e2c-9a3d-4e5b-8c1a-2d3e4f5a6b7c"


def test_the_line_of_a_first_call_and_of_its_replay() -> None:
    client = Client("page_sample")
    items = [client.item(f"BP-48V-100-00000{n}") for n in (1, 2, 3)]
    for _ in range(2):
        client.batch(*items, key=UUID)

    assert [entry.as_text() for entry in client.log] == [
        "createPassportBatch 200 3 items: 2 created 1 error  writes 500->497  key 7b4f… first",
        "createPassportBatch 200 3 items replayed  writes 497->497  key 7b4f… replay",
    ]


def test_the_line_of_a_key_that_comes_again_and_is_refused() -> None:
    """The call has another body, or no budget, or is refused before the check of its key."""
    client = Client("free", idempotency__replay_when_budget_spent="refused")
    client.batch(client.item("a"), key=UUID)
    client.batch(client.item("b"), key=UUID)
    client.mock.state.set_balances(client.workspace, writes_used=100, passports_used=1, now=client.clock.now())
    client.batch(client.item("a"), key=UUID)
    client.batch(key=UUID)

    assert [entry.as_text().rpartition("  ")[2] for entry in client.log] == [
        "key 7b4f… first",
        "key 7b4f… again",
        "key 7b4f… again",
        "key 7b4f…",
    ]
    assert [line["key_use"] for line in client.lines] == ["first", "again", "again", None]


def test_the_line_of_a_call_that_the_server_failed_does_not_call_it_refused() -> None:
    client = Client()
    client.api("POST", "/epcis/capture", {})

    line = "not served: post /epcis/capture 501 failed: Not Implemented  by calls.not-served-here"
    assert client.log[0].as_text() == line


@pytest.mark.parametrize(
    ("account", "line"),
    [
        ("unlimited", "createPassportBatch 200 1 item: 1 created 0 errors"),
        (
            "budget_spent",
            "createPassportBatch 429 1 item refused: Daily write budget exceeded  by budget.refuses-whole-batch"
            "  writes 0->0",
        ),
        ("quota_full", "createPassportBatch 402 1 item refused: overage_required  by quota.asks-for-consent"),
    ],
)
def test_the_line_of_an_account_in_its_situation(account: str, line: str) -> None:
    client = Client(account)
    client.batch(client.item())

    assert client.log[0].as_text() == line


def test_a_charge_is_shown_in_euros() -> None:
    client = Client("quota_full")
    client.batch(*client.items(2), confirmOverage=True)

    assert client.log[0].as_text() == "createPassportBatch 200 2 items: 2 created 0 errors  overage 3.00 EUR"


def test_a_body_that_is_no_json_has_no_items_to_count() -> None:
    client = Client()
    client.send(b"{")

    line = "createPassportBatch 400 refused: Validation error  by batch.same-shape-as-single"
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
    assert (entry["at"], entry["method"], entry["path"]) == ("2026-01-15T12:00:00.000Z", "POST", BATCH)
    assert (entry["workspace"], entry["writes_before"], entry["writes_after"]) == ("free", 100, 99)
    assert (entry["status"], entry["outcome"], entry["key"]) == (200, "executed", "7b4f…")
    assert client.account.api_key not in client.log[0].as_json()
    assert UUID not in client.log[0].as_json()


def test_a_json_line_has_the_time_of_its_workspace_and_the_request() -> None:
    client = Client()
    client.workspace.clock.advance(timedelta(hours=1))
    client.api("GET", "/passports?limit=1")

    (line,) = client.lines
    assert (line["at"], line["method"], line["path"]) == (
        "2026-01-15T13:00:00.000Z",
        "GET",
        "/api/v1/passports?limit=1",
    )
    assert (line["operation"], line["outcome"], line["writes_before"]) == ("listPassports", "executed", None)


@pytest.mark.parametrize(
    ("method", "path", "authorization", "line"),
    [
        (
            "POST",
            BATCH,
            "Bearer tp_wrong",
            "401 refused: Unauthorized  expected a key of a workspace, found another token",
        ),
        (
            "POST",
            BATCH,
            "tp_wrong",
            "401 refused: Unauthorized  expected Authorization: Bearer <api-key>, found another form",
        ),
        ("PUT", BATCH, "Bearer tp_wrong", "405 refused: Method Not Allowed  expected POST, found PUT"),
        ("GET", "/v2", "Bearer", "404 refused: Not Found  unknown path; /openapi.json lists all paths"),
    ],
)
def test_a_call_that_comes_to_no_operation_has_its_line(method: str, path: str, authorization: str, line: str) -> None:
    client = Client()
    client.request(method, f"{path}?a=tp_wrong", [("Authorization", authorization)])

    assert [entry.as_text() for entry in client.log] == [f"{method} {path} {line}"]
    assert "tp_wrong" not in client.log[0].as_text() + client.log[0].as_json()


def test_the_path_of_such_a_call_stays_in_its_line_without_its_token() -> None:
    client = Client()
    client.request("GET", f"/tp_wrong/a%0Ab/{'c' * 100}", [("Authorization", "Bearer tp_wrong")])

    shown = f"/[redacted]/a%0Ab/{'c' * 100}"[:80]
    assert client.log[0].as_text().startswith(f"GET {shown} 404 refused: ")


def test_as_json_such_a_call_has_what_one_looks_for_first() -> None:
    client = Client()
    client.request("GET", BATCH)

    (line,) = client.lines
    assert line == {
        "event": "call",
        "at": "2026-01-15T12:00:00.000Z",
        "method": "GET",
        "path": BATCH,
        "status": 405,
        "error": "Method Not Allowed",
        "message": "expected POST, found GET",
    }


@pytest.mark.parametrize(("method", "path"), [("GET", "/_mock/nothing"), ("POST", "/_mock/health")])
def test_the_control_plane_has_no_lines(method: str, path: str) -> None:
    client = Client()
    client.request(method, path)

    assert client.log == []


@pytest.mark.parametrize(
    ("form", "begins"), [("text", "POST /api/v1/passports/batch 401 "), ("json", '{"event":"call",')]
)
def test_the_log_is_written_in_either_form(capsys: pytest.CaptureFixture[str], form: str, begins: str) -> None:
    client = Client()
    client.mock = create_app(clock=client.clock, log=log_as(form))
    client.send(b"", api_key="tp_wrong")
    client.batch(client.item())

    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith(begins)
    assert second.startswith("createPassportBatch 200 " if form == "text" else begins)


def test_a_log_that_cannot_be_written_does_not_change_a_refusal(caplog: pytest.LogCaptureFixture) -> None:
    def broken(_line: Line) -> None:
        raise OSError

    client = Client()
    client.mock = create_app(clock=client.clock, log=broken)

    assert client.send(b"", api_key="tp_wrong").status_code == 401
    assert "could not write its log line" in caplog.text
