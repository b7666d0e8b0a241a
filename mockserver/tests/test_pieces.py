"""The saved state in pieces: it shows one moment, whatever happens between two pieces."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tracepass_contract.mockserver.state.collections import ById, ByText
from tracepass_contract.mockserver.state.saved import pieces
from tracepass_contract.mockserver.tests.control_client import Owner
from tracepass_contract.mockserver.tests.test_database import delete
from tracepass_contract.mockserver.tests.test_snapshot import a_lived_in_mock, keyed

CHANGES: dict[str, Callable[[Owner, dict[str, Any]], object]] = {
    "a batch": lambda owner, it: keyed(owner, it, "new", "n1"),
    "a deletion": lambda owner, it: delete(owner, it, "b"),
    "a fault": lambda owner, it: owner.ask("DELETE", f"/workspaces/{it['id']}/faults"),
    "other limits": lambda owner, it: owner.ask("PATCH", f"/workspaces/{it['id']}", {"writes_used": 0}),
    "readings of the workspace": lambda owner, it: owner.ask(
        "PATCH", f"/workspaces/{it['id']}", {"readings": {"items.serial-equality": "trimmed"}}
    ),
    "a new workspace": lambda owner, _: owner.create_workspace(),
    "other readings": lambda owner, _: owner.ask(
        "PUT", "/readings", {"readings": {"items.serial-equality": "trimmed"}}
    ),
    "a reset": lambda owner, _: owner.ask("POST", "/reset"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_state_in_pieces_is_that_of_the_first_piece(change: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The change comes after one piece, and for another state after half of them."""
    monkeypatch.setattr(pieces, "_BYTES", 1)
    for part in (0, 2):
        owner, workspace = a_lived_in_mock()
        before = owner.mock.save()
        count = len([*owner.mock.saved_pieces()])
        found = []

        for nth, piece in enumerate(owner.mock.saved_pieces()):
            found.append(piece)
            if nth == (part and count // part):
                CHANGES[change](owner, workspace)

        assert b"".join(found) == before
        assert owner.mock.save() != before


def test_a_state_in_pieces_is_what_the_call_answers() -> None:
    """A client that goes away in the middle leaves nothing behind."""
    owner, _ = a_lived_in_mock()
    reply = owner.ask("GET", "/state")
    begun = owner.mock.saved_pieces()
    next(begun)
    begun.close()

    assert reply.content == owner.mock.save()
    assert reply.headers["content-type"] == "application/json"
    assert json.loads(reply.content)["format"] == "tracepass-mock-state"
    assert owner.mock.state.changes._readers == []


def test_a_gtin_without_pairs_is_in_the_state() -> None:
    owner = Owner()
    workspace = owner.create_workspace()
    owner.create(workspace, "a")
    delete(owner, workspace, "a")

    saved = owner.ask("GET", "/state").json()

    assert saved["workspaces"][-1]["pairs"] == {workspace["gtin"]: {}}
    assert owner.ask("PUT", "/state", saved).status_code == 204


@pytest.mark.parametrize("kind", [ById, ByText])
def test_what_is_frozen_does_not_change(kind: type[ById[int]] | type[ByText[int]]) -> None:
    found = kind()
    found.update({"00": 0, "01": 1, "ff00": 2})

    frozen = found.frozen()
    found["01"] = 3
    found["02"] = 4
    del found["00"]
    with pytest.raises(KeyError):
        del found["none"]

    assert {key: value for part in frozen for key, value in part.items()} == {"00": 0, "01": 1, "ff00": 2}
    assert dict(found) == {"01": 3, "02": 4, "ff00": 2}
