"""The clean-up after which what was deleted is in none of the database's files, and no row shows its batch.

SQLite overwrites what it deletes at once (secure_delete); the clean-up writes the file anew and empties its log.
PostgreSQL keeps old versions of rows until they are vacuumed, and all of them in its log. There the clean-up

1. writes the rows of each table anew in the order of their random keys, all in one transaction: neither xmin nor ctid tells
   batches apart afterwards;
2. VACUUM (FULL) each table, which writes new files without old versions;
3. begins a new segment of the log and makes two checkpoints, after which the server needs no older segment. With
   `wal_recycle = off` it removes them; with the default it renames them for later use and they keep what they held.

Steps that the database's user may not do are named, for somebody who may.
"""

from __future__ import annotations

import sqlite3
from typing import Final

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from paylens.contract.report import DeskBusy
from paylens.submissions.store import Store
from paylens.submissions.tables import METADATA

__all__ = ["clean"]

WAIT_MS = 20_000
"""How long SQLite's clean-up waits for others."""
_TABLES: Final = ("pay", "attributes", "receipts", "queue", "codes")
_ADVICE: Final = {
    "wal_recycle": ("off", "old segments of its log are renamed, not removed, and keep what was deleted"),
    "track_commit_timestamp": ("off", "it keeps the second in which each row was written"),
    "archive_mode": ("off", "its log is copied elsewhere and keeps what was deleted"),
}


def clean(store: Store) -> list[str]:
    """Do it; what is left for somebody else to do or to set, one line each."""
    return _postgres(store) if store.postgres else _sqlite(store)


def _sqlite(store: Store) -> list[str]:
    with store.engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        try:
            raw.execute(f"PRAGMA busy_timeout = {WAIT_MS}")
            raw.execute("VACUUM")
            busy, *_ = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.OperationalError:
            raise DeskBusy("somebody else writes to the database or reads it for long: clean again") from None
        finally:
            connection.invalidate()  # its patience is not that of the others
    return ["somebody reads the database: its log could not be emptied, clean again"] if busy else []


def _postgres(store: Store) -> list[str]:
    with store.writing() as connection:
        for table in _TABLES:
            _anew(connection, table)
    left: list[str] = []
    steps = [f"VACUUM (FULL) {table}" for table in (*_TABLES, "marks")]
    steps += 2 * ["SELECT pg_switch_wal()", "CHECKPOINT"]
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for step in steps:
            try:
                connection.execute(text(step))
            except DBAPIError as error:
                left.append(f"{step}: {type(error.orig).__name__}; ask whoever may to run it")
        for name, (wanted, why) in _ADVICE.items():
            if connection.scalar(text("SELECT current_setting(:name, true)"), {"name": name}) not in (
                wanted,
                None,
            ):
                left.append(f"set {name} = {wanted} on the server: {why}")
    return list(dict.fromkeys(left))


def _anew(connection: Connection, table: str) -> None:
    """Every row of a table written again in the order of its key, by this one transaction."""
    key = next(iter(METADATA.tables[table].primary_key.columns)).name
    connection.execute(text(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"))
    connection.execute(
        text(
            f"WITH moved AS (DELETE FROM {table} RETURNING *) INSERT INTO {table} SELECT * FROM moved ORDER BY {key}"
        )
    )
