"""A workspace may have readings of its own, so that tests on one mock can differ in them and run in parallel."""

from typing import Any

import httpx
import pytest

from tracepass_contract.mockserver import app
from tracepass_contract.mockserver.tests.control_client import Owner

CREATED_201 = {"batch.all-created-status": "201"}


@pytest.fixture
def owner() -> Owner:
    return Owner()


def create(owner: Owner, workspace: dict[str, Any], serial: str, key: str = "") -> httpx.Response:
    item = {"productId": workspace["product_id"], "gs1": {"gtin": workspace["gtin"], "serialNumber": serial}}
    content = httpx.Request("POST", "/", json={"passports": [item]}).content
    return owner.send(content, [("Idempotency-Key", key)] if key else [], api_key=workspace["api_key"])


def test_workspaces_of_one_mock_differ_in_their_readings(owner: Owner) -> None:
    own = owner.create_workspace(readings=CREATED_201)
    other = owner.create_workspace(readings={"batch.all-created-status": "207"})
    plain = owner.create_workspace()

    statuses = [create(owner, each, "a").status_code for each in (own, other, plain, own)]

    assert statuses == [201, 207, 200, 200]  # the last one fails: it exists
    assert [each["readings"] for each in (own, plain)] == [CREATED_201, None]
    assert owner.ask("GET", f"/workspaces/{own['id']}").json()["readings"] == CREATED_201
    because = owner.ask("GET", f"/workspaces/{own['id']}/journal/1").json()["because"]
    assert because["readings"]["batch.all-created-status"] == "201"
    assert owner.ask("GET", "/readings").json()["readings"]["batch.all-created-status"] == "200"


def test_the_document_of_a_workspace_is_that_of_its_readings(owner: Owner) -> None:
    own = owner.create_workspace(readings={"reads.limit-out-of-range": "clamped"})

    key = [("Authorization", f"Bearer {own['api_key']}")]
    limits = [
        owner.request("GET", "/openapi.json", headers).json()["components"]["parameters"]["Limit"]["schema"]["maximum"]
        for headers in (key, [])
    ]

    assert limits == [1_000_000_000, 100]


def test_a_change_of_the_servers_readings_leaves_those_of_a_workspace(owner: Owner) -> None:
    """What it left open was answered by the server when the workspace was created. Its stored answers stay, too."""
    own, plain = owner.create_workspace(readings=CREATED_201), owner.create_workspace()
    for each in (own, plain):
        create(owner, each, "a", "k")

    changes = {"items.serial-equality": "case-folded", "idempotency.key-identity": "workspace"}
    assert owner.ask("PUT", "/readings", {"readings": changes}).status_code == 200

    assert create(owner, own, "A").json()["summary"]["created"] == 1
    assert create(owner, plain, "A").json()["summary"]["errors"] == 1
    assert create(owner, own, "b", "k").status_code == 422
    assert create(owner, plain, "b", "k").status_code == 200
    late = owner.create_workspace(readings=CREATED_201)
    assert [create(owner, late, serial).status_code for serial in ("a", "A")] == [201, 200]


@pytest.mark.parametrize(
    ("readings", "detail"),
    [
        ({"batch.mixed-statu": "207"}, '/readings: unknown reading "batch.mixed-statu". Did you mean '),
        ({"batch.mixed-status": "204"}, '/readings: batch.mixed-status: unknown answer "204".'),
        (
            {"batch.all-failed-status": "422"},
            "/readings: batch.all-failed-status=422 and idempotency.remembered-outcomes",
        ),
        (["207"], "/readings: expected object, found an array"),
    ],
)
def test_readings_that_cannot_be_used_create_no_workspace(owner: Owner, readings: Any, detail: str) -> None:
    reply = owner.ask("POST", "/workspaces", {"readings": readings})

    assert (reply.status_code, reply.json()["detail"][: len(detail)]) == (400, detail)
    assert owner.create_workspace()["id"] == "workspace-1"


def change(owner: Owner, workspace: dict[str, Any], readings: dict[str, str] | None) -> Any:
    """The own readings of the workspace after the change."""
    reply = owner.ask("PATCH", f"/workspaces/{workspace['id']}", {"readings": readings})
    assert reply.status_code == 200, reply.text
    assert reply.json() == owner.seen(workspace)
    return reply.json()["readings"]


def test_a_workspace_gets_other_readings_and_keeps_what_it_has(owner: Owner) -> None:
    own, other = owner.create_workspace(writes_per_day=10), owner.create_workspace()
    first = create(owner, own, "a", "k")

    assert change(owner, own, CREATED_201) == CREATED_201

    assert [create(owner, each, "b").status_code for each in (own, other)] == [201, 200]
    assert create(owner, own, "a", "k").content == first.content
    assert (owner.seen(own)["writes_left"], owner.seen(own)["passports_used"]) == (8, 2)
    because = [owner.ask("GET", f"/workspaces/{own['id']}/journal/{n}").json()["because"] for n in (1, 2)]
    assert [each["readings"]["batch.all-created-status"] for each in because] == ["200", "201"]


def test_answers_that_a_change_does_not_name_stay(owner: Owner) -> None:
    """Those of the server at the first change, then those of the workspace."""
    own = owner.create_workspace()
    owner.ask("PUT", "/readings", {"readings": {"batch.mixed-status": "207"}})
    change(owner, own, CREATED_201)
    owner.ask("PUT", "/readings", {"readings": {}})

    after = change(owner, own, {"batch.all-failed-status": "207"})

    assert after == {**CREATED_201, "batch.mixed-status": "207", "batch.all-failed-status": "207"}
    assert change(owner, own, {}) == after


def test_a_workspace_can_follow_the_server_again(owner: Owner) -> None:
    own = owner.create_workspace(readings=CREATED_201)

    assert change(owner, own, None) is None
    owner.ask("PUT", "/readings", {"readings": {"batch.all-created-status": "207"}})

    assert create(owner, own, "a").status_code == 207


def test_a_change_compares_serial_numbers_and_keys_anew_in_its_workspace_alone(owner: Owner) -> None:
    own, other = owner.create_workspace(), owner.create_workspace()
    for each in (own, other):
        create(owner, each, "abc", "k")

    change(owner, own, {"items.serial-equality": "case-folded", "idempotency.fingerprint": "raw-bytes"})

    assert create(owner, own, "ABC").json()["summary"]["errors"] == 1
    assert create(owner, other, "ABC").json()["summary"]["created"] == 1
    assert create(owner, own, "abc", "k").json()["summary"]["errors"] == 1  # executed again
    assert create(owner, other, "abc", "k").json()["summary"]["created"] == 1
    change(owner, own, None)
    assert create(owner, own, "ABC").json()["summary"]["created"] == 1


def test_readings_that_cannot_be_used_change_nothing_of_a_workspace(owner: Owner) -> None:
    own = owner.create_workspace(readings={"batch.all-failed-status": "207"})
    before = owner.ask("GET", "/state").content

    for readings in ({"batch.all-failed-status": "422"}, {"batch.mixed-statu": "207"}):
        reply = owner.ask("PATCH", f"/workspaces/{own['id']}", {"writes_per_day": 1, "readings": readings})
        assert (reply.status_code, reply.json()["detail"][:11]) == (400, "/readings: ")

    assert owner.ask("GET", "/state").content == before


def test_the_readings_of_a_workspace_are_saved_and_restored(owner: Owner) -> None:
    own = owner.create_workspace(readings=CREATED_201)
    saved = owner.ask("GET", "/state").json()
    owner.ask("POST", "/reset")

    assert owner.ask("PUT", "/state", saved).status_code == 204

    assert create(owner, own, "a").status_code == 201
    saved["workspaces"][-1]["readings"] = {"a.b": "c"}
    assert owner.ask("PUT", "/state", saved).json()["detail"].startswith('body: readings: unknown reading "a.b"')
    del saved["workspaces"][-1]["readings"]  # a state of an older mock
    assert owner.ask("PUT", "/state", saved).status_code == 204
    assert create(owner, own, "b").status_code == 200


def test_many_sets_of_readings_make_room_for_each_other(owner: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "_BUILT_MAX", 2)
    own = [owner.create_workspace(readings={"batch.all-created-status": status}) for status in ("201", "207", "200")]

    for serial in ("a", "b"):
        assert [create(owner, each, serial).status_code for each in own] == [201, 207, 200]
