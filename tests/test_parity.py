"""The same question has the same answer from Python, from the command, over HTTP and as a tool: every number of it."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

for part, extra in (("fastapi", "serve"), ("msgspec", "serve"), ("uvicorn", "serve"), ("mcp", "mcp"), ("httpx", "test")):  # fmt: skip
    pytest.importorskip(part, reason=f"{part} is not here: pip install 'paylens[{extra}]'")

import httpx
from mcp import Client, StdioServerParameters

from paylens.advice.offer.text.letter import read_letter
from paylens.advice.take_home import take_home
from paylens.engine import Engine
from paylens.engine import open as open_engine
from paylens.faces.mcp.toolbox import asked as tools
from paylens.faces.questions import QUESTIONS

ROOT = Path(__file__).parents[1]
ENGINE: Engine = open_engine()
MONTH = "2026-11"
OFFERS_FILE = ROOT / "docs" / "examples" / "options-or-shares.toml"
OFFERS = tomllib.loads(OFFERS_FILE.read_text(encoding="utf-8"))
FIRST = OFFERS["offer"][0]["name"]
LETTER = ROOT / "tests" / "advice" / "letters" / "develop" / "11-de.txt"
TEXT = LETTER.read_text(encoding="utf-8")


@dataclass(frozen=True)
class Case:
    """One question as each face is asked it: a call, words of the command, a path and a body, a tool's fields."""

    path: str
    python: Callable[[], Any]
    command: tuple[str, ...]
    body: dict[str, Any]
    fields: dict[str, Any] | None = None
    of_command: Callable[[Any], Any] = lambda answer: answer


def profile(command: tuple[str, ...], **fields: Any) -> Case:
    asked = {**fields, "as_of": MONTH}
    return Case("estimate", lambda: ENGINE.estimate(asked), ("estimate", *command, "--as-of", MONTH), asked)


def offers(path: str, python: Callable[[], Any], command: tuple[str, ...], **options: Any) -> Case:
    more = {"paths": 500, "as_of": MONTH, **options}
    words = (*command, "--paths", "500", "--as-of", MONTH)
    tool = {"offers": OFFERS["offer"], "me": OFFERS["me"], **more}
    return Case(path, python, words, OFFERS | more, tool)


def of_letter(answer: Any) -> Any:
    (letter,) = answer["letters"]
    assert letter.pop("file") == str(LETTER)
    return letter


MARKET = {"role": "ML engineer", "location": "Europe", "by": "seniority", "as_of": MONTH}
TAXED = {"gross": 90000, "location": "London", "equity": 5000, "filing": "married", "as_of": MONTH}
AHEAD = {
    "role": "data scientist", "years_experience": 3, "education": "bachelor", "location": "Berlin", "path": "doctorate",
    "against": "place:Zurich", "together": ["skill:aws", "size:5000"], "top": 5, "paths": 500, "as_of": MONTH,
    "efforts": {"degree:doctorate": {"months": 48}},
}  # fmt: skip
OUTLOOK = {"role": "ML engineer", "location": "Germany", "horizon": 3, "demand": -0.2, "as_of": MONTH}
CASES = {
    "estimate": profile(
        ("--role", "ML engineer", "--location", "Berlin", "--years", "4", "--skill", "pytorch", "--skill", "aws", "--skill", "pytorhc"),
        role="ML engineer", location="Berlin", years_experience=4, skills=["pytorch", "aws", "pytorhc"],
    ),
    "estimate total in another currency": profile(
        ("--role", "data scientist", "--location", "Zurich", "--company-size", "5000", "--pay", "total", "--currency", "USD"),
        role="data scientist", location="Zurich", company_size=5000, pay="total", currency="USD",
    ),
    "estimate as a source would report": profile(
        ("--role", "ML engineer", "--location", "US", "--as-reported-in", "aijobs"),
        role="ML engineer", location="US", as_reported_in="aijobs",
    ),
    "offers compared": offers(
        "offers/compare", lambda: ENGINE.compare_offers(OFFERS, paths=500, as_of=MONTH), ("offer", "compare", str(OFFERS_FILE)),
    ),
    "a negotiation": offers(
        "negotiate", lambda: ENGINE.negotiate(OFFERS, FIRST, paths=500, as_of=MONTH, before_tax=True),
        ("negotiate", str(OFFERS_FILE), "--offer", FIRST, "--before-tax"), name=FIRST, before_tax=True,
    ),
    "a benchmark": Case(
        "benchmark", lambda: ENGINE.benchmark(MARKET),
        ("benchmark", "--role", "ML engineer", "--location", "Europe", "--by", "seniority", "--as-of", MONTH), MARKET,
    ),
    "a letter read": Case(
        "offers/read", lambda: read_letter(TEXT, LETTER.stem).as_json(), ("offer", "read", str(LETTER)),
        {"text": TEXT, "name": LETTER.stem}, of_command=of_letter,
    ),
    "a career": Case(
        "career", lambda: ENGINE.career(AHEAD),
        ("career", "--role", "data scientist", "--years", "3", "--education", "bachelor", "--location", "Berlin", "--path", "doctorate",
         "--against", "place:Zurich", "--with", "skill:aws", "--with", "size:5000", "--top", "5", "--paths", "500", "--as-of", MONTH,
         "--efforts", str(ROOT / "docs" / "examples" / "efforts.toml")), AHEAD,
    ),
    "a forecast": Case(
        "forecast", lambda: ENGINE.forecast(OUTLOOK),
        ("forecast", "--role", "ML engineer", "--location", "Germany", "--horizon", "3", "--demand", "-0.2", "--as-of", MONTH), OUTLOOK,
    ),
    "take-home pay": Case(
        "take-home", lambda: take_home(90000, "London", equity=5000, filing="married", as_of=MONTH).as_dict(),
        ("take-home", "--gross", "90000", "--location", "London", "--equity", "5000", "--filing", "married", "--as-of", MONTH), TAXED,
    ),
}  # fmt: skip
TOOL = {one.question.path: one.name for one in tools()}
FACES = ("command", "http", "tool over stdio", "tool over http")


@pytest.fixture(scope="module")
def url() -> Generator[str]:
    """Where a server answers, as anybody would start it."""
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "paylens", "serve", "--mcp", "--port", "0"], stdout=subprocess.PIPE, stderr=log, text=True
        )  # fmt: skip
        assert process.stdout is not None
        with process.stdout:
            yield process.stdout.readline().split()[3].rstrip("/")
            process.terminate()
            process.wait(20)


async def called(client: Client) -> dict[str, Any]:
    """What the tools answer to every case, in one session."""
    async with client:
        answers = {}
        for name, case in CASES.items():
            found = await client.call_tool(TOOL[case.path], case.body if case.fields is None else case.fields)
            assert not found.is_error, (name, found.content)
            answers[name] = found.structured_content
        return answers


@pytest.fixture(scope="module")
def faces(url: str) -> dict[str, dict[str, Any]]:
    """Every case answered by every face."""
    command = {}
    for name, case in CASES.items():
        done = subprocess.run(
            [sys.executable, "-m", "paylens", *case.command, "--json"], capture_output=True, check=True,
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        )  # fmt: skip
        command[name] = case.of_command(json.loads(done.stdout))
    with httpx.Client(timeout=60) as client:
        http = {
            name: client.post(f"{url}/v1/{case.path}", json=case.body).json() for name, case in CASES.items()
        }
    assistant = StdioServerParameters(
        command=sys.executable, args=["-m", "paylens", "mcp"], env=dict(os.environ)
    )
    stdio = asyncio.run(called(Client(assistant)))
    over = asyncio.run(called(Client(f"{url}/mcp")))
    return dict(zip(FACES, (command, http, stdio, over), strict=True))


@pytest.mark.parametrize("question", CASES)
@pytest.mark.parametrize("face", FACES)
def test_every_face_gives_the_same_numbers(
    question: str, face: str, faces: dict[str, dict[str, Any]]
) -> None:
    python = json.loads(json.dumps(CASES[question].python(), allow_nan=False))
    assert faces[face][question] == python


def test_every_question_is_asked_here() -> None:
    assert {case.path for case in CASES.values()} == {question.path for question in QUESTIONS}
