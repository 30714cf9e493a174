"""Pay reports over HTTP: sent by POST, and by whoever has the receipt read back, corrected or deleted.

The receipt is in the header `Paylens-Receipt`, never in an address, which logs and histories keep. What a sender sent is
in no log either: these routes are neither logged nor timed, so that nothing keeps the minute.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import msgspec
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from paylens.contract.errors import PaylensError
from paylens.contract.profile import MOST_YEARS
from paylens.contract.report import CodeRefused, DeskBusy, Repeated, ReportDesk, TooMany, UnknownReceipt
from paylens.faces.http.body import json_object
from paylens.faces.http.problems import Problem

__all__ = ["PATH", "add_reports"]

PATH: Final = "/v1/reports"
RECEIPT: Final = "paylens-receipt"
MOST_BYTES: Final = 16 << 10
_THREADS = 8
_MOST_WAITING = 512
_STATUS: Final[dict[type[PaylensError], int]] = {
    UnknownReceipt: 404, CodeRefused: 403, Repeated: 409, TooMany: 429, DeskBusy: 503,
}  # fmt: skip


class _Threads:
    """Where a desk's work is done: it waits for the disk, the server does not."""

    def __init__(self) -> None:
        self.pool = ThreadPoolExecutor(_THREADS, "paylens-report")
        self.waiting = 0

    async def run(self, work: Callable[[], Any]) -> Any:
        """The result of `work`; a Problem for what the desk refuses, or when too much waits."""
        if self.waiting >= _MOST_WAITING:
            raise Problem(
                503, "too many reports at once: send it again in a moment", headers={"retry-after": "5"}
            )
        self.waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self.pool, work)
        except tuple(_STATUS) as error:
            status = _STATUS[type(error)]
            headers = {"retry-after": "5"} if status == 503 else {}
            raise Problem(status, str(error), headers=headers) from None
        finally:
            self.waiting -= 1


def add_reports(app: FastAPI, desk: ReportDesk) -> None:
    """The routes of a desk on an application."""
    threads = _Threads()
    header = desk.rules.source_header.lower()

    def source(request: Request) -> bytes:
        # Of a list that several proxies made, in one line or some, the last is what ours saw itself.
        lines = request.headers.getlist(header) if header else []
        told = lines[-1].rpartition(",")[2].strip() if lines else ""
        return desk.source_hash(told or (request.client.host if request.client else ""))

    async def send(request: Request) -> Response:
        fields = await json_object(request, MOST_BYTES)
        code, token = _text(fields, "code"), _text(fields, "receipt")
        return _receipt(await threads.run(lambda: desk.submit(fields, code, source(request), token)))

    async def read(request: Request) -> Response:
        token = _token(request)
        report, level = await threads.run(lambda: desk.read(token, source(request)))
        return _json({"report": report.fields(), "verification": level})

    async def correct(request: Request) -> Response:
        token = _token(request)
        fields = await json_object(request, MOST_BYTES)
        return _receipt(await threads.run(lambda: desk.correct(token, fields, source(request))), 200)

    async def delete(request: Request) -> Response:
        token = _token(request)
        await threads.run(lambda: desk.delete(token, source(request)))
        return _json({"deleted": True})

    async def terms(_: Request) -> Response:
        return _json(desk.terms())

    for path, method, endpoint, title in (
        (PATH, "POST", send, "Send a pay report"),
        (PATH, "GET", read, "Read a report back"),
        (PATH, "PUT", correct, "Correct a report"),
        (PATH, "DELETE", delete, "Delete a report"),
        (f"{PATH}/terms", "GET", terms, "What is asked, and what is kept"),
    ):
        name = f"{method.lower()}_{path.removeprefix('/v1/').replace('/', '_')}"
        app.add_api_route(
            path, endpoint, methods=[method], summary=title, name=name, operation_id=name, response_class=Response,
            openapi_extra=_described(method, path),
        )  # fmt: skip


def _json(value: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, {"cache-control": "no-store"}, "application/json")


def _receipt(receipt: Any, status: int | None = None) -> Response:
    body = {
        "receipt": receipt.token, "report": receipt.report.fields(), "verification": receipt.level, "notes": list(receipt.notes),
    }  # fmt: skip
    return _json(body, status or (201 if receipt.new else 200))


def _text(fields: dict[str, Any], name: str) -> str | None:
    value = fields.pop(name, None)
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > 400:
        raise Problem(422, "must be text as it was given", name)
    return value


def _token(request: Request) -> str:
    token = request.headers.get(RECEIPT, "")
    if not token:
        raise Problem(401, f"a receipt is needed, in the header {RECEIPT.title()}")
    return token


_TEXT: Final = {"type": ["string", "null"], "maxLength": 500}
_YEARS: Final = {"type": ["number", "null"], "minimum": 0, "maximum": MOST_YEARS}
_AMOUNT: Final = {"type": ["number", "null"], "minimum": 0}
_REPORT: Final[dict[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["role", "location", "base"],
    "properties": {
        "role": {"type": "string", "minLength": 1, "maxLength": 500},
        "location": {"type": "string", "minLength": 1, "maxLength": 500},
        "base": {"type": "number", "exclusiveMinimum": 0},
        "bonus": _AMOUNT,
        "equity": _AMOUNT,
        "currency": {"type": ["string", "null"], "pattern": "^[A-Za-z]{3}$"},
        "month": {"type": ["string", "null"], "pattern": r"^(19|20|21)\d\d-(0[1-9]|1[0-2])$"},
        "years_experience": _YEARS,
        "years_coding": _YEARS,
        "years_ml": _YEARS,
        **dict.fromkeys(("seniority", "education", "industry", "employer", "remote"), _TEXT),
        "company_size": {"type": ["number", "string", "null"]},
        "skills": {"type": ["array", "null"], "items": {"type": "string", "maxLength": 500}, "maxItems": 200},
    },
}
_EXAMPLE: Final = {
    "role": "ML engineer", "location": "Berlin", "years_experience": 4, "base": 85000, "bonus": 5000, "currency": "EUR",
    "month": "2026-10", "skills": ["PyTorch"],
}  # fmt: skip
_SAID: Final = {
    "401": "a receipt is needed", "403": "the code is not known or used", "404": "no report has this receipt",
    "409": "the same report was sent already", "413": "the body is too large", "422": "a value is not understood",
    "429": "too many from one place today", "503": "the store does not answer; nothing was kept",
}  # fmt: skip


def _described(method: str, path: str) -> dict[str, Any]:
    ok = {"description": "the answer", "content": {"application/json": {"schema": {"type": "object"}}}}
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    codes: tuple[str, ...] = ("429", "503")
    told: dict[str, Any] = {"responses": {"201" if method == "POST" else "200": ok}}
    if path == PATH and method != "POST":
        codes = ("401", "404", "422", *codes)
        told["parameters"] = [
            {
                "name": RECEIPT.title(),
                "in": "header",
                "required": True,
                "schema": {"type": "string", "maxLength": 200},
            }
        ]
    if method in ("POST", "PUT"):
        schema = dict(_REPORT)
        if method == "POST":
            codes = ("403", "409", "413", "422", *codes)
            told["responses"]["200"] = {**ok, "description": "sent before with the same receipt"}
            schema["properties"] = {**_REPORT["properties"], "code": _TEXT, "receipt": _TEXT}
        told["requestBody"] = {
            "required": True, "content": {"application/json": {"schema": schema, "example": _EXAMPLE}},
        }  # fmt: skip
    told["responses"] |= {code: {"description": _SAID[code], "content": problem} for code in codes}
    return told
