"""Mocks behind a balancer: each names what it creates, and says which replica has the rest."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from click.testing import CliRunner

from tracepass_contract.fixtures import AccountFixture, accounts
from tracepass_contract.mockserver.app import create_app
from tracepass_contract.mockserver.cli.commands import main
from tracepass_contract.mockserver.cli.terminal import banner
from tracepass_contract.mockserver.http.control.operations import WORKSPACES_MAX
from tracepass_contract.mockserver.seeding import accounts_of, replica_with
from tracepass_contract.mockserver.state.replica import ALONE, WORKSPACES_PER_REPLICA
from tracepass_contract.mockserver.state.saved.snapshot import UnusableSnapshot
from tracepass_contract.mockserver.tests.client import Client

NAMES = ("mock-0", "mock-1", "mock-2")


def replica(name: str, seeds: Sequence[AccountFixture] | None = None) -> Client:
    """A client of one of three replicas."""
    client = Client()
    seeds = accounts() if seeds is None else seeds
    client.mock = create_app(clock=client.clock, seed_with=seeds, replica=replica_with(name, NAMES, seeds))
    return client


def new_workspace(client: Client, query: str = "") -> dict[str, Any]:
    reply = create_workspace(client, query)
    assert reply.status_code == 201
    created: dict[str, Any] = reply.json()
    return created


def create_workspace(client: Client, query: str = "") -> Any:
    return client.request("POST", f"/_mock/workspaces{query}", [("Content-Type", "application/json")], b"{}")


def spend(client: Client, api_key: str) -> Any:
    return client.request("GET", "/api/v1/passports", [("Authorization", f"Bearer {api_key}")])


def test_a_name_is_in_the_id_and_in_each_key_of_a_workspace() -> None:
    client = replica("mock-1")
    created = new_workspace(client)

    assert (created["id"], created["api_key"]) == ("workspace-mock-1-1", "tp_mock_workspace-mock-1-1_1")
    second = client.request("POST", f"/_mock/workspaces/{created['id']}/api-keys").json()
    assert second == {"api_key": "tp_mock_workspace-mock-1-1_2"}
    assert spend(client, created["api_key"]).status_code == 200


def test_a_mock_without_a_name_creates_what_it_always_did() -> None:
    created = new_workspace(Client())

    assert (created["id"], created["api_key"]) == ("workspace-1", "tp_mock_workspace-1_1")
    assert (created["gtin"], created["product_id"]) == ("09506000000015", "6650a1b20000000000000001")


def test_replicas_never_give_the_same_id_key_gtin_or_product() -> None:
    created = [new_workspace(replica(name)) for name in NAMES]

    for member in ("id", "api_key", "gtin", "product_id"):
        assert len({each[member] for each in created}) == 3


@pytest.mark.parametrize("call", ["created", "seeded"])
def test_a_key_of_another_replica_gets_421_with_the_name_of_that_replica(call: str) -> None:
    first, second = replica("mock-0"), replica("mock-1")
    api_key = new_workspace(first)["api_key"] if call == "created" else "tp_mock_free"

    reply = spend(second, api_key)

    assert (reply.status_code, reply.headers["Mock-Replica"]) == (421, "mock-0")
    assert reply.json() == {
        "error": "Misdirected Request",
        "message": "Authorization: this key belongs to the replica mock-0; this is the replica mock-1",
        "details": {"replica": "mock-0"},
    }
    assert "tp_mock_free" not in reply.text
    assert spend(first, api_key).status_code == 200


@pytest.mark.parametrize("api_key", ["tp_mock_workspace-mock-1-7_1", "tp_mock_nobody", "workspace", "tp_live_x"])
def test_a_key_that_nobody_has_is_unknown(api_key: str) -> None:
    assert spend(replica("mock-1"), api_key).status_code == 401


def test_a_key_that_was_created_without_a_name_belongs_to_the_first_as_the_balancer_has_it() -> None:
    assert spend(replica("mock-1"), "tp_mock_workspace-1_1").headers["Mock-Replica"] == "mock-0"
    assert spend(replica("mock-0"), "tp_mock_workspace-1_1").status_code == 401


def test_a_replica_that_nobody_listed_is_named_all_the_same() -> None:
    assert spend(replica("mock-1"), "tp_mock_workspace-mock-9-1_1").headers["Mock-Replica"] == "mock-9"


def test_a_mock_without_a_name_knows_of_no_replicas() -> None:
    client = Client()

    assert spend(client, "tp_mock_workspace-mock-1-1_1").status_code == 401
    assert client.request("GET", "/_mock/workspaces/workspace-mock-1-1").status_code == 404
    assert "replica" not in client.request("GET", "/_mock/health").json()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("PATCH", ""),
        ("POST", "/api-keys"),
        ("DELETE", "/api-keys/tp_mock_free"),
        ("GET", "/journal"),
        ("GET", "/journal/1"),
        ("GET", "/clock"),
        ("POST", "/faults"),
    ],
)
@pytest.mark.parametrize("workspace", ["workspace-mock-0-1", "free"])
def test_a_control_call_for_a_workspace_of_another_replica_gets_421(method: str, path: str, workspace: str) -> None:
    reply = replica("mock-1").request(method, f"/_mock/workspaces/{workspace}{path}")

    assert (reply.status_code, reply.headers["Mock-Replica"]) == (421, "mock-0")
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json()["detail"] == "id: this workspace belongs to the replica mock-0; this is the replica mock-1"


def test_a_workspace_can_be_created_beside_another() -> None:
    """It is where the other one is: the balancer reads the parameter, and the replica checks it."""
    client = replica("mock-1")
    first = new_workspace(client)["id"]

    assert new_workspace(client, f"?beside={first}")["id"] == "workspace-mock-1-2"
    elsewhere = create_workspace(replica("mock-0"), f"?beside={first}")
    assert (elsewhere.status_code, elsewhere.headers["Mock-Replica"]) == (421, "mock-1")
    nowhere = create_workspace(client, "?beside=workspace-mock-1-9")
    assert (nowhere.status_code, nowhere.json()["detail"]) == (404, 'beside: unknown workspace "workspace-mock-1-9"')


def test_health_and_metrics_name_the_replica() -> None:
    client = replica("mock-2")

    assert client.request("GET", "/_mock/health").json()["replica"] == "mock-2"
    assert 'replica="mock-2"' in client.request("GET", "/_mock/metrics").text


def test_a_seeded_account_belongs_to_the_replica_that_the_seed_file_names() -> None:
    seeds = [replace(each, replica="mock-2") if each.name == "free" else each for each in accounts()]
    clients = [replica(name, seeds) for name in NAMES]

    assert [spend(client, "tp_mock_free").status_code for client in clients] == [421, 421, 200]
    assert [spend(client, "tp_mock_unlimited").status_code for client in clients] == [200, 421, 421]
    assert [len(client.mock.state.workspaces) for client in clients] == [len(seeds) - 1, 0, 1]
    assert spend(clients[0], "tp_mock_free").headers["Mock-Replica"] == "mock-2"


def test_a_second_key_of_a_seeded_account_is_where_the_account_is() -> None:
    assert spend(replica("mock-1"), "tp_mock_other_workspace_2").headers["Mock-Replica"] == "mock-0"


@pytest.mark.parametrize("whose", ["created", "seeded"])
def test_the_gtin_of_a_workspace_is_foreign_at_each_replica(whose: str) -> None:
    """The same failure of the item as on one mock, although the replicas share nothing."""
    first, second = replica("mock-0"), replica("mock-1")
    gtin = new_workspace(first)["gtin"] if whose == "created" else "04012345000015"
    own = new_workspace(second)

    item = {"productId": own["product_id"], "gs1": {"gtin": gtin, "serialNumber": "S-1"}}
    reply = second.send(json.dumps({"passports": [item]}).encode(), api_key=own["api_key"])

    assert reply.json()["summary"] == {"created": 0, "errors": 1, "total": 1}


@pytest.mark.parametrize("gtin", ["09506000140018", "09599999999990", "09506009999999"])
def test_any_other_gtin_is_free_at_each_replica(gtin: str) -> None:
    """Those of no workspace: of seeds that are not seeded, of other companies, beyond the last replica."""
    assert not replica_with("mock-0", NAMES, []).gtin_is_elsewhere(gtin)
    assert not ALONE.gtin_is_elsewhere(gtin)


def test_a_restored_state_must_be_of_this_replica() -> None:
    first, second = replica("mock-0"), replica("mock-1")
    new_workspace(second)
    saved = second.mock.save()
    second.mock.restore(saved)

    with pytest.raises(UnusableSnapshot, match="workspace-mock-1-1: it belongs to the replica mock-1"):
        first.mock.restore(saved)


def test_a_reset_replica_gives_the_same_ids_again() -> None:
    client = replica("mock-1")
    before = new_workspace(client)
    client.request("POST", "/_mock/reset")

    assert new_workspace(client) == before


def test_there_is_room_for_the_workspaces_that_a_mock_may_have() -> None:
    assert len(accounts()) + WORKSPACES_MAX < WORKSPACES_PER_REPLICA


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--replicas", "a,b"], "--replicas: needs --replica as well"),
        (["--replica", "c", "--replicas", "a,b"], '--replica: "c" is not one of the replicas a, b'),
        (["--replica", "a,b"], '--replica: "a,b" is not one of the replicas a, b'),
        (["--replica", "a", "--replicas", "a,b,a"], "--replicas: expected at most 40 different names, found 3"),
        (["--replica", "A"], '"A" is not a name of 1 to 63 characters a-z, 0-9 and, inside, "-"'),
        (["--replica", "a", "--replicas", "a,,b"], '"" is not a name of 1 to 63 characters'),
    ],
)
def test_options_that_name_no_replica_are_refused(options: list[str], complaint: str) -> None:
    done = CliRunner().invoke(main, ["serve", *options])

    assert done.exit_code == 2
    assert complaint in " ".join(done.stderr.split())


def test_an_account_of_a_replica_that_is_not_listed_is_refused(tmp_path: Any) -> None:
    file = tmp_path / "seeds.yaml"
    file.write_text(
        "accounts:\n"
        "  - {name: one, about: One., api_key: tp_mock_one, plan: free, replica: elsewhere,"
        " product_id: 6650a1b2c3d4e5f6a7b8c9d0, gtin: '04012345000015'}\n"
    )
    done = CliRunner().invoke(main, ["serve", "--replica", "a", "--seed-file", str(file)])

    assert done.exit_code == 2
    assert 'the account one belongs to the replica "elsewhere", which is not one of them' in " ".join(
        done.stderr.split()
    )


def test_the_banner_of_a_replica_without_accounts_has_no_key() -> None:
    here = replica_with("mock-1", NAMES, accounts())
    ready = {"base_url": "http://127.0.0.1:4747", "control_url": "http://127.0.0.1:4747/_mock", "control_token": None}

    text = banner(ready, "ab" * 32, {}, next(iter(accounts_of(here, accounts())), None), is_default=True)

    assert text.endswith("\n  The seeded accounts are at another replica.")
    assert "tp_" not in text
