"""Schemathesis tests every operation of the document: no 5xx, no answer that the document does not show.

It checks shapes. The other tests check sums, order, money and replays.
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tracepass_contract.contract_tests.target.mock_process import served

HERE = Path(__file__).parent


@pytest.fixture
def mock_url() -> Iterator[str]:
    """A mock of its own, as a child process."""
    with served() as url:
        yield url


def test_no_server_error_and_no_undocumented_answer(
    mock_url: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    paths = httpx.get(f"{mock_url}/openapi.json").json()["paths"]
    operations = sum(method != "parameters" for path in paths.values() for method in path)
    examples = request.config.getoption("--schema-examples")
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(HERE / "schemathesis.toml")),
        *("run", f"{mock_url}/openapi.json", "--url", f"{mock_url}/api/v1", "--no-color"),
        *("--header", "Authorization: Bearer tp_mock_unlimited"),
        *(
            "--checks",
            "all",
            "--seed",
            "1",
            "--max-examples",
            str(examples),
        ),
    ]

    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr
    assert f"Tested: {operations}" in done.stdout


def test_the_mock_is_well_after_what_no_one_should_send(mock_url: str) -> None:
    """The mock still answers after bytes that are not HTTP."""
    with pytest.raises(httpx.HTTPError):
        httpx.get(mock_url.replace("http", "https"), timeout=5)

    assert httpx.get(f"{mock_url}/_mock/health").json()["status"] == "ok"
