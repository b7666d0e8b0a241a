"""Mocks that are forked from one process have nothing of each other."""

from collections.abc import Sequence

import httpx
import pytest

from tracepass_contract.contract_tests.model.outcomes import Unreachable
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
    """One leaves out the summary; those before and after it do not."""
    assert [says_summary(options) for options in ([], ["--mutant", "SHP-03"], [])] == [True, False, True]


def says_summary(options: Sequence[str]) -> bool:
    with forked_mock(options) as url:
        workspace = httpx.post(f"{url}/_mock/workspaces", json={}).raise_for_status().json()
        pair = {"gtin": workspace["gtin"], "serialNumber": "1"}
        reply = httpx.post(
            f"{url}/api/v1/passports/batch",
            json={"passports": [{"productId": workspace["product_id"], "gs1": pair}]},
            headers={"Authorization": f"Bearer {workspace['api_key']}"},
        )
    assert reply.json()["results"][0]["status"] == "created"
    return "summary" in reply.json()


def test_it_ends_with_the_block() -> None:
    with forked_mock() as url:
        assert httpx.get(f"{url}/_mock/health").is_success

    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/_mock/health")


def test_one_that_does_not_start_is_not_waited_for() -> None:
    with pytest.raises(Unreachable), forked_mock(["--mutant", "no-such-fault"]):
        pass
