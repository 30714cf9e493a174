"""The tools over HTTP, asked by the protocol's own client, from a server that was started as anybody would start it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

for part, extra in (("fastapi", "serve"), ("httpx", "test"), ("mcp", "mcp"), ("msgspec", "serve"), ("prometheus_client", "serve")):  # fmt: skip
    pytest.importorskip(part, reason=f"{part} is not here: pip install 'paylens[{extra}]'")

import httpx
from mcp import Client

from paylens.engine import open as open_engine
from paylens.faces.desk import Desk
from paylens.faces.http.app import application
from paylens.faces.http.guard import Access
from paylens.faces.mcp.server import over_http

ASK = {"role": "ML engineer", "location": "Berlin", "years_experience": 4, "as_of": "2026-11"}
TWO = [{"name": "a", "base": 90001, "location": "Berlin"}, {"name": "b", "base": 95000, "location": "Berlin"}]
CALL = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "tools/call",
    "params": {"name": "estimate", "arguments": ASK},
}
HEADERS = {"accept": "application/json, text/event-stream", "mcp-protocol-version": "2025-06-18"}


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_session_of_the_official_client(serve: Callable[..., Any], workers: str) -> None:
    served = serve("--mcp", "--workers", workers)

    async def session() -> None:
        async with Client(f"{served.url}/mcp") as client:
            tools = {tool.name for tool in (await client.list_tools()).tools}
            assert {"estimate", "compare_offers", "find_names"} <= tools
            found = await client.call_tool("estimate", ASK)
            assert not found.is_error
            assert found.structured_content is not None
            over = httpx.post(f"{served.url}/v1/estimate", json=ASK).json()
            assert found.structured_content == over
            compared = await client.call_tool("compare_offers", {"offers": TWO, "paths": 500})
            assert not compared.is_error, compared.content
            refused = await client.call_tool("estimate", {"role": "ML engineer", "location": "Berlim"})
            assert refused.is_error
            assert "Berlin, Germany" in str(refused.content[0])
            score = json.loads((await client.read_resource("paylens://score")).contents[0].text)  # type: ignore[union-attr]
            assert score["guide"]
            assert (await client.get_prompt("evaluate_my_offer", {"letter": "x"})).messages

    asyncio.run(session())
    code, log = served.stop()
    assert code == 0, log
    assert "90001" not in log
    assert '"/mcp"' in log


def test_without_the_option_there_are_no_tools(url: str) -> None:
    assert httpx.post(f"{url}/mcp", json=CALL, headers=HEADERS).status_code == 404


def test_the_same_guard_stands_before_the_tools(serve: Callable[..., Any]) -> None:
    token = "a-token-of-some-length"
    served = serve("--mcp", PAYLENS_TOKEN=token)
    ask = {"json": CALL, "headers": HEADERS | {"authorization": f"Bearer {token}"}}
    found = httpx.post(f"{served.url}/mcp", **ask)
    assert found.status_code == 200, found.text
    assert found.json()["result"]["structuredContent"]["currency"] == "EUR"
    assert found.headers["x-content-type-options"] == "nosniff"
    assert httpx.post(f"{served.url}/mcp", json=CALL, headers=HEADERS).status_code == 401
    for name, value, status in (
        ("host", "evil.example", 421),
        ("origin", "http://evil.example", 403),
        ("content-type", "text/plain", 400),
    ):
        headers = {"content-type": "application/json", **ask["headers"], name: value}
        found = httpx.post(f"{served.url}/mcp", content=json.dumps(CALL), headers=headers)
        assert found.status_code == status, (name, found.text)
    headers = {"content-type": "application/json", **ask["headers"]}
    large = httpx.post(f"{served.url}/mcp", content=b" " * (4 << 20), headers=headers)
    assert large.status_code == 413
    assert httpx.get(f"{served.url}/healthz").status_code == 200


def test_a_body_that_does_not_come_is_given_up_here_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("paylens.faces.http.body.READ_SECONDS", 0.05)
    engine = open_engine()
    desk = Desk(engine)
    app = application(
        engine, access=Access(local=False), quiet=True, desk=desk,
        beside=[over_http(engine, desk.asked, local=False)],
    )  # fmt: skip

    async def asked() -> int:
        sent: list[Any] = []
        starting, stopping = asyncio.Event(), asyncio.Event()
        steps = iter(["lifespan.startup", "lifespan.shutdown"])

        async def life() -> Any:
            step = next(steps)
            if step == "lifespan.shutdown":
                starting.set()
                await stopping.wait()
            return {"type": step}

        async def said(_: Any) -> None:
            return None

        alive = asyncio.create_task(app({"type": "lifespan", "asgi": {}, "state": {}}, life, said))
        await starting.wait()

        async def slowly() -> Any:
            await asyncio.sleep(0.02)
            return {"type": "http.request", "body": b" ", "more_body": True}

        async def send(message: Any) -> None:
            sent.append(message)

        headers = [
            (b"content-type", b"application/json"),
            (b"accept", b"application/json, text/event-stream"),
        ]
        scope = {
            "type": "http", "method": "POST", "path": "/mcp", "headers": headers, "query_string": b"", "server": ("x", 1),
            "scheme": "http", "root_path": "", "client": ("x", 1), "http_version": "1.1",
        }  # fmt: skip
        async with asyncio.timeout(5):
            await app(scope, slowly, send)
        stopping.set()
        await alive
        return int(sent[0]["status"])

    assert asyncio.run(asked()) == 408
