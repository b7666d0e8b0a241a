"""The built package has one top-level name, with documents and fixtures in it. A project can install and use it."""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Mapping
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).resolve().parents[2]
IMPORTER = ROOT / "docs" / "examples" / "importer"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = "import sys, hatchling.build; print(hatchling.build.build_wheel(sys.argv[1]))"
    return folder / run([sys.executable, "-c", build, str(folder)], cwd=ROOT).split()[-1]


def run(command: list[str], cwd: Path, environment: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_wheel_has_one_package_with_everything_in_it(wheel: Path, tmp_path: Path) -> None:
    with ZipFile(wheel) as archive:
        names = archive.namelist()
        archive.extractall(tmp_path / "site")

    assert {name.partition("/")[0] for name in names} == {"tracepass_contract", "tracepass_contract-0.1.0.dist-info"}
    for asset in ("spec/openapi.yaml", "spec/readings.yaml", "fixtures/accounts.yaml", "fixtures/golden/replay.json"):
        assert f"tracepass_contract/{asset}" in names
    assert not [name for name in names if "/tests/" in name]
    in_wheel = "import tracepass_contract.mockserver.app as a; print(a.__file__, len(a.create_app().spec_sha256))"
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(tmp_path / "site")}
    seen = run([sys.executable, "-c", in_wheel], tmp_path, environment)
    assert seen.startswith(str(tmp_path / "site"))
    assert seen.strip().endswith(" 64")


def test_a_checkout_without_symbolic_links_stops_with_a_sentence(tmp_path: Path) -> None:
    package = tmp_path / "tracepass_contract"
    package.mkdir()
    shutil.copy(ROOT / "src" / "tracepass_contract" / "__init__.py", package)
    (package / "spec").write_text("../../spec")

    command = [sys.executable, "-c", "import tracepass_contract"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "`git config core.symlinks true`" in done.stderr


def test_a_project_that_installs_the_wheel_runs_its_own_tests_with_the_mock(wheel: Path, tmp_path: Path) -> None:
    """An environment of its own, with the libraries of this one beside it, so that no index is asked. Its tests import
    5,000 passports, and warnings are errors.
    """
    venv.create(tmp_path / "environment", with_pip=False)
    python = tmp_path / "environment" / Path(sys.executable).parent.name / Path(sys.executable).name
    site = Path(run([str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], tmp_path).strip())
    (site / "beside.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--disable-pip-version-check"]
    run([*pip, "--no-index", "--no-deps", "--ignore-installed", str(wheel)], tmp_path)
    project = shutil.copytree(IMPORTER, tmp_path / "project", ignore=shutil.ignore_patterns("__pycache__"))
    (project / "test_from_where.py").write_text(
        "import tracepass_contract\n\n\ndef test_it_is_the_wheel():\n"
        f"    assert tracepass_contract.__file__.startswith({str(site)!r})\n",
        encoding="utf-8",
    )

    said = run([str(python), "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider"], project)

    assert "3 passed" in said
