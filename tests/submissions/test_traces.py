"""What the database itself tells: order, place, transaction, and what it keeps of what was deleted."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from paylens.contract.report import DeskBusy
from paylens.submissions.clean import clean
from paylens.submissions.desk import Desk, Rules, init_desk
from paylens.submissions.sealing import Token
from paylens.submissions.tables import attributes, pay, queue, receipts

N, BATCH = 240, 20
# Beyond four standard deviations once in 16,000 times.
CHANCE = 4 / math.sqrt(N - 1)


@pytest.fixture
def files(desk: Desk, request: pytest.FixtureRequest) -> Callable[..., Iterator[bytes]]:
    """The contents of every file of the server, or of the database's tables alone, as the disk has it."""

    def read(*, tables: bool = False) -> Iterator[bytes]:
        if desk.store.path is not None:
            folder = desk.store.path.parent
        else:
            folder = request.getfixturevalue("postgres").data
            if tables:
                with desk.store.reading() as connection:
                    oid = connection.scalar(
                        sa.text("SELECT oid FROM pg_database WHERE datname = current_database()")
                    )
                folder = folder / "base" / str(oid)
        for path in sorted(folder.rglob("*")):
            try:
                if path.is_file():
                    yield path.read_bytes()
            except FileNotFoundError:
                pass

    return read


@pytest.fixture
def sent(desk: Desk, report: Callable[..., dict[str, Any]]) -> list[Token]:
    """Receipts in the order of sending, each batch written as soon as it was full."""
    made = []
    for n in range(N):
        made.append(Token.of_text(desk.submit(report(60_000 + n)).token))
        if n % BATCH == BATCH - 1:
            assert desk.drain() == BATCH
    return made


def spearman(values: list[float]) -> float:
    n = len(values)
    ranks = {value: rank for rank, value in enumerate(sorted(values))}
    return 1 - 6 * sum((ranks[value] - place) ** 2 for place, value in enumerate(values)) / (n * (n * n - 1))


def boxes(desk: Desk, table: Any, name: str) -> dict[bytes, bytes]:
    with desk.store.reading() as connection:
        return {row[0]: row[1] for row in connection.execute(sa.select(table.c[name], table.c.box))}


def places(desk: Desk, files: Callable[..., Iterator[bytes]]) -> list[dict[bytes, int]]:
    """Where each report's pay, attributes and copy lie in the files, by their keys; the newest place of each."""
    everything = b"".join(files(tables=True))
    return [
        {key: everything.rindex(box[8:72]) for key, box in boxes(desk, table, name).items()}
        for table, name in ((pay, "id"), (attributes, "id"), (receipts, "ref"))
    ]


def test_neither_order_nor_place_tells_when_or_links_a_receipt(
    desk: Desk, sent: list[Token], files: Callable[..., Iterator[bytes]]
) -> None:
    clean(desk.store)
    in_pay, in_attributes, in_receipts = places(desk, files)
    for where, keys in (
        (in_pay, [t.id for t in sent]),
        (in_attributes, [t.id for t in sent]),
        (in_receipts, [t.ref for t in sent]),
    ):
        assert abs(spearman([where[key] for key in keys])) < CHANCE
    by_receipt = sorted(sent, key=lambda token: in_receipts[token.ref])
    assert abs(spearman([in_pay[token.id] for token in by_receipt])) < CHANCE
    assert abs(spearman([in_attributes[token.id] for token in by_receipt])) < CHANCE
    # Nor do the keys themselves.
    for keys in ([t.id for t in sent], [t.ref for t in sent], [t.place for t in sent]):
        assert abs(spearman([int.from_bytes(key, "big") for key in keys])) < CHANCE


def test_within_a_batch_nothing_tells_even_before_the_clean_up(
    desk: Desk, sent: list[Token], files: Callable[..., Iterator[bytes]]
) -> None:
    if desk.store.postgres:
        with desk.store.engine.connect() as connection:
            connection.execute(sa.text("CHECKPOINT"))
    in_pay, _, in_receipts = places(desk, files)
    within, linked = [], []
    for start in range(0, N, BATCH):
        batch = sent[start : start + BATCH]
        within.append(spearman([in_pay[token.id] for token in batch]))
        by_receipt = sorted(batch, key=lambda token: in_receipts[token.ref])
        linked.append(spearman([in_pay[token.id] for token in by_receipt]))
    batches = N // BATCH
    chance = 4 / math.sqrt((BATCH - 1) * batches)
    assert abs(sum(within) / batches) < chance
    assert abs(sum(linked) / batches) < chance


@pytest.mark.database
def test_a_transaction_tells_a_batch_apart_at_most_and_nothing_after_the_clean_up(
    make_desk: Callable[..., Desk], database: str, report: Callable[..., dict[str, Any]]
) -> None:
    desk = make_desk()
    if not desk.store.postgres:
        desk.store.close()
        return  # SQLite has no transaction ids
    for n in range(3 * BATCH):
        desk.submit(report(60_000 + n))
        desk.drain()

    def groups() -> list[list[int]]:
        with desk.store.reading() as connection:
            return [
                sorted(connection.execute(sa.text(f"SELECT count(*) FROM {table} GROUP BY xmin::text")).scalars())
                for table in ("pay", "attributes", "receipts")
            ]  # fmt: skip

    assert groups() == [[BATCH] * 3] * 3
    clean(desk.store)
    assert groups() == [[3 * BATCH]] * 3
    with desk.store.reading() as connection:
        for table, key in (("pay", "id"), ("attributes", "id"), ("receipts", "ref")):
            found = connection.execute(sa.text(f"SELECT {key} FROM {table} ORDER BY ctid")).scalars().all()
            assert list(found) == sorted(found)


def test_what_is_deleted_is_in_no_file_after_the_clean_up(
    desk: Desk, report: Callable[..., dict[str, Any]], files: Callable[..., Iterator[bytes]]
) -> None:
    draw = random.Random(3)
    kept = [Token.of_text(desk.submit(report(60_000 + n)).token) for n in range(60)]
    desk.drain(whole=True)
    gone = kept.pop(draw.randrange(60))
    waiting = Token.of_text(desk.submit(report(99_000)).token)
    corrected = kept[0]
    with desk.store.reading() as connection:
        block = bytes(desk.store.waiting(connection, waiting) or b"")
    traces = [boxes(desk, table, "id")[gone.id] for table in (pay, attributes)]
    traces += [boxes(desk, receipts, "ref")[gone.ref], block, boxes(desk, pay, "id")[corrected.id]]
    stays = boxes(desk, pay, "id")[kept[1].id]
    names = [gone.id, gone.ref, waiting.place]
    if desk.store.postgres:
        # As the server does now and then of itself.
        with desk.store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("ANALYZE"))
            connection.execute(sa.text("CHECKPOINT"))
    everything = b"".join(files())
    assert all(trace[:64] in everything for trace in (*traces, stays))
    assert all(name in everything for name in names)
    del everything
    desk.delete(gone.text())
    desk.delete(waiting.text())
    desk.correct(corrected.text(), report(77_777))
    desk.drain(whole=True)
    assert clean(desk.store) == []
    for data in files():
        assert not any(
            trace[at : at + 32] in data for trace in traces for at in range(0, len(trace) - 32, 500)
        )
        assert not any(name in data for name in names)
    assert any(stays[:64] in data for data in files())
    assert desk.read(kept[1].text())[0].base
    with desk.store.reading() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(queue)) == 0


def test_a_clean_up_that_is_in_the_way_is_one_line(
    tmp_path: Path, keys: Path, monkeypatch: pytest.MonkeyPatch, report: Callable[..., dict[str, Any]]
) -> None:
    made = init_desk(tmp_path / "desk", str(tmp_path / "db.sqlite"), keys / "public.toml", Rules())
    made.submit(report())
    monkeypatch.setattr("paylens.submissions.clean.WAIT_MS", 50)
    with made.store.writing() as connection:
        connection.execute(sa.delete(queue))
        with pytest.raises(DeskBusy, match="clean again"):
            clean(made.store)
    assert clean(made.store) == []
    made.submit(report(90_000))
    made.close()


def test_an_insider_without_keys_sees_random_bytes_of_one_size(
    desk: Desk, report: Callable[..., dict[str, Any]]
) -> None:
    desk.submit(report(60_000))
    desk.submit(
        report(
            1_000_000, bonus=5.25, employer="Google", skills=["python", "pytorch", "aws", "sql"], years_ml=3
        )
    )
    for n in range(18):
        desk.submit(report(70_000 + n))
    desk.drain()
    desk.submit(report(71_000))
    with desk.store.reading() as connection:
        for table in (pay, attributes, receipts, queue):
            rows = connection.execute(sa.select(table)).all()
            sizes = {tuple(len(cell) for cell in row if isinstance(cell, bytes)) for row in rows}
            assert len(sizes) == 1
            numbers = {cell for row in rows for cell in row if isinstance(cell, int)}
            assert numbers <= {1}
            text = b"".join(cell for row in rows for cell in row if isinstance(cell, bytes))
            assert not any(word in text for word in (b"2026", b'"base', b"oogle", b"machine", b"none"))
            counts = [text.count(bytes([value])) for value in range(256)]
            expected = len(text) / 256
            # Pearson's chi-squared over 255 degrees of freedom: mean 255, standard deviation 22.6.
            assert sum((n - expected) ** 2 / expected for n in counts) < 255 + 6 * 22.6
