"""Collecting reports under load: reports a second with two workers on PostgreSQL, beside bare inserts of the same bytes.

    python benchmarks/collect.py [--reports 4000] [--senders 200] [--database sqlite|postgres]

A server of its own (`paylens serve --collect`, two workers) takes the reports from senders that each wait for their receipt
before they send the next, each over a connection of its own. Before and after, the bare thing: two processes of as many
threads as the desk has insert what a report is in the end, three rows of as many bytes in one transaction, into the same
database: no HTTP, no check, no sealing, no queue. Then every receipt is counted and the tables are: none lost, none doubled. PostgreSQL is a
server in a new folder that ends with the run; nothing is left.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import postgres
import sqlalchemy as sa

from paylens.submissions.desk import Rules, init_desk
from paylens.submissions.keys import make
from paylens.submissions.sealing import ATTRIBUTES_BYTES, COPY_BYTES, PAY_BYTES
from paylens.submissions.store import Store
from paylens.submissions.tables import attributes, pay, receipts

WORKERS = 2
THREADS = 8
MOST_BARE = 3000
BARE = {
    "bare_pay": PAY_BYTES + 48,
    "bare_attributes": ATTRIBUTES_BYTES + 48,
    "bare_receipts": COPY_BYTES + 40,
}


class Sender:
    """One connection that sends reports, one after the other."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.seconds: list[float] = []
        self.receipts: list[str] = []

    async def run(self, reports: list[dict[str, Any]]) -> None:
        """Send them all; ConnectionError when one is not taken."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        for report in reports:
            body = json.dumps(report).encode()
            head = (
                f"POST /v1/reports HTTP/1.1\r\nhost: 127.0.0.1:{self.port}\r\ncontent-type: application/json\r\n"
                f"content-length: {len(body)}\r\n\r\n"
            )
            began = time.perf_counter()
            writer.write(head.encode() + body)
            told = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            length = int(told.partition("content-length: ")[2].partition("\r\n")[0])
            answer = json.loads(await reader.readexactly(length))
            self.seconds.append(time.perf_counter() - began)
            if " 201 " not in told.partition("\r\n")[0]:
                raise ConnectionError(f"not taken: {answer}")
            self.receipts.append(answer["receipt"])
        writer.close()


def some_reports(n: int) -> list[dict[str, Any]]:
    """So many different reports."""
    places = ("Berlin", "San Francisco, CA", "London", "Singapore")
    roles = ("ML engineer", "data scientist", "data engineer")
    return [
        {
            "role": roles[i % 3], "location": places[i % 4], "base": 60_000 + i, "currency": "USD", "years_experience": i % 20,
            "skills": ["pytorch", "aws", "python"][: i % 4],
        }
        for i in range(n)
    ]  # fmt: skip


def serving(desk: Path) -> tuple[subprocess.Popen[str], int]:
    """The server and its port; its log goes nowhere."""
    process = subprocess.Popen(
        [sys.executable, "-m", "paylens", "serve", "--port", "0", "--workers", str(WORKERS), "--collect", str(desk)],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    line = process.stdout.readline()
    return process, int(line.split()[3].rstrip("/").rpartition(":")[2])


async def send(port: int, reports: list[dict[str, Any]], senders: int) -> list[Sender]:
    """All of them at once, each its share."""
    made = [Sender(port) for _ in range(senders)]
    await asyncio.gather(*(sender.run(reports[n::senders]) for n, sender in enumerate(made)))
    return made


def insert(database: str, n: int, ready: Any, go: Any) -> None:
    """So many reports' bytes, a transaction each, by as many threads as the desk has."""
    store = Store(database)
    statements = [
        (sa.text(f"INSERT INTO {table} (id, box) VALUES (:id, :box)"), size) for table, size in BARE.items()
    ]

    def one(_: int) -> None:
        id = secrets.token_bytes(16)
        with store.writing() as connection:
            for statement, size in statements:
                connection.execute(statement, {"id": id, "box": secrets.token_bytes(size)})

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(one, range(THREADS)))  # connections are made
        ready.release()
        go.wait()
        list(pool.map(one, range(n)))
    store.close()


def bare_rate(database: str, n: int) -> float:
    """Bare inserts a second by two processes: what a report is in its three tables, of random bytes, and nothing around it."""
    store = Store(database)
    with store.writing() as connection:
        blob, last = ("BYTEA", "") if store.postgres else ("BLOB", " WITHOUT ROWID")
        for table in BARE:
            connection.execute(sa.text(f"DROP TABLE IF EXISTS {table}"))
            connection.execute(
                sa.text(f"CREATE TABLE {table} (id {blob} PRIMARY KEY, box {blob} NOT NULL){last}")
            )
            if store.postgres:
                connection.execute(sa.text(f"ALTER TABLE {table} ALTER COLUMN box SET STORAGE EXTERNAL"))
    store.close()
    spawn = multiprocessing.get_context("spawn")
    ready, go = spawn.Semaphore(0), spawn.Event()
    processes = [
        spawn.Process(target=insert, args=(database, n // WORKERS, ready, go)) for _ in range(WORKERS)
    ]
    for process in processes:
        process.start()
    for _ in processes:
        ready.acquire()
    began = time.perf_counter()
    go.set()
    for process in processes:
        process.join()
    return n / (time.perf_counter() - began)


def run(kind: str, n: int, senders: int) -> dict[str, Any]:
    """The figures of one run."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="paylens-collect-")))
        if kind == "postgres":
            programs = postgres.found()
            if programs is None:
                sys.exit("PostgreSQL is not installed here")
            database = stack.enter_context(postgres.running(programs)).url()
        else:
            database = str(folder / "reports.sqlite")
        make(folder / "keys")
        init_desk(folder / "desk", database, folder / "keys" / "public.toml", Rules(per_day=10**9)).close()
        bare = [bare_rate(database, min(n, MOST_BARE))]
        process, port = serving(folder / "desk")
        try:
            asyncio.run(send(port, some_reports(senders), senders))  # every worker is awake
            began = time.perf_counter()
            sent = asyncio.run(
                send(port, [{**r, "base": r["base"] + 500_000} for r in some_reports(n)], senders)
            )
            rate = n / (time.perf_counter() - began)
        finally:
            process.terminate()
            process.wait()
        bare.append(bare_rate(database, min(n, MOST_BARE)))
        kept = [one for sender in sent for one in sender.receipts]
        seconds = sorted(one for sender in sent for one in sender.seconds)
        store = Store(database)
        total = store.status()
        with store.reading() as connection:
            written = [
                connection.scalar(sa.select(sa.func.count()).select_from(t))
                for t in (pay, attributes, receipts)
            ]
        store.close()
    assert len(set(kept)) == n
    assert len(set(written)) == 1
    assert written[0] + total["waiting"] == n + senders, "a report was lost or doubled"
    return {
        "database": kind, "reports": n, "senders": senders, "workers": WORKERS, "cores": os.cpu_count(), "reports_per_second": round(rate),
        "bare_inserts_per_second": [round(one) for one in bare], "ratio": round(rate / statistics.mean(bare), 2),
        "p50_ms": round(1000 * seconds[len(seconds) // 2]), "p99_ms": round(1000 * seconds[len(seconds) * 99 // 100]),
        "load_before": round(os.getloadavg()[0], 1),
    }  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--reports", type=int, default=4000)
    parser.add_argument("--senders", type=int, default=200)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="postgres")
    told = parser.parse_args()
    print(json.dumps(run(told.database, told.reports, told.senders)))
