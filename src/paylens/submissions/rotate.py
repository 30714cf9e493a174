"""New keys, and the old reports sealed anew under them, on the machine that holds the private keys.

The way of a rotation, each step of which can be cut off and begun again:

1. `rotate` makes the next generation of both pairs and seals anew what lies in the tables.
2. The new `public.toml` goes to the collecting server, which is started again.
3. `rotate` again seals anew what came under the old keys meanwhile.
4. `finish` removes the old private keys once nothing in the store needs them. Backups that were made before need them
   too: until these have expired, keep a copy or wait.

The halves are opened and sealed one at a time and never together. Receipts stay as they are: they are under the senders'
own tokens.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import bindparam, func, select, update

from paylens.contract.errors import PaylensError
from paylens.submissions.keys import (
    HALVES,
    Ask,
    Keys,
    Public,
    generations,
    load,
    make_generation,
    read_public,
)
from paylens.submissions.opened import opening
from paylens.submissions.sealing import Tampered, open_half, seal_half
from paylens.submissions.store import Store
from paylens.submissions.tables import halves, queue

__all__ = ["Rotated", "finish", "rotate"]

_BATCH = 200


@dataclass(frozen=True)
class Rotated:
    """The generation that holds now, rows that were sealed anew, rows that did not open, entries still in the queue."""

    generation: int
    resealed: int
    tampered: int
    waiting: int


def rotate(
    database: str, folder: Path, ask: Ask, passphrase: str | None = None, *, again: bool = False
) -> Rotated:
    """Make the next generation (or, `again`, go on with the newest) and seal anew every row of an older one."""
    known = generations(folder)
    if not known:
        raise PaylensError(f"{folder} holds no private key")
    if not again and not _begun(folder, known):
        make_generation(folder, known[-1] + 1, passphrase)
    newest = generations(folder)[-1]
    public = make_generation(folder, newest, passphrase)  # one that was cut off is made whole
    keys = load(folder, ask)
    with opening(database) as store:
        counts = [_reseal(store, keys, public, half) for half in HALVES]
        waiting = _older(store, public.generation, tables=(queue,))
    return Rotated(public.generation, sum(n for n, _ in counts), sum(n for _, n in counts), waiting)


def finish(database: str, folder: Path) -> list[Path]:
    """Remove the private keys of older generations; PaylensError while a row of the store is under one."""
    newest = read_public(folder / "public.toml").generation
    with opening(database) as store:
        left = _older(store, newest, tables=(*halves.values(), queue))
    if left:
        raise PaylensError(
            f"{left} sealed parts are still under older keys: give the server the new public.toml, wait until its queue "
            "is written, and rotate again"
        )
    gone = []
    for generation in generations(folder):
        for half in HALVES:
            path = folder / f"{half}-{generation}.key"
            if generation < newest and path.exists():
                # What the disk keeps of a file that was overwritten is its own affair: hold keys on an encrypted one.
                path.write_bytes(secrets.token_bytes(path.stat().st_size))
                path.unlink()
                gone.append(path)
    return gone


def _begun(folder: Path, known: list[int]) -> bool:
    """Whether a rotation was cut off while its keys were made: the public file does not name the newest yet."""
    return read_public(folder / "public.toml").generation < known[-1]


def _older(store: Store, generation: int, tables: Any) -> int:
    with store.reading() as connection:
        wanted = (
            select(func.count()).select_from(t).where(t.c.generation > 0, t.c.generation < generation)
            for t in tables
        )
        return sum(connection.scalar(one) or 0 for one in wanted)


def _reseal(store: Store, keys: Keys, public: Public, half: str) -> tuple[int, int]:
    table = halves[half]
    to = public.pay if half == "pay" else public.attributes
    done, wrong, after = 0, 0, b""
    # In the order of random ids, a batch a transaction: neither the order nor the transaction tells when one came.
    wanted = (
        select(table).where(table.c.generation < public.generation, table.c.id > bindparam("after"))
        .order_by(table.c.id).limit(_BATCH)
    )  # fmt: skip
    put = (
        update(table).where(table.c.id == bindparam("it"), table.c.box == bindparam("was"))
        .values(generation=public.generation, box=bindparam("now"))
    )  # fmt: skip
    while True:
        with store.reading() as connection:
            rows = connection.execute(wanted, {"after": after}).all()
        if not rows:
            return done, wrong
        after = rows[-1].id
        anew = []
        for row in rows:
            try:
                fields = open_half(half, row.box, keys.of(half, row.generation))
            except Tampered:
                wrong += 1
                continue
            # A row that was corrected or deleted meanwhile is not touched: it has another box, or is gone.
            anew.append({"it": row.id, "was": row.box, "now": seal_half(half, fields, to)})
        if anew:
            with store.writing() as connection:
                connection.execute(put, anew)
        done += len(anew)
