"""What every request passes through: who may ask, what every answer says of itself, and the log."""

from __future__ import annotations

import base64
import binascii
import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from paylens.faces.http.body import timely
from paylens.faces.http.journal import Journal
from paylens.faces.http.problems import Problem

__all__ = ["HEADERS", "Access", "Guard", "Sorry", "wants_page"]

HEADERS: Final = (
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"})
_OPEN = "/healthz"
# What to say to a person, by status and words; None where there are no pages.
Sorry = Callable[[int, str], Response] | None
_UNSAID = ("/v1/reports", "/report")
_LOCAL = frozenset({"localhost", "127.0.0.1", "[::1]"})


@dataclass(frozen=True)
class Access:
    """Who may ask: with `token` only who sends it; with `local` only who calls the server by a name of this machine."""

    token: str | None = None
    local: bool = True


class Guard:
    """The outermost layer of the application."""

    def __init__(
        self, app: ASGIApp, *, access: Access, journal: Journal, sorry: Sorry = None, paths: frozenset[str] = frozenset()
    ) -> None:  # fmt: skip
        self.app = app
        self.paths = paths
        self.access = access
        self.journal = journal
        self.sorry = sorry
        self.token = access.token.encode() if access.token else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        status, size = 500, 0
        # A HEAD is a GET whose body stays here.
        asked = {**scope, "method": "GET"} if scope["method"] == "HEAD" else scope

        async def sent(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                # A page says for itself what it may load.
                said = {name for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(h for h in HEADERS if h[0] not in said)]
            elif message["type"] == "http.response.body":
                if asked is not scope:
                    message = {**message, "body": b""}
                size += len(message.get("body", b""))
            await send(message)

        refused = self._refused(scope)
        try:
            if refused is None:
                await self.app(asked, timely(receive), sent)
            else:
                await self._said(refused, asked)(asked, receive, sent)
        except Exception as error:
            # The framework has answered already, as far as it could.
            self.journal.failed(self._route(asked), error)
        finally:
            method = scope["method"] if scope["method"] in _METHODS else "other"
            # When a report was sent is kept nowhere: the time of a line, or of a count, would be it.
            if not scope["path"].startswith(_UNSAID):
                self.journal.answered(method, self._route(asked), status, time.perf_counter() - began, size)

    def _refused(self, scope: Scope) -> Problem | None:
        headers = dict(scope["headers"])
        if self.access.local:
            # A page elsewhere whose name was made to point here must not read answers.
            host = headers.get(b"host", b"").decode("latin-1")
            name = host if host.endswith("]") else host.rpartition(":")[0] or host
            if name.lower() not in _LOCAL:
                return Problem(421, "this server answers to localhost and 127.0.0.1 alone")
        if self.token is None or scope["path"] == _OPEN:
            return None
        if hmac.compare_digest(_token(headers.get(b"authorization", b"")), self.token):
            return None
        return Problem(
            401, "a token is needed: Authorization: Bearer TOKEN", headers={"www-authenticate": "Bearer"}
        )

    def _said(self, refused: Problem, scope: Scope) -> Response:
        """A refusal as a program or a person reads it; a browser asks its reader for the token, as a password."""
        if self.sorry is None or not wants_page(scope):
            return refused.response()
        if refused.status != 401:
            return self.sorry(refused.status, refused.message)
        page = self.sorry(401, "this server asks for a token: give it as the password, with any name")
        page.headers["www-authenticate"] = 'Basic realm="paylens", charset="UTF-8"'
        return page

    def _route(self, scope: Scope) -> str:
        """The pattern of the route that answered, or 'none'; `paths` are of routes that the framework does not tell."""
        path = scope["path"]
        return path if path in self.paths else str(getattr(scope.get("route"), "path", "none"))


def _token(authorization: bytes) -> bytes:
    """The token that a header holds: a bearer's, or the password that a browser was given; nothing else is one."""
    kind, _, given = authorization.partition(b" ")
    if kind.lower() == b"bearer":
        return given.strip()
    if kind.lower() == b"basic":
        try:
            return base64.b64decode(given.strip(), validate=True).partition(b":")[2]
        except (binascii.Error, ValueError):
            return b""
    return b""


def wants_page(scope: Scope) -> bool:
    """Whether who asks by GET names HTML as something to be answered with."""
    accepted = b",".join(value for name, value in scope["headers"] if name == b"accept")
    return scope["method"] in ("GET", "HEAD") and b"text/html" in accepted
