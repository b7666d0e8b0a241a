"""Four replicas behind HAProxy: each call gets home, and what one mock promises holds for all four together."""

import itertools
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import httpx
import pytest

from tracepass_contract.mockserver.tests.balanced import CONFIGURATION, NAMES, Balanced, balanced

pytestmark = pytest.mark.tool("haproxy")
WORKSPACES = 400  # of 10,000 none was missed, in a run by hand; docs/scale-out.md


@pytest.fixture(scope="module")
def mocks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Balanced]:
    with balanced(tmp_path_factory.mktemp("replicas")) as running:
        yield running


@pytest.fixture
def client(mocks: Balanced) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=mocks.base_url, timeout=60) as client:
        yield client


def new(client: httpx.Client, **limits: Any) -> dict[str, Any]:
    reply = client.post("/_mock/workspaces", json=limits)
    assert reply.status_code == 201, reply.text
    created: dict[str, Any] = reply.json()
    return created


def replica_of(workspace: dict[str, Any]) -> str:
    return str(workspace["id"]).removeprefix("workspace-").rpartition("-")[0]


def batch(
    client: httpx.Client, workspace: dict[str, Any], *serials: str, key: str = "", api_key: str = ""
) -> httpx.Response:
    gtin, product = workspace["gtin"], workspace["product_id"]
    items = [{"productId": product, "gs1": {"gtin": gtin, "serialNumber": each}} for each in serials]
    headers = {"Authorization": f"Bearer {api_key or workspace['api_key']}"} | ({"Idempotency-Key": key} if key else {})
    return client.post("/api/v1/passports/batch", json={"passports": items}, headers=headers)


def misses(base_url: str, workspaces: int) -> tuple[int, Counter[str]]:
    """Create so many workspaces with two keys each, and use each key once. Returns the calls that did not get home,
    and the workspaces of each replica.
    """
    found: Counter[str] = Counter()

    def some(count: int) -> int:
        missed = 0
        with httpx.Client(base_url=base_url, timeout=60) as client:
            for _ in range(count):
                workspace = new(client)
                found[replica_of(workspace)] += 1
                second = client.post(f"/_mock/workspaces/{workspace['id']}/api-keys").json()["api_key"]
                for api_key in (workspace["api_key"], second):
                    reply = batch(client, workspace, api_key, api_key=api_key)
                    missed += reply.status_code != 200 or reply.json()["summary"]["created"] != 1
                balances = client.get(f"/_mock/workspaces/{workspace['id']}").json()
                missed += balances.get("passports_used") != 2
        return missed

    with ThreadPoolExecutor(4) as threads:
        return sum(threads.map(some, [workspaces // 4] * 4)), found


def test_each_key_of_each_workspace_gets_home_and_the_workspaces_are_spread(mocks: Balanced) -> None:
    missed, found = misses(mocks.base_url, WORKSPACES)

    assert missed == 0
    assert found.keys() == {*NAMES}
    assert min(found.values()) > WORKSPACES / 8


def test_a_batch_a_replay_the_ledger_and_the_journal_are_those_of_one_mock(client: httpx.Client) -> None:
    for _ in NAMES:
        workspace = new(client, writes_per_day=100)
        first, again = (batch(client, workspace, "S-1", "S-2", key="key-1") for _ in range(2))

        assert first.json()["summary"] == {"created": 2, "errors": 0, "total": 2}
        assert again.content == first.content
        path = f"/_mock/workspaces/{workspace['id']}"
        totals = client.get(f"{path}/ledger").json()["totals"]
        assert (totals["executions"], totals["replays"], totals["writes"]) == (1, 1, 2)
        outcomes = [each["outcome"] for each in client.get(f"{path}/journal").json()["entries"]]
        assert outcomes == ["executed", "replayed"]
        assert client.get(f"{path}/journal/1").json()["because"]["checks"]


def test_the_next_day_of_a_workspace_renews_its_budget_and_no_other(client: httpx.Client) -> None:
    moved, other = (new(client, writes_per_day=1) for _ in range(2))
    clocks = [f"/_mock/workspaces/{each['id']}/clock" for each in (moved, other)]
    for path in clocks:
        client.put(path, json={"now": "2026-03-01T12:00:00Z", "frozen": True}).raise_for_status()
    assert [batch(client, each, "S-1").status_code for each in (moved, other)] == [200, 200]
    assert [batch(client, each, "S-2").status_code for each in (moved, other)] == [429, 429]

    client.post(f"{clocks[0]}/advance", json={"seconds": 86_400}).raise_for_status()

    renewed, spent = (batch(client, each, "S-2") for each in (moved, other))
    assert (renewed.status_code, spent.status_code) == (200, 429)
    assert renewed.headers["date"].startswith("Mon, 02 Mar 2026 12:00")


@pytest.mark.parametrize("cut", ["close", "reset", "mid-body"])
def test_a_lost_answer_is_lost_to_the_client_too_and_a_retry_replays_it(client: httpx.Client, cut: str) -> None:
    """The balancer neither sends the call again nor answers in place of the replica."""
    workspace = new(client)
    path = f"/_mock/workspaces/{workspace['id']}"
    client.post(f"{path}/faults", json={"kind": "lose-response", "cut": cut}).raise_for_status()

    with pytest.raises(httpx.RemoteProtocolError):
        batch(client, workspace, "S-1", key="key-1")
    again = batch(client, workspace, "S-1", key="key-1")

    assert again.json()["summary"]["created"] == 1
    totals = client.get(f"{path}/ledger").json()["totals"]
    assert (totals["executions"], totals["replays"]) == (1, 1)


def test_a_planned_503_and_a_planned_delay_come_through(client: httpx.Client) -> None:
    workspace = new(client)
    path = f"/_mock/workspaces/{workspace['id']}/faults"
    client.post(path, json={"kind": "status", "status": 503, "headers": {"Retry-After": "7"}}).raise_for_status()
    client.post(path, json={"kind": "delay", "seconds": 0.05}).raise_for_status()

    refused = batch(client, workspace, "S-1")
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "7")
    assert batch(client, workspace, "S-1").status_code == 200
    assert all(each["consumed"] for each in client.get(path).json()["faults"])


def test_limits_stay_exact_when_calls_race(mocks: Balanced, client: httpx.Client) -> None:
    """Ten writes are left in each of four workspaces. Of 100 racing calls for each, ten are executed."""
    workspaces = [new(client, writes_per_day=10) for _ in NAMES]
    assert {replica_of(each) for each in workspaces} == {*NAMES}

    def send(numbers: Sequence[int]) -> Counter[tuple[str, int]]:
        with httpx.Client(base_url=mocks.base_url, timeout=60) as own:
            return Counter((each["id"], batch(own, each, f"S-{n}").status_code) for n in numbers for each in workspaces)

    with ThreadPoolExecutor(4) as threads:
        statuses = sum(threads.map(send, [range(n, 100, 4) for n in range(4)]), Counter())

    for each in workspaces:
        assert (statuses[each["id"], 200], statuses[each["id"], 429]) == (10, 90)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/reset"),
        ("POST", "/%72eset"),
        ("GET", "/state"),
        ("PUT", "/state"),
        ("PUT", "/readings"),
        ("GET", "/metrics"),
        ("GET", "/workspaces"),
        ("GET", "/events"),
        ("GET", "/"),
        ("GET", ""),
    ],
)
def test_a_call_that_concerns_all_replicas_is_refused_with_the_way_to_do_it(
    client: httpx.Client, method: str, path: str
) -> None:
    workspace = new(client)

    reply = client.request(method, f"/_mock{path}")
    encoded = client.request(method, f"/%5Fmock{path}")

    assert encoded.content == reply.content
    assert (reply.status_code, reply.headers["content-type"]) == (421, "application/problem+json")
    assert "send it to the address of each replica (docs/scale-out.md)" in reply.json()["detail"]
    assert client.get(f"/_mock/workspaces/{workspace['id']}").status_code == 200


@pytest.mark.parametrize("path", ["/_mock/health", "/_mock/readings", "/_mock/docs", "/openapi.json", "/"])
def test_what_is_the_same_everywhere_is_answered_by_any_replica(client: httpx.Client, path: str) -> None:
    assert client.get(path, follow_redirects=True).status_code == 200


def test_seeded_keys_go_where_the_seed_file_says_and_unknown_keys_to_the_first(
    mocks: Balanced, client: httpx.Client
) -> None:
    def called(url: str, key: str) -> int:
        return client.get(f"{url}/api/v1/passports", headers={"Authorization": f"Bearer {key}"}).status_code

    keys = ("tp_mock_free", "tp_mock_unlimited", "tp_mock_other_workspace_2")
    assert [called(mocks.base_url, key) for key in keys] == [200, 200, 200]
    assert [called(mocks.url_of("mock-0"), key) for key in keys] == [421, 200, 200]
    assert [called(mocks.url_of("mock-2"), key) for key in keys] == [200, 421, 421]
    assert [client.get(f"/_mock/workspaces/{name}").json()["id"] for name in ("free", "unlimited")] == [
        "free",
        "unlimited",
    ]
    unknown = ("nobody", "tp_mock_workspace-mock-3-9999_1", "tp_mock_workspace-x-1_1")
    assert [called(mocks.base_url, key) for key in unknown] == [401, 401, 421]
    assert client.get("/api/v1/passports").status_code == 401


def test_past_the_balancer_a_replica_names_the_right_one(mocks: Balanced, client: httpx.Client) -> None:
    workspace = new(client)
    home = replica_of(workspace)
    wrong = next(name for name in NAMES if name != home)

    with httpx.Client(base_url=mocks.url_of(wrong)) as direct:
        of_api = batch(direct, workspace, "S-1")
        of_control = direct.get(f"/_mock/workspaces/{workspace['id']}")

    for reply in (of_api, of_control):
        assert (reply.status_code, reply.headers["Mock-Replica"]) == (421, home)
    assert batch(client, workspace, "S-1").json()["summary"]["created"] == 1


def test_a_workspace_beside_another_is_on_its_replica(client: httpx.Client) -> None:
    for _ in NAMES:
        first = new(client)
        reply = client.post("/_mock/workspaces", params={"beside": first["id"]}, json={})
        assert replica_of(reply.json()) == replica_of(first)
    for seeded, home in (("free", "mock-2"), ("unlimited", "mock-0")):
        created = client.post("/_mock/workspaces", params={"beside": seeded}, json={}).json()
        assert replica_of(created) == home


def test_a_replica_that_is_killed_and_starts_again_loses_nothing(mocks: Balanced, client: httpx.Client) -> None:
    """Meanwhile its own calls get 503, the others are served, and new workspaces go to the others."""
    workspaces = {replica_of(each): each for each in (new(client) for _ in NAMES)}
    answers = {name: batch(client, each, "S-1", key="key-1") for name, each in workspaces.items()}
    down = workspaces["mock-2"]

    mocks.end("mock-2", signal.SIGKILL)
    assert batch(client, down, "S-2").status_code == 503
    assert batch(client, down, "S-2").json()["error"] == "Service Unavailable"
    assert batch(client, workspaces["mock-1"], "S-2").status_code == 200
    assert "mock-2" not in {replica_of(new(client)) for _ in range(8)}

    mocks.start("mock-2")
    mocks.wait_until_up()
    for name, each in workspaces.items():
        assert batch(client, each, "S-1", key="key-1").content == answers[name].content
        assert batch(client, each, "S-1").json()["summary"]["errors"] == 1
    ledger = client.get(f"/_mock/workspaces/{down['id']}/ledger").json()
    assert (ledger["totals"]["executions"], ledger["totals"]["replays"]) == (2, 1)


def test_what_a_replica_acknowledged_before_it_was_killed_is_there_afterwards(
    mocks: Balanced, client: httpx.Client
) -> None:
    """Four clients write until the replica is killed. Each batch that got its answer has its passport."""
    workspace = next(each for each in (new(client) for _ in NAMES) if replica_of(each) == "mock-1")
    acknowledged: list[str] = []

    def write(name: str) -> None:
        with httpx.Client(base_url=mocks.base_url, timeout=60) as own, suppress(httpx.TransportError):
            for n in itertools.count():
                if batch(own, workspace, serial := f"{name}-{n}").status_code != 200:
                    break
                acknowledged.append(serial)

    with ThreadPoolExecutor(4) as threads:
        writers = [threads.submit(write, name) for name in "ABCD"]
        while len(acknowledged) < 60 and not all(each.done() for each in writers):
            time.sleep(0.01)
        mocks.end("mock-1", signal.SIGKILL)
    mocks.start("mock-1")
    mocks.wait_until_up()

    assert len(acknowledged) >= 60
    for n in range(0, len(acknowledged), 100):
        again = acknowledged[n : n + 100]
        assert batch(client, workspace, *again).json()["summary"] == {
            "created": 0,
            "errors": len(again),
            "total": len(again),
        }


def test_the_whole_suite_passes_through_the_balancer(mocks: Balanced) -> None:
    """All checks, each in a workspace of any replica. It takes a while, and nothing less shows it."""
    command = [sys.executable, "-m", "tracepass_contract.contract_tests", "run", mocks.base_url]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout
    assert "rules conform (exit code 0)" in done.stdout


def test_haproxy_has_nothing_against_the_configuration() -> None:
    """As it is delivered, with the addresses that it has by default."""
    done = subprocess.run(["haproxy", "-c", "-f", str(CONFIGURATION)], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "Configuration file is valid", "")
