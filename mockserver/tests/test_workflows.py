"""The workflows of GitHub match the project. They run there; here their parts are looked at."""

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def jobs(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / ".github" / "workflows" / name).read_text(encoding="utf-8"))["jobs"]
    return found


def test_the_tests_run_on_three_systems_with_each_python_from_the_first_on() -> None:
    matrix = jobs("tests.yml")["tests"]["strategy"]["matrix"]

    assert {os.partition("-")[0] for os in matrix["os"]} == {"ubuntu", "macos", "windows"}
    assert matrix["python"] == ["3.11", "3.12", "3.13", "3.14"]
    assert PROJECT["requires-python"] == f">={matrix['python'][0]}"


def test_a_release_needs_the_tag_of_its_version() -> None:
    [check] = [step["run"] for step in jobs("release.yml")["build"]["steps"] if "version" in step.get("name", "")]
    code = check.partition("'")[2].rpartition("'")[0]

    def ends(tag: str) -> int:
        return subprocess.run([sys.executable, "-c", code, tag], cwd=ROOT, capture_output=True, check=False).returncode

    assert (ends(f"v{PROJECT['version']}"), ends("v0.0.0")) == (0, 1)


def test_a_release_has_no_secret_for_pypi_and_an_image_with_its_bill_of_materials() -> None:
    release = jobs("release.yml")

    assert release["pypi"]["permissions"] == {"id-token": "write"}
    [image] = [step["with"] for step in release["image"]["steps"] if "build-push" in step.get("uses", "")]
    assert (image["sbom"], image["push"]) == (True, True)
