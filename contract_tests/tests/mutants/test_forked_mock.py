"""Mocks that are forked from one process have nothing of each other."""

import httpx
import pytest

from tracepass_contract.contract_tests.model.outcomes import Unreachable
from tracepass_contract.contract_tests.mutants.matrix.cell import Cell, run_cell
from tracepass_contract.contract_tests.mutants.matrix.forked_mock import forked_mock

READING = "batch.mixed-status"


def readings_of(url: str) -> dict[str, str]:
    found: dict[str, str] = httpx.get(f"{url}/_mock/health").json()["readings"]
    return found


def test_each_serves_by_itself_under_its_own_readings() -> None:
    with forked_mock() as plain, forked_mock(["--reading", f"{READING}=207"]) as other:
        assert plain != other
        assert (readings_of(plain)[READING], readings_of(other)[READING]) == ("200", "207")


def test_the_fault_of_one_is_not_in_the_next() -> None:
    rule = ("quota.asks-for-consent",)

    wrong, right = (run_cell(Cell(mutant, rules=rule, only_those=True)) for mutant in ("QUO-04", None))

    assert (wrong.described, right.described) == ("killed", "survived")


def test_it_ends_with_the_block() -> None:
    with forked_mock() as url:
        assert httpx.get(f"{url}/_mock/health").is_success

    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/_mock/health")


def test_one_that_does_not_start_is_not_waited_for() -> None:
    with pytest.raises(Unreachable), forked_mock(["--mutant", "no-such-fault"]):
        pass
