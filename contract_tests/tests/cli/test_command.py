"""The command line: what each command says, and how it ends."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import click
import jsonschema_rs
import pytest

from tracepass_contract import spec
from tracepass_contract.contract_tests.cli.arguments import writes
from tracepass_contract.contract_tests.cli.commands import main
from tracepass_contract.contract_tests.mutants.matrix.forked_mock import forked_mock
from tracepass_contract.contract_tests.report.as_json import schema
from tracepass_contract.contract_tests.run.pytest_run import collect_checks
from tracepass_contract.contract_tests.run.run import Run
from tracepass_contract.contract_tests.target.deployment import check_url
from tracepass_contract.contract_tests.target.settings import Settings
from tracepass_contract.contract_tests.tests.helpers.command import Done, at_once, check, obeys_ctrl_c

RULE = "auth.bearer-required"  # has the shortest run of all rules


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where `run` writes the calls that it makes."""
    return tmp_path_factory.mktemp("run") / "history.json"


@pytest.fixture(scope="module")
def run(history: Path) -> Done:
    """A run in workspaces of its own, to its end."""
    with forked_mock() as url:
        return check("run", url, "--rule", RULE, "--history", str(history), "--json")


def test_every_rule_of_the_batch_has_a_test() -> None:
    """Those of the operation in spec/openapi.yaml, and those that follow from them or are about other workspaces."""
    operation = spec.openapi_document()["paths"]["/passports/batch"]["post"]
    shown = {rule for each in collect_checks(Run(Settings())) for rule in each.rules}

    assert set(operation["x-rules"]) <= shown <= set(spec.rules())
    families = {spec.rules()[rule].family for rule in shown}
    assert {rule.id for rule in spec.rules().values() if rule.family in families} == shown


def test_every_test_says_what_it_shows() -> None:
    assert [each.name for each in collect_checks(Run(Settings())) if not each.sentence.endswith(".")] == []


def test_rules_are_listed() -> None:
    done = at_once("rules", "--rule", "quota", "--json")

    assert done.code == 0
    assert [each["id"] for each in json.loads(done.stdout)] == [
        rule for rule in spec.rules() if rule.startswith("quota")
    ]


def test_the_list_of_rules_explains_the_levels_and_letters_that_are_in_it() -> None:
    listed, _, legend = at_once("rules", "--rule", "quota").stdout.partition("\n\n")

    assert listed.startswith("quota.asks-for-consent  must (needs Q)\n    The API ")
    assert [line.split()[0] for line in legend.splitlines()] == ["must", "doc", "Q", "O"]
    assert "Q     a known passport quota (slots_left or the hook set_quota in the deployment file)\n" in legend


def test_a_history_can_be_judged_again(run: Done, history: Path) -> None:
    judged = at_once("judge", str(history), "--rule", "errors", "--json")
    shown = at_once("judge", str(history)).stdout

    assert run.code == judged.code == 0, run.stderr + judged.stderr
    assert judged.verdicts()["errors.envelope"] == "partly tested"  # by no check
    assert judged.result["seed"] == run.result["seed"]
    assert judged.result["started_at"] >= run.result["started_at"]
    assert "Judged\n" in shown
    assert "Spent" not in shown


def test_without_a_url_a_mock_is_checked_and_the_default_is_run() -> None:
    done = check("run", "--rule", "summary")

    assert done.code == 0, done.stderr
    assert "conforms  must  summary.adds-up" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("run", "--rule", "no-such-rule"), 'no rule starts with "no-such-rule"'),
        (("run", "--max-charge-cents", "5"), "--max-charge-cents: no charge is accepted without --allow-charges"),
        (("plan", "--rule", "budgt"), 'no rule starts with "budgt". Did you mean "budget"?'),
        (("rules", "--rule", "nothing-like-it"), 'no rule starts with "nothing-like-it". `tracepass-check rules`'),
        (("run", "ftp://somewhere", "--api-key", "k"), "must start with http"),
        (("run", "http://[::1", "--api-key", "k"), "base_url has no valid host and port"),
        (("run", "http://", "--api-key", "k"), "base_url has no valid host and port"),
        (("run", "http://me:secret@[::1", "--api-key", "k"), "base_url has no valid host and port"),
        (("run", "me:secret@somewhere", "--api-key", "k"), "must start with http"),
        (("run", "http://127.0.0.1:abc", "--api-key", "k"), "base_url has no valid host and port"),
        (("plan", "nonsense"), "must start with http"),
        (
            ("run", "http://127.0.0.1:9", "--no-control-plane"),
            "no API key: set the environment variable TRACEPASS_CHECK_API_KEY",
        ),
        (("run", "http://me:secret@127.0.0.1:9", "--api-key", "k"), "must not contain a user or a password"),
        (("run", "--max-writes", "many"), "--max-writes"),
        (("run", "http://127.0.0.1:9", "--time-limit", "0"), "'--time-limit'"),
        (("run", "http://127.0.0.1:9", "--time-limit", "-1"), "'--time-limit'"),
        (("run", "--reading", "bogus=1"), '--reading: unknown reading "bogus".'),
        (("run", "--reading", "batch.mixed-statu=207"), 'Did you mean "batch.mixed-status"?'),
        (("probe", "--reading", "batch.mixed-status=270"), 'unknown answer "270". The answers are 200, 201, 207.'),
        (("run", "--reading", "batch.mixed-status"), '--reading: "batch.mixed-status" has no answer. Write ID=ANSWER.'),
        (
            ("run", "--reading", "batch.mixed-status=207", "--reading", "batch.mixed-status=201"),
            '--reading: batch.mixed-status has 2 answers, "207" and "201". Give one.',
        ),
        (
            ("run", "http://127.0.0.1:9", "--api-key", "k", "--reading", "x=y"),
            "--reading x=y works only without a URL: it can't change the readings of http://127.0.0.1:9",
        ),
        (("plann",), 'unknown command "plann". Did you mean "plan"?'),
        (("prob", "http://127.0.0.1:9"), 'unknown command "prob". Did you mean "probe"?'),
        (("rule", "--json"), 'unknown command "rule". Did you mean "rules"?'),
        (("localhost:4747",), "must start with http"),
        (("--rule", "no-such-rule"), 'no rule starts with "no-such-rule"'),
        (("judge", __file__), "not valid JSON"),
        (("diff", "card.yaml"), "Missing argument 'B'"),
        (("diff", "no-such.yaml", "no-such.yaml"), "no-such.yaml: No such file or directory"),
        (("diff", "http://127.0.0.1:9", "no-such.yaml"), "no-such.yaml: No such file or directory"),
        (("diff", "no-such.toml", "http://127.0.0.1:9"), "no-such.toml"),
        (("diff", "nonsense", "http://127.0.0.1:9"), "must start with http"),
        (("probe", "ftp://somewhere"), "must start with http"),
        (("probe", "--card", "card.yaml"), 'unknown option "--card"'),
    ],
)
def test_a_wrong_call_is_explained(arguments: tuple[str, ...], word: str) -> None:
    done = at_once(*arguments, TRACEPASS_CHECK_API_KEY="")

    assert done.code == 2
    assert word in done.stderr
    assert "secret" not in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("command", "option", "named"),
    [
        ("run", "--history", "--history"),
        ("run", "--report-json", "--report-json"),
        ("run", "--report-junit", "--report-junit"),
        ("probe", "--report-html", "--report-html"),
        ("probe", "-o", "--output"),
    ],
)
def test_a_file_that_can_not_be_written_is_reported_before_anything_is_sent(
    tmp_path: Path, command: str, option: str, named: str
) -> None:
    """Nobody is at the address, which would be exit code 3; the folders that could be made are not left behind."""
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    there, not_there = tmp_path / "new" / "run.json", in_the_way / "folder" / "file"

    done = at_once(command, "http://127.0.0.1:9", "--api-key", "k", "--history", str(there), option, str(not_there))

    assert done.code == 2
    assert f"{named}: cannot write {not_there} (Not a directory)" in done.stderr
    assert [*tmp_path.iterdir()] == [in_the_way]


def test_what_can_no_longer_be_written_at_the_end_is_not_lost(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended, writes(otherwise=lambda: print("all of it")):
        Path("/dev/null/card.yaml").write_text("all of it")

    assert ended.value.code == 2
    assert capsys.readouterr() == ("all of it\n", "/dev/null/card.yaml: Not a directory\n")


def test_a_run_that_is_broken_off_says_so(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    command = [sys.executable, "-m", "tracepass_contract.contract_tests", "run", "--report-json", str(path)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=obeys_ctrl_c
    ) as process:
        assert process.stderr is not None
        process.stderr.readline()  # it has a rule behind it
        process.send_signal(signal.SIGINT)
        shown, _ = process.communicate(timeout=60)

    report = json.loads(path.read_bytes())
    jsonschema_rs.validate(schema(), report)
    assert process.returncode == 4
    assert report["interrupted"]
    assert report["conclusion"].startswith("Interrupted. Not proven: ")
    assert report["conclusion"] in shown
    assert ["a run that is not interrupted"] in [rule["would_need"] for rule in report["rules"]]


def test_a_run_in_workspaces_of_its_own_says_what_it_did_not_use(run: Done) -> None:
    """Somebody who gave a ceiling would take it for one that held."""
    with forked_mock() as url:
        done = check("run", url, "--rule", RULE, "--json", "--max-writes", "1", "--keep-drafts")

    assert (run.code, run.result["notes"]) == (0, [])
    [note] = done.result["notes"]
    expected = "ignored: --max-writes, --keep-drafts. The control plane gives the run isolated workspaces."
    assert note.startswith(expected)
    assert done.code == 0


def test_a_run_to_its_end_is_not_interrupted(run: Done) -> None:
    assert run.result["interrupted"] is False


@pytest.mark.parametrize("command", ["run", "plan", "init", "clean", "probe", "diff", "rules", "judge"])
def test_every_option_has_the_variable_of_its_name(command: str) -> None:
    options = [each for each in main.commands[command].params if isinstance(each, click.Option)]
    names = [max(each.opts, key=len).removeprefix("--").replace("-", "_").upper() for each in options]

    assert [each.envvar for each in options] == [f"TRACEPASS_CHECK_{name}" for name in names]


@pytest.mark.parametrize(
    "command", [("run",), ("plan",), ("probe",), ("diff", "http://127.0.0.1:9", "http://127.0.0.1:9")]
)
def test_a_variable_of_no_option_is_reported(command: tuple[str, ...]) -> None:
    """Before anything is sent: a ceiling that was mistyped would not hold."""
    done = at_once(*command, TRACEPASS_CHECK_MAX_SLOT="0", TRACEPASS_CHECK_APIKEY="secret")

    assert done.code == 2
    assert 'environment variable "TRACEPASS_CHECK_MAX_SLOT". Did you mean "TRACEPASS_CHECK_MAX_SLOTS"?' in done.stderr
    assert 'environment variable "TRACEPASS_CHECK_APIKEY". Did you mean "TRACEPASS_CHECK_API_KEY"?' in done.stderr
    assert "secret" not in done.stderr


def test_an_at_sign_in_a_path_is_no_password() -> None:
    check_url("https://host.example/@tenant")


@pytest.mark.parametrize(
    ("option", "content", "word"),
    [
        (
            "--card",
            "readings: {batch.mixed-statu: '200'}",
            'unknown reading "batch.mixed-statu". Did you mean "batch.mixed-status"?',
        ),
        (
            "--accept-untested",
            "budget.is-shard # we have one endpoint",
            'line 1: unknown rule "budget.is-shard". Did you mean "budget.is-shared"?',
        ),
    ],
)
def test_a_file_that_names_what_does_not_exist_is_refused(tmp_path: Path, option: str, content: str, word: str) -> None:
    file = tmp_path / "file"
    file.write_text(content)

    done = at_once("run", "http://127.0.0.1:9", option, str(file))

    assert done.code == 2
    assert word in done.stderr
