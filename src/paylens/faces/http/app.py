"""The application: questions by POST, lists by GET, each printing what the library answers."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from importlib.metadata import version
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from paylens.advice.choices import KINDS, MOST, choices
from paylens.contract.errors import InputError, PaylensError
from paylens.contract.report import ReportDesk
from paylens.engine import Engine
from paylens.faces.desk import Desk, encode
from paylens.faces.http import openapi
from paylens.faces.http.body import json_object
from paylens.faces.http.guard import Access, Guard, Sorry, wants_page
from paylens.faces.http.journal import Journal
from paylens.faces.http.problems import Problem, of_error
from paylens.faces.http.reports import add_reports
from paylens.faces.questions import QUESTIONS, Question

__all__ = ["application"]

_LEAST_ZIPPED: Final = 1000
_LIST_SECONDS: Final = 300


def application(
    engine: Engine, *, access: Access | None = None, quiet: bool = False, desk: Desk | None = None,
    beside: Sequence[Starlette] = (), pages: Sequence[BaseRoute] = (), sorry: Sorry = None, reports: ReportDesk | None = None,
) -> ASGIApp:  # fmt: skip
    """The API on an engine, whose questions `desk` answers; `quiet` keeps it from logging each answer.

    The routes of the applications `beside` it stand behind the same guard, and start and stop with it. `pages` are asked
    before the API's lists, `sorry` answers a person who came to what is not there, `reports` is the desk that takes
    pay reports.
    """
    journal = Journal(engine.release.id, quiet=quiet)
    desk = desk or Desk(engine)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with contextlib.AsyncExitStack() as stack:
            for one in beside:
                await stack.enter_async_context(one.router.lifespan_context(one))
            desk.open()
            stack.callback(desk.close)
            yield

    app = FastAPI(
        title="paylens", version=version("paylens"), docs_url=None, redoc_url=None, openapi_url=None,
        redirect_slashes=False, lifespan=lifespan,
    )  # fmt: skip
    for question in QUESTIONS:
        app.add_api_route(
            f"/v1/{question.path}", _asked(desk, question), methods=["POST"], summary=question.title, name=question.path,
            operation_id=question.path.replace("/", "_").replace("-", "_"), response_class=Response,
            openapi_extra=openapi.of_question(question), responses={}, include_in_schema=True,
        )  # fmt: skip
    # The answers are asked for most, so they are looked for first; then the pages, whose '/' goes before the API's list.
    app.router.routes.extend(pages)
    _lists(app, engine, journal)
    if reports is not None:
        add_reports(app, reports)
    for one in beside:
        app.router.routes.extend(one.routes)

    async def problem(_: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)
        return error.response()

    async def foreseen(_: Request, error: Exception) -> Response:
        assert isinstance(error, PaylensError)
        return of_error(error).response()

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        refused = _refused(request, error)
        if sorry is not None and wants_page(request.scope):
            page = sorry(refused.status, refused.message)
            page.headers.update(refused.headers)
            return page
        return refused.response()

    async def failed(request: Request, _error: Exception) -> Response:
        message = "the server failed to answer this; its log says where"
        if sorry is not None and wants_page(request.scope):
            return sorry(500, message)
        return Problem(500, message).response()

    app.add_exception_handler(Problem, problem)
    app.add_exception_handler(PaylensError, foreseen)
    app.add_exception_handler(HTTPException, refused)
    app.add_exception_handler(Exception, failed)
    app.add_middleware(GZipMiddleware, minimum_size=_LEAST_ZIPPED, compresslevel=5)
    paths = frozenset(str(route.path) for one in beside for route in one.routes if isinstance(route, Route))
    return Guard(app, access=access or Access(), journal=journal, sorry=sorry, paths=paths)


def _refused(request: Request, error: HTTPException) -> Problem:
    """The framework's own refusals: no such path, another method."""
    headers = dict(error.headers or {})
    if error.status_code == 404:
        return Problem(404, "there is nothing here: GET / lists what there is", headers=headers)
    if error.status_code == 405:
        allowed = headers.get("Allow", "another method")
        return Problem(405, f"{request.method[:20]} is not for this path: use {allowed}", headers=headers)
    return Problem(error.status_code, str(error.detail), headers=headers)


def _asked(desk: Desk, question: Question) -> Callable[[Request], Awaitable[Response]]:
    async def asked(request: Request) -> Response:
        fields = await json_object(request, question.most_bytes)
        work = desk.answer(question, fields)
        answer = await (_wanted(request, work) if question.slow else work)
        return Response(answer, 200, {"cache-control": "no-store"}, "application/json")

    return asked


async def _wanted(request: Request, work: Coroutine[Any, Any, bytes]) -> bytes:
    """The work's result; given up once the client is gone."""
    task = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait((task, gone), return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise Problem(499, "nobody waits for this answer")
        return task.result()
    finally:
        for one in (task, gone):
            one.cancel()
        await asyncio.gather(task, gone, return_exceptions=True)


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _lists(app: FastAPI, engine: Engine, journal: Journal) -> None:
    """What can be had by GET."""
    tag = f'W/"{engine.release.id}-{version("paylens")}"'
    thing = {"type": "object"}

    def kept(request: Request, answer: Callable[[], Any]) -> Response:
        headers = {"etag": tag, "cache-control": f"private, max-age={_LIST_SECONDS}"}
        known = [
            part.strip().removeprefix("W/") for part in request.headers.get("if-none-match", "").split(",")
        ]
        if tag.removeprefix("W/") in known or known == ["*"]:
            return Response(None, 304, headers)
        return Response(encode(answer()), 200, headers, "application/json")

    async def index(request: Request) -> Response:
        return kept(request, lambda: _index(engine))

    async def sources(request: Request) -> Response:
        return kept(request, lambda: {"release": engine.release.id, "sources": engine.sources()})

    async def score(request: Request) -> Response:
        return kept(request, functools.cache(engine.score))

    async def vocabulary(request: Request) -> Response:
        kind = request.path_params["kind"]
        if kind not in KINDS:
            raise Problem(404, "there is no such list", "kind", KINDS)
        query = request.query_params
        found = choices(kind, query.get("q", ""), _whole("limit", query.get("limit", "10")))
        return kept(request, lambda: {"kind": kind, "items": found})

    async def health(_: Request) -> Response:
        body = encode({"status": "ok", "release": engine.release.id})
        return Response(body, 200, {"cache-control": "no-store"}, "application/json")

    async def metrics(_: Request) -> Response:
        kind = "text/plain; version=0.0.4; charset=utf-8"
        return Response(journal.text(), 200, {"cache-control": "no-store"}, kind)

    async def described(request: Request) -> Response:
        return kept(request, lambda: _described(app))

    query = (
        {"name": "q", "in": "query", "schema": {"type": "string", "maxLength": 100}, "example": "mach"},
        {
            "name": "limit",
            "in": "query",
            "schema": {"type": "integer", "minimum": 1, "maximum": MOST, "default": 10},
        },
    )
    of_kind = {"name": "kind", "in": "path", "required": True, "schema": {"enum": list(KINDS)}}
    for path, endpoint, title, extra in (
        ("/", index, "What there is", openapi.of_list(thing)),
        ("/v1/sources", sources, "What the release rests on", openapi.of_list(thing)),
        ("/v1/score", score, "How well the release answers", openapi.of_list(thing)),
        (
            "/v1/vocabulary/{kind}", vocabulary, "What a field may hold, as it is typed",
            openapi.of_list(thing, "404", "422", query=(of_kind, *query)),
        ),
        ("/healthz", health, "Whether it answers", openapi.of_list(thing)),
    ):  # fmt: skip
        app.add_api_route(
            path, endpoint, methods=["GET"], summary=title, response_class=Response, openapi_extra=extra
        )
    app.add_api_route("/metrics", metrics, methods=["GET"], include_in_schema=False)
    app.add_api_route("/openapi.json", described, methods=["GET"], include_in_schema=False)


def _whole(name: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise InputError(name, text, "must be a whole number")
    return int(text)


def _index(engine: Engine) -> dict[str, Any]:
    return {
        "name": "paylens",
        "version": version("paylens"),
        "release": engine.release.id,
        "questions": {f"/v1/{q.path}": q.title for q in QUESTIONS},
        "lists": ["/v1/sources", "/v1/score", *(f"/v1/vocabulary/{kind}" for kind in KINDS)],
        "description": "/openapi.json",
    }


def _described(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        found = get_openapi(title=app.title, version=app.version, routes=app.routes)
        found.setdefault("components", {}).setdefault("schemas", {}).update(openapi.components())
        app.openapi_schema = found
    return app.openapi_schema
