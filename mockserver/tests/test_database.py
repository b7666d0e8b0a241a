"""The database of a state file: the changes, written one after the other, are the whole state."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tracepass_contract.mockserver.app import Mock, create_app
from tracepass_contract.mockserver.state import journal, stored_answers
from tracepass_contract.mockserver.state.saved import database
from tracepass_contract.mockserver.state.saved.database import Database
from tracepass_contract.mockserver.state.saved.snapshot import UnusableSnapshot
from tracepass_contract.mockserver.tests.control_client import Owner
from tracepass_contract.mockserver.tests.test_snapshot import a_lived_in_mock, keyed


class Saved:
    """A mock whose changes are written to a database."""

    def __init__(self, path: Path, mock: Mock) -> None:
        Database.create(path, mock.capture_all())
        self._path, self._mock = path, mock
        self._database = Database(path)
        mock.state.changes.note_from_now_on(lambda: None)

    def write(self) -> None:
        self._database.write(self._mock.capture())

    def close(self) -> None:
        self._database.close()

    def loaded_by(self, other: Mock) -> Any:
        """The state of another mock that has loaded the database."""
        self._database.close()
        self._database = Database(self._path)
        other.restore_snapshot(self._database.load())
        return state_of(other)


def state_of(mock: Mock) -> Any:
    """The whole state. The order of the pairs of a GTIN, which is not saved, is not in it."""
    return json.loads(mock.save())


@pytest.fixture
def lived(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Saved, Owner, dict[str, Any]]]:
    """Few entries and answers are kept, so that old ones go."""
    monkeypatch.setattr(journal, "ENTRIES_MAX", 5)
    monkeypatch.setattr(stored_answers, "ANSWERS_MAX", 4)
    owner, workspace = a_lived_in_mock()
    with closing(Saved(tmp_path / "mock.db", owner.mock)) as saved:
        yield saved, owner, workspace


def send(owner: Owner, workspace: dict[str, Any], method: str, path: str, body: Any = None) -> None:
    headers = [("Authorization", f"Bearer {workspace['api_key']}"), ("Content-Type", "application/json")]
    reply = owner.request(method, f"/api/v1{path}", headers, b"" if body is None else json.dumps(body).encode())
    assert reply.is_success, reply.text


def delete(owner: Owner, workspace: dict[str, Any], *serials: str) -> None:
    passports = owner.mock.state.workspaces[workspace["id"]].passports.values()
    for each in [each.id for each in passports if each.serial_number in serials]:
        send(owner, workspace, "DELETE", f"/passports/{each}")


def product(owner: Owner, workspace: dict[str, Any]) -> str:
    """The latest product."""
    return [*owner.mock.state.workspaces[workspace["id"]].products][-1]


def ask(owner: Owner, method: str, path: str, body: Any = None) -> None:
    reply = owner.ask(method, path, body)
    assert reply.is_success, reply.text


LIMITS = {"writes_used": 3, "writes_per_day": None, "passports_included": None, "overage_count": 2}
CELL = {"name": "Cell", "model": "C-9", "category": "battery"}
FAULT = {"kind": "lose-request", "cut": "close", "skip": 9}
STEPS: dict[str, Callable[[Owner, dict[str, Any]], object]] = {
    "limits": lambda owner, it: ask(owner, "PATCH", f"/workspaces/{it['id']}", LIMITS),
    "a batch": lambda owner, it: keyed(owner, it, "new", *(f"n{n}" for n in range(40))),
    "a replay": lambda owner, it: keyed(owner, it, "k1", "a", "S-1"),
    "a deletion": lambda owner, it: delete(owner, it, "n1"),
    "a group that is gone": lambda owner, it: delete(owner, it, *(f"n{n}" for n in range(2, 40))),
    "other readings": lambda owner, _: ask(
        owner, "PUT", "/readings", {"readings": {"items.pair-after-removal": "stays-taken"}}
    ),
    "a deletion that leaves the pair taken": lambda owner, it: delete(owner, it, "n0"),
    "a workspace": lambda owner, _: owner.create_workspace(readings={"batch.mixed-status": "207"}),
    "readings of a workspace": lambda owner, it: ask(
        owner, "PATCH", f"/workspaces/{it['id']}", {"readings": {"items.serial-equality": "case-folded"}}
    ),
    "those of the server": lambda owner, it: ask(owner, "PATCH", f"/workspaces/{it['id']}", {"readings": None}),
    "a product": lambda owner, it: send(owner, it, "POST", "/products", CELL),
    "a product less": lambda owner, it: send(owner, it, "DELETE", f"/products/{product(owner, it)}"),
    "a change": lambda owner, it: send(owner, it, "POST", "/passports/by-serial/b/suspend", {"reason": "why"}),
    "a read": lambda owner, it: send(owner, it, "GET", "/passports"),
    "a clock": lambda owner, it: ask(owner, "POST", f"/workspaces/{it['id']}/clock/advance", {"seconds": 100_000}),
    "a batch when answers have expired": lambda owner, it: keyed(owner, it, "later", "n1"),
    "a key": lambda owner, it: ask(owner, "POST", f"/workspaces/{it['id']}/api-keys"),
    "a key less": lambda owner, _: ask(owner, "DELETE", "/workspaces/unlimited/api-keys/tp_mock_unlimited"),
    "a key of nobody": lambda owner, _: owner.mock.state.revoke_api_key("none"),
    "a fault": lambda owner, it: ask(owner, "POST", f"/workspaces/{it['id']}/faults", FAULT),
    "no journal": lambda owner, it: ask(owner, "DELETE", f"/workspaces/{it['id']}/journal"),
    "other pairs": lambda owner, _: ask(owner, "PUT", "/readings", {"readings": {"items.serial-equality": "trimmed"}}),
    "a reset": lambda owner, _: ask(owner, "POST", "/reset"),
}


def test_the_changes_one_after_the_other_are_the_whole_state(lived: tuple[Saved, Owner, dict[str, Any]]) -> None:
    saved, owner, workspace = lived
    other = create_app(clock=owner.clock)

    for name, step in STEPS.items():
        step(owner, workspace)
        saved.write()
        assert (name, saved.loaded_by(other)) == (name, state_of(owner.mock))


def test_steps_that_are_written_together_are_the_same(lived: tuple[Saved, Owner, dict[str, Any]]) -> None:
    saved, owner, workspace = lived
    *steps, reset = STEPS.values()

    for step in steps:
        step(owner, workspace)
    saved.write()
    before = saved.loaded_by(other := create_app(clock=owner.clock)), state_of(owner.mock)
    keyed(owner, workspace, "before the reset", "z")
    reset(owner, workspace)
    owner.create_workspace()
    saved.write()

    assert before[0] == before[1]
    assert saved.loaded_by(other) == state_of(owner.mock)


def test_what_could_not_be_written_is_written_next_time(
    lived: tuple[Saved, Owner, dict[str, Any]], tmp_path: Path
) -> None:
    saved, owner, workspace = lived
    file, away = tmp_path / "mock.db", tmp_path / "away"
    keyed(owner, workspace, "one", "y1")

    file.rename(away)
    with pytest.raises(sqlite3.OperationalError, match="removed"):
        saved.write()
    away.rename(file)
    owner.create_workspace()
    saved.write()

    assert saved.loaded_by(create_app(clock=owner.clock)) == state_of(owner.mock)


def test_a_transaction_that_fails_leaves_the_state_before(lived: tuple[Saved, Owner, dict[str, Any]]) -> None:
    """The database may not grow, so that a large transaction does not fit."""
    saved, owner, workspace = lived
    ask(owner, "PATCH", f"/workspaces/{workspace['id']}", LIMITS)
    saved.write()
    before = state_of(owner.mock)
    saved._database._connection.execute("PRAGMA max_page_count = 1")
    for n in range(30):
        keyed(owner, workspace, f"k-{n}", *(f"{n}-{i}" for i in range(100)))

    with pytest.raises(sqlite3.OperationalError, match="full"):
        saved.write()

    assert saved.loaded_by(create_app(clock=owner.clock)) == before


def test_large_rows_are_compressed_and_others_are_read_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of earlier versions have no compressed rows."""
    owner, workspace = a_lived_in_mock()
    ask(owner, "PATCH", f"/workspaces/{workspace['id']}", LIMITS)
    keyed(owner, workspace, "large", *(f"l{n}" for n in range(100)))
    small, large = tmp_path / "small.db", tmp_path / "large.db"

    Database.create(small, owner.mock.capture_all())
    monkeypatch.setattr(database, "_COMPRESSED_FROM_BYTES", 1_000_000)
    Database.create(large, owner.mock.capture_all())

    assert 2 * _bytes_in(small, "answers") < _bytes_in(large, "answers")
    assert _state_in(small) == _state_in(large) == state_of(owner.mock)


def _bytes_in(file: Path, table: str) -> int:
    with closing(sqlite3.connect(file)) as connection:
        [(size,)] = connection.execute(f"SELECT sum(length(value)) FROM {table}")
    assert isinstance(size, int)
    return size


def _state_in(file: Path) -> Any:
    mock = create_app()
    with closing(Database(file)) as opened:
        mock.restore_snapshot(opened.load())
    return state_of(mock)


@pytest.mark.parametrize(
    ("statement", "complaint"),
    [
        ("PRAGMA application_id = 1", "the database of another program"),
        ("PRAGMA user_version = 9", "the database has version 9; this mock reads version 1"),
        ("DELETE FROM server", "a damaged state of a mock: 'readings'"),
        ("UPDATE workspaces SET value = '{'", "a damaged state of a mock"),
        ("UPDATE products SET value = x'c110000000ff'", "a damaged state of a mock"),
        ("DELETE FROM gtins", "a damaged state of a mock"),
        ("DROP TABLE rows", "a damaged state of a mock: no such table: rows"),
        ("DELETE FROM workspaces WHERE workspace = 'unlimited'", "unknown workspace 'unlimited'"),
    ],
)
def test_another_database_is_refused(tmp_path: Path, statement: str, complaint: str) -> None:
    file = tmp_path / "mock.db"
    Database.create(file, create_app().capture_all())
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(statement)

    with pytest.raises(UnusableSnapshot, match=complaint), closing(Database(file)) as database:
        database.load()
