"""A request's body: read up to a limit, and JSON that means one thing only."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Final

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message, Receive

from paylens.contract.errors import shown
from paylens.faces.http.problems import Problem

__all__ = ["DEEPEST", "decoded", "json_object", "timely"]

DEEPEST: Final = 32
READ_SECONDS: Final = 10.0
_decode = msgspec.json.Decoder().decode


async def json_object(request: Request, most_bytes: int) -> dict[str, Any]:
    """The object that a request holds; a Problem for what is too large, not JSON or no object."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Problem(415, f"the body must be application/json, not {shown(kind) if kind else 'untyped'}")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Problem(415, "the body must not be compressed")
    try:
        return decoded(await _bytes(request, most_bytes))
    except ClientDisconnect:
        raise Problem(400, "the body was cut off") from None


def timely(receive: Receive) -> Receive:
    """The same messages, but a Problem when a body has not come whole in `READ_SECONDS`."""
    until = asyncio.get_running_loop().time() + READ_SECONDS
    whole = False

    async def received() -> Message:
        nonlocal whole
        if whole:
            return await receive()
        try:
            async with asyncio.timeout_at(until):
                message = await receive()
        except TimeoutError:
            raise Problem(
                408, f"the body did not arrive in {READ_SECONDS:g} seconds", headers={"connection": "close"}
            ) from None
        whole = not message.get("more_body", False)
        return message

    return received


async def _bytes(request: Request, most: int) -> bytes:
    told = request.headers.get("content-length", "")
    if told.isdecimal() and int(told[:20]) > most:
        raise _too_large(most)
    data = bytearray()
    async for part in request.stream():
        data += part
        if len(data) > most:
            raise _too_large(most)
    return bytes(data)


def _too_large(most: int) -> Problem:
    # What is left of the body is not read: the connection ends with this answer.
    return Problem(413, f"the body is larger than {most >> 10} KiB", headers={"connection": "close"})


def decoded(data: bytes) -> dict[str, Any]:
    """The object that some JSON is: no NaN, no name twice in one object, at most `DEEPEST` deep; else a Problem."""
    try:
        value = _decode(data)
        names = _names(value, 0)
    except RecursionError:
        raise Problem(400, f"the body is nested more than {DEEPEST} deep") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        said = str(error).removeprefix("JSON is malformed: ").partition(" - at ")[0]
        raise Problem(400, f"the body is not JSON: {said}") from None
    if not isinstance(value, dict):
        raise Problem(422, "the body must be a JSON object of fields")
    # Each name brings a colon. Only where there are more colons than names can a name be there twice.
    if data.count(b":") != names:
        json.loads(data, object_pairs_hook=_once)
    return value


def _names(value: object, depth: int) -> int:
    """How many names the objects in a value have together."""
    if depth > DEEPEST:
        raise RecursionError
    if isinstance(value, dict):
        return len(value) + sum(
            _names(inner, depth + 1) for inner in value.values() if isinstance(inner, dict | list)
        )
    if isinstance(value, list):
        return sum(_names(inner, depth + 1) for inner in value if isinstance(inner, dict | list))
    return 0


def _once(pairs: list[tuple[str, Any]]) -> None:
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            raise Problem(400, f"'{shown(name)}' is given twice", name[:200])
        seen.add(name)
