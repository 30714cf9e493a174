"""The tools, asked by the protocol's own client, over the standard input and output of a process."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("mcp", reason="mcp is not here: pip install 'paylens[mcp]'")

from mcp import Client, StdioServerParameters

from paylens.contract.errors import InputError
from paylens.engine import Engine
from paylens.engine import open as open_engine
from paylens.faces.mcp.server import server
from paylens.faces.questions import QUESTIONS, Question

ASK = {"role": "ML engineer", "location": "Berlin", "years_experience": 4, "as_of": "2026-11"}


def outside(ask: Callable[[Client], Awaitable[Any]]) -> Any:
    """What a client finds that starts `paylens mcp` as an assistant does."""

    async def asked() -> Any:
        command = StdioServerParameters(
            command=sys.executable, args=["-m", "paylens", "mcp"], env=dict(os.environ)
        )
        async with Client(command) as client:
            return await ask(client)

    return asyncio.run(asked())


def call(tool: str, fields: dict[str, Any], engine: Engine | None = None) -> Any:
    """What one tool answers, in this process."""

    async def asked() -> Any:
        async with Client(server(engine or open_engine())) as client:
            return await client.call_tool(tool, fields)

    return asyncio.run(asked())


def test_an_assistant_finds_tools_resources_and_a_prompt() -> None:
    async def ask(client: Client) -> None:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert {"estimate", "read_offer", "compare_offers", "take_home", "find_names"} <= tools.keys()
        page = (Path(__file__).parents[3] / "docs" / "mcp.md").read_text(encoding="utf-8")
        for tool in tools.values():
            assert f"| `{tool.name}` |" in page
            assert tool.description
            assert tool.output_schema is not None
            assert tool.annotations is not None
            assert tool.annotations.read_only_hint
            assert tool.input_schema["additionalProperties"] is False
        for name, needed in (
            ("compare_offers", {"offers", "comparisons", "changes"}), ("negotiate", {"walk_away", "ask", "texts"}),
            ("benchmark", {"rows", "grid"}), ("career", {"moves", "path"}), ("forecast", {"years", "scenarios"}),
            ("take_home", {"net", "deductions"}), ("read_offer", {"offer", "questions"}),
        ):  # fmt: skip
            schema = tools[name].output_schema
            assert schema is not None
            assert needed <= set(schema["required"])
            assert "$defs" in schema  # each part is described as well
        shape = tools["estimate"].output_schema
        assert shape is not None
        assert {"percentiles", "evidence", "confidence", "release"} <= set(shape["required"])
        found = await client.call_tool("estimate", ASK)
        assert not found.is_error
        assert found.structured_content is not None
        assert found.structured_content["currency"] == "EUR"
        sources = json.loads((await client.read_resource("paylens://sources")).contents[0].text)  # type: ignore[union-attr]
        assert sources["release"] == found.structured_content["release"]
        score = json.loads((await client.read_resource("paylens://score")).contents[0].text)  # type: ignore[union-attr]
        assert len(score["guide"]) > 0
        assert [p.name for p in (await client.list_prompts()).prompts] == ["evaluate_my_offer"]
        prompt = await client.get_prompt("evaluate_my_offer", {"letter": "We offer {you} EUR 85,000."})
        assert "We offer {you} EUR 85,000." in str(prompt.messages[0].content)

    outside(ask)


@pytest.mark.parametrize(
    ("tool", "fields", "words"),
    [
        ("estimate", {"role": "ML engineer", "location": "Berlim"}, "Berlin, Germany"), ("estimate", {"role": "xyzzy"}, "role: 'xyzzy'"),
        ("estimate", {"role": "ML engineer", "locaton": "Berlin"}, "nearest: location"), ("estimate", {}, "role"),
        ("estimate", {"role": "ML engineer", "years_experience": 99}, "years_experience"),
        ("compare_offers", {"offers": []}, "there is no offer"), ("compare_offers", {"offers": [{"name": "a", "bas": 1}]}, "base"),
        ("take_home", {"gross": -1, "location": "Berlin"}, "gross"), ("read_offer", {"text": " "}, "empty"),
        ("find_names", {"kind": "colours"}, "kind"), ("forecast", {"role": "ML engineer", "since": "/"}, "'since' is not a field of forecast"),
        ("career", {"role": "ML engineer", "path": "stay", "release": "/"}, "'release' is not a field of career"),
        ("career", {"role": "ML engineer", "efforts": "/etc/hosts"}, "efforts"),
    ],
)  # fmt: skip
def test_a_bad_question_is_an_error_that_says_what_was_meant(
    tool: str, fields: dict[str, Any], words: str
) -> None:
    found = call(tool, fields)
    assert found.is_error
    assert words in found.content[0].text
    assert "Traceback" not in found.content[0].text


def test_our_own_fault_says_where_and_not_what() -> None:
    class Failing(Engine):
        def estimate(self, *args: Any, **fields: Any) -> Any:
            raise RuntimeError("pay of 123456")

    found = call("estimate", ASK, Failing(open_engine().release))
    assert found.is_error
    assert "RuntimeError at" in found.content[0].text
    assert "123456" not in found.content[0].text


def test_a_letter_becomes_an_offer_that_can_be_compared() -> None:
    read = call(
        "read_offer", {"text": "Northwind GmbH offers you EUR 85,000 a year in Berlin.", "name": "Northwind"}
    )
    offer = read.structured_content["offer"]
    assert offer["base"] == 85000
    found = call(
        "compare_offers",
        {"offers": [offer, {**offer, "name": "More", "base": 90000}], "paths": 200, "as_of": "2026-11"},
    )
    assert found.structured_content["comparisons"][0]["a"] == "More"


def test_names_are_found_while_typing() -> None:
    found = call("find_names", {"kind": "places", "typed": "berl", "most": 3}).structured_content
    assert found["items"][0]["label"] == "Berlin, Germany"


def test_a_field_that_no_shape_names_yet_is_passed_on() -> None:
    class Newer(Engine):
        def compare_offers(self, *args: Any, **options: Any) -> Any:
            return super().compare_offers(*args, **options) | {"newer": 1}

    offers = [{"name": "a", "base": 90000, "location": "Berlin"}]
    found = call("compare_offers", {"offers": offers, "paths": 200}, Newer(open_engine().release))
    assert found.structured_content["newer"] == 1


def test_a_question_without_a_tool_of_its_own_gets_one() -> None:
    def outlook(_: Engine, fields: Mapping[str, Any]) -> dict[str, Any]:
        if "role" not in fields:
            raise InputError("role", None, "is needed")
        return {"role": fields["role"], "path": [{"year": 1, "pay": 2.5}]}

    new = Question("outlook/for-me", "What may come", outlook, {"role": "ML engineer"})

    async def asked() -> Any:
        async with Client(server(open_engine(), questions=(*QUESTIONS, new))) as client:
            tools = {tool.name: tool for tool in (await client.list_tools()).tools}
            assert "ML engineer" in (tools["outlook_for_me"].description or "")
            assert (tools["outlook_for_me"].output_schema or {})["type"] == "object"
            good = await client.call_tool("outlook_for_me", {"fields": {"role": "x"}})
            bad = await client.call_tool("outlook_for_me", {"fields": {}})
            return good, bad

    good, bad = asyncio.run(asked())
    assert good.structured_content == {"role": "x", "path": [{"year": 1, "pay": 2.5}]}
    assert bad.is_error
    assert "role: is needed" in bad.content[0].text
