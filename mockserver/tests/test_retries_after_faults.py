"""What a client finds that sends a call and retries it: with the same key, with a new key, and without a key."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tracepass_contract.mockserver.tests.client import BATCH
from tracepass_contract.mockserver.tests.commandline import running
from tracepass_contract.mockserver.tests.control_client import WorkspaceOwner


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A mock as a child process, for tests that need a real connection."""
    with running("--port", "0", "--log", "json") as mock:
        yield mock.ready["base_url"]


class Wire:
    """A workspace of that mock, and a client that opens a connection for each call."""

    def __init__(self, base_url: str, **given: Any) -> None:
        self._base_url = base_url
        self.workspace = httpx.post(f"{base_url}/_mock/workspaces", json=given).json()
        self.control = f"{base_url}/_mock/workspaces/{self.workspace['id']}"

    def plan(self, **fault: Any) -> None:
        assert httpx.post(f"{self.control}/faults", json=fault).status_code == 201

    def send(self, key: str | None = None) -> httpx.Response | None:
        """Send a batch of two. Return None if the connection was cut."""
        gs1 = [{"gtin": self.workspace["gtin"], "serialNumber": serial} for serial in ("a", "b")]
        body = {"passports": [{"productId": self.workspace["product_id"], "gs1": each} for each in gs1]}
        headers = {"Authorization": f"Bearer {self.workspace['api_key']}"}
        try:
            return httpx.post(
                f"{self._base_url}{BATCH}", json=body, headers=headers | ({"Idempotency-Key": key} if key else {})
            )
        except httpx.TransportError:
            return None

    def totals(self) -> tuple[int, int, int, int]:
        """Executions, replays, writes and passports."""
        totals = httpx.get(f"{self.control}/ledger").json()["totals"]
        return totals["executions"], totals["replays"], totals["writes"], totals["passports"]


ONCE, REPLAYED, TWICE = (1, 0, 2, 2), (1, 1, 2, 2), (2, 0, 4, 2)


@pytest.mark.rule("idempotency.replays-original")
@pytest.mark.parametrize(
    ("fault", "same_key", "new_key_or_none"),
    [
        ({"kind": "lose-request"}, ONCE, ONCE),
        ({"kind": "lose-request", "cut": "reset"}, ONCE, ONCE),
        ({"kind": "lose-response"}, REPLAYED, TWICE),
        ({"kind": "lose-response", "cut": "reset"}, REPLAYED, TWICE),
        ({"kind": "lose-response", "cut": "mid-body"}, REPLAYED, TWICE),
        ({"kind": "status"}, ONCE, ONCE),
        ({"kind": "status", "status": 503, "effect": True}, REPLAYED, TWICE),
        ({"kind": "truncate"}, REPLAYED, TWICE),
        ({"kind": "malformed"}, REPLAYED, TWICE),
        ({"kind": "delay", "seconds": 0.01}, REPLAYED, TWICE),
        ({"kind": "delay", "seconds": 0.01, "before": "answer"}, REPLAYED, TWICE),
        ({"kind": "slow-body", "seconds": 0.01}, REPLAYED, TWICE),
    ],
    ids=lambda value: "-".join(map(str, value.values())) if isinstance(value, dict) else "",
)
@pytest.mark.parametrize("keys", [("k", "k"), ("k", "l"), (None, None)], ids=["same key", "new key", "no key"])
def test_what_a_retry_finds(
    server: str,
    fault: dict[str, Any],
    same_key: tuple[int, ...],
    new_key_or_none: tuple[int, ...],
    keys: tuple[str | None, str | None],
) -> None:
    """With the same key nothing happens twice. Otherwise the duplicates are item errors and take writes."""
    wire = Wire(server)
    wire.plan(**fault)

    wire.send(keys[0])
    again = wire.send(keys[1])

    safe = keys[0] is not None and keys[0] == keys[1]
    assert wire.totals() == (same_key if safe else new_key_or_none)
    assert again is not None
    duplicated = not safe and new_key_or_none == TWICE
    assert again.json()["summary"] == {"created": 0 if duplicated else 2, "errors": 2 if duplicated else 0, "total": 2}
    (planned,) = httpx.get(f"{wire.control}/faults").json()["faults"]
    assert (planned["fired"], planned["consumed"]) == (1, True)


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "lose-request"},
        {"kind": "lose-response"},
        {"kind": "lose-response", "cut": "reset"},
        {"kind": "lose-response", "cut": "mid-body"},
    ],
    ids=lambda fault: "-".join(fault.values()),
)
def test_a_lost_call_looks_lost_to_its_client_and_the_server_goes_on(server: str, fault: dict[str, Any]) -> None:
    wire = Wire(server)
    wire.plan(**fault)

    assert wire.send("k") is None
    assert httpx.get(f"{server}/_mock/health").status_code == 200


@pytest.mark.parametrize(
    ("cut", "error"),
    [("close", httpx.RemoteProtocolError), ("reset", httpx.ReadError), ("mid-body", httpx.RemoteProtocolError)],
)
def test_a_lost_answer_is_the_same_error_in_process_as_on_a_socket(
    server: str, cut: str, error: type[httpx.TransportError]
) -> None:
    planner, wire = WorkspaceOwner(), Wire(server)
    for each in (planner, wire):
        each.plan(kind="lose-response", cut=cut)

    with pytest.raises(error):
        httpx.post(f"{server}{BATCH}", json={}, headers={"Authorization": f"Bearer {wire.workspace['api_key']}"})
    with pytest.raises(error) as caught:
        planner.post("a")

    assert caught.value.request.url.path == BATCH
    assert planner.read("ledger", "Ledger")["totals"]["executions"] == 1
