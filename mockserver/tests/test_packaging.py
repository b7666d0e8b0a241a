"""The built package has one top-level name and includes the documents and fixtures."""

import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

ROOT = Path(__file__).resolve().parents[2]


def test_a_wheel_has_one_package_with_everything_in_it(tmp_path: Path) -> None:
    build = "import sys, hatchling.build; print(hatchling.build.build_wheel(sys.argv[1]))"
    done = subprocess.run(
        [sys.executable, "-c", build, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    wheel = tmp_path / done.stdout.split()[-1]
    with ZipFile(wheel) as archive:
        names = archive.namelist()
        archive.extractall(tmp_path / "site")

    assert {name.partition("/")[0] for name in names} == {"tracepass_contract", "tracepass_contract-0.1.0.dist-info"}
    for asset in ("spec/openapi.yaml", "spec/readings.yaml", "fixtures/accounts.yaml", "fixtures/golden/replay.json"):
        assert f"tracepass_contract/{asset}" in names
    assert not [name for name in names if "/tests/" in name]
    in_wheel = "import tracepass_contract.mockserver.app as a; print(a.__file__, len(a.create_app().spec_sha256))"
    seen = subprocess.run(
        [sys.executable, "-c", in_wheel],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(tmp_path / "site")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert seen.stdout.startswith(str(tmp_path / "site"))
    assert seen.stdout.strip().endswith(" 64")
