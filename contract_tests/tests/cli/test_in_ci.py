"""The Action that checks a deployment, and the lines for other CI systems in docs/ci.md: each script is run here."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tracepass_contract.contract_tests.mutants.matrix.forked_mock import forked_mock

ROOT = Path(__file__).resolve().parents[3]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "check/action.yml").read_text())
STEPS = {step["name"]: step for step in ACTION["runs"]["steps"]}
PAGE = (ROOT / "docs/ci.md").read_text()
KEY, GTIN, PRODUCT = "tp_mock_unlimited", "09506000140087", "6650a1b2c3d4e5f6a7b8d008"
CODE_0, NO_REPORT = 0, 3


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


@pytest.fixture
def runner(tmp_path: Path) -> dict[str, str]:
    """The environment of a step, with the command installed and no input given."""
    installed = tmp_path / "tracepass-check/bin"
    installed.mkdir(parents=True)
    (installed / "tracepass-check").symlink_to(Path(sys.executable).parent / "tracepass-check")
    files = {name: str(tmp_path / name.lower()) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    return {**os.environ, "RUNNER_TEMP": str(tmp_path), **files, **dict.fromkeys(STEPS["Check"]["env"], "")}


def run_step(runner: dict[str, str], **inputs: str) -> "subprocess.CompletedProcess[str]":
    command = ["bash", "-eo", "pipefail", "-c", STEPS["Check"]["run"]]
    return subprocess.run(command, env={**runner, **inputs}, check=False, capture_output=True, text=True)


@pytest.mark.tool("bash")
def test_the_action_checks_a_deployment_and_leaves_its_reports(runner: dict[str, str], tmp_path: Path) -> None:
    """The key and the value of a header are masked before anything else is written."""
    with forked_mock() as url:
        options = "--no-control-plane --rule summary --max-writes 900 --max-slots 700"
        given = {"URL": url, "API_KEY": KEY, "PRODUCT_ID": PRODUCT, "GTIN": GTIN, "OPTIONS": options}
        done = run_step(runner, **given, HEADER="X-Gateway: let-me-in\n")

    assert done.returncode == CODE_0, done.stderr
    assert done.stdout.splitlines()[:2] == [f"::add-mask::{KEY}", "::add-mask::let-me-in"]
    outputs = dict(line.split("=", 1) for line in (tmp_path / "github_output").read_text().splitlines())
    assert set(outputs) == set(ACTION["outputs"])
    assert outputs.pop("exit-code") == "0"
    for file in outputs.values():
        assert Path(file).stat().st_size
        assert KEY not in Path(file).read_text()
    assert "| conforms |" in (tmp_path / "github_step_summary").read_text()


@pytest.mark.tool("bash")
def test_an_action_without_a_report_says_so(runner: dict[str, str], tmp_path: Path) -> None:
    """JUnit has the error. An input that is not given is no option."""
    done = run_step(runner, URL="http://127.0.0.1:9", API_KEY=KEY)

    outputs = dict(line.split("=", 1) for line in (tmp_path / "github_output").read_text().splitlines())
    assert done.returncode == NO_REPORT
    assert set(outputs) == {"exit-code", "report-junit"}
    assert "<error" in Path(outputs["report-junit"]).read_text()
    assert "No report (exit code 3)" in (tmp_path / "github_step_summary").read_text()


def test_the_action_installs_what_the_tests_ran_with() -> None:
    """Its paths are there, and each output comes from the step."""
    named = re.findall(r"\$GITHUB_ACTION_PATH/(\S+?)\"", STEPS["Install"]["run"])

    assert [(ROOT / "check" / each).resolve() for each in named] == [ROOT / "requirements.lock", ROOT]
    assert {each["value"] for each in ACTION["outputs"].values()} == {
        "${{ steps.check.outputs." + name + " }}" for name in ACTION["outputs"]
    }
    assert all(f"inputs.{name}" in str(STEPS) for name in ACTION["inputs"])


def test_the_workflow_uses_the_action_as_it_is() -> None:
    workflow = yaml.safe_load(blocks("yaml")[0])
    steps = workflow["jobs"]["check"]["steps"]

    [ours] = [step for step in steps if step["uses"].partition("@")[0].endswith("/check")]
    assert ours["id"] == "check"
    assert set(ours["with"]) <= set(ACTION["inputs"])
    used = re.findall(r"steps\.check\.outputs\.([a-z-]+)", blocks("yaml")[0])
    assert used
    assert set(used) <= set(ACTION["outputs"])


def test_the_one_placeholder_is_said_in_words_before_it_is_used() -> None:
    placeholders = set(re.findall(r"\b[A-Z]{3,}(?=/)|<[a-z ]+>|YOUR_\w+", "".join(blocks("yaml") + blocks("groovy"))))

    assert placeholders == {"OWNER"}
    assert PAGE.index("**Replace `OWNER`**") < PAGE.index("```")


@pytest.mark.tool("bash")
@pytest.mark.parametrize("system", ["GitLab", "Jenkins"])
def test_the_lines_for_other_systems_run(system: str, tmp_path: Path) -> None:
    """The installation is left out; `resource_group` and credentials are of the CI system."""
    if system == "GitLab":
        job = yaml.safe_load(blocks("yaml")[1])["contract"]
        install, *lines = job["script"]
        assert install.startswith("pip install ")
        kept = {*job["artifacts"]["paths"]}
    else:
        lines = re.findall(r"sh '''(.*?)'''", blocks("groovy")[0], re.DOTALL)
        kept = {"run.xml", "run.html", "history.jsonl"}
    with forked_mock() as url:
        file = f'base_url = "{url}"\nproduct_id = "{PRODUCT}"\ngtin = "{GTIN}"\n'
        (tmp_path / "deployment.toml").write_text(file)
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        options = {"RULE": "summary", "MAX_WRITES": "900", "MAX_SLOTS": "700", "NO_CONTROL_PLANE": "1", "API_KEY": KEY}
        variables = {f"TRACEPASS_CHECK_{name}": value for name, value in options.items()}
        done = subprocess.run(
            ["bash", "-euc", "\n".join(lines)],
            env={**os.environ, "PATH": path, **variables},
            cwd=tmp_path,
            check=False,
            capture_output=True,
            text=True,
        )

    assert done.returncode == CODE_0, done.stderr
    assert kept <= {each.name for each in tmp_path.iterdir()}
