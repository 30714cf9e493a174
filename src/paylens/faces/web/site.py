"""The pages of the site: each view at its address, as a whole page or as its answer alone."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Scope

from paylens.contract.errors import InputError, MissingExtra, PaylensError
from paylens.engine import Engine
from paylens.faces.web import assets, forms, posting
from paylens.faces.web.drawing import Drawer
from paylens.faces.web.notation import Notation, notation
from paylens.faces.web.view import Asked, File, View
from paylens.faces.web.views import VIEWS

__all__ = ["POLICY", "Site"]

# What a page may load: its own style, script, pictures and answers. Nothing inline, nothing from elsewhere.
POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HTML: Final = "text/html; charset=utf-8"
_MOST_FIELDS, _MOST_QUERY, _MOST_WAITING = 200, 16_000, 64
# What belongs to the asking, not to the question: one part of the page, for a window of one size.
_PART, _SIZE, _AS = "part", "size", "as"
_TITLES: Final = {
    401: "A token is needed", 404: "There is nothing here", 405: "Not in this way", 421: "Not by this name",
    500: "The server failed", 501: "Something is missing", 503: "Too busy",
}  # fmt: skip


class _Page(Route):
    """A route for people: at an address where programs are answered too, only for who asks for HTML."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether a request is for this page."""
        if scope["type"] == "http" and self.path == "/" and not wants_page(scope):
            return Match.NONE, {}
        found, more = super().matches(scope)
        # The log and the counts tell routes apart by this.
        return found, {**more, "route": self}


def wants_page(scope: Scope) -> bool:
    """Whether who asks names HTML as something to answer with."""
    accepted = b",".join(value for name, value in scope["headers"] if name == b"accept")
    return b"text/html" in accepted


class Site:
    """The pages on an engine, and `more` that only some servers have."""

    def __init__(self, engine: Engine, more: Sequence[View] = ()) -> None:
        self.engine = engine
        self.views = tuple(v for v in (*VIEWS, *more) if not v.needs or engine.release.holds(v.needs))
        self.waiting = 0
        self.templates = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined,
            trim_blocks=True, lstrip_blocks=True,
        )  # fmt: skip
        self.templates.globals |= {
            "assets": assets.NAMES,
            "views": self.views,
            "release": engine.release.id,
            "version": version("paylens"),
            "options": forms.OPTIONS,
            "names": forms.NAMES,
        }

    def routes(self) -> list[BaseRoute]:
        """The pages, then their files."""
        return [
            *(_Page(v.path, self._endpoint(v), methods=["GET"]) for v in self.views),
            *posting.routes(self.views, self.engine, self._rendered, self.sorry, POLICY),
            _Page("/static/{name}", assets.give, methods=["GET"]),
        ]

    def warm(self) -> None:
        """Answer each view once, so that the first reader waits for nothing."""
        for view in self.views:
            self._rendered(view, {}, notation(None), "", "")

    def sorry(self, status: int, message: str) -> Response:
        """A page that says why there is none."""
        shown = self.templates.get_template("sorry.html").render(
            say=notation(None),
            view=None,
            asked={},
            problem=None,
            heading=_TITLES.get(status, "That did not work"),
            message=message,
        )
        headers = {"content-security-policy": POLICY, "cache-control": "no-store"}
        return Response(shown, status, headers, _HTML)

    def _endpoint(self, view: View) -> Callable[[Request], Awaitable[Response]]:
        async def page(request: Request) -> Response:
            if self.waiting >= _MOST_WAITING:
                busy = self.sorry(503, "too many pages are asked for at once: try again in a moment")
                busy.headers["retry-after"] = "5"
                return busy
            self.waiting += 1
            try:
                # Drawing takes a moment: other questions go on meanwhile.
                return await run_in_threadpool(self._answer, view, request)
            finally:
                self.waiting -= 1

        return page

    def _answer(self, view: View, request: Request) -> Response:
        query = request.url.query
        if len(query) > _MOST_QUERY:
            return self.sorry(414, f"the address holds more than {_MOST_QUERY:,} letters: say less")
        try:
            pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="replace")
        except ValueError:
            return self.sorry(400, f"the address holds more than {_MOST_FIELDS} fields: say less")
        filled = [(name, text) for name, text in pairs if text.strip()]
        if len(filled) < len(pairs):
            # A form sends its empty fields too: the address to keep is the one without them.
            return RedirectResponse(view.path + (f"?{urlencode(filled)}" if filled else ""), 303)
        fields: dict[str, list[str]] = {}
        for name, text in filled:
            fields.setdefault(name, []).append(text)
        part, size, form = ("".join(fields.pop(name, [])) for name in (_PART, _SIZE, _AS))
        say = notation(request.headers.get("accept-language"))
        if form in view.files:
            try:
                return _file(view.files[form](Asked(self.engine, fields, say, Drawer())))
            except PaylensError as error:
                return self.sorry(422, str(error))
        body, status = self._rendered(view, fields, say, part, size if size in ("wide", "narrow") else "")
        if view.secret:
            return Response(
                body, status, {"content-security-policy": POLICY, "cache-control": "no-store"}, _HTML
            )
        return _kept(request, body, status)

    def _rendered(
        self, view: View, fields: Mapping[str, list[str]], say: Notation, part: str, size: str
    ) -> tuple[str, int]:
        asked = Asked(self.engine, fields, say, Drawer(size))
        problem, status = None, 200
        found: Mapping[str, Any] = {}
        try:
            found = view.answer(asked)
        except InputError as error:
            problem, status = error.problem(), 422
        except PaylensError as error:
            problem = {"field": "", "message": str(error), "candidates": []}
            status = 501 if isinstance(error, MissingExtra) else 422
        template = self.templates.get_template(view.template)
        shared = {
            "view": view, "say": say, "asked": fields, "problem": problem, "address": functools.partial(_address, view, fields),
        }  # fmt: skip
        # The widgets show what was typed and what was wrong with it, so they are made anew for each question.
        widgets = self.templates.get_template("fields.html").make_module(shared)
        context = template.new_context({**shared, **view.lists, **found, "f": widgets})
        if part == "answer":
            return "".join(template.blocks["answer"](context)), status
        return "".join(template.root_render_func(context)), status


def _address(view: View, fields: Mapping[str, list[str]], name: str, value: str) -> str:
    """The same question with another value for one field."""
    other = [(k, text) for k, values in fields.items() for text in values if k != name]
    return f"{view.path}?{urlencode([*other, (name, value)])}"


def _file(file: File) -> Response:
    headers = {
        "cache-control": "private, no-cache",
        "content-disposition": f'attachment; filename="{file.name}"',
    }
    return Response(file.data, 200, headers, file.kind)


def _kept(request: Request, body: str, status: int) -> Response:
    """The page with a mark of its content: who has it already is told so."""
    data = body.encode()
    tag = f'W/"{hashlib.blake2s(data, digest_size=12).hexdigest()}"'
    headers = {
        "content-security-policy": POLICY, "vary": "accept, accept-language", "cache-control": "private, no-cache", "etag": tag,
    }  # fmt: skip
    known = [part.strip() for part in request.headers.get("if-none-match", "").split(",")]
    if status == 200 and tag in known:
        return Response(None, 304, headers)
    return Response(data, status, headers, _HTML)
