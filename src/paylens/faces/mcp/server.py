"""The questions as tools over the Model Context Protocol, with what they rest on as resources."""

from __future__ import annotations

import functools
import json
import traceback
from collections.abc import Callable
from importlib.metadata import version
from typing import Any, Final

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.tools import Tool
from mcp.types import ToolAnnotations

from paylens.contract.errors import PaylensError, shown
from paylens.contract.vocabulary import nearest_names
from paylens.engine import Engine
from paylens.faces.mcp.shapes import readable
from paylens.faces.mcp.toolbox import Tools

__all__ = ["server"]

_SAID: Final = """What machine-learning jobs pay, from public evidence on this machine. Give a middle with its range (p10 to
p90), say how sure it is and on how many reports it rests, and pass notes and confidence on. Amounts are a year before tax
unless the answer says otherwise. Never average sources."""
_PROMPT: Final = """Here is a job offer of mine:

{letter}

1. Read it with read_offer. Ask me what `questions` leaves open; guess nothing.
2. Ask for my role, years of professional work and place where they are missing, then use estimate: say where the offer
   stands between p10 and p90 of people like me, and how sure that is.
3. With another offer or my present job, use compare_offers; give the chance that one is worth more, and what would change it.
4. Use take_home for what is left after tax where the place is known.
End with what the letter does not say and what I could ask for. Quote the numbers that the tools gave, no others."""
_LONGEST = 200
_LOOKS = ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)


class _Closed(MCPServer[Any]):
    """A server whose tools take what they name and nothing else: the library would drop a misspelt field in silence."""

    async def call_tool(self, name: str, arguments: dict[str, Any], context: Any = None) -> Any:
        """Call a tool, unless a field is not one of its own."""
        known = {tool.name: list(tool.input_schema["properties"]) for tool in await self.list_tools()}
        for field in arguments if name in known else ():
            if field not in known[name]:
                near = ", ".join(nearest_names(field[:_LONGEST], known[name]))
                raise ToolError(f"'{shown(field)}' is not a field of {name} (nearest: {near})")
        return await super().call_tool(name, arguments, context)


def server(engine: Engine) -> MCPServer[Any]:
    """A server of tools that answer from an engine; every tool looks things up and changes nothing."""
    tools = [_tool(*described) for described in Tools(engine).all()]
    # What the library logs of a fault may quote pay; the tool's own answer says where the fault is.
    made = _Closed(
        "paylens", instructions=_SAID, version=version("paylens"), log_level="CRITICAL", tools=tools
    )

    @made.resource("paylens://score", name="score", mime_type="application/json")
    def score() -> str:
        """The score card: how well the release answers, on people it had not seen."""
        return json.dumps(engine.score(), allow_nan=False)

    @made.resource("paylens://sources", name="sources", mime_type="application/json")
    def sources() -> str:
        """What the release rests on: source, publisher, vintage, licence, reports."""
        return json.dumps({"release": engine.release.id, "sources": engine.sources()}, allow_nan=False)

    @made.prompt(name="evaluate_my_offer", title="Evaluate my offer")
    def evaluate_my_offer(letter: str) -> str:
        """Is this offer good: read it, hold it against the market, say what is missing."""
        return _PROMPT.format(letter=letter)

    return made


def _tool(ask: Callable[..., Any], shape: Any) -> Tool:
    ask.__annotations__["return"] = readable(shape)
    found = Tool.from_function(_foreseen(ask), annotations=_LOOKS, structured_output=True)
    found.parameters["additionalProperties"] = False
    return found


def _foreseen(ask: Callable[..., Any]) -> Callable[..., Any]:
    """The same tool, whose errors are a line for the assistant: of a fault of ours its kind and place, not its text."""

    @functools.wraps(ask)
    def asked(**fields: Any) -> Any:
        try:
            return ask(**fields)
        except PaylensError as error:
            raise ToolError(str(error)) from None
        except Exception as error:
            at = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{type(error).__name__} at {at.filename}:{at.lineno}"
            raise ToolError(f"a fault of paylens itself, not of the question: {where}") from None

    return asked
