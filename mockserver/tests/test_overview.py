"""The list of the workspaces and the catalogue of the rules and readings."""

import pytest

from tracepass_contract.fixtures import accounts
from tracepass_contract.mockserver.tests.control_client import VALIDATORS, Owner
from tracepass_contract.spec import readings, rules


def test_the_list_has_the_balances_keys_clock_and_faults_of_each_workspace() -> None:
    owner = Owner("one_write_left")
    owner.batch(owner.item())
    owner.ask("POST", "/workspaces/one_write_left/faults", {"kind": "malformed"})

    listed = owner.ask("GET", "/workspaces").json()

    VALIDATORS["#/components/schemas/Workspaces"].validate(listed)
    assert [each["id"] for each in listed["workspaces"]] == [each.name for each in accounts()]
    found = next(each for each in listed["workspaces"] if each["id"] == "one_write_left")
    balances = owner.ask("GET", "/workspaces/one_write_left").json()
    assert found == {
        **balances,
        "about": "One write is left today.",
        "api_keys": ["tp_mock_one_write_left"],
        "clock": {"now": "2026-01-15T12:00:00.000Z", "frozen": False},
        "journal": {"entries": 1, "forgotten": 0},
        "faults": {"planned": 1, "consumed": 0},
    }


def test_the_list_comes_in_parts() -> None:
    owner = Owner()
    owner.create_workspace()
    ids = [*(each.name for each in accounts()), "workspace-1"]

    first = owner.ask("GET", "/workspaces?limit=2").json()
    rest = owner.ask("GET", f"/workspaces?after={ids[1]}").json()

    assert [each["id"] for each in first["workspaces"] + rest["workspaces"]] == ids
    assert (first["total"], first["more"], rest["more"]) == (len(ids), True, False)
    assert rest["workspaces"][-1]["about"] is None


@pytest.mark.parametrize(
    ("query", "status", "detail"),
    [
        ("limit=0", 400, 'limit: expected a number from 1 to 500, found "0"'),
        ("limit=501", 400, 'limit: expected a number from 1 to 500, found "501"'),
        ("limit=some", 400, 'limit: expected a number from 1 to 500, found "some"'),
        ("after=none", 404, 'after: unknown workspace "none"'),
    ],
)
def test_a_part_that_does_not_exist_is_refused(query: str, status: int, detail: str) -> None:
    reply = Owner().ask("GET", f"/workspaces?{query}")

    assert (reply.status_code, reply.json()["detail"]) == (status, detail)


def test_the_catalogue_has_a_sentence_for_each_rule_and_each_reading() -> None:
    catalogue = Owner().ask("GET", "/catalogue").json()

    VALIDATORS["#/components/schemas/Catalogue"].validate(catalogue)
    assert {each["id"]: each["sentence"] for each in catalogue["rules"]} == {
        each.id: each.sentence for each in rules().values()
    }
    assert {each["id"]: [answer["id"] for answer in each["answers"]] for each in catalogue["readings"]} == {
        each.id: list(each.answers) for each in readings().values()
    }
