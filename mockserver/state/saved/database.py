"""The state in an SQLite database: one table for each kind of value, and all changes since the last time in one
transaction. So what is loaded is always a state that was.

A database is open in one process only: SQLite then needs no shared memory, which some file systems do not have.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import lz4.block
import msgspec
from msgspec.structs import replace

from ...semantics.types.answers import Remembered
from ...semantics.types.gs1 import serial_identity
from ...semantics.types.readings import Readings
from ...semantics.types.records import Product
from ..journal import Kept, Row
from ..workspace import NO_OWNER, Passport, with_owner
from .capture import Captured
from .document import SavedWorkspace, Snapshot
from .snapshot import UnusableSnapshot, checked

MAGIC = b"SQLite format 3\0"  # the first bytes of each SQLite database
_APPLICATION: Final = 0x54506D6B  # "TPmk", in the header of the file: it says whose database this is
_VERSION: Final = 1
_BY_KEY = (
    "passports",
    "taken_pairs",
    "entries",
    "rows",
)  # read in the order of their keys, the others as they were added
_TABLES = ("server", "workspaces", "api_keys", "gtin_holders", "gtins", "products", "answers", *_BY_KEY)
_ROWS_OF_A_STATEMENT = (512, 64, 8, 1)  # SQLite executes a statement without Python's lock, so that calls go on
_PAGE_BYTES, _WAL_PAGES, _WAL_BYTES_KEPT = 16_384, 1_000, 64 * 1024 * 1024
_CACHE_KILOBYTES = 16_384  # more than a transaction changes: SQLite writes what has no room twice
_COMPRESSED, _COMPRESSED_FROM_BYTES = b"\xc1", 512  # no MessagePack begins with this byte
_encode = msgspec.msgpack.Encoder().encode
_Rows = dict[tuple[str, Any], Any]  # by workspace and key; None is a row to delete


class Database:
    """An open database. The thread that writes may be another one than the one that opened it."""

    def __init__(self, path: Path, *, survives_power_cut: bool = True) -> None:
        """Open what `create` has made. Raises `sqlite3.Error`, and `UnusableSnapshot` for another database.

        The end of this process loses nothing that was written. A power cut may, unless the database `survives` it: then
        each transaction waits for the disk.
        """
        self._path, self._connection = path, _connect(path)
        self._unwritten = _Unwritten()
        try:
            self._prepare("FULL" if survives_power_cut else "NORMAL")
        except BaseException:
            self._connection.close()
            raise

    @staticmethod
    def create(path: Path, captured: Captured) -> None:
        """Write a complete state to a new file. Raises `sqlite3.Error`."""
        unwritten = _Unwritten()
        unwritten.add(captured)
        with closing(_connect(path)) as connection, _transaction(connection):
            connection.execute(f"PRAGMA application_id = {_APPLICATION}")
            connection.execute(f"PRAGMA user_version = {_VERSION}")
            for table in _TABLES:
                columns = "workspace TEXT NOT NULL, key NOT NULL, value, PRIMARY KEY (workspace, key)"
                by_key = " WITHOUT ROWID" if table in _BY_KEY else ""
                connection.execute(f"CREATE TABLE {table} ({columns}){by_key}")
            unwritten.write(connection)

    def write(self, captured: Captured) -> None:
        """Write changes. After an error, which is a `sqlite3.Error`, the next call writes them too."""
        self._unwritten.add(captured)
        if not self._path.exists():
            raise sqlite3.OperationalError("the file was removed")
        with _transaction(self._connection):
            self._unwritten.write(self._connection)
        self._unwritten = _Unwritten()

    def load(self) -> Snapshot:
        """The state. Raises `UnusableSnapshot`."""
        try:
            return checked(self._load())
        except (msgspec.DecodeError, KeyError, ValueError, lz4.block.LZ4BlockError, sqlite3.Error) as error:
            raise UnusableSnapshot(f"a damaged state of a mock: {error}") from None

    def close(self) -> None:
        self._connection.close()

    def _prepare(self, synchronous: str) -> None:
        execute = self._connection.execute
        execute("PRAGMA locking_mode = EXCLUSIVE")
        [(application,)], [(version,)] = execute("PRAGMA application_id"), execute("PRAGMA user_version")
        if application != _APPLICATION:
            raise UnusableSnapshot("not a saved state of a mock: it is the database of another program")
        if version != _VERSION:
            raise UnusableSnapshot(f"the database has version {version}; this mock reads version {_VERSION}")
        execute("PRAGMA journal_mode = WAL")
        execute(f"PRAGMA synchronous = {synchronous}")
        execute(f"PRAGMA cache_size = -{_CACHE_KILOBYTES}")
        execute(f"PRAGMA wal_autocheckpoint = {_WAL_PAGES}")
        execute(f"PRAGMA journal_size_limit = {_WAL_BYTES_KEPT}")

    def _load(self) -> Snapshot:
        server = {key: value for _, key, value in self._rows("server")}
        gtins, taken, api_keys = (
            self._by_workspace("gtins"),
            self._by_workspace("taken_pairs"),
            self._by_workspace("api_keys"),
        )
        products, passports = self._by_workspace("products", Product), self._by_workspace("passports", list[Passport])
        answers = self._by_workspace("answers", Remembered)
        entries, rows = self._by_workspace("entries", Kept), self._by_workspace("rows", Row)
        readings = msgspec.json.decode(server["readings"], type=dict[str, str])
        workspaces = []
        for owner, _, encoded in self._rows("workspaces"):
            head = msgspec.json.decode(encoded, type=SavedWorkspace)
            has = [each for _, group in passports.get(owner, ()) for each in group]
            equal = Readings.from_answers(readings if head.readings is None else head.readings)
            pairs = _pairs(
                [gtin for gtin, _ in gtins.get(owner, ())], has, [name for name, _ in taken.get(owner, ())], equal
            )
            workspaces.append(
                replace(
                    head,
                    api_keys=[key for key, _ in api_keys.get(owner, ())],
                    products=[value for _, value in products.get(owner, ())],
                    passports=has,
                    pairs=pairs,
                    answers=[
                        (msgspec.json.decode(key, type=tuple[str, ...]), value) for key, value in answers.get(owner, ())
                    ],
                    entries=[kept.entry() for _, kept in entries.get(owner, ())],
                    rows=[value for _, value in rows.get(owner, ())],
                )
            )
        return Snapshot(
            readings=readings,
            workspaces_created=msgspec.json.decode(server["workspaces_created"], type=int),
            gtin_holders={gtin: holder for holder, gtin, _ in self._rows("gtin_holders")},
            workspaces=workspaces,
        )

    def _by_workspace(self, table: str, kind: Any = None) -> Mapping[str, Sequence[tuple[Any, Any]]]:
        """The keys and values of a table for each workspace."""
        found: dict[str, list[tuple[Any, Any]]] = {}
        decode = _decoder_of(kind) if kind else _as_it_is
        for workspace, key, value in self._rows(table):
            found.setdefault(workspace, []).append((key, decode(value)))
        return found

    def _rows(self, table: str) -> Iterator[tuple[str, Any, Any]]:
        order = "workspace, key" if table in _BY_KEY else "rowid"
        return self._connection.execute(f"SELECT workspace, key, value FROM {table} ORDER BY {order}")  # noqa: S608


class _Unwritten:
    """Changes that are not in the database yet. A later change of a row replaces an earlier one."""

    def __init__(self) -> None:
        self._complete = False
        self._tables: dict[str, _Rows] = {}
        self._oldest: dict[str, tuple[int, int]] = {}  # by workspace: the oldest entry and row to keep

    def add(self, captured: Captured) -> None:
        if captured.complete:
            self._complete, self._tables, self._oldest = True, {}, {}
        self._rows("server").update({("", name): value for name, value in captured.server.items()})
        for workspace, head, oldest_entry, oldest_row in captured.heads:
            self._rows("workspaces")[workspace, ""] = head
            self._oldest[workspace] = oldest_entry, oldest_row
        for kind, workspace, keys, values in captured.notes:
            self._rows(kind).update({(workspace, key): value for key, value in zip(keys, values, strict=True)})
        for table, oldest in (("entries", 0), ("rows", 1)):
            rows = self._rows(table)
            for workspace, number in [each for each in rows if each[1] < self._oldest[each[0]][oldest]]:
                del rows[workspace, number]

    def write(self, connection: sqlite3.Connection) -> None:
        if self._complete:
            for table in _TABLES:
                connection.execute(f"DELETE FROM {table}")  # noqa: S608  one of ours
        for table, rows in self._tables.items():
            gone = [name for name, value in rows.items() if value is None]
            connection.executemany(f"DELETE FROM {table} WHERE workspace = ? AND key = ?", gone)  # noqa: S608
            _put(connection, table, [(*name, value) for name, value in rows.items() if value is not None])
        for table, oldest in (("entries", 0), ("rows", 1)):
            ends = [(workspace, ends[oldest]) for workspace, ends in self._oldest.items() if ends[oldest] > 1]
            connection.executemany(f"DELETE FROM {table} WHERE workspace = ? AND key < ?", ends)  # noqa: S608

    def _rows(self, table: str) -> _Rows:
        return self._tables.setdefault(table, {})


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    connection.execute(f"PRAGMA page_size = {_PAGE_BYTES}")  # of a new database: a third less work than with 4 KiB
    return connection


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):  # SQLite has rolled back already
            connection.execute("ROLLBACK")
        raise


def _put(connection: sqlite3.Connection, table: str, rows: Sequence[tuple[str, str | int, Any]]) -> None:
    start = 0
    for size in _ROWS_OF_A_STATEMENT:
        while len(rows) - start >= size:
            values: list[Any] = []
            for workspace, key, value in rows[start : start + size]:
                values += (workspace, key, value if isinstance(value, (str, bytes)) else _packed(value))
            connection.execute(_statement(table, size), values)
            start += size


def _packed(value: Any) -> bytes:
    """A value as MessagePack. Compressing a large one takes a tenth of the time that SQLite would need for the rest."""
    encoded = _encode(value)
    if len(encoded) < _COMPRESSED_FROM_BYTES:
        return encoded
    compressed: bytes = _COMPRESSED + lz4.block.compress(encoded)
    return compressed


def _decoder_of(kind: Any) -> Callable[[bytes], Any]:
    decode = msgspec.msgpack.Decoder(kind).decode

    def unpacked(value: bytes) -> Any:
        return decode(lz4.block.decompress(memoryview(value)[1:]) if value[:1] == _COMPRESSED else value)

    return unpacked


@lru_cache
def _statement(table: str, rows: int) -> str:
    """The statement that adds so many rows, or changes their values."""
    values = ", ".join(["(?, ?, ?)"] * rows)
    changed = "ON CONFLICT (workspace, key) DO UPDATE SET value = excluded.value"
    return f"INSERT INTO {table} (workspace, key, value) VALUES {values} {changed}"  # noqa: S608  no value is in it


def _pairs(
    gtins: Sequence[str], passports: Sequence[Passport], taken: Sequence[str], readings: Readings
) -> dict[str, dict[str, str]]:
    """The owners of pairs by GTIN and identity. Passports have theirs, and others stay taken without an owner."""
    found: dict[str, dict[str, str]] = {gtin: {} for gtin in gtins}
    for each in passports:
        pairs, identity = found[each.gtin], serial_identity(each.serial_number, readings)
        pairs[identity] = with_owner(pairs.get(identity, NO_OWNER), each.id)
    for name in taken:
        gtin, _, identity = name.partition("/")
        found[gtin].setdefault(identity, NO_OWNER)
    return found


def _as_it_is(value: Any) -> Any:
    return value
