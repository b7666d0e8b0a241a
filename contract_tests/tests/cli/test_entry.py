"""`tracepass-check` where only the mock's packages are installed."""

import subprocess
import sys

import pytest

PROGRAM = "import sys; sys.modules[{!r}] = None; from tracepass_contract.contract_tests.__main__ import main; main()"


def run_without(package: str) -> subprocess.CompletedProcess[str]:
    program = PROGRAM.format(package)
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("package", ["rich", "openapi_core", "hypothesis"])
def test_a_package_that_is_missing_is_named(package: str) -> None:
    done = run_without(package)

    assert done.returncode == 2
    assert done.stderr == f"missing packages: {package}. Run: pip install 'tracepass-contract[check]'\n"
