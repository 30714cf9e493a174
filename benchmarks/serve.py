"""The HTTP API under load, beside a route that does nothing: what a question costs, and what the server around it costs.

    python benchmarks/serve.py [--seconds 3] [--connections 16]

Both routes are on one server, behind the same layers, with the same decoder, asked in turns in the same run. The server is a
process of its own on a free port of 127.0.0.1 and ends with the run. Needs the extra 'serve'.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import socket
import statistics
import time
from collections.abc import Iterator
from itertools import cycle, product
from typing import Any

import uvicorn
from starlette.requests import Request
from starlette.responses import Response

from paylens.engine import open as open_engine
from paylens.faces.http.app import application
from paylens.faces.http.body import json_object

ROUTES = ("/v1/estimate", "/nothing")
TURNS = 4


def profiles() -> list[dict[str, Any]]:
    """Some hundred different people."""
    every = product(
        ("ML engineer", "data scientist", "software engineer", "data engineer"),
        ("Berlin", "United States", "London", "India", "San Francisco, CA"),
        range(0, 25, 3),
        (["pytorch", "aws"], ["python"], []),
    )
    return [
        {"role": role, "location": place, "years_experience": years, "skills": skills, "as_of": "2026-11"}
        for role, place, years, skills in every
    ]


def served(bound: socket.socket) -> None:
    """The server's process: the API and a route that reads its body and answers nothing."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # the log is written as in use, to nowhere
    app: Any = application(open_engine())

    async def nothing(request: Request) -> Response:
        await json_object(request, 256 << 10)
        return Response(b"{}", 200, {"cache-control": "no-store"}, "application/json")

    app.app.add_api_route("/nothing", nothing, methods=["POST"])
    uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False)).run(sockets=[bound])


def request(path: str, fields: dict[str, Any]) -> bytes:
    """One question as it goes over the wire."""
    body = json.dumps(fields).encode()
    head = f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def ask(
    port: int, questions: Iterator[bytes], until: float, took: list[float], wrong: list[str]
) -> None:
    """One connection, which asks again as soon as it is answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while time.perf_counter() < until:
        began = time.perf_counter()
        writer.write(next(questions))
        head = await reader.readuntil(b"\r\n\r\n")
        size = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n", 1)[0])
        await reader.readexactly(size)
        took.append(time.perf_counter() - began)
        if not head.startswith(b"HTTP/1.1 200"):
            wrong.append(head.split(b"\r\n", 1)[0].decode())
    writer.close()
    await writer.wait_closed()


async def load(port: int, path: str, seconds: float, connections: int) -> tuple[list[float], list[str]]:
    """The times of all answers, in seconds, and the answers that were none."""
    took: list[float] = []
    wrong: list[str] = []
    questions = cycle([request(path, fields) for fields in profiles()])
    until = time.perf_counter() + seconds
    await asyncio.gather(*(ask(port, questions, until, took, wrong) for _ in range(connections)))
    return took, wrong


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0, help="for each route, at most 30")
    parser.add_argument("--connections", type=int, default=16, help="at most 64")
    options = parser.parse_args()
    seconds, connections = min(options.seconds, 30.0), min(options.connections, 64)
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        bound.listen(128)
        port = bound.getsockname()[1]
        server = multiprocessing.get_context("spawn").Process(target=served, args=(bound,), daemon=True)
        server.start()
    try:
        report(port, seconds, connections)
    finally:
        server.terminate()
        server.join(10)


def report(port: int, seconds: float, connections: int) -> None:
    """Ask both routes in turns and say what was seen."""
    found: dict[str, tuple[list[float], list[str], float]] = {route: ([], [], 0.0) for route in ROUTES}
    for route in ROUTES:
        asyncio.run(load(port, route, 0.5, connections))
    for _ in range(TURNS):
        for route in ROUTES:
            began = time.perf_counter()
            took, wrong = asyncio.run(load(port, route, seconds / TURNS, connections))
            before = found[route]
            found[route] = (before[0] + took, before[1] + wrong, before[2] + time.perf_counter() - began)
    print(f"{'route':<16}{'answers':>9}{'a second':>10}{'p50 ms':>9}{'p99 ms':>9}{'errors':>8}")
    rates = {}
    for route, (took, wrong, spent) in found.items():
        rates[route] = len(took) / spent
        p99 = statistics.quantiles(took, n=100)[98]
        print(
            f"{route:<16}{len(took):>9,}{rates[route]:>10,.0f}{1000 * statistics.median(took):>9.2f}{1000 * p99:>9.2f}"
            f"{len(wrong):>8}"
        )
    print(
        f"ratio {rates[ROUTES[0]] / rates[ROUTES[1]]:.2f} ({connections} connections, one process, this machine)"
    )


if __name__ == "__main__":
    main()
