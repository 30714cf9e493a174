"""Clients that mean no good, or are slow: refused or dropped, and others are served meanwhile."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Generator
from typing import Any

import pytest

for part in ("fastapi", "httpx", "msgspec", "prometheus_client", "uvicorn"):
    pytest.importorskip(part, reason=f"{part} is not here: pip install 'paylens[serve]' httpx")

import httpx
import uvicorn

from paylens.engine import open as open_engine
from paylens.faces.http import body, connection
from paylens.faces.http.app import application
from paylens.serving import Settings, configuration

ASK = {"role": "ML engineer", "location": "Berlin", "years_experience": 4, "as_of": "2026-11"}
JSON = {"content-type": "application/json"}
HEAD = "POST /v1/estimate HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"


@pytest.fixture(scope="module")
def server() -> Generator[tuple[str, int]]:
    """Where a server in this process answers that gives up on slow clients after half a second."""
    with pytest.MonkeyPatch.context() as changed, socket.socket() as bound:
        changed.setattr(connection, "HEAD_SECONDS", 0.5)
        changed.setattr(connection, "TAKE_SECONDS", 0.5)
        changed.setattr(body, "READ_SECONDS", 0.5)
        bound.bind(("127.0.0.1", 0))
        bound.listen(256)
        running = uvicorn.Server(configuration(application(open_engine(), quiet=True), Settings()))
        thread = threading.Thread(target=running.run, kwargs={"sockets": [bound]})
        thread.start()
        while not running.started:
            time.sleep(0.01)
        yield bound.getsockname()[:2]
        running.should_exit = True
        thread.join(20)


def served(at: tuple[str, int]) -> float:
    """Seconds that a well-meant question takes now."""
    began = time.perf_counter()
    found = httpx.post(f"http://{at[0]}:{at[1]}/v1/estimate", json=ASK, timeout=5)
    assert found.status_code == 200
    return time.perf_counter() - began


def dropped(client: socket.socket, seconds: float) -> bool:
    """Whether the server hangs up within some seconds."""
    client.settimeout(seconds)
    try:
        while client.recv(1 << 16):
            pass
    except TimeoutError:
        return False
    except OSError:
        return True
    return True


def hung_up(client: socket.socket, seconds: float) -> bool:
    """The same for a client that reads nothing: whether nothing can be sent to the server any more."""
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        time.sleep(0.1)
        try:
            client.sendall(b" ")
        except OSError:
            return True
    return False


@pytest.mark.parametrize(
    ("name", "content", "statuses"),
    [
        ("10 MB", b'{"role": "' + b"x" * 10_000_000 + b'"}', (413,)), ("10 MB of spaces", b" " * 10_000_000, (413,)),
        ("deep", b'{"a":' * 20_000 + b"1" + b"}" * 20_000, (400,)), ("deep lists", b"[" * 200_000, (400,)),
        ("NaN", b'{"role": "x", "years_experience": NaN}', (400,)), ("infinite", b'{"role": "x", "years_experience": 1e999}', (400, 422)),
        ("huge int", b'{"role": "ML engineer", "years_experience": ' + b"9" * 4000 + b"}", (400, 422)),
        ("many names", json.dumps({str(i): i for i in range(10_000)}).encode(), (422,)),
        ("wrong type", b'{"role": ["ML engineer"]}', (422,)), ("a list", b"[1]", (422,)), ("text", b"role=ML", (400,)),
        ("null byte", b'{"role": "\\u0000"}', (422,)), ("not UTF-8", b'{"role": "\xff\xfe"}', (400,)),
    ],
)  # fmt: skip
def test_a_body_that_is_none_is_refused(
    server: tuple[str, int], name: str, content: bytes, statuses: tuple[int, ...]
) -> None:
    url = f"http://{server[0]}:{server[1]}"
    for path in ("estimate", "offers/compare", "benchmark"):
        with contextlib.suppress(httpx.WriteError):  # hung up on before it was sent whole
            found = httpx.post(f"{url}/v1/{path}", content=content, headers=JSON, timeout=20)
            assert found.status_code in {*statuses, 422}, (path, found.text[:200])
            assert found.headers["content-type"] == "application/problem+json"
    assert served(server) < 5


def test_slow_clients_are_dropped_while_others_are_served(server: tuple[str, int]) -> None:
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(socket.create_connection(server)) for _ in range(90)]
        for i, client in enumerate(slow):
            if i % 3 == 1:  # part of a head
                client.sendall(HEAD.encode())
            elif i % 3 == 2:  # part of a body
                client.sendall(f"{HEAD}content-length: 1000\r\n\r\n".encode() + b'{"role"')
        assert served(server) < 2
        stop = threading.Event()

        def drip() -> None:
            # A byte now and then is no sign of life.
            while not stop.wait(0.1):
                for client in slow[1::3]:
                    with contextlib.suppress(OSError):
                        client.sendall(b"x")

        dripping = threading.Thread(target=drip)
        dripping.start()
        assert all(dropped(client, 5) for client in slow)
        stop.set()
        dripping.join()
        assert served(server) < 2


def test_a_body_that_does_not_come_is_a_408(server: tuple[str, int]) -> None:
    with socket.create_connection(server) as client:
        client.sendall(f"{HEAD}content-length: 1000\r\n\r\n".encode())
        client.settimeout(5)
        assert client.recv(100).startswith(b"HTTP/1.1 408")


def test_a_head_without_end_is_dropped(server: tuple[str, int]) -> None:
    with socket.create_connection(server) as client:
        client.sendall(HEAD.encode())
        with contextlib.suppress(OSError):
            for _ in range(100):
                client.sendall(b"x-more: " + b"x" * 4096 + b"\r\n")
        assert dropped(client, 0.3)


def test_who_takes_no_answers_is_dropped(server: tuple[str, int]) -> None:
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(server)
        client.sendall(b"GET /v1/score HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n" * connection.MOST_QUEUED)
        assert served(server) < 2
        assert hung_up(client, 20)


def test_who_asks_far_ahead_is_dropped(server: tuple[str, int]) -> None:
    with socket.create_connection(server) as client:
        with contextlib.suppress(OSError):
            client.sendall(b"GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n" * 2000)
        assert dropped(client, 5)  # an idle one would be kept for ten seconds
    assert served(server) < 2


def test_a_head_is_a_get_without_its_body(server: tuple[str, int]) -> None:
    url = f"http://{server[0]}:{server[1]}"
    for path in ("/", "/v1/sources", "/v1/vocabulary/roles?q=ml", "/healthz", "/openapi.json"):
        got, head = httpx.get(f"{url}{path}"), httpx.head(f"{url}{path}")
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers.get("etag") == got.headers.get("etag")
        assert head.headers["content-type"] == got.headers["content-type"]
    refused: Any = httpx.head(f"{url}/v1/estimate")
    assert (refused.status_code, refused.content) == (405, b"")
