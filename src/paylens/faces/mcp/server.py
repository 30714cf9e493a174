"""The questions as tools over the Model Context Protocol, with what they rest on as resources."""

from __future__ import annotations

import functools
import inspect
import json
import traceback
from collections.abc import Awaitable, Callable, Mapping, Sequence
from importlib.metadata import version
from typing import Annotated, Any, Final

import anyio.to_thread
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.tools import Tool
from mcp.types import ToolAnnotations
from pydantic import Field

from paylens.advice.choices import MOST, choices
from paylens.contract.errors import PaylensError, shown
from paylens.contract.vocabulary import nearest_names
from paylens.engine import Engine
from paylens.faces.mcp.shapes import Choices, readable
from paylens.faces.mcp.toolbox import Asked, Kind, asked
from paylens.faces.questions import QUESTIONS, Question

__all__ = ["Ask", "over_http", "server"]

Ask = Callable[[Question, Mapping[str, Any]], Awaitable[dict[str, Any]]]

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
PATH: Final = "/mcp"
LARGEST: Final = 3 << 20
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


def server(
    engine: Engine, ask: Ask | None = None, questions: Sequence[Question] = QUESTIONS
) -> MCPServer[Any]:
    """A server of tools that look things up and change nothing; `ask` answers a question elsewhere than in a thread here."""

    async def here(question: Question, fields: Mapping[str, Any]) -> dict[str, Any]:
        return await anyio.to_thread.run_sync(question.answer, engine, fields)

    tools = [_tool(one, ask or here) for one in asked(questions)]
    tools.append(_made(find_names, "find_names", find_names.__doc__ or "", Choices))
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


def over_http(engine: Engine, ask: Ask, *, local: bool) -> Any:
    """The server as a Starlette application with one route, /mcp: streamable HTTP, a whole answer a request, nothing kept between two.

    With `local` no web page of another origin may ask.
    """
    return server(engine, ask).streamable_http_app(
        streamable_http_path=PATH, json_response=True, stateless_http=True, max_request_body_size=LARGEST,
        host="127.0.0.1" if local else "0.0.0.0",
    )  # fmt: skip


async def find_names(
    kind: Kind,
    typed: Annotated[str, Field(max_length=100)] = "",
    most: Annotated[int, Field(ge=1, le=MOST)] = 10,
) -> Any:
    """Names that a field understands, for a text typed so far."""
    return {"kind": kind, "items": choices(kind, typed, most)}


def _tool(one: Asked, ask: Ask) -> Tool:
    @functools.wraps(one.fields)
    async def answered(**fields: Any) -> Any:
        return await ask(one.question, one.fields(**fields))

    return _made(answered, one.name, one.words, one.question.shape)


def _made(ask: Callable[..., Awaitable[Any]], name: str, words: str, shape: Any) -> Tool:
    returned = dict[str, Any] if shape is dict else readable(shape)
    asked: Any = _foreseen(ask)
    asked.__signature__ = inspect.signature(ask, eval_str=True).replace(return_annotation=returned)
    found = Tool.from_function(
        asked, name=name, description=words, annotations=_LOOKS, structured_output=True
    )
    found.parameters["additionalProperties"] = False
    return found


def _foreseen(ask: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """The same tool, whose errors are a line for the assistant: of a fault of ours its kind and place, not its text."""

    @functools.wraps(ask)
    async def asked(**fields: Any) -> Any:
        try:
            return await ask(**fields)
        except PaylensError as error:
            raise ToolError(str(error)) from None
        except Exception as error:
            at = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{type(error).__name__} at {at.filename}:{at.lineno}"
            raise ToolError(f"a fault of paylens itself, not of the question: {where}") from None

    return asked
