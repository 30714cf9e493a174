"""The HTTP API under load, beside a route that does nothing: what a question costs, and what the server around it costs.

    python benchmarks/serve.py [--seconds 60] [--connections 32] [--workers 2] [--json]

Both routes are on one server with the settings of `paylens serve`, behind the same layers, with the same decoder, and are
asked in turns of a second over the same connections in the same run, so that what else the machine does falls on both.
Thousands of different people are asked about. The server is a set of processes on a free port of 127.0.0.1 and ends with
the run. Needs the extra 'serve'.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import random
import socket
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle, product
from pathlib import Path
from typing import Any, Final

import uvicorn
import uvloop
from starlette.requests import Request
from starlette.responses import Response

from paylens import serving
from paylens.faces.http.body import json_object

ROUTES: Final = ("/v1/estimate", "/nothing")
TURN: Final = 1.0
WARM: Final = 1.0
MOST_SECONDS, MOST_CONNECTIONS, MOST_WORKERS = 600.0, 64, 8


def profiles() -> list[dict[str, Any]]:
    """Some thousand different people, in an order of no meaning."""
    every = product(
        ("ML engineer", "data scientist", "software engineer", "data engineer", "research scientist"),
        ("Berlin", "United States", "London", "India", "San Francisco, CA", "Zurich", "Toronto"),
        (0, 1, 2, 4, 6, 9, 13, 20),
        (["pytorch", "aws"], ["python"], []),
        ({}, {"education": "master"}, {"seniority": "senior"}, {"company_size": 250, "industry": "finance"}),
    )
    found = [
        {
            "role": role,
            "location": place,
            "years_experience": years,
            "skills": skills,
            "as_of": "2026-11",
            **more,
        }
        for role, place, years, skills, more in every
    ]
    random.Random(1).shuffle(found)
    return found


def served(bound: socket.socket) -> None:
    """One worker: the API and a route that reads its body and answers nothing."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # the log is written as in use, to nowhere
    settings = serving.Settings()
    guard: Any = serving.loaded(settings)

    async def nothing(request: Request) -> Response:
        await json_object(request, 256 << 10)
        return Response(b"{}", 200, {"cache-control": "no-store"}, "application/json")

    guard.app.add_api_route("/nothing", nothing, methods=["POST"])
    # Found as soon as the question is: what is compared is the answers, not where their paths stand.
    guard.app.router.routes.insert(1, guard.app.router.routes.pop())
    uvicorn.Server(serving.configuration(guard, settings)).run(sockets=[bound])


@contextmanager
def workers(count: int) -> Iterator[tuple[int, list[int]]]:
    """A server's port and the ids of its processes."""
    with socket.socket() as bound, tempfile.TemporaryDirectory() as counts:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = counts
        bound.bind(("127.0.0.1", 0))
        bound.listen(1024)
        started = [
            multiprocessing.get_context("spawn").Process(target=served, args=(bound,)) for _ in range(count)
        ]
        for process in started:
            process.start()
        try:
            yield bound.getsockname()[1], [process.pid or 0 for process in started]
        finally:
            for process in started:
                process.terminate()
            for process in started:
                process.join(20)


@dataclass
class Seen:
    """What one route answered: seconds of each answer, and answers that were none; how long it was asked, how long the server worked."""

    took: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    spent: float = 0.0
    worked: float = 0.0

    @property
    def work(self) -> float:
        """Microseconds of the server's processors an answer; what else the machine does hardly changes it."""
        return 1e6 * self.worked / len(self.took)

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.took) / self.spent

    def percentile(self, p: int) -> float:
        """Milliseconds that `p` of 100 answers took at most."""
        return 1000 * statistics.quantiles(self.took, n=100)[p - 1]


class Asker(asyncio.Protocol):
    """One connection, which asks again as soon as it is answered, until it is told to rest."""

    def __init__(self) -> None:
        self.parts = b""
        self.whole = 0
        self.began = 0.0
        self.until = 0.0
        self.rest: asyncio.Future[None] | None = None
        self.questions: Iterator[bytes] = iter(())
        self.seen = Seen()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Connected."""
        self.transport: Any = transport

    def start(self, questions: Iterator[bytes], seen: Seen, until: float) -> asyncio.Future[None]:
        """Ask until a time; done when the last answer is there."""
        self.questions, self.seen, self.until = questions, seen, until
        self.rest = asyncio.get_running_loop().create_future()
        self._ask()
        return self.rest

    def _ask(self) -> None:
        self.parts, self.whole = b"", 0
        self.began = time.perf_counter()
        self.transport.write(next(self.questions))

    def data_received(self, data: bytes) -> None:
        """Part of an answer."""
        self.parts += data
        if not self.whole:
            head, _, rest = self.parts.partition(b"\r\n\r\n")
            if not rest:
                return
            self.whole = (
                len(head) + 4 + int(head.lower().partition(b"content-length: ")[2].split(b"\r\n", 1)[0])
            )
        if len(self.parts) < self.whole:
            return
        now = time.perf_counter()
        self.seen.took.append(now - self.began)
        if not self.parts.startswith(b"HTTP/1.1 200"):
            self.seen.wrong.append(self.parts.split(b"\r\n", 1)[0].decode())
        if now < self.until:
            self._ask()
        elif self.rest is not None:
            self.rest.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """The server has hung up."""
        if self.rest is not None and not self.rest.done():
            self.seen.wrong.append("hung up")
            self.rest.set_result(None)


def request(path: str, fields: dict[str, Any]) -> bytes:
    """One question as it goes over the wire."""
    body = json.dumps(fields).encode()
    head = f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


def resident(pids: list[int]) -> int:
    """Bytes that the processes hold in memory together."""
    pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in pids)
    return pages * os.sysconf("SC_PAGE_SIZE")


def worked(pids: list[int]) -> float:
    """Seconds of processor time that the processes took so far together."""
    spent = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        spent += int(fields[11]) + int(fields[12])
    return spent / os.sysconf("SC_CLK_TCK")


async def load(
    port: int, pids: list[int], seconds: float, connections: int
) -> tuple[dict[str, Seen], list[int]]:
    """Both routes in turns of `TURN` seconds; and the memory held after each pair of turns."""
    loop = asyncio.get_running_loop()
    askers = [(await loop.create_connection(Asker, "127.0.0.1", port))[1] for _ in range(connections)]
    questions = {route: cycle([request(route, fields) for fields in profiles()]) for route in ROUTES}

    async def turn(route: str, seen: Seen, length: float) -> None:
        before, began = worked(pids), time.perf_counter()
        await asyncio.gather(*(asker.start(questions[route], seen, began + length) for asker in askers))
        seen.spent += time.perf_counter() - began
        seen.worked += worked(pids) - before

    for route in ROUTES:
        await turn(route, Seen(), WARM)
    found = {route: Seen() for route in ROUTES}
    held = []
    for _ in range(max(1, round(seconds / (2 * TURN)))):
        for route in ROUTES:
            await turn(route, found[route], TURN)
        held.append(resident(pids))
    for asker in askers:
        asker.transport.close()
    return found, held


def slope(held: list[int]) -> float:
    """Bytes a second by which memory grew over the later half of the run, by least squares."""
    later = held[len(held) // 2 :]
    if len(later) < 2:
        return 0.0
    return statistics.linear_regression([2 * TURN * i for i in range(len(later))], later).slope


def measure(seconds: float, connections: int, count: int) -> dict[str, Any]:
    """One run as an object: rates, percentiles in milliseconds, errors, the ratio, and memory in MiB."""
    with workers(count) as (port, pids):
        found, held = uvloop.run(load(port, pids, seconds, connections))
    routes = {
        route: {
            "answers": len(seen.took), "rate": seen.rate, "p50_ms": seen.percentile(50), "p99_ms": seen.percentile(99),
            "work_us": seen.work,
            "errors": len(seen.wrong), "wrong": sorted(set(seen.wrong)),
        }
        for route, seen in found.items()
    }  # fmt: skip
    return {
        "workers": count, "connections": connections, "seconds": seconds, "people": len(profiles()), "routes": routes,
        "ratio": found[ROUTES[0]].rate / found[ROUTES[1]].rate, "ratio_of_work": found[ROUTES[1]].work / found[ROUTES[0]].work,
        "memory_mib": held[-1] / 2**20, "memory_mib_a_minute": 60 * slope(held) / 2**20,
    }  # fmt: skip


def main() -> None:
    """Print one table, or one object."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=60.0, help="of the whole run, half for each route")
    parser.add_argument("--connections", type=int, default=32, help=f"at most {MOST_CONNECTIONS}")
    parser.add_argument("--workers", type=int, default=2, help=f"at most {MOST_WORKERS}")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    options = parser.parse_args()
    found = measure(
        min(options.seconds, MOST_SECONDS), max(1, min(options.connections, MOST_CONNECTIONS)),
        max(1, min(options.workers, MOST_WORKERS)),
    )  # fmt: skip
    if options.json:
        print(json.dumps(found))
        return
    print(f"{'route':<16}{'answers':>9}{'a second':>10}{'p50 ms':>9}{'p99 ms':>9}{'work us':>9}{'errors':>8}")
    for route, seen in found["routes"].items():
        print(
            f"{route:<16}{seen['answers']:>9,}{seen['rate']:>10,.0f}{seen['p50_ms']:>9.2f}{seen['p99_ms']:>9.2f}{seen['work_us']:>9.0f}{seen['errors']:>8}"
        )
    print(
        f"ratio {found['ratio']:.2f}, of the server's own work {found['ratio_of_work']:.2f} ({found['connections']} connections, {found['workers']} workers, {found['people']:,} people)"
    )
    print(
        f"memory {found['memory_mib']:.0f} MiB, {found['memory_mib_a_minute']:+.1f} MiB a minute at the end"
    )


if __name__ == "__main__":
    main()
