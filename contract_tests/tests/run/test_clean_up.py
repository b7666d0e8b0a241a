"""What a run leaves in somebody's workspace: nothing, or what it says."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from tracepass_contract.contract_tests.client.spend import Ceilings, Price, Purse
from tracepass_contract.contract_tests.model import clock
from tracepass_contract.contract_tests.model.history_lines import from_lines
from tracepass_contract.contract_tests.model.verdicts import Spend, Verdict
from tracepass_contract.contract_tests.mutants.matrix.forked_mock import forked_mock
from tracepass_contract.contract_tests.report.as_json import as_data
from tracepass_contract.contract_tests.report.conclusion import Exit
from tracepass_contract.contract_tests.report.files import ReportFiles
from tracepass_contract.contract_tests.report.terminal import text_of
from tracepass_contract.contract_tests.run.pytest_run import perform
from tracepass_contract.contract_tests.run.run import Run
from tracepass_contract.contract_tests.target.deployment import Deployment
from tracepass_contract.contract_tests.target.settings import SECONDS_TO_CLEAN_UP, TIME_LIMIT_SECONDS, Settings
from tracepass_contract.contract_tests.tests.helpers.command import at_once, obeys_ctrl_c
from tracepass_contract.contract_tests.tests.helpers.wrong_server import Answered, Ask, Request, in_front_of

KEY = "tp_mock_unlimited"
GIVEN = Deployment(product_id="6650a1b2c3d4e5f6a7b8d008", gtin="09506000140087").with_key(KEY)
FREE_PLAN = Deployment(product_id="6650a1b2c3d4e5f6a7b8d001", gtin="09506000140018").with_key("tp_mock_free")
OPTIONS = ("--product-id", "6650a1b2c3d4e5f6a7b8d008", "--gtin", "09506000140087", "--no-control-plane")


@pytest.fixture(scope="module")
def mock_url() -> Iterator[str]:
    with forked_mock() as base_url:
        yield base_url


def passports(url: str, key: str = KEY) -> int:
    """How many the list of the workspace has."""
    found: int = httpx.get(f"{url}/api/v1/passports", headers={"Authorization": f"Bearer {key}"}).json()["data"][
        "total"
    ]
    return found


def run(url: str, *rules: str, given: Deployment = GIVEN, **settings: Any) -> Run:
    deployment = replace(given, base_url=url)
    return perform(Settings(deployment, control_plane=False, rule_prefixes=rules, **settings))


def spend_of(run: Run) -> Spend:
    assert run.result is not None
    return run.result.spend


def test_a_run_with_defaults_leaves_as_many_passports_as_it_found(mock_url: str) -> None:
    before = passports(mock_url)

    spend = spend_of(run(mock_url))

    assert passports(mock_url) == before
    assert (spend.deleted, spend.left_behind) == (spend.slots, ())
    assert 2 <= spend.slots <= 3
    assert spend.writes + spend.writes_perhaps <= 60


def test_a_small_ceiling_creates_only_what_it_can_delete(mock_url: str) -> None:
    """Of seven writes."""
    before = passports(mock_url)

    spend = spend_of(run(mock_url, "summary", max_writes=7, max_slots=7))

    assert passports(mock_url) == before
    assert 0 < spend.slots == spend.deleted
    assert spend.writes + spend.writes_perhaps <= 7


def test_a_declared_budget_keeps_what_its_deletions_need(mock_url: str) -> None:
    """No hook can set the budget. The run spends all of it, the last writes for deletions, and shows where it ends."""
    made = httpx.post(f"{mock_url}/_mock/workspaces", json={"writes_per_day": 80, "passports_included": None}).json()
    given = Deployment(product_id=made["product_id"], gtin=made["gtin"], writes_left=80).with_key(made["api_key"])

    done = run(mock_url, "budget", given=given, max_writes=120, max_slots=20)

    assert passports(mock_url, made["api_key"]) == 0
    assert done.result is not None
    assert (spend_of(done).deleted > 1, spend_of(done).left_behind, spend_of(done).writes) == (True, (), 80)
    verdicts = {rule: done.result.verdict_of(f"budget.{rule}") for rule in ("counts-every-item", "refuses-whole-batch")}
    assert verdicts == {
        "counts-every-item": Verdict.CONFORMS,
        "refuses-whole-batch": Verdict.PARTLY_TESTED,  # no batch fits exactly
    }


def test_a_run_whose_answers_are_lost_leaves_nothing(mock_url: str) -> None:
    """Each third batch is executed, and its answer is lost: no answer says the ids of what it created."""
    numbers, lost = count(1), []

    def cuts(request: Request, ask: Ask) -> Answered:
        answered = ask(request)
        if next(numbers) % 3:
            return answered
        lost.append(answered.json)
        return Answered(0, cut=True)

    before = passports(mock_url)
    with in_front_of(mock_url, cuts) as url:
        spend = spend_of(run(url, "items", max_writes=120, max_slots=9))

    assert any(entry["status"] == "created" for answer in lost for entry in answer.get("results", ()))
    assert passports(mock_url) == before
    assert spend.left_behind == ()


def test_a_deletion_whose_answer_is_lost_is_no_left_over(mock_url: str) -> None:
    def cuts(request: Request, ask: Ask) -> Answered:
        answered = ask(request)
        return Answered(0, cut=True) if request.method == "DELETE" else answered

    with in_front_of(mock_url, cuts, beside=True) as url:
        spend = spend_of(run(url, "summary"))

    assert (spend.deleted, spend.left_behind) == (spend.slots, ())


def test_a_run_at_its_time_limit_leaves_nothing(mock_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last seconds of the limit are for the clean-up. Here the run is in them after its first create."""
    seconds, monotonic = [0.0], clock.monotonic
    monkeypatch.setattr(clock, "monotonic", lambda: monotonic() + seconds[0])

    def creates_late(request: Request, ask: Ask) -> Answered:
        answered = ask(request)
        if b"created" in answered.body:
            seconds[0] = TIME_LIMIT_SECONDS - SECONDS_TO_CLEAN_UP + 1
        return answered

    before = passports(mock_url)
    with in_front_of(mock_url, creates_late) as url:
        done = run(url, "items")

    assert done.result is not None
    assert any("time limit" in each.because for each in done.result.findings)
    assert (spend_of(done).deleted, spend_of(done).left_behind) == (1, ())
    assert passports(mock_url) == before


def signalled(mock_url: str, ending: signal.Signals, *options: str) -> int:
    """A run that gets this signal while its first create is executed, and its answer under way. Its exit code."""
    under_way, is_over = threading.Event(), threading.Event()

    def keeps_the_first_answer(request: Request, ask: Ask) -> Answered:
        answered = ask(request)
        if b'"created":1' in answered.body.replace(b" ", b"") and not under_way.is_set():
            under_way.set()
            is_over.wait(60)
        return answered

    with in_front_of(mock_url, keeps_the_first_answer) as url:
        command = [sys.executable, "-m", "tracepass_contract.contract_tests", "run", url, *OPTIONS, "--api-key", KEY]
        with subprocess.Popen(
            [*command, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=obeys_ctrl_c
        ) as process:
            assert under_way.wait(60)
            process.send_signal(ending)
            process.wait(60)
        is_over.set()
    return process.returncode


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM], ids=lambda ending: ending.name)
def test_an_interrupted_run_leaves_nothing(mock_url: str, tmp_path: Path, ending: signal.Signals) -> None:
    """Not even the passport of the call that was under way. It writes its reports and its history."""
    before, report, history = passports(mock_url), tmp_path / "run.json", tmp_path / "run.jsonl"

    code = signalled(mock_url, ending, "--report-json", str(report), "--history", str(history))

    found = json.loads(report.read_bytes())
    assert (found["interrupted"], found["spend"]["deleted"], found["spend"]["left_over"]) == (True, 1, [])
    assert code == found["exit_code"] == Exit.UNPROVEN
    assert passports(mock_url) == before
    assert from_lines(history.read_bytes()).run == found["run"]


def test_what_a_killed_run_left_can_be_deleted(mock_url: str, tmp_path: Path) -> None:
    """Its history has the call that was under way, although no answer says that it was executed."""
    before, history = passports(mock_url), tmp_path / "run.jsonl"
    signalled(mock_url, signal.SIGKILL, "--history", str(history))
    assert passports(mock_url) == before + 1

    done = at_once("clean", mock_url, "--history", str(history), "--json", TRACEPASS_CHECK_API_KEY=KEY)

    assert (done.code, done.result["deleted"], done.result["left_over"]) == (0, 1, [])
    assert passports(mock_url) == before


def test_what_a_plan_does_not_allow_to_delete_is_refused_once_and_then_not_attempted(mock_url: str) -> None:
    done = run(mock_url, "items", given=FREE_PLAN)

    refused, *others = sorted(spend_of(done).left_behind, key=lambda each: not each.is_refused)
    assert (refused.is_refused, refused.why) == (True, "403")
    assert others
    assert {(each.is_refused, "403" in each.why) for each in others} == {(False, True)}
    shown = text_of(done.report)
    assert f"{len(others)} not deleted: not attempted (deletion is refused with 403" in shown
    assert "1 not deleted: refused (403)" in shown
    assert not any(each.passport in shown for each in spend_of(done).left_behind)
    data = as_data(done.report)["spend"]
    assert data["left_behind"] == [each.passport for each in spend_of(done).left_behind]
    assert [(each["outcome"], len(each["passports"])) for each in data["left_over"]] == [
        ("not attempted", len(others)), ("refused", 1),
    ]  # fmt: skip


def test_a_second_command_deletes_what_a_run_left(mock_url: str, tmp_path: Path) -> None:
    """With the file of the run alone. It touches nothing else, and a second time finds nothing."""
    of_others = {
        "passports": [
            {"productId": GIVEN.product_id, "gs1": {"gtin": GIVEN.gtin, "serialNumber": f"NOT-OURS-{number}"}}
            for number in (1, 2)
        ]
    }
    bearer = {"Authorization": f"Bearer {KEY}"}
    httpx.post(f"{mock_url}/api/v1/passports/batch", json=of_others, headers=bearer).raise_for_status()
    before, history = passports(mock_url), tmp_path / "run.json"
    kept = run(mock_url, "summary", keep_drafts=True)
    ReportFiles(history=history).write(kept.report, kept.history)
    left = spend_of(kept).left_behind
    assert {each.why for each in left} == {"--keep-drafts"}
    assert passports(mock_url) == before + len(left)

    done, again = (at_once("clean", "--history", str(history), "--json", TRACEPASS_CHECK_API_KEY=KEY) for _ in range(2))

    assert (done.code, done.result) == (0, {"run": kept.history.run, "deleted": len(left), "left_over": []})
    assert (again.code, again.result["left_over"]) == (0, [])
    assert passports(mock_url) == before


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ((), "clean needs --history FILE"),
        (("--history", "{folder}/no.json"), "no.json"),
        (("--history", "{folder}/own.json"), "used isolated workspaces"),
    ],
)
def test_clean_says_what_it_needs(tmp_path: Path, arguments: tuple[str, ...], word: str) -> None:
    (tmp_path / "own.json").write_text('{"target": "http://127.0.0.1:9", "run": "r"}')

    done = at_once("clean", *(each.format(folder=tmp_path) for each in arguments), TRACEPASS_CHECK_API_KEY=KEY)

    assert (done.code, word in done.stderr) == (2, True)


def test_a_create_reserves_its_deletion() -> None:
    """Of five writes a create and its deletion take two, so a third create is not sent; the deletions are."""
    purse = Purse(Ceilings(writes=5, slots=9), cleans_up=True)

    assert [purse.hold(Price(1, 1)) is None for _ in range(3)] == [True, True, False]
    assert "1 of them to delete what it creates" in (purse.refusal(Price(1, 1)) or "")
    assert purse.hold(Price(1)) is None
    purse.begin_clean_up()
    assert [purse.hold(Price(1)) is None for _ in range(3)] == [True, True, False]
