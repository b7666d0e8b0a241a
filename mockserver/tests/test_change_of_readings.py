"""Readings change while the mock serves."""

from itertools import product

import pytest

from tracepass_contract.mockserver.tests.control_client import VALIDATORS, Owner
from tracepass_contract.spec import document_under


def put(owner: Owner, **readings: str) -> None:
    answers = {name.replace("__", ".").replace("_", "-"): answer for name, answer in readings.items()}
    reply = owner.ask("PUT", "/readings", {"readings": answers})
    assert reply.status_code == 200, reply.text
    VALIDATORS["#/components/schemas/ReadingsInForce"].validate(reply.json())
    assert (
        reply.json()
        == owner.ask("GET", "/readings").json()
        == {"readings": owner.ask("GET", "/health").json()["readings"]}
    )


def test_what_is_put_is_in_force_and_the_rest_has_its_default() -> None:
    owner = Owner(batch__all_created_status="201")
    put(owner, batch__mixed_status="207", items__gtin_spellings="13-padded")

    assert owner.batch(owner.item(), owner.item()).status_code == 207
    assert owner.batch(owner.item("b")).status_code == 200
    components = document_under({"items.gtin-spellings": "13-padded"})["components"]
    assert owner.request("GET", "/openapi.json").json()["components"] == components


def test_a_fixed_reading_can_be_put_and_is_not_among_those_that_can_be_set() -> None:
    put(Owner(), budget__owner="workspace", batch__mixed_status="207")


@pytest.mark.parametrize(
    ("readings", "complaint"),
    [
        ({"batch.mixed-statos": "207"}, 'Did you mean "batch.mixed-status"?'),
        ({"batch.mixed-status": "204"}, 'unknown answer "204". The answers are 200, 201, 207'),
        ({"idempotency.key-syntax": "uuid", "idempotency.key-out-of-range": "ignored"}, "contradict each other"),
    ],
)
def test_readings_that_can_not_be_run_with_change_nothing(readings: dict[str, str], complaint: str) -> None:
    owner = Owner(batch__mixed_status="207")
    before = owner.ask("GET", "/state").content

    reply = owner.ask("PUT", "/readings", {"readings": readings})

    assert (reply.status_code, complaint in reply.json()["detail"]) == (400, True)
    assert owner.ask("GET", "/state").content == before


def test_a_reset_brings_back_the_readings_of_the_start() -> None:
    owner = Owner(batch__mixed_status="207")
    put(owner, batch__mixed_status="201")

    owner.ask("POST", "/reset")

    assert owner.batch(owner.item(), owner.item()).status_code == 207


def test_serial_numbers_are_compared_by_the_new_reading() -> None:
    owner = Owner()
    owner.batch(owner.item("abc"))

    put(owner, items__serial_equality="case-folded")
    assert owner.batch(owner.item("ABC")).json()["summary"]["errors"] == 1
    put(owner)
    assert owner.batch(owner.item("ABC")).json()["summary"]["created"] == 1


def test_passports_that_have_one_serial_number_now_have_it_together() -> None:
    """If one of them is deleted, the other keeps the pair."""
    owner = Owner()
    gone = owner.batch(owner.item("A"), owner.item("a")).json()["results"][1]["data"]["_id"]
    put(owner, items__serial_equality="case-folded")
    assert owner.api("GET", "/passports/by-serial/A").status_code == 409

    assert owner.api("DELETE", f"/passports/{gone}").is_success

    assert owner.api("GET", "/passports/by-serial/A").json()["gs1"]["serialNumber"] == "A"
    assert owner.batch(owner.item("A")).json()["summary"]["created"] == 0


def test_a_pair_that_is_used_up_stays_so_by_the_new_reading() -> None:
    owner = Owner(items__pair_after_removal="stays-taken")
    gone = owner.batch(owner.item("A")).json()["results"][0]["data"]["_id"]
    assert owner.api("DELETE", f"/passports/{gone}").is_success

    put(owner, items__pair_after_removal="stays-taken", items__serial_equality="case-folded")

    assert owner.batch(owner.item("a")).json()["summary"]["created"] == 0


def test_answers_stay_if_keys_and_bodies_are_compared_as_before() -> None:
    owner = Owner()
    first = owner.batch(owner.item("a"), key="k").content

    put(owner, batch__all_created_status="201")
    assert owner.batch(owner.item("a"), key="k").content == first
    put(owner, idempotency__fingerprint="raw-bytes")
    assert owner.batch(owner.item("a"), key="k").json()["summary"]["errors"] == 1


def test_the_journal_has_the_readings_of_each_decision() -> None:
    owner = Owner()
    workspace = owner.create_workspace()
    owner.create(workspace, "a")
    put(owner, batch__mixed_status="207")
    owner.create(workspace, "b")

    entries = [owner.ask("GET", f"/workspaces/{workspace['id']}/journal/{n}").json() for n in (1, 2)]

    assert [entry["because"]["readings"]["batch.mixed-status"] for entry in entries] == ["200", "207"]


def test_more_sets_of_readings_than_are_kept_ready() -> None:
    owner, statuses = Owner(), ("200", "201", "207")
    for mixed, all_created, all_failed in product(statuses, repeat=3):
        put(
            owner, batch__mixed_status=mixed, batch__all_created_status=all_created, batch__all_failed_status=all_failed
        )

    assert owner.batch(owner.item()).status_code == 207
