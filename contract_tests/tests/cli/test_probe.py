"""The card of a deployment: what is on it, what the mock makes of it, and in what two of them differ."""

import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest

from tracepass_contract import spec
from tracepass_contract.contract_tests.judging.cards import card_of, compared, served
from tracepass_contract.contract_tests.model.verdicts import Observation, RunResult, Spend
from tracepass_contract.contract_tests.mutants.matrix.forked_mock import forked_mock
from tracepass_contract.contract_tests.report.comparison import as_data, print_comparison
from tracepass_contract.contract_tests.tests.helpers.command import at_once, check, obeys_ctrl_c
from tracepass_contract.fixtures import accounts

RULE = "auth.bearer-required"  # has the shortest run of all rules
OTHER_READINGS = {
    "batch.all-created-status": "201",
    "batch.mixed-status": "207",
    "idempotency.replay-marker": "idempotent-replayed",
    "items.created-data": "trimmed",
}
AT = datetime(2026, 11, 26, 5, tzinfo=UTC)


def run_that_saw(**seen: Sequence[str]) -> RunResult:
    observations = [Observation(reading.replace("__", "."), answers) for reading, answers in seen.items()]
    return RunResult("http://x", "r1", 1, AT, AT, [], observations, Spend())


def test_a_card_has_what_is_known_and_what_is_narrowed_down() -> None:
    card = card_of(
        run_that_saw(
            **{
                "idempotency__remembered-outcomes": ["2xx", "executed"],
                "batch__mixed-status": ["207"],
                "quota__compares-with": [],
                "of__another-version": ["yes"],
            }
        )
    )

    assert card.readings == {"batch.mixed-status": "207"}
    assert card.open == {"idempotency.remembered-outcomes": ["2xx", "executed"]}
    assert (card.deployment, card.observed_at) == ("http://x", "2026-11-26T05:00:00Z")
    assert card.spec_sha256 == spec.sha256_of(spec.openapi_document())


def test_the_mock_needs_nothing_beside_a_card_that_goes_with_the_defaults() -> None:
    assert served(spec.Card({"batch.mixed-status": "207"})).chosen == {}
    assert not served(spec.Card({"batch.mixed-status": "207"})).problems


def test_what_nobody_saw_is_chosen_where_the_default_contradicts_what_was_seen() -> None:
    """The narrowed reading is chosen first, with its likeliest answer that is not ruled out."""
    seen = {"batch.all-failed-status": "422"}
    narrowed = spec.Card(seen, {"idempotency.remembered-outcomes": ["2xx", "all"]})

    assert served(narrowed).chosen == {"idempotency.remembered-outcomes": "all"}
    chosen = served(spec.Card(seen)).chosen
    assert list(chosen) == ["idempotency.remembered-outcomes"]
    assert spec.check_answers({**seen, **chosen}) == []


def test_an_answer_is_chosen_where_the_default_was_ruled_out() -> None:
    """The likeliest of the remaining answers is chosen. One that breaks a rule is the last choice."""
    left = {"idempotency.remembered-outcomes": ["executed", "all-but-429-and-5xx", "all"]}

    assert served(spec.Card({}, left)).chosen == {"idempotency.remembered-outcomes": "all-but-429-and-5xx"}
    assert served(spec.Card({}, {"idempotency.remembered-outcomes": ["2xx", "all"]})).chosen == {}


@pytest.mark.parametrize(
    "seen",
    [
        {"batch.all-failed-status": "422", "idempotency.remembered-outcomes": "2xx"},
        {"budget.owner": "api-key"},
    ],
    ids=["they contradict each other", "the mock has one answer"],
)
def test_what_the_mock_can_not_do_is_said(seen: dict[str, str]) -> None:
    found = served(spec.Card(seen))

    assert found.chosen == {}
    assert found.problems == spec.check_answers(seen) != []


def test_two_cards_differ_where_no_answer_can_be_true_of_both() -> None:
    one = spec.Card(
        {"batch.mixed-status": "207", "batch.all-created-status": "200", "quota.charges": "every-item"},
        {"idempotency.remembered-outcomes": ["all", "executed"], "idempotency.key-identity": ["workspace", "api-key"]},
    )
    other = spec.Card(
        {"batch.mixed-status": "200", "batch.all-created-status": "200", "idempotency.remembered-outcomes": "2xx"},
        {"idempotency.key-identity": ["workspace", "workspace-and-endpoint"]},
    )
    rows = {row.reading.id: row for row in compared(one, other)}

    assert [name for name, row in rows.items() if row.differs] == [
        "batch.mixed-status",
        "idempotency.remembered-outcomes",
    ]
    assert [name for name, row in rows.items() if row.is_same] == ["batch.all-created-status"]
    assert {name for name, row in rows.items() if row.one_is_known} == {*one.readings, *one.open}
    assert {name for name, row in rows.items() if row.other_is_known} == {*other.readings, *other.open}
    assert "budget.owner" not in rows  # nobody answers it in two ways

    data = as_data("a.yaml", "b.yaml", list(rows.values()))
    assert data["differ"]["batch.mixed-status"] == {
        "question": "Which status does a batch get when some of its items fail?",
        "one": ["207"],
        "other": ["200"],
    }
    assert {*data["differ"], *data["same"], *data["open"]} == set(rows)

    said = StringIO()
    print_comparison("a.yaml", "b\x1b[2J.yaml", list(rows.values()), said)
    text = said.getvalue()
    assert "\x1b" not in text
    assert "  idempotency.remembered-outcomes  all or executed  2xx" in text
    assert "  quota.charges" in text
    assert "not observed" in text
    assert "1 reading the same, 2 readings different" in text


def test_a_mock_that_is_run_with_the_card_of_another_is_like_it(tmp_path: Path) -> None:
    """`probe` writes it, the mock is run with it, `run --card` finds nothing, and `diff` no difference."""
    card, rules = tmp_path / "card of one.yaml", ("--rule", RULE, "--seed", "3")
    options = [part for answer in OTHER_READINGS.items() for part in ("--reading", "=".join(answer))]

    probed = check("probe", "-o", str(card), *rules, *options)

    assert (probed.code, probed.stdout) == (0, "")
    assert f"card written to {card}\n" in probed.stderr
    assert OTHER_READINGS.items() <= spec.load_card(card).readings.items()
    assert f"tracepass-mock --readings '{card}'" in card.read_text()
    with forked_mock(["--readings", str(card)]) as url:
        again = check("run", url, "--api-key", "tp_mock_unlimited", "--card", str(card), *rules)
        differs = check("diff", str(card), url, "--api-key", "tp_mock_unlimited", *rules, "--json")
    assert again.code == 0, again.stdout
    assert "as the card requires" in again.stdout
    found = json.loads(differs.stdout)
    assert (differs.code, found["differ"]) == (0, {})
    assert OTHER_READINGS.keys() <= found["same"].keys()


def test_what_a_card_asks_for_and_the_run_did_not_see_is_reported(tmp_path: Path) -> None:
    """Nothing was found against it, and nothing for it."""
    card, history = tmp_path / "card.yaml", tmp_path / "history.json"
    card.write_text("readings: {batch.mixed-status: '200', quota.charges: every-item}\n")

    with forked_mock() as url:
        done = check("run", url, "--rule", RULE, "--card", str(card), "--history", str(history), "--json")
    judged = at_once("judge", str(history), "--rule", RULE, "--card", str(card), "--json")

    expected = "required by the card, but not observed: quota.charges=every-item"
    assert (done.code, judged.code) == (0, 4)
    assert expected in done.result["notes"]
    assert expected in judged.result["notes"]


def test_two_cards_are_compared_without_sending_anything(tmp_path: Path) -> None:
    one, other = tmp_path / "one.yaml", tmp_path / "other.yml"
    one.write_text("readings: {batch.mixed-status: 207}")
    other.write_text("readings: {batch.mixed-status: 200}")

    done = at_once("diff", str(one), str(other))

    assert done.code == 1
    assert "  batch.mixed-status  207  200  Which status does a batch get when some of its items fail?" in done.stdout
    assert at_once("diff", str(one), str(one)).code == 0


def test_a_probe_without_a_file_writes_the_card_to_stdout() -> None:
    done = check("probe", "--rule", RULE, "--json")

    assert done.code == 0
    assert set(json.loads(done.stdout)) >= {"deployment", "observed_at", "spec_sha256", "readings"}


def test_a_deployment_that_breaks_a_rule_has_a_card_all_the_same() -> None:
    with forked_mock(["--mutant", "AUT-01"]) as url:
        done = check("probe", url, "--api-key", "tp_mock_unlimited", "--rule", RULE)

    assert done.code == 1
    assert f"a card can't express violations of {RULE}: Does not conform: 1 rule is violated" in done.stderr
    assert "readings:" in done.stdout


@pytest.mark.parametrize(
    ("card", "expected"),
    [
        (
            "readings: {batch.mixed-status: 270}",
            'batch.mixed-status: unknown answer "270". The answers are 200, 201, 207.',
        ),
        (
            "open: {batch.mixed-status: []}",
            "batch.mixed-status: the list of answers is empty. The answers are 200, 201, 207.",
        ),
        ("readings: {budget.owner: api-key}", 'budget.owner: unknown answer "api-key". The answers are workspace.'),
        ("open: {batch.mixed: [200]}", 'unknown reading "batch.mixed". Did you mean "batch.mixed-status"?'),
    ],
)
def test_a_card_with_what_does_not_exist_is_refused(tmp_path: Path, card: str, expected: str) -> None:
    file = tmp_path / "card.json"
    file.write_text(card)

    done = at_once("diff", str(file), str(file))

    assert done.code == 2
    assert f"{file}: {expected}" in done.stderr


def test_each_deployment_file_has_its_own_key(tmp_path: Path) -> None:
    """A key that is given is for URLs; and what is found out goes into no file but the one that is asked for."""
    account = next(each for each in accounts() if each.api_key == "tp_mock_unlimited")
    with forked_mock() as url:
        for name in "one", "other":
            (tmp_path / f"{name}.toml").write_text(
                f'base_url = "{url}"\napi_key_env = "TRACEPASS_CHECK_KEY_OF_{name}"\n'
                f'product_id = "{account.product_id}"\ngtin = "{account.gtin}"\n'
            )
        files = [str(tmp_path / f"{name}.toml") for name in ("one", "other")]
        keys = {f"TRACEPASS_CHECK_KEY_OF_{name}": account.api_key for name in ("one", "other")}
        given = {**keys, "TRACEPASS_CHECK_API_KEY": "of-somebody-else", "TRACEPASS_CHECK_GTIN": "1"}

        done = check("diff", *files, "--no-control-plane", "--rule", RULE, **given)

    assert done.code == 0, done.stderr
    assert "0 readings different" in done.stdout


def test_before_one_is_asked_both_are_reached() -> None:
    with forked_mock() as url:
        done = at_once("diff", url, "http://127.0.0.1:9", "--rule", "errors", "--api-key", "k")

    assert done.code == 3
    assert "1/1 rules" not in done.stderr


def test_a_probe_that_is_broken_off_writes_no_card(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tracepass_contract.contract_tests", "probe", "-o", str(tmp_path / "card.yaml")]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, preexec_fn=obeys_ctrl_c) as process:
        assert process.stderr is not None
        process.stderr.readline()  # it has a rule behind it
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()

    assert process.returncode == 4, said
    assert said.rstrip().endswith("no card: the run was interrupted")
    assert not (tmp_path / "card.yaml").exists()


def test_where_nothing_was_seen_there_is_no_card() -> None:
    done = check("probe", "--rule", "auth.workspaces", "--time-limit", "0.1")

    assert (done.code, done.stdout) == (4, "")
    assert "no card: the run observed no reading" in done.stderr


def test_nobody_answers() -> None:
    assert at_once("probe", "http://127.0.0.1:9", "--api-key", "k").code == 3
