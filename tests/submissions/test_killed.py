"""A process that is killed at any moment leaves every receipt that it gave working, and nothing half-written."""

from __future__ import annotations

import csv
import hashlib
import multiprocessing
import os
import random
import runpy
import time
import tomllib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from paylens.contract.report import UnknownReceipt
from paylens.submissions import rotate as rotation
from paylens.submissions.desk import Desk
from paylens.submissions.export import export
from paylens.submissions.keys import generations
from paylens.submissions.tables import attributes, pay, receipts

WORKING = Path(__file__).with_name("working.py")
TODAY = date(2026, 11, 24)
WRITING, EXPORTING, ROTATING = 30, 12, 12
pytestmark = pytest.mark.slow


class Killer:
    """Starts processes that have the libraries loaded already, and kills each after a while."""

    def __init__(self, folder: Path, **ask: str) -> None:
        self.context = multiprocessing.get_context("forkserver")
        self.context.set_forkserver_preload(
            ["paylens.submissions.desk", "paylens.submissions.export", "psycopg"]
        )
        self.out = folder / "out.txt"
        self.ask = {**ask, "out": str(self.out)}
        self.draw = random.Random(11)

    def run(self, longest: float, **ask: str) -> bool:
        """Kill one at a random moment after it is ready; whether it was still at work."""
        before = self.lines().count("ready")
        process = self.context.Process(
            target=runpy.run_path, args=(str(WORKING), {"ask": {**self.ask, **ask}})
        )
        process.start()
        deadline = time.monotonic() + 30
        while self.lines().count("ready") == before:
            assert process.is_alive() and time.monotonic() < deadline
            time.sleep(0.002)
        process.join(self.draw.uniform(0, longest))
        process.kill()
        process.join()
        assert process.exitcode in (0, -9), "it failed by itself"
        return process.exitcode == -9

    def lines(self) -> list[str]:
        """What was written down, but for a last line that was cut off."""
        text = self.out.read_text() if self.out.exists() else ""
        return text[: text.rfind("\n") + 1].splitlines()


@pytest.fixture
def killer(desk: Desk, database: str, keys: Path, tmp_path: Path) -> Killer:
    return Killer(tmp_path, desk=str(desk.folder), database=database, keys=str(keys))


def states(desk: Desk, tokens: list[str]) -> dict[str, object]:
    """What each receipt leads to: a base, or 'gone'."""
    found: dict[str, object] = {}
    for token in tokens:
        try:
            found[token] = int(desk.read(token)[0].base)
        except UnknownReceipt:
            found[token] = "gone"
    return found


def whole(desk: Desk) -> int:
    """Both halves and the copy are there for every report, once each; how many."""
    with desk.store.reading() as connection:
        ids = [set(connection.execute(sa.select(table.c.id)).scalars()) for table in (pay, attributes)]
        copies = connection.scalar(sa.select(sa.func.count()).select_from(receipts))
    assert ids[0] == ids[1]
    assert copies == len(ids[0])
    return len(ids[0])


def test_killed_while_writing(desk: Desk, killer: Killer) -> None:
    for n in range(WRITING):
        assert killer.run(0.4, what="write", **{"from": str(10_000 + 1000 * n)})
        whole(desk)
    done: dict[str, object] = {}
    tried: dict[str, set[object]] = {}
    for line in killer.lines():
        if line == "ready":
            continue
        word, token, text = line.split()
        value = text if text == "gone" else int(text)
        if word == "try":
            tried.setdefault(token, set()).add(value)
        else:
            done[token] = value
            tried.pop(token, None)
    assert len(done) > WRITING / 2  # a machine may be slow
    for moment in ("as it was left", "all written"):
        for token, value in states(desk, [*done, *tried]).items():
            allowed = {done.get(token, "gone"), *tried.get(token, ())}
            assert value in allowed, moment
        desk.drain(whole=True)
    kept = [value for value in states(desk, [*done, *tried]).values() if value != "gone"]
    sent_without_receipt = whole(desk) - len(kept)
    # At most the one that was under way when the process died: kept, and its sender never knew.
    assert 0 <= sent_without_receipt <= WRITING


def test_killed_while_exporting(
    desk: Desk, killer: Killer, report: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    for n in range(150):
        desk.submit(report(60_000 + n, month="2026-09"))
    desk.drain(whole=True)
    killed = 0
    for n in range(EXPORTING):
        to = tmp_path / "exports" / str(n)
        killed += killer.run(0.15, what="export", to=str(to))
        if to.exists():
            data = (to / "reports.csv").read_bytes()
            assert (
                tomllib.loads((to / "community.toml").read_text())["sha256"]
                == hashlib.sha256(data).hexdigest()
            )
            assert len(list(csv.DictReader(data.decode().splitlines()))) == 150
    assert killed
    assert whole(desk) == 150


def test_killed_while_keys_rotate(
    desk: Desk,
    killer: Killer,
    report: Callable[..., dict[str, Any]],
    tmp_path: Path,
    keys: Path,
    database: str,
) -> None:
    sent = {desk.submit(report(60_000 + n, month="2026-09")).token: 60_000 + n for n in range(150)}
    desk.drain(whole=True)
    for _ in range(ROTATING):
        assert killer.run(0.3, what="rotate")
        assert whole(desk) == 150
    newest = generations(keys)[-1]
    assert newest > 1
    done = rotation.rotate(database, keys, str, again=True)
    assert (done.generation, done.tampered) == (newest, 0)
    rotation.finish(database, keys)
    assert generations(keys) == [newest]
    export(
        database, keys, tmp_path / "out", name="kill", title="Kill", licence="CC0", released=date(2026, 10, 1), today=TODAY,
        ask=str,
    )  # fmt: skip
    rows = list(csv.DictReader((tmp_path / "out" / "reports.csv").read_text().splitlines()))
    assert sorted(int(row["base"]) for row in rows) == sorted(sent.values())
    assert states(desk, list(sent)) == sent
    assert os.listdir(keys)
