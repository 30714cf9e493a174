"""Forms that are sent by POST: what is too long for an address, or must not stand in one. Nothing of it is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Scope

from paylens.contract.errors import PaylensError
from paylens.engine import Engine
from paylens.faces.web.drawing import Drawer
from paylens.faces.web.notation import Notation, notation
from paylens.faces.web.view import Asked, Posted, View

__all__ = ["routes"]

_HTML: Final = "text/html; charset=utf-8"
_KIND: Final = "application/x-www-form-urlencoded"
_MOST_FIELDS: Final = 400
_MOST_WAITING: Final = 32
_SECONDS: Final = 10.0
# A view's page for some fields, in a notation: its text and status.
Rendered = Callable[[View, Mapping[str, list[str]], Notation, str, str], tuple[str, int]]
Sorry = Callable[[int, str], Response]


def routes(
    views: Iterable[View], engine: Engine, rendered: Rendered, sorry: Sorry, policy: str
) -> list[BaseRoute]:
    """A route for each view that takes forms."""
    return [
        _Post(v.path, _Desk(v, engine, rendered, sorry, policy).take, methods=["POST"])
        for v in views
        if v.posted is not None
    ]


class _Post(Route):
    """A route that the log and the counts know by its path."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether a request is for this route."""
        found, more = super().matches(scope)
        return found, {**more, "route": self}


class _Desk:
    """Where one view's forms arrive."""

    def __init__(self, view: View, engine: Engine, rendered: Rendered, sorry: Sorry, policy: str) -> None:
        self.view, self.engine, self.rendered, self.sorry = view, engine, rendered, sorry
        self.policy, self.waiting = policy, 0

    async def take(self, request: Request) -> Response:
        """The page that answers a form, or the way to the address that does; a page that says why it is not taken."""
        # A page elsewhere may not send forms here in its reader's name.
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return self.sorry(403, "this form was sent from another site: open the page here")
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != _KIND or "content-encoding" in request.headers:
            return self.sorry(415, f"a form is sent as {_KIND}")
        try:
            async with asyncio.timeout(_SECONDS):
                data = await self._body(request)
        except TimeoutError:
            return self.sorry(408, f"the form did not arrive in {_SECONDS:g} seconds")
        except ClientDisconnect:
            return self.sorry(400, "the form was cut off")
        if data is None:
            # What is left of it is not read: the connection ends with this answer.
            page = self.sorry(
                413, f"the form holds more than {self.view.most_bytes >> 10} KiB: keep the part that matters"
            )
            page.headers["connection"] = "close"
            return page
        try:
            pairs = parse_qsl(data.decode("ascii"), max_num_fields=_MOST_FIELDS, errors="replace")
        except ValueError:
            return self.sorry(400, "this is not a form of this page")
        fields: dict[str, list[str]] = {}
        for name, text in pairs:
            if text.strip():
                fields.setdefault(name, []).append(text)
        if self.waiting >= _MOST_WAITING:
            busy = self.sorry(503, "too many forms are sent at once: try again in a moment")
            busy.headers["retry-after"] = "5"
            return busy
        self.waiting += 1
        try:
            return await run_in_threadpool(self._answer, request, fields)
        finally:
            self.waiting -= 1

    async def _body(self, request: Request) -> bytes | None:
        """All of it; None as soon as it is more than the view takes."""
        told = request.headers.get("content-length", "")
        if told.isdecimal() and int(told[:20]) > self.view.most_bytes:
            return None
        data = bytearray()
        async for part in request.stream():
            data += part
            if len(data) > self.view.most_bytes:
                return None
        return bytes(data)

    def _sender(self, request: Request) -> str:
        # Of a list that several proxies made, in one line or some, the last is what ours saw itself.
        header = self.view.sender_header
        lines = request.headers.getlist(header) if header else []
        told = lines[-1].rpartition(",")[2].strip() if lines else ""
        return told or (request.client.host if request.client else "")

    def _answer(self, request: Request, fields: dict[str, list[str]]) -> Response:
        assert self.view.posted is not None
        say = notation(request.headers.get("accept-language"))
        view = self.view
        try:
            found = self.view.posted(Asked(self.engine, fields, say, Drawer(), self._sender(request)))
        except PaylensError as error:
            found, view = Posted(fields, {}), replace(view, answer=_failing(error))
        if found.beside is None:
            filled = [(name, text) for name, texts in found.fields.items() for text in texts]
            return RedirectResponse(view.path + (f"?{urlencode(filled)}" if filled else ""), 303)
        if found.alone:
            view = replace(view, answer=_nothing)
        beside: dict[str, Any] = {"beside": found.beside}
        body, status = self.rendered(replace(view, lists={**view.lists, **beside}), found.fields, say, "", "")
        # What was read was read, though the question that it makes may want more.
        status = 200 if found.beside else status
        return Response(
            body, status, {"content-security-policy": self.policy, "cache-control": "no-store"}, _HTML
        )


def _nothing(_: Asked) -> Mapping[str, Any]:
    return {}


def _failing(error: PaylensError) -> Callable[[Asked], Mapping[str, Any]]:
    """What was wrong, to be shown where an answer would be."""

    def answer(_: Asked) -> Mapping[str, Any]:
        raise error

    return answer
