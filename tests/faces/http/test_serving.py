"""Starting, stopping, who may ask, what is logged, and what happens when something fails."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from typing import Any

import pytest

for part in ("fastapi", "httpx", "msgspec", "prometheus_client", "uvicorn"):
    pytest.importorskip(part, reason=f"{part} is not here: pip install 'paylens[serve]' httpx")

import httpx

from paylens.contract.errors import PaylensError
from paylens.engine import Engine
from paylens.engine import open as open_engine
from paylens.faces.desk import Desk, Fault
from paylens.faces.http import app as web
from paylens.faces.http.guard import Access
from paylens.faces.questions import QUESTIONS
from paylens.serving import Settings
from paylens.serving import serve as run

ASK = {"role": "ML engineer", "location": "Berlin", "years_experience": 7.25, "employer": "Secretive Ltd"}
TOKEN = "a-token-of-some-length"


@pytest.mark.parametrize(
    ("number", "workers"), [(signal.SIGINT, "1"), (signal.SIGTERM, "1"), (signal.SIGTERM, "2")]
)
def test_it_stops_cleanly_and_logs_lines_that_hold_nothing_private(
    serve: Callable[..., Any], number: int, workers: str
) -> None:
    served = serve("--workers", workers)
    assert httpx.post(f"{served.url}/v1/estimate", json=ASK, timeout=20).status_code == 200
    assert httpx.get(f"{served.url}/v1/vocabulary/employers?q=Secretive").status_code == 200
    counts = httpx.get(f"{served.url}/metrics").text
    assert 'paylens_requests_total{method="POST",route="/v1/estimate",status="200"} 1.0' in counts
    code, log = served.stop(number)
    assert code == 0, log
    lines = [json.loads(line) for line in log.splitlines()]
    answered = [line for line in lines if line["event"] == "answered"]
    assert {line["route"] for line in answered} == {"/v1/estimate", "/v1/vocabulary/{kind}", "/metrics"}
    assert answered[0].keys() == {"time", "event", "method", "route", "status", "ms", "bytes"}
    assert lines[0]["event"] == "started"
    assert lines[-1]["event"] == "stopped"
    assert "Secretive" not in log
    assert "7.25" not in log
    with pytest.raises(httpx.TransportError):
        httpx.get(served.url)


def test_no_amount_that_is_sent_is_in_the_log(serve: Callable[..., Any]) -> None:
    served = serve()
    offers = {"offer": [{"name": "Secretive", "location": "Berlin", "base": 91357.25}], "paths": 200}
    sent: dict[str, dict[str, Any]] = {
        "offers/compare": offers, "negotiate": offers | {"me": {"role": "ML engineer"}},
        "take-home": {"gross": 91357.25, "location": "London"}, "estimate": {"role": "Secretive", "pay": "91357.25"},
        "offers/read": {"text": "Secretive Ltd offers you EUR 91,357.25 a year."},
        "benchmark": {"role": "ML engineer", "location": "Secretive 91357.25"},
    }  # fmt: skip
    sent = {question.path: question.example for question in QUESTIONS} | sent
    for path, fields in sent.items():
        httpx.post(f"{served.url}/v1/{path}", json=fields, timeout=30)
        httpx.post(f"{served.url}/v1/{path}?amount=91357.25", content=b'{"base": 91357.25', timeout=30)
    _, log = served.stop()
    assert log.count('"answered"') == 2 * len(sent)
    for secret in ("91357", "91,357", "Secretive"):
        assert secret not in log


@pytest.mark.parametrize(
    ("settings", "token", "words"),
    [
        (Settings(host="0.0.0.0"), "", "PAYLENS_TOKEN"), (Settings(host="0.0.0.0"), "short", "16"), (Settings(port=70000), "", "--port"),
        (Settings(workers=0), "", "--workers"), (Settings(release="/nowhere"), "", "/nowhere"),
        (Settings(host="203.0.113.1", public=True), "", "203.0.113.1"), (Settings(host="no.such.host.invalid", public=True), "", "--host"),
    ],
)  # fmt: skip
def test_what_it_refuses(settings: Settings, token: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAYLENS_TOKEN", token)
    with pytest.raises(PaylensError, match=words):
        run(settings)


def test_a_port_that_is_taken_is_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = subprocess.run(
            [sys.executable, "-m", "paylens", "serve", "--port", str(taken.getsockname()[1])],
            capture_output=True, text=True, check=False, timeout=30,
        )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "--port" in done.stderr


def test_a_token_is_asked_for_where_one_is_set(serve: Callable[..., Any]) -> None:
    served = serve(PAYLENS_TOKEN=TOKEN)
    refused = httpx.get(f"{served.url}/v1/sources")
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
    for sent in ("Bearer wrong", f"Basic {TOKEN}", TOKEN):
        assert httpx.get(f"{served.url}/v1/sources", headers={"authorization": sent}).status_code == 401
    headers = {"authorization": f"Bearer {TOKEN}"}
    assert httpx.get(f"{served.url}/v1/sources", headers=headers).status_code == 200
    assert httpx.get(f"{served.url}/healthz").status_code == 200
    assert TOKEN not in served.stop()[1]


def test_a_name_from_elsewhere_that_points_here_is_refused(url: str) -> None:
    assert httpx.get(url, headers={"host": "evil.example"}).status_code == 421
    assert httpx.get(url, headers={"host": "localhost:8000"}).status_code == 200
    assert httpx.get(url, headers={"host": "[::1]:8000"}).status_code == 200


class Failing(Engine):
    """An engine that fails as it should not."""

    def estimate(self, *args: Any, **fields: Any) -> Any:
        raise RuntimeError("pay of 123456")


def test_our_own_fault_is_said_without_what_was_asked(
    inside: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    app = web.application(Failing(open_engine().release))
    found = inside(app, "POST", "/v1/estimate", json=ASK)
    assert found.status_code == 500
    assert found.json()["title"] == "Internal Server Error"
    assert found.headers["x-content-type-options"] == "nosniff"
    log = capsys.readouterr().err
    assert "RuntimeError" in log
    assert "123456" not in found.text + log


LONG = {
    "offer": [
        {"name": str(i), "location": "Berlin", "base": 90000 + i,
         "equity": {"kind": "rsu", "grant_value": 60000, "company": "listed"}} for i in range(10)
    ],
    "paths": 40000, "years": 10,
}  # fmt: skip
SHORT = {"gross": 90000, "location": "London", "as_of": "2026-11"}
COMPARE = next(question for question in QUESTIONS if question.path == "offers/compare")


@pytest.fixture
def one_clerk() -> Generator[Desk]:
    """A desk with one process."""
    desk = Desk(open_engine(), clerks=1)
    yield desk
    desk.close()


def test_what_takes_too_long_or_is_too_much_is_said(
    monkeypatch: pytest.MonkeyPatch, inside: Callable[..., Any], one_clerk: Desk
) -> None:
    app = web.application(open_engine(), quiet=True, desk=one_clerk)
    assert inside(app, "POST", "/v1/take-home", json=SHORT).status_code == 200
    before = one_clerk.clerks[0].process
    monkeypatch.setattr("paylens.faces.desk.SECONDS", 0.05)
    late = inside(app, "POST", "/v1/offers/compare", json=LONG)
    assert (late.status_code, late.headers["retry-after"]) == (503, "30")
    assert not before.is_alive()
    monkeypatch.setattr("paylens.faces.desk.SECONDS", 30)
    assert inside(app, "POST", "/v1/take-home", json=SHORT).status_code == 200
    monkeypatch.setattr("paylens.faces.desk.MOST_WAITING", 0)
    full = inside(app, "POST", "/v1/offers/compare", json={})
    assert (full.status_code, full.headers["retry-after"]) == (503, "5")


def test_a_question_whose_asker_has_gone_is_stopped(serve: Callable[..., Any]) -> None:
    served = serve()
    host, port = served.url.removeprefix("http://").split(":")
    body = json.dumps(LONG).encode()
    head = f"POST /v1/offers/compare HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\n"
    for _ in range(6):
        with socket.create_connection((host, int(port))) as asker:
            asker.sendall(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
            time.sleep(0.05)
    # Of the six, each of which takes seconds, none is in the way.
    began = time.perf_counter()
    assert httpx.post(f"{served.url}/v1/take-home", json=SHORT, timeout=30).status_code == 200
    assert time.perf_counter() - began < 15
    counts = httpx.get(f"{served.url}/metrics").text
    assert 'paylens_requests_total{method="POST",route="/v1/offers/compare",status="499"} 6.0' in counts
    code, log = served.stop()
    assert code == 0
    assert "error" not in {json.loads(line)["event"] for line in log.splitlines()}


def test_a_process_that_dies_is_a_fault_and_another_takes_its_place(
    inside: Callable[..., Any], one_clerk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    app = web.application(open_engine(), desk=one_clerk)

    async def asked() -> None:
        work = asyncio.create_task(one_clerk.answer(COMPARE, LONG))
        await asyncio.sleep(0.2)
        one_clerk.clerks[0].process.kill()
        with pytest.raises(Fault, match="ProcessEnded"):
            await work

    asyncio.run(asked())
    assert inside(app, "POST", "/v1/take-home", json=SHORT).status_code == 200


def test_a_body_that_does_not_come_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("paylens.faces.http.body.READ_SECONDS", 0.05)
    app = web.application(open_engine(), access=Access(local=False), quiet=True)

    async def slowly() -> Any:
        await asyncio.sleep(10)

    async def asked() -> int:
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        headers = [(b"content-type", b"application/json")]
        scope = {
            "type": "http",
            "method": "POST",
            "path": "/v1/estimate",
            "headers": headers,
            "query_string": b"",
        }
        await app(scope, slowly, send)
        return int(sent[0]["status"])

    assert asyncio.run(asked()) == 408
