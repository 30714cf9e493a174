"""Reports opened again, on the machine that holds both private keys: each whole, or counted as what was wrong with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from paylens.contract.errors import PaylensError
from paylens.contract.report import LEVELS
from paylens.submissions.backup import refuse_expired
from paylens.submissions.keys import Ask, Keys, load, names_key
from paylens.submissions.reports import Report
from paylens.submissions.sealing import Tampered, keyed, open_half
from paylens.submissions.store import Store
from paylens.submissions.tables import attributes, pay

__all__ = ["Opened", "open_all", "opening"]

_NAME_BYTES = 16


@dataclass(frozen=True)
class Opened:
    """A report under the name that it has in every export, and the level of its verification."""

    name: str
    report: Report
    level: str


@contextmanager
def opening(database: str) -> Generator[Store]:
    """A store, or a backup of one, for as long as the block runs; PaylensError where it has no tables of ours."""
    refuse_expired(Path(database), datetime.now(UTC).date())
    store = Store(database)
    try:
        store.check()
        yield store
    finally:
        store.close()


def open_all(store: Store, folder: Path, ask: Ask) -> tuple[list[Opened], Counter[str]]:
    """All reports in the order of their names, which is that of random bits, and how many did not open, by reason.

    A half that does not open, or says that it belongs to another id, was changed or swapped by somebody: 'tampered'.
    One without its other half is 'torn'. PaylensError where a key is lacking.
    """
    keys, secret = load(folder, ask), names_key(folder)
    wanted = select(
        pay.c.id, pay.c.generation, pay.c.box, attributes.c.generation, attributes.c.box
    ).join_from(pay, attributes, pay.c.id == attributes.c.id, full=True)
    found, wrong = [], Counter[str]()
    with store.reading() as connection:
        rows = connection.execute(wanted).all()
    for id, pay_generation, pay_box, attributes_generation, attributes_box in rows:
        if pay_box is None or attributes_box is None:
            wrong["torn"] += 1
            continue
        try:
            report, level = _joined(
                keys, bytes(id), (pay_generation, pay_box), (attributes_generation, attributes_box)
            )
        except Tampered:
            wrong["tampered"] += 1
            continue
        found.append(Opened(keyed(secret, "paylens name", bytes(id), _NAME_BYTES).hex(), report, level))
    return sorted(found, key=lambda one: one.name), wrong


def _joined(
    keys: Keys, id: bytes, pay: tuple[int, bytes], attributes: tuple[int, bytes]
) -> tuple[Report, str]:
    fields = {}
    for half, (generation, box) in (("pay", pay), ("attributes", attributes)):
        if not 0 < generation < 1 << 15:
            raise Tampered("a generation that never was")
        try:
            key = keys.of(half, generation)
        except PaylensError:
            # Of a generation that we should have it is a fault of ours, of another one somebody's.
            if generation > max(number for _, number in keys.private):
                raise Tampered("a generation that never was") from None
            raise
        opened = open_half(half, box, key)
        if opened.pop("id", None) != id.hex():
            raise Tampered("the half of another report")
        fields.update(opened)
    level = fields.pop("level", None)
    try:
        report = Report.of_fields(fields)
    except TypeError as error:
        raise Tampered("no report") from error
    if level not in LEVELS:
        raise Tampered("no level")
    return report, str(level)
