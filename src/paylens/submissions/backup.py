"""Backups: what lies in the store, sealed as it is, in one SQLite file that says in its name until when it may be kept.

A backup brings back what was deleted since it was made. So it is short-lived: after its day nothing of ours opens it, and
the next backup into the same folder removes it. The day's counts are never in one.
"""

from __future__ import annotations

import re
import secrets
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import func, select

from paylens.contract.errors import InputError, PaylensError
from paylens.submissions.store import Store
from paylens.submissions.tables import attributes, codes, pay, queue, receipts

__all__ = ["MOST_DAYS", "backup", "refuse_expired", "remove_expired", "restore"]

MOST_DAYS: Final = 90
_TABLES: Final = (pay, attributes, receipts, queue, codes)
_NAME = re.compile(r"paylens-(\d{4}-\d\d-\d\d)-expires-(\d{4}-\d\d-\d\d)\.sqlite")
_BATCH = 500


def backup(store: Store, folder: Path, days: int, today: date) -> tuple[Path, list[Path]]:
    """A new backup for so many days (1 to 90), whole or not at all; and those that had expired and were removed."""
    if not 1 <= days <= MOST_DAYS:
        raise InputError("--days", days, f"must be from 1 to {MOST_DAYS}, not {days}")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    gone = remove_expired(folder, today)
    path = folder / f"paylens-{today}-expires-{today + timedelta(days=days)}.sqlite"
    if path.exists():
        raise InputError("--to", str(folder), f"{path} is there already")
    beside = folder / f".{path.name}.{secrets.token_hex(4)}"
    copy = Store(str(beside))
    try:
        copy.upgrade()
        _copied(store, copy)
        copy.single()
        copy.close()
        beside.replace(path)
    finally:
        copy.close()
        for left in folder.glob(f"{beside.name}*"):
            left.unlink()
    return path, gone


def restore(path: Path, store: Store, today: date) -> int:
    """Put a backup's rows that are lacking into a store; how many reports that were. What the store has is not touched."""
    refuse_expired(path, today)
    old = Store(str(path))
    try:
        old.check()
        return _copied(old, store)
    finally:
        old.close()


def refuse_expired(path: Path, today: date) -> None:
    """PaylensError for a backup whose day has passed."""
    day = _expires(path)
    if day is not None and day < today:
        raise PaylensError(f"{path.name} expired: it may hold reports that were deleted since; remove it")


def remove_expired(folder: Path, today: date) -> list[Path]:
    """Remove the backups of a folder whose day has passed."""
    gone = []
    for path in sorted(folder.glob("paylens-*.sqlite")):
        day = _expires(path)
        if day is not None and day < today:
            path.unlink()
            gone.append(path)
    return gone


def _expires(path: Path) -> date | None:
    found = _NAME.fullmatch(path.name)
    try:
        return date.fromisoformat(found[2]) if found else None
    except ValueError:
        return None


def _copied(source: Store, to: Store) -> int:
    """Copy what `to` lacks, in the order of random keys; how many rows of pay that were."""
    with source.snapshot() as old, to.writing() as new:
        before = new.scalar(select(func.count()).select_from(pay)) or 0
        for table in _TABLES:
            key = next(iter(table.primary_key.columns))
            rows = old.execute(select(table).order_by(key)).mappings()
            for some in rows.partitions(_BATCH):
                put = to.insert(table).on_conflict_do_nothing(index_elements=[key.name])
                new.execute(put, [dict(row) for row in some])
        return (new.scalar(select(func.count()).select_from(pay)) or 0) - before
