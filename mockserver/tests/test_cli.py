"""The command line: its output and exit codes. test_serving.py tests the server itself."""

import json
import shlex
import signal
import socket
from collections.abc import Sequence
from pathlib import Path

import click
import httpx
import pytest
from click.testing import CliRunner, Result

from tracepass_contract.mockserver.app import VERSION
from tracepass_contract.mockserver.cli.commands import main
from tracepass_contract.mockserver.cli.serve_command import serve_command
from tracepass_contract.mockserver.tests.commandline import create_one, free_port, running
from tracepass_contract.spec import readings


def run(*arguments: str, **environment: str) -> Result:
    """Run a command that ends by itself, in this process."""
    return CliRunner().invoke(main, arguments, prog_name="tracepass-mock", env=environment)


def test_the_call_of_the_banner_can_be_pasted() -> None:
    """The banner ends with a call. Its answer has the numbers that the banner shows."""
    port = free_port()
    with running("--port", port) as mock:
        assert mock.process.stdout is not None
        lines = [mock.first_line]
        while lines[-1].strip() != "]}'":
            lines.append(mock.process.stdout.readline())
        banner, curl = "".join(lines).split("Try it (2 created, 1 error):\n")
        words = shlex.split(curl)
        headers = dict(words[i + 1].split(": ", 1) for i, word in enumerate(words) if word == "-H")
        reply = httpx.post(words[words.index("POST") + 1], headers=headers, content=words[words.index("-d") + 1])

    assert reply.json()["summary"] == {"created": 2, "errors": 1, "total": 3}
    assert banner.startswith(f"TracePass mock {VERSION}   spec sha256:")
    assert "readings: default\n" in banner
    assert f"export TRACEPASS_BASE_URL=http://127.0.0.1:{port} TRACEPASS_API_KEY=tp_REDACTED_xxxxxxxxxxxx\n" in banner


def test_the_banner_names_the_readings_that_differ() -> None:
    with running(
        "--port", free_port(), "--reading", "batch.mixed-status=207", "--reading", "quota.charges=every-item"
    ) as mock:
        assert "readings: batch.mixed-status=207, quota.charges=every-item\n" in mock.first_line


@pytest.mark.parametrize(
    "option",
    [("--reading", "items.gtin-check-digit=enforced"), ("--state-file", "state.json"), ("--mutant", "BUD-05")],
    ids=" ".join,
)
def test_the_banner_promises_no_answer_that_an_option_can_change(
    option: Sequence[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The vendor's GTIN has a wrong check digit, a state may have the passports, and a mutant has a fault."""
    monkeypatch.chdir(tmp_path)
    with running("--port", free_port(), *option) as mock:
        assert mock.process.stdout is not None
        lines = [mock.process.stdout.readline() for _ in range(5)]

    assert "Try it:\n" in lines


def test_what_a_flag_says_goes_before_the_environment_and_the_card(tmp_path: Path) -> None:
    """The card sets two readings, a variable names the card, and an option overrides one reading. The log is JSON."""
    card = tmp_path / "card.yaml"
    card.write_text("readings: {batch.mixed-status: 207, batch.all-created-status: 201}", encoding="utf-8")
    environment = {"TRACEPASS_MOCK_PORT": "0", "TRACEPASS_MOCK_READINGS": str(card), "TRACEPASS_MOCK_LOG": "json"}

    with running("--reading", "batch.mixed-status=201", environment=environment) as mock:
        in_force = httpx.get(f"{mock.ready['control_url']}/health").json()["readings"]
        reply = create_one(mock)
        _, _, log = mock.stop(signal.SIGTERM)

    assert (in_force["batch.mixed-status"], in_force["batch.all-created-status"]) == ("201", "201")
    assert reply.status_code == 201
    assert json.loads(log)["status"] == 201
    assert "tp_" not in log


def test_an_unknown_variable_is_refused() -> None:
    """A mistyped variable would be ignored silently. Its value may be a secret."""
    done = run("serve", TRACEPASS_MOCK_CONTROL_TOKN="opens-a-door", TRACEPASS_MOCK_PRT="")

    assert done.exit_code == 2
    assert 'environment variable "TRACEPASS_MOCK_CONTROL_TOKN". Did you mean "TRACEPASS_MOCK_CONTROL_TOKEN"?' in (
        done.stderr
    )
    assert "opens-a-door" not in done.stderr
    assert "TRACEPASS_MOCK_PRT" not in done.stderr


def test_every_option_has_the_variable_of_its_name() -> None:
    """click derives the variable from the name of the parameter, so the option must have the same name."""
    options = [each for each in serve_command.params if isinstance(each, click.Option)]

    assert {each.name for each in options} == {each.opts[0].removeprefix("--").replace("-", "_") for each in options}
    assert all(each.envvar is None for each in options)


def test_several_readings_fit_into_the_environment() -> None:
    both = {"TRACEPASS_MOCK_READING": "batch.mixed-status=207 quota.charges=every-item", "TRACEPASS_MOCK_PORT": "0"}
    with running(environment=both) as mock:
        in_force = httpx.get(f"{mock.ready['control_url']}/health").json()["readings"]

    assert (in_force["batch.mixed-status"], in_force["quota.charges"]) == ("207", "every-item")


def test_a_seed_file_replaces_the_accounts(tmp_path: Path) -> None:
    seeds = tmp_path / "accounts.yaml"
    seeds.write_text(
        'accounts: [{name: mine, about: x, api_key: tp_mine, plan: free, product_id: "6650a1b2c3d4e5f6a7b8c9d0",'
        ' gtin: "09506000140018"}]',
        encoding="utf-8",
    )
    with running("--port", free_port(), "--seed-file", str(seeds)) as mock:
        assert mock.process.stdout is not None
        banner = "".join(mock.process.stdout.readline() for _ in range(5))

    assert "TRACEPASS_API_KEY=tp_mine\nTry it:\n" in banner


def test_a_port_in_use_is_an_error_of_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run("--port", str(port))

    assert result.exit_code == 1
    assert result.output == (
        f"Error: cannot listen on 127.0.0.1 port {port}: Address already in use. Use --port 0 to pick a free port.\n"
    )


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("--prot 1", 'unknown option "--prot". Did you mean "--port"?'),
        ("readings list --xyz", 'unknown option "--xyz". Try `tracepass-mock readings list --help`'),
        ("--port 65536", "65536 is not in the range 0<=x<=65535"),
        ("--log xml", "'xml' is not one of 'text', 'json'"),
        ("--control-token short", "the token has 5 characters; at least 8 are required."),
        ("--control-token schlüssel", "the token has characters that are not printable ASCII."),
        ("--tls-key key.pem", "--tls-key: needs --tls-cert as well."),
        ("--workers 2", "--workers: 2 is not possible; use 1, because one process holds the state."),
        ("--reading batch.mixed-status", '--reading: "batch.mixed-status" has no answer. Write ID=ANSWER.'),
        (
            "--reading batch.mixed-status=207 --reading batch.mixed-status=201",
            '--reading: batch.mixed-status has 2 answers, "207" and "201". Give one.',
        ),
        ("--reading batch.mixed=207", 'unknown reading "batch.mixed". Did you mean "batch.mixed-status"?'),
        ("--reading x=y", 'unknown reading "x". `tracepass-mock readings` lists them.'),
        (
            "--reading batch.mixed-status=208",
            'batch.mixed-status: unknown answer "208". The answers are 200, 201, 207.',
        ),
        (
            "--reading batch.all-failed-status=422",
            "batch.all-failed-status=422 and idempotency.remembered-outcomes=2xx contradict each other:",
        ),
        ("--readings nowhere.yaml", "nowhere.yaml: No such file or directory"),
        ("--seed-file nowhere.yaml", "nowhere.yaml: No such file or directory"),
        (
            "--ready-file nowhere/ready.json",
            '--ready-file: the folder of "nowhere/ready.json" does not exist.',
        ),
        ("--ready-file .", "File '.' is a directory."),
        ("raedings", 'unknown command "raedings". Did you mean "readings"?'),
        ("xyz", 'unknown command "xyz". The commands are serve, mutants, readings.'),
        ("readings explain batch.mixed", 'unknown reading "batch.mixed". Did you mean "batch.mixed-status"?'),
    ],
)
def test_an_error_says_what_is_wrong_and_what_to_do(
    arguments: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The exit code is 2, the message a sentence without a traceback."""
    monkeypatch.chdir(tmp_path)

    result = run(*arguments.split())

    assert result.exit_code == 2
    assert says in result.stderr
    assert result.stdout == ""
    assert isinstance(result.exception, SystemExit)


@pytest.mark.parametrize("arguments", [["readings"], ["readings", "list"]])
def test_the_readings_are_listed_with_the_default_first(arguments: list[str]) -> None:
    title, *lines = run(*arguments).stdout.splitlines()

    assert title.startswith("READING")
    assert [line.split()[:2] for line in lines] == [[each.id, each.default] for each in readings().values()]


def test_the_readings_are_a_document_for_programs() -> None:
    listed = json.loads(run("readings", "--json").stdout)

    assert list(listed) == list(readings())
    assert listed["batch.mixed-status"]["default"] == "200"
    assert list(listed["batch.mixed-status"]["answers"]) == ["200", "201", "207"]
    assert listed["budget.owner"]["settable"] is False


@pytest.mark.parametrize("reading", list(readings()))
def test_each_reading_is_explained(reading: str) -> None:
    text = run("readings", "explain", reading).stdout

    assert text.startswith(f"{reading}\n{readings()[reading].question}\n")
    assert all(f"\n  {answer} " in text for answer in readings()[reading].answers)
    assert ("likeliest first" in text) is (len(readings()[reading].answers) > 1)


def test_the_explanation_is_a_document_for_programs_too() -> None:
    found = json.loads(run("readings", "explain", "batch.mixed-status", "--json").stdout)
    known = readings()["batch.mixed-status"]

    assert (found["id"], found["question"], found["default"]) == (known.id, known.question, "200")
    assert list(found["answers"]) == list(known.answers)
    assert found["answers"]["207"] == {"means": known.answers["207"].means, "contradicts": None}
    assert found["advice"] == known.advice


def test_the_version_is_printed() -> None:
    assert run("--version").stdout == f"tracepass-mock, version {VERSION}\n"


def test_the_help_leads_to_the_options() -> None:
    assert "`tracepass-mock serve --help` shows its options" in " ".join(run("--help").stdout.split())
    assert "TRACEPASS_MOCK_PORT" in run("serve", "--help").stdout
