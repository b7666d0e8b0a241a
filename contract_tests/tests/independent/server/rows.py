"""The database: one SQLite file, one connection for each thread, one transaction for each write."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import local
from typing import Any

from tracepass_contract.contract_tests.tests.independent.server.plans import Space

_TABLES = """
CREATE TABLE spaces (name TEXT PRIMARY KEY, slots INTEGER, writes INTEGER, created INTEGER, cents INTEGER);
CREATE TABLE days (owner TEXT, day TEXT, writes INTEGER, PRIMARY KEY (owner, day));
CREATE TABLE products (id TEXT PRIMARY KEY, space TEXT, document TEXT, made INTEGER);
CREATE TABLE gtins (gtin TEXT PRIMARY KEY, space TEXT);
CREATE TABLE passports (
  id TEXT PRIMARY KEY, space TEXT, product TEXT, gtin TEXT, serial TEXT, status TEXT, document TEXT, made INTEGER
);
CREATE INDEX pairs ON passports (gtin, serial);
CREATE TABLE replays (
  owner TEXT, name TEXT, digest TEXT, status INTEGER, body TEXT, at TEXT, PRIMARY KEY (owner, name)
);
"""
Row = Sequence[Any]


class Rows:
    """Each thread has to `close` its connection."""

    def __init__(self, file: Path, spaces: Sequence[Space]) -> None:
        self._file = file
        self._of_thread = local()
        self.connection.executescript(_TABLES)
        for space in spaces:
            plan = space.plan
            slots = (plan.passports or 0) - (
                plan.passports or 0 if plan.passports_left is None else plan.passports_left
            )
            self.write("INSERT INTO spaces VALUES (?, ?, 0, 0, 0)", space.name, slots)

    @property
    def connection(self) -> sqlite3.Connection:
        found: sqlite3.Connection | None = getattr(self._of_thread, "connection", None)
        if found is None:
            found = sqlite3.connect(self._file, timeout=30, isolation_level=None)
            found.execute("PRAGMA synchronous = OFF")
            self._of_thread.connection = found
        return found

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Nobody else writes until it ends. What raises is undone."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")

    @contextmanager
    def part(self) -> Iterator[None]:
        """A part of a transaction, which is undone where it raises."""
        self.connection.execute("SAVEPOINT part")
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK TO part")
            raise
        finally:
            self.connection.execute("RELEASE part")

    def one(self, sql: str, *values: Any) -> Row | None:
        found: Row | None = self.connection.execute(sql, values).fetchone()
        return found

    def number(self, sql: str, *values: Any) -> int:
        """The one number that is asked for; 0 where there is no row."""
        found = self.one(sql, *values)
        return int(found[0] or 0) if found else 0

    def all(self, sql: str, *values: Any) -> Sequence[Row]:
        return self.connection.execute(sql, values).fetchall()

    def write(self, sql: str, *values: Any) -> None:
        self.connection.execute(sql, values)

    def close(self) -> None:
        if (found := getattr(self._of_thread, "connection", None)) is not None:
            found.close()
            del self._of_thread.connection
