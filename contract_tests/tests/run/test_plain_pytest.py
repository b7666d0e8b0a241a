"""The checks under plain pytest: what is wrong with its options ends it as a usage error."""

from pathlib import Path

import pytest

from tracepass_contract.contract_tests.tests.helpers.warm import Ended, run_module


def test_plain_pytest_reports_a_file_that_can_not_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    done = plain_pytest("--report-json", str(tmp_path / "file" / "x"))

    assert done.code == pytest.ExitCode.USAGE_ERROR
    assert "--report-json: cannot write" in done.stderr


def test_plain_pytest_reports_a_wrong_reading() -> None:
    done = plain_pytest("--reading", "bogus=1")

    assert done.code == pytest.ExitCode.USAGE_ERROR
    assert '--reading: unknown reading "bogus".' in done.stderr


@pytest.mark.parametrize("option", ["--time-limit=0", "--time-limit=-1", "--call-seconds=nan"])
def test_plain_pytest_reports_too_little_time(option: str) -> None:
    done = plain_pytest(option)

    assert done.code == pytest.ExitCode.USAGE_ERROR
    assert "must be 0.1 or more, is" in done.stderr


def test_plain_pytest_reports_a_wrong_card_as_well(tmp_path: Path) -> None:
    card = tmp_path / "card.yaml"
    card.write_text("readings: {batch.mixed-status: 270}")

    wrong, missing = (plain_pytest("--card", str(each)) for each in (card, tmp_path / "none.yaml"))

    assert (wrong.code, missing.code) == (pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.USAGE_ERROR)
    assert f'{card}: batch.mixed-status: unknown answer "270". The answers are 200, 201, 207.' in wrong.stderr
    assert "none.yaml: No such file or directory" in missing.stderr


def plain_pytest(*options: str) -> Ended:
    """In a process that has imported the suite already, of which pytest would warn."""
    checks = "tracepass_contract.contract_tests.checks.test_auth"
    return run_module("pytest", "-W", "ignore:Module already imported", "--pyargs", checks, *options)
