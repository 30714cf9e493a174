"""What comes at once is kept at once, and everybody gets his own answer."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa

from paylens.contract.errors import PaylensError
from paylens.contract.report import DeskBusy, Repeated, TooMany
from paylens.submissions.desk import Desk, open_desk
from paylens.submissions.gate import Arrival, Gate, keep
from paylens.submissions.tables import queue


def arrival(
    once: bytes | None = None, place: bytes | None = None, sender: bytes | None = None, most: int = 3
) -> Arrival:
    draw = secrets.token_bytes
    return Arrival(place or draw(32), 1, draw(100), once or draw(32), sender, most)


def kept(desk: Desk, arrivals: list[Arrival]) -> list[str]:
    with desk.store.writing() as connection:
        refused = keep(desk.store, connection, arrivals)
    return [type(refused[n]).__name__ if n in refused else "kept" for n in range(len(arrivals))]


def test_each_gets_his_own_answer(desk: Desk) -> None:
    same, there, one, other = b"s" * 32, b"p" * 32, b"1" * 32, b"2" * 32
    assert kept(desk, [arrival(same), arrival(same), arrival(place=there), arrival(place=there), arrival()]) == [
        "kept", "Repeated", "kept", "Repeated", "kept",
    ]  # fmt: skip
    assert kept(desk, [arrival(same), arrival(place=there)]) == ["Repeated", "Repeated"]
    assert kept(desk, [arrival(sender=one), arrival(sender=other), arrival(sender=one)]) == ["kept"] * 3
    assert kept(desk, [arrival(sender=one), arrival(sender=one), arrival(sender=other)]) == [
        "kept",
        "TooMany",
        "kept",
    ]
    # What one was refused for too many is not marked as sent: it may come from elsewhere, or tomorrow.
    mark = b"m" * 32
    assert kept(desk, [arrival(mark, sender=one), arrival(mark, sender=other)]) == ["TooMany", "kept"]
    assert desk.store.status()["waiting"] == 9
    assert kept(desk, []) == []


def test_many_at_once_over_two_gates(desk: Desk, report: Callable[..., dict[str, Any]]) -> None:
    again = open_desk(desk.folder)
    desks = (desk, again)
    here = desk.source_hash("192.0.2.1")

    def send(n: int) -> str:
        # Every report is sent twice, over either; one of the two is kept.
        try:
            return desks[n % 2].submit(report(60_000 + n // 2), source_hash=here).token
        except Repeated:
            return ""

    with ThreadPoolExecutor(32) as pool:
        tokens = [token for token in pool.map(send, range(400)) if token]
    assert len(set(tokens)) == 200
    assert sorted(desk.read(token)[0].base for token in tokens) == [60_000 + n for n in range(200)]
    desk.drain(whole=True)
    assert desk.store.status()["reports"] == 200
    again.close()


def test_a_fault_is_everybodys_and_nobody_waits_for_ever(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate(desk.store)
    faults = iter((DeskBusy("away"), RuntimeError("a fault of ours")))

    def failing(*_: Any) -> None:
        raise next(faults)

    monkeypatch.setattr("paylens.submissions.gate.keep", failing)
    for kind in (DeskBusy, RuntimeError):
        with pytest.raises(kind):
            gate.enter(arrival())
    monkeypatch.undo()
    gate.enter(arrival())
    assert desk.store.status()["waiting"] == 1
    gate.close()


def test_what_is_at_the_gate_when_it_closes_is_kept(desk: Desk) -> None:
    gate = Gate(desk.store)
    gate.enter(arrival())
    entered = [threading.Thread(target=gate.enter, args=(arrival(),)) for _ in range(20)]
    for thread in entered:
        thread.start()
    for thread in entered:
        thread.join()
    gate.close()
    assert desk.store.status()["waiting"] == 21
    gate.close()


def test_a_database_that_dies_is_said_and_found_again(
    desk: Desk, report: Callable[..., dict[str, Any]]
) -> None:
    sent = desk.submit(report(60_000))
    with desk.store.writing() as connection:
        connection.execute(sa.text(f"ALTER TABLE {queue.name} RENAME TO elsewhere"))
    for work in (
        lambda: desk.submit(report(61_000)),
        lambda: desk.read(sent.token),
        lambda: desk.delete(sent.token),
    ):
        with pytest.raises(DeskBusy) as error:
            work()
        assert "61000" not in str(error.value)
        assert isinstance(error.value, PaylensError)
    with desk.store.writing() as connection:
        connection.execute(sa.text(f"ALTER TABLE elsewhere RENAME TO {queue.name}"))
    desk.submit(report(61_000))
    assert desk.read(sent.token)[0].base == 60_000


def test_too_many_is_one_line(make_desk: Callable[..., Desk], report: Callable[..., dict[str, Any]]) -> None:
    desk = make_desk(per_day=1)
    here = desk.source_hash("192.0.2.1")
    desk.submit(report(60_000), source_hash=here)
    with pytest.raises(TooMany, match="1 reports a day"):
        desk.submit(report(61_000), source_hash=here)
