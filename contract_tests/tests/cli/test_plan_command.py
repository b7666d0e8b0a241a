"""The command `plan`: what it asks of the deployment, what it explains, and which options it refuses."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tracepass_contract.contract_tests.cli import plan_command
from tracepass_contract.contract_tests.cli.arguments import settings_from
from tracepass_contract.contract_tests.cli.commands import main
from tracepass_contract.contract_tests.model.capabilities import lacked
from tracepass_contract.contract_tests.mutants.matrix.forked_mock import forked_mock
from tracepass_contract.contract_tests.report.progress import Progress
from tracepass_contract.contract_tests.run import options
from tracepass_contract.contract_tests.target.settings import Settings
from tracepass_contract.contract_tests.tests.helpers.command import Done, at_once

URL = "http://127.0.0.1:9"
OF_TIME = [each for each in options.RUN if each.name in {"--call-seconds", "--time-limit", "--requests-per-second"}]
FEW = ("--rule", "auth")  # no other rules have so few checks


@pytest.fixture(scope="module")
def mock_url() -> Iterator[str]:
    with forked_mock() as base_url:
        yield base_url


@pytest.fixture
def without_control_plane() -> Iterator[tuple[str, list[str]]]:
    """A server without a control plane, and what it was asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(f"GET {self.path}")
            self.send_error(404)

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()


def test_a_plan_asks_only_for_the_control_plane(without_control_plane: tuple[str, list[str]]) -> None:
    """With `--no-control-plane` it asks nothing."""
    url, asked = without_control_plane

    first = _plan(url, *FEW, "--api-key", "k")
    then = [*asked]
    second = _plan(url, *FEW, "--api-key", "k", "--no-control-plane")

    assert (first.code, second.code) == (0, 0)
    assert then == asked == ["GET /_mock/health"]


def test_a_plan_of_a_run_in_isolated_workspaces_says_so(mock_url: str) -> None:
    """There are no limits. The seed is that of the random choices."""
    done = _plan(mock_url, *FEW, "--seed", "7")

    assert "The run uses isolated workspaces and has no limits." in done.stdout
    assert "run with --seed 7 to make the same ones" in done.stdout
    assert "limits of the run\n" not in done.stdout


def test_a_plan_is_made_where_no_server_answers() -> None:
    """It takes for granted what the run finds out, and says so."""
    done = _plan(URL, *FEW, "--json")

    plan = done.result
    assert done.code == 0
    assert plan["limits"] == {"writes": 60, "slots": 3, "cents": 0}
    assert any(each.startswith("No server answers at the URL.") for each in plan["notes"])
    assert any("that there is a call that reads a passport back" in each for each in plan["notes"])


def test_a_plan_explains_its_columns_and_letters() -> None:
    """Only those letters that it has."""
    shown = _plan(URL, *FEW).stdout

    assert "slots: passports of the quota" in shown
    assert "  needs T2 (then up to " in shown
    assert f"\nT2    {lacked('T2')}\n" in shown
    assert "\nS     " not in shown


def test_a_plan_says_what_the_run_asks_for_in_addition() -> None:
    bare, whole = _plan(URL, *FEW), _plan(URL, *FEW, "--api-key", "k", "--product-id", "p", "--gtin", "g")

    assert "The run also needs an API key (TRACEPASS_CHECK_API_KEY), --product-id, --gtin." in bare.stdout
    assert "also needs" not in whole.stdout


def test_a_plan_keeps_writes_for_the_clean_up() -> None:
    """With five writes, the run creates fewer passports than with `--keep-drafts`."""
    few = _plan(URL, *FEW, "--max-writes", "5", "--json").result
    kept = _plan(URL, *FEW, "--max-writes", "5", "--json", "--keep-drafts").result

    assert few["after"]["writes"] == few["price"]["slots"] < kept["price"]["slots"]
    said = f"Passports within the limits: {few['price']['slots']}, because each keeps a write for its deletion."
    assert said in few["notes"]
    assert kept["after"]["writes"] == 0
    assert "because each keeps a write" not in " ".join(kept["notes"])


@pytest.mark.parametrize("option", [*options.REPORTS, options.ACCEPT_UNTESTED, *OF_TIME])
def test_a_plan_refuses_what_it_would_ignore(option: options.Option) -> None:
    done = at_once("plan", URL, option.name, "1")

    assert (done.code, f"{option.name} is an option of run" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--control-token", "t"), "--control-token: the plan would ignore it, because there is no URL"),
        (("--max-writes", "5", "--keep-drafts"), "--keep-drafts, --max-writes: the plan would ignore it"),
        ((URL, "--no-control-plane", "--insecure"), "it sends nothing to the deployment"),
        ((URL, "--no-control-plane", "--examples", "5"), "the run does not use it"),
        ((URL, "--max-charge-cents", "5"), "--max-charge-cents: no charge is accepted without --allow-charges"),
    ],
)
def test_a_plan_refuses_what_changes_nothing(arguments: tuple[str, ...], why: str) -> None:
    done = at_once("plan", *arguments)

    assert (done.code, why in done.stderr) == (2, True), done.stderr


def test_a_variable_for_other_commands_is_not_refused() -> None:
    """The environment of a job is the same for all commands."""
    variables = {"TRACEPASS_CHECK_TIME_LIMIT": "60", "TRACEPASS_CHECK_EXAMPLES": "5"}

    assert _plan(URL, "--no-control-plane", *FEW, **variables).code == 0


def test_the_mock_of_a_plan_answers_as_the_card_says(tmp_path: Path) -> None:
    """Or the plan says why it can't."""
    card = tmp_path / "card.yaml"
    card.write_text("readings: {batch.all-failed-status: '422', idempotency.remembered-outcomes: 2xx}")

    done = _plan(URL, *FEW, "--card", str(card))

    assert done.code == 2
    assert "--card: the mock can't behave like this card:" in done.stderr


def test_a_plan_that_is_interrupted_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no plan of a part of the checks."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Progress, "test_done", interrupt)

    done = _plan(URL, *FEW)

    assert (done.code, done.stdout) == (4, "")
    assert "Interrupted before there was a plan." in done.stderr


def test_the_options_of_a_plan_are_options_of_a_run() -> None:
    found = {name: {each.name for each in main.commands[name].params} for name in ("plan", "run")}

    assert found["plan"] < found["run"]


def _plan(*arguments: str, **environment: str) -> Done:
    """The command, with a mock that starts faster."""

    def settings(given: Mapping[str, Any]) -> Settings:
        return replace(settings_from(given), start_mock=forked_mock)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plan_command, "settings_from", settings)
        return at_once("plan", *arguments, **environment)
