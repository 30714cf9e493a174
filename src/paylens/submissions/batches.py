"""Out of the queue into the tables, in shuffled batches: what waited together can't be told apart afterwards.

A batch takes all that waits, `least` entries or none. In one transaction its halves and copies are written, each table
in an order of its own that is drawn anew, what they replace is deleted, the queue's entries go, and codes used since the
last batch are settled. So a process that dies at any moment leaves the entry in the queue or the rows in the tables,
never both or neither; an id that comes twice ends as one row.

Rows of one batch have one transaction (PostgreSQL's xmin is the same for all), so whoever links tables by it, or knows
when somebody sent a report, is left with one of `least` at best. Which batch a row came with shows until the next
clean-up, which rewrites the tables whole.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import delete, func, select, text, update

from paylens.submissions.sealing import Entry, Tampered, open_entry
from paylens.submissions.store import Store
from paylens.submissions.tables import FRESH, SETTLED, attributes, codes, pay, queue, receipts

__all__ = ["drain"]

MOST: Final = 500
"""Entries that one transaction moves at most; the rest follows in the next."""
_DRAINING = 1
_shuffle = secrets.SystemRandom().shuffle
_HALF = "INSERT INTO {} (id, generation, box) SELECT * FROM unnest(CAST(:id AS bytea[]), CAST(:generation AS smallint[]), CAST(:box AS bytea[]))"
_LISTS: Final = {
    "pay": text(_HALF.format("pay")),
    "attributes": text(_HALF.format("attributes")),
    "receipts": text(
        "INSERT INTO receipts (ref, box) SELECT * FROM unnest(CAST(:ref AS bytea[]), CAST(:box AS bytea[]))"
    ),
}


def drain(store: Store, key: bytes, least: int) -> int:
    """Write a batch when at least `least` reports wait (1: whatever there is); how many were written.

    `key` is the desk's, which opens the queue's entries. One that does not open is left there, set apart.
    """
    with store.reading() as connection:
        found = connection.scalar(select(func.count()).select_from(queue).where(queue.c.generation > 0))
    if not found or found < least:
        return 0
    with store.writing() as connection:
        if not store.try_lock(connection, _DRAINING):
            return 0
        wanted = select(queue.c.place, queue.c.generation, queue.c.entry).where(queue.c.generation > 0)
        rows = connection.execute(wanted.limit(MOST).with_for_update(skip_locked=True)).all()
        if len(rows) < least:
            return 0
        opened, taken = [], []
        for place, generation, block in rows:
            try:
                opened.append((generation, open_entry(key, block)))
                taken.append(place)
            except Tampered:
                connection.execute(update(queue).where(queue.c.place == place).values(generation=0))
        if opened:
            _write(store, connection, opened)
            connection.execute(delete(queue).where(queue.c.place.in_(taken)))
        connection.execute(update(codes).where(codes.c.used == FRESH).values(used=SETTLED))
    return len(opened)


def _write(store: Store, connection: Any, opened: Sequence[tuple[int, Entry]]) -> None:
    ids, refs = [entry.id for _, entry in opened], [entry.ref for _, entry in opened]
    for table, rows, gone in (
        (pay, [{"id": e.id, "generation": g, "box": e.sealed.pay} for g, e in opened], ids),
        (attributes, [{"id": e.id, "generation": g, "box": e.sealed.attributes} for g, e in opened], ids),
        (receipts, [{"ref": e.ref, "box": e.sealed.copy} for _, e in opened], refs),
    ):
        name = next(iter(table.primary_key.columns))
        connection.execute(delete(table).where(name.in_(gone)))
        _shuffle(rows)
        if store.postgres:
            # One statement for all: a row each would cost the way there and back.
            lists = {column: [row[column] for row in rows] for column in rows[0]}
            connection.execute(_LISTS[table.name], lists)
        else:
            connection.execute(table.insert(), rows)
