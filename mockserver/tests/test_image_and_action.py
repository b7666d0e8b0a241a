"""The image and the GitHub Action match the project. The Action runs here; the image is not built."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tracepass_contract.mockserver.cli.commands import main
from tracepass_contract.mockserver.tests.commandline import running

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text()


SCRIPTS = ROOT / "tools/action"
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())


def options() -> set[str]:
    """The environment variables of `tracepass-mock`."""
    serve = main.commands["serve"]
    return {f"TRACEPASS_MOCK_{parameter.name.upper()}" for parameter in serve.params if parameter.name}


def test_what_is_copied_into_the_image_is_there_and_not_ignored() -> None:
    copied = [
        name for line in re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, re.MULTILINE) for name in line.split()
    ]
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}

    assert len(copied) >= 8
    assert all((ROOT / name).exists() for name in copied)
    assert let_in == set(copied)
    assert {path.name for path in (ROOT / "src/tracepass_contract").iterdir() if path.is_symlink()} <= let_in


def test_the_environment_of_image_and_compose_file_is_known_to_the_command() -> None:
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]["tracepass"]["environment"]

    assert {*re.findall(r"TRACEPASS_MOCK_[A-Z_]+", DOCKERFILE), *compose} <= options()


def test_the_health_check_of_the_image_fails_without_a_mock() -> None:
    """As in the container, with the port in the environment."""
    command = json.loads(re.findall(r"HEALTHCHECK.*?CMD (\[.*?\])$", DOCKERFILE, re.DOTALL | re.MULTILINE)[0])
    environment = {"TRACEPASS_MOCK_HOST": "0.0.0.0", "TRACEPASS_MOCK_CONTROL_TOKEN": "eight or more"}
    with running("serve", "--port", "0", environment=environment) as mock:
        check = [sys.executable, *command[1:]]
        at_port = {**os.environ, "TRACEPASS_MOCK_PORT": mock.ready["base_url"].rpartition(":")[2]}
        well = subprocess.run(check, check=False, capture_output=True, env=at_port).returncode
        mock.stop(signal.SIGTERM)
        gone = subprocess.run(check, check=False, capture_output=True, env=at_port).returncode

    assert (well, gone) == (0, 1)


@pytest.fixture
def runner(tmp_path: Path) -> dict[str, str]:
    """The environment of a runner, with the mock installed."""
    installed = tmp_path / "tracepass-mock/bin"
    installed.mkdir(parents=True)
    for name in ("python", "tracepass-mock"):
        (installed / name).symlink_to(Path(sys.executable).parent / name)
    outside = {"GITHUB_OUTPUT": str(tmp_path / "output"), "GITHUB_ENV": str(tmp_path / "env")}
    given = {"PORT": "0", "CARD": "", "OPTIONS": ""}
    return {**os.environ, "RUNNER_TEMP": str(tmp_path), **outside, **given}


@pytest.mark.tool("bash")
@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_the_action_starts_a_mock_for_the_steps_that_follow(
    runner: dict[str, str], tmp_path: Path, host: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Later steps get the control token if there is one. The log of the job masks it."""
    runner["OPTIONS"] = f"--reading batch.mixed-status=207 --host {host}"

    done = subprocess.run(["bash", SCRIPTS / "start.sh"], env=runner, check=False)

    assert done.returncode == 0
    found = dict(line.split("=") for line in (tmp_path / "output").read_text().splitlines())
    ready = json.loads((tmp_path / "tracepass-mock.json").read_text())
    try:
        assert (tmp_path / "env").read_text() == f"TRACEPASS_BASE_URL={found['base_url']}\n"
        health = httpx.get(f"{found['control_url']}/health").json()
        assert health["readings"]["batch.mixed-status"] == "207"
        bearer = {"Authorization": f"Bearer {found['control_token']}"} if found["control_token"] else {}
        assert httpx.get(f"{found['control_url']}/readings", headers=bearer).status_code == 200
        assert found["control_token"] == (ready["control_token"] or "")
        assert (f"::add-mask::{found['control_token']}\n" in capfd.readouterr().out) is (host == "0.0.0.0")
    finally:
        os.kill(ready["pid"], signal.SIGTERM)


def test_an_action_whose_mock_does_not_start_says_why(runner: dict[str, str]) -> None:
    runner["CARD"] = "no-such-card.yaml"
    done = subprocess.run(["bash", SCRIPTS / "start.sh"], env=runner, check=False, capture_output=True, text=True)

    assert done.returncode == 1
    assert "no-such-card.yaml" in done.stderr


@pytest.mark.tool("node")
def test_the_action_shows_the_log_of_the_mock_where_a_later_step_fails(runner: dict[str, str], tmp_path: Path) -> None:
    """The mock is started as the runner does it: with the inputs of action.yml in the environment."""
    inputs = {f"INPUT_{name.upper()}": str(given["default"]) for name, given in ACTION["inputs"].items()}
    environment = {name: value for name, value in runner.items() if name not in {"PORT", "CARD", "OPTIONS"}} | inputs

    started = subprocess.run(["node", ROOT / ACTION["runs"]["main"], "start.sh"], env=environment, check=False)
    ready = json.loads((tmp_path / "tracepass-mock.json").read_text())
    try:
        httpx.get(f"{ready['base_url']}/api/v1/passports")
    finally:
        os.kill(ready["pid"], signal.SIGTERM)
    post = ["node", ROOT / ACTION["runs"]["post"]]
    said = subprocess.run(post, env=environment, check=False, capture_output=True, text=True).stdout

    assert started.returncode == 0
    assert ACTION["runs"]["post-if"] == "failure()"
    assert said.startswith("::group::")
    assert "/api/v1/passports" in said


@pytest.mark.tool("node")
def test_an_action_that_can_not_start_its_mock_fails(runner: dict[str, str]) -> None:
    environment = {**runner, "INPUT_PORT": "0", "INPUT_READINGS": "no-such-card.yaml", "INPUT_OPTIONS": ""}

    done = subprocess.run(["node", SCRIPTS / "main.js", "start.sh"], env=environment, check=False, capture_output=True)

    assert done.returncode == 1
    assert b"no-such-card.yaml" in done.stderr


def test_the_image_and_the_action_install_what_the_tests_ran_with() -> None:
    """Each package of runtime.lock has the same version in requirements.lock."""
    pinned = [set(re.findall(r"^[a-z0-9._-]+==\S+", (ROOT / name).read_text(), re.MULTILINE)) for name in LOCKS]

    assert len(pinned[0]) >= 20
    assert pinned[0] <= pinned[1]
    assert all("runtime.lock" in text for text in (DOCKERFILE, (SCRIPTS / "install.sh").read_text()))


LOCKS = ("runtime.lock", "requirements.lock")
