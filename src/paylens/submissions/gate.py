"""Reports that come at once are kept at once: one transaction and one wait for the disk for all that are at the gate.

A thread of its own takes what has come while it wrote the last ones. Each sender waits until the transaction that holds
his report is on the disk, and gets his own answer: kept, or refused for what he sent. A fault of the database is everybody's.

Within a transaction marks and places are written in the order of their bytes, so that two processes that write the same
ones wait for each other and never both.
"""

from __future__ import annotations

import queue as threads
import threading
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, text

from paylens.contract.report import Repeated, TooMany
from paylens.submissions.store import Store

__all__ = ["Arrival", "Gate"]

MOST: Final = 100
"""Reports that one transaction keeps at most."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A report for the queue: where it will lie, what is inside, what is marked so that it is not taken twice today, and
    what counts for its sender, of which there may be `most` a day."""

    place: bytes
    generation: int
    entry: bytes
    once: bytes
    sender: bytes | None
    most: int


class Gate:
    """The way into a store's queue."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._line: threads.SimpleQueue[tuple[Arrival, Future[None]] | None] = threads.SimpleQueue()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def enter(self, arrival: Arrival) -> None:
        """Return when the report is on the disk; Repeated, TooMany or DeskBusy when it is not kept."""
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="paylens-gate", daemon=True)
                self._thread.start()
        answer: Future[None] = Future()
        self._line.put((arrival, answer))
        answer.result()

    def close(self) -> None:
        """Let nobody in any more."""
        if self._thread is not None:
            self._line.put(None)
            self._thread.join()
            self._thread = None

    def _work(self) -> None:
        while (first := self._line.get()) is not None:
            waiting = [first]
            while len(waiting) < MOST and not self._line.empty():
                another = self._line.get()
                if another is None:
                    self._line.put(None)
                    break
                waiting.append(another)
            self._let_in(waiting)

    def _let_in(self, waiting: Sequence[tuple[Arrival, Future[None]]]) -> None:
        try:
            with self.store.writing() as connection:
                refused = keep(self.store, connection, [arrival for arrival, _ in waiting])
        except Exception as error:
            # Whatever it was, nobody may wait for ever.
            for _, answer in waiting:
                answer.set_exception(error)
            return
        for number, (_, answer) in enumerate(waiting):
            if number in refused:
                answer.set_exception(refused[number])
            else:
                answer.set_result(None)


def keep(store: Store, connection: Connection, arrivals: Sequence[Arrival]) -> dict[int, Exception]:
    """Put arrivals into the queue within a transaction; those that are refused by their number, and why."""
    refused: dict[int, Exception] = {}
    sent = Counter(one.sender for one in arrivals if one.sender is not None)
    counts = _count(store, connection, sorted(sent.items()))
    before = {sender: counts[sender] - n for sender, n in sent.items()}
    for number, one in enumerate(arrivals):
        if one.sender is not None:
            before[one.sender] += 1
            if before[one.sender] > one.most:
                refused[number] = TooMany(
                    f"no more than {one.most} reports a day are taken from one place: try again tomorrow"
                )
    left = {number: one for number, one in enumerate(arrivals) if number not in refused}
    new = _mark(store, connection, sorted({one.once for one in left.values()}))
    for number, one in list(left.items()):
        if one.once in new:
            new.remove(one.once)  # the second of the same is refused as it would be later
        else:
            refused[number] = Repeated(
                "the same report was sent today: use its receipt to correct or delete it"
            )
            del left[number]
    put = _put(store, connection, sorted(left.values(), key=lambda one: one.place))
    for number, one in left.items():
        if one.place in put:
            put.remove(one.place)
        else:
            refused[number] = Repeated("a report with this receipt waits already")
    return refused


_COUNTS = text(
    "INSERT INTO marks SELECT * FROM unnest(CAST(:marks AS bytea[]), CAST(:ns AS integer[])) "
    "ON CONFLICT (mark) DO UPDATE SET n = marks.n + excluded.n RETURNING mark, n"
)
_MARKS = text(
    "INSERT INTO marks SELECT mark, 1 FROM unnest(CAST(:marks AS bytea[])) AS mark "
    "ON CONFLICT (mark) DO NOTHING RETURNING mark"
)
_PUTS = text(
    "INSERT INTO queue (place, generation, entry) SELECT * FROM "
    "unnest(CAST(:places AS bytea[]), CAST(:generations AS smallint[]), CAST(:entries AS bytea[])) "
    "ON CONFLICT (place) DO NOTHING RETURNING place"
)
_COUNT_ONE = text(
    "INSERT INTO marks (mark, n) VALUES (:mark, :n) ON CONFLICT (mark) DO UPDATE SET n = n + excluded.n RETURNING n"
)
_MARK_ONE = text("INSERT INTO marks (mark, n) VALUES (:mark, 1) ON CONFLICT (mark) DO NOTHING")
_PUT_ONE = text(
    "INSERT INTO queue (place, generation, entry) VALUES (:place, :generation, :entry) ON CONFLICT (place) DO NOTHING"
)


def _count(store: Store, connection: Connection, sent: Sequence[tuple[bytes, int]]) -> dict[bytes, int]:
    if not sent:
        return {}
    if store.postgres:
        rows = connection.execute(_COUNTS, {"marks": [mark for mark, _ in sent], "ns": [n for _, n in sent]})
        return {bytes(mark): n for mark, n in rows}
    return {mark: connection.scalar(_COUNT_ONE, {"mark": mark, "n": n}) or 0 for mark, n in sent}


def _mark(store: Store, connection: Connection, marks: Sequence[bytes]) -> set[bytes]:
    """The marks that are new."""
    if store.postgres:
        return (
            {bytes(mark) for mark in connection.execute(_MARKS, {"marks": list(marks)}).scalars()}
            if marks
            else set()
        )
    return {mark for mark in marks if connection.execute(_MARK_ONE, {"mark": mark}).rowcount}


def _put(store: Store, connection: Connection, arrivals: Sequence[Arrival]) -> set[bytes]:
    """The places that were free."""
    rows = [{"place": one.place, "generation": one.generation, "entry": one.entry} for one in arrivals]
    if not rows:
        return set()
    if store.postgres:
        told = {f"{name}s" if name != "entry" else "entries": [row[name] for row in rows] for name in rows[0]}
        return {bytes(place) for place in connection.execute(_PUTS, told).scalars()}
    return {
        one.place
        for one, row in zip(arrivals, rows, strict=True)
        if connection.execute(_PUT_ONE, row).rowcount
    }
