"""The tables of a store. What an insider sees of it is printed in docs/submissions.md.

No table has a number that counts, a time or a reference to another. `pay` and `attributes` share the report's random
id, `receipts` and `queue` have names of their own that only the receipt leads to. SQLite keeps rows by their key
(WITHOUT ROWID), so their order is that of random bits.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, Integer, LargeBinary, MetaData, SmallInteger, String, Table

__all__ = [
    "FRESH",
    "METADATA",
    "SETTLED",
    "UNUSED",
    "attributes",
    "codes",
    "halves",
    "marks",
    "pay",
    "queue",
    "receipts",
]

METADATA: Final = MetaData()
UNUSED, FRESH, SETTLED = 0, 1, 2


def _half(name: str) -> Table:
    """The two halves of a report are kept in the same shape: nothing but the id and a box."""
    return Table(
        name, METADATA,
        Column("id", LargeBinary, primary_key=True),
        Column("generation", SmallInteger, nullable=False),
        Column("box", LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )  # fmt: skip


pay: Final = _half("pay")
attributes: Final = _half("attributes")
receipts: Final = Table(
    "receipts", METADATA,
    Column("ref", LargeBinary, primary_key=True),
    Column("box", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)  # fmt: skip
# `generation` is that of the keys inside, 0 where an entry does not open and waits for somebody to look.
queue: Final = Table(
    "queue", METADATA,
    Column("place", LargeBinary, primary_key=True),
    Column("generation", SmallInteger, nullable=False),
    Column("entry", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)  # fmt: skip
# A code that was used is fresh until the next batch is written, then settled together with all others of that time.
codes: Final = Table(
    "codes", METADATA,
    Column("mark", LargeBinary, primary_key=True),
    Column("level", String(16), nullable=False),
    Column("used", SmallInteger, nullable=False),
    sqlite_with_rowid=False,
)  # fmt: skip
# Keyed hashes that count for a day. PostgreSQL keeps the table out of its log.
marks: Final = Table(
    "marks", METADATA,
    Column("mark", LargeBinary, primary_key=True),
    Column("n", Integer, nullable=False),
    sqlite_with_rowid=False,
)  # fmt: skip

halves: Final = {"pay": pay, "attributes": attributes}
