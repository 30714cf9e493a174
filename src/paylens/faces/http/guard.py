"""What every request passes through: who may ask, what every answer says of itself, and the log."""

from __future__ import annotations

import hmac
import time
from dataclasses import dataclass
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from paylens.faces.http.body import timely
from paylens.faces.http.journal import Journal
from paylens.faces.http.problems import Problem

__all__ = ["HEADERS", "Access", "Guard"]

HEADERS: Final = (
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"})
_OPEN = "/healthz"
_LOCAL = frozenset({"localhost", "127.0.0.1", "[::1]"})


@dataclass(frozen=True)
class Access:
    """Who may ask: with `token` only who sends it; with `local` only who calls the server by a name of this machine."""

    token: str | None = None
    local: bool = True


class Guard:
    """The outermost layer of the application."""

    def __init__(
        self, app: ASGIApp, *, access: Access, journal: Journal, paths: frozenset[str] = frozenset()
    ) -> None:
        self.app = app
        self.paths = paths
        self.access = access
        self.journal = journal
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
                message["headers"] = [*message["headers"], *HEADERS]
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
                await refused.response()(asked, receive, sent)
        except Exception as error:
            # The framework has answered already, as far as it could.
            self.journal.failed(self._route(asked), error)
        finally:
            method = scope["method"] if scope["method"] in _METHODS else "other"
            self.journal.answered(method, self._route(asked), status, time.perf_counter() - began, size)

    def _refused(self, scope: Scope) -> Problem | None:
        headers = dict(scope["headers"])
        if self.access.local:
            # A page elsewhere whose name was made to point here must not read answers.
            host = headers.get(b"host", b"").decode("latin-1")
            name = host if host.endswith("]") else host.rpartition(":")[0] or host
            if name.lower() not in _LOCAL:
                return Problem(421, "this server answers to localhost and 127.0.0.1 alone")
        if self.token is not None and scope["path"] != _OPEN:
            kind, _, given = headers.get(b"authorization", b"").partition(b" ")
            if kind.lower() != b"bearer" or not hmac.compare_digest(given.strip(), self.token):
                return Problem(
                    401,
                    "a token is needed: Authorization: Bearer TOKEN",
                    headers={"www-authenticate": "Bearer"},
                )
        return None

    def _route(self, scope: Scope) -> str:
        """The pattern of the route that answered, or 'none'; `paths` are of routes that the framework does not tell."""
        path = scope["path"]
        return path if path in self.paths else str(getattr(scope.get("route"), "path", "none"))
