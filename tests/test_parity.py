"""The same question has the same answer from Python, from the command, over HTTP and as a tool: every number of it."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

for part, extra in (("fastapi", "serve"), ("msgspec", "serve"), ("mcp", "mcp"), ("httpx", "test")):
    pytest.importorskip(part, reason=f"{part} is not here: pip install 'paylens[{extra}]'")

import httpx
from mcp import Client

from paylens.advice.offer.text.letter import read_letter
from paylens.advice.take_home import take_home
from paylens.engine import Engine
from paylens.engine import open as open_engine
from paylens.faces.http.app import application
from paylens.faces.mcp.server import server

ROOT = Path(__file__).parents[1]
ENGINE: Engine = open_engine()
OFFERS = ROOT / "docs" / "examples" / "options-or-shares.toml"
LETTER = ROOT / "tests" / "advice" / "letters" / "develop" / "11-de.txt"
MONTH = "2026-11"


def by_command(*args: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-m", "paylens", *args, "--json"], capture_output=True, check=True,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    return json.loads(done.stdout)


def over_http(path: str, body: dict[str, Any]) -> Any:
    async def asked() -> Any:
        transport = httpx.ASGITransport(application(ENGINE, quiet=True))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            found = await client.post(f"/v1/{path}", json=body)
            assert found.status_code == 200, found.text
            return found.json()

    return asyncio.run(asked())


def as_tool(name: str, fields: dict[str, Any]) -> Any:
    async def asked() -> Any:
        async with Client(server(ENGINE)) as client:
            found = await client.call_tool(name, fields)
            assert not found.is_error, found.content
            return found.structured_content

    return asyncio.run(asked())


def plain(answer: Any) -> Any:
    """An answer as JSON has it."""
    return json.loads(json.dumps(answer, allow_nan=False))


def estimate(fields: dict[str, Any], *options: str) -> tuple[Any, ...]:
    fields = {**fields, "as_of": MONTH}
    return (
        ENGINE.estimate(fields), by_command("estimate", *options, "--as-of", MONTH), over_http("estimate", fields),
        as_tool("estimate", fields),
    )  # fmt: skip


def compare() -> tuple[Any, ...]:
    offers = tomllib.loads(OFFERS.read_text(encoding="utf-8"))
    options = {"paths": 500, "as_of": MONTH}
    tool = {"offers": offers["offer"], "me": offers["me"], **options}
    return (
        ENGINE.compare_offers(offers, paths=500, as_of=MONTH),
        by_command("offer", "compare", str(OFFERS), "--paths", "500", "--as-of", MONTH),
        over_http("offers/compare", offers | options), as_tool("compare_offers", tool),
    )  # fmt: skip


def negotiate() -> tuple[Any, ...]:
    offers = tomllib.loads(OFFERS.read_text(encoding="utf-8"))
    name = offers["offer"][0]["name"]
    options = {"paths": 500, "as_of": MONTH, "before_tax": True, "name": name}
    return (
        ENGINE.negotiate(offers, name, paths=500, as_of=MONTH, before_tax=True),
        by_command(
            "negotiate", str(OFFERS), "--offer", name, "--paths", "500", "--as-of", MONTH, "--before-tax"
        ),
        over_http("negotiate", offers | options),
        as_tool("negotiate", {"offers": offers["offer"], "me": offers["me"], **options}),
    )


def benchmark() -> tuple[Any, ...]:
    fields = {"role": "ML engineer", "location": "Europe", "by": "seniority", "as_of": MONTH}
    options = ("--role", "ML engineer", "--location", "Europe", "--by", "seniority", "--as-of", MONTH)
    return (
        ENGINE.benchmark(fields), by_command("benchmark", *options), over_http("benchmark", fields),
        as_tool("benchmark", fields),
    )  # fmt: skip


def read() -> tuple[Any, ...]:
    text = LETTER.read_text(encoding="utf-8")
    fields = {"text": text, "name": LETTER.stem}
    (command,) = by_command("offer", "read", str(LETTER))["letters"]
    assert command.pop("file") == str(LETTER)
    return (
        read_letter(text, LETTER.stem).as_json(),
        command,
        over_http("offers/read", fields),
        as_tool("read_offer", fields),
    )


def after_tax() -> tuple[Any, ...]:
    fields = {"gross": 90000, "location": "London", "equity": 5000, "filing": "married", "as_of": MONTH}
    options = (
        "--gross",
        "90000",
        "--location",
        "London",
        "--equity",
        "5000",
        "--filing",
        "married",
        "--as-of",
        MONTH,
    )
    return (
        take_home(90000, "London", equity=5000, filing="married", as_of=MONTH).as_dict(), by_command("take-home", *options),
        over_http("take-home", fields), as_tool("take_home", fields),
    )  # fmt: skip


def forecast() -> tuple[Any, ...]:
    if not ENGINE.release.holds("forecast.parquet"):
        pytest.skip("the release that ships has no forecast yet")
    fields = {
        "role": "ML engineer",
        "location": "Germany",
        "horizon": 4,
        "real": True,
        "demand": -0.2,
        "as_of": MONTH,
    }
    options = (
        "--role",
        "ML engineer",
        "--location",
        "Germany",
        "--horizon",
        "4",
        "--real",
        "--demand",
        "-0.2",
        "--as-of",
        MONTH,
    )
    return (
        ENGINE.forecast(fields), by_command("forecast", *options), over_http("forecast", fields), as_tool("forecast", fields),
    )  # fmt: skip


QUESTIONS = {
    "estimate": lambda: estimate(
        {"role": "ML engineer", "location": "Berlin", "years_experience": 4, "skills": ["pytorch", "aws", "pytorhc"]},
        "--role", "ML engineer", "--location", "Berlin", "--years", "4", "--skill", "pytorch", "--skill", "aws", "--skill", "pytorhc",
    ),
    "estimate total in another currency": lambda: estimate(
        {"role": "data scientist", "location": "Zurich", "company_size": 5000, "pay": "total", "currency": "USD"},
        "--role", "data scientist", "--location", "Zurich", "--company-size", "5000", "--pay", "total", "--currency", "USD",
    ),
    "estimate as a source would report": lambda: estimate(
        {"role": "ML engineer", "location": "US", "as_reported_in": "aijobs"},
        "--role", "ML engineer", "--location", "US", "--as-reported-in", "aijobs",
    ),
    "offers compared": compare,
    "a negotiation": negotiate,
    "a benchmark": benchmark,
    "a forecast": forecast,
    "a letter read": read,
    "take-home pay": after_tax,
}  # fmt: skip


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_face_gives_the_same_numbers(question: str) -> None:
    python, *faces = map(plain, QUESTIONS[question]())
    for name, face in zip(("command", "http", "tool"), faces, strict=True):
        assert face == python, name
