"""The server put together: an engine, the pages, the HTTP API and the tools on it, and a socket to answer at."""

from __future__ import annotations

import gc
import json
import logging
import os
import signal
import socket
import sys
import tempfile
from dataclasses import asdict, dataclass
from ipaddress import ip_address
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.supervisors import Multiprocess

from paylens.advice.choices import KINDS, choices
from paylens.contract.errors import InputError, PaylensError
from paylens.contract.require import require
from paylens.engine import open as open_engine
from paylens.faces.desk import CLERKS, Desk
from paylens.faces.http.app import application
from paylens.faces.http.connection import Connection
from paylens.faces.http.guard import Access
from paylens.faces.http.journal import JsonLines, say
from paylens.faces.mcp.server import over_http
from paylens.faces.web.site import Site
from paylens.faces.web.views import report

__all__ = ["Settings", "from_environment", "serve"]

_SETTINGS = "PAYLENS_SERVE"
_TOKEN = "PAYLENS_TOKEN"
_COUNTS = "PROMETHEUS_MULTIPROC_DIR"
_SHORTEST_TOKEN = 16
_MOST_WORKERS = 64
_BACKLOG = 1024
_WARM = {"role": "machine learning engineer", "location": "Berlin", "as_of": "2026-11"}


@dataclass(frozen=True)
class Settings:
    """Where and how to serve; `release` is a folder or None for the built-in one, `public` lets anyone ask, `mcp` adds the
    tools, `collect` is the folder of a desk that takes pay reports."""

    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    release: str | None = None
    public: bool = False
    mcp: bool = False
    collect: str | None = None

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the address."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False


def from_environment() -> ASGIApp:
    """The application of one worker process, by the settings that the first process left in the environment."""
    return loaded(Settings(**json.loads(os.environ[_SETTINGS])))


def loaded(settings: Settings) -> ASGIApp:
    engine = open_engine(settings.release)
    # What is read on first use is read now, so that the first question waits for nothing.
    engine.estimate(_WARM)
    for kind in KINDS:
        choices(kind, "zzzz")
    access = Access(token=os.environ.get(_TOKEN) or None, local=settings.loopback)
    reports = None if settings.collect is None else _reports(settings.collect)
    site = Site(engine, () if reports is None else (report.view(reports),))
    site.warm()
    if reports is not None:
        reports.start()
    # What is loaded stays: the collector need not look at it again and again.
    gc.collect()
    gc.freeze()
    desk = Desk(engine, CLERKS if settings.workers == 1 else 1)
    beside = [over_http(engine, desk.asked, local=settings.loopback)] if settings.mcp else []
    return application(
        engine,
        access=access,
        desk=desk,
        beside=beside,
        reports=reports,
        pages=site.routes(),
        sorry=site.sorry,
    )


def _reports(folder: str) -> Any:
    """The desk of a folder, whose libraries are asked for only where one is wanted."""
    for library in ("sqlalchemy", "alembic", "nacl"):
        require(library, "collect")
    return require("paylens.submissions.desk", "collect").open_desk(Path(folder))


def serve(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM. PaylensError for a setting that is refused or an address that is taken."""
    _check(settings)
    with _bound(settings) as bound:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _stop)
        logging.basicConfig(handlers=[JsonLines()], level=logging.WARNING, force=True)
        try:
            if settings.workers > 1:
                _several(settings, bound)
            else:
                app = loaded(settings)
                _started(settings, bound)
                uvicorn.Server(configuration(app, settings)).run(sockets=[bound])
        finally:
            say("stopped")


def _several(settings: Settings, bound: socket.socket) -> None:
    """Serve with some processes, whose counts are put together in a folder that ends with them."""
    with tempfile.TemporaryDirectory(prefix="paylens-counts-") as counts:
        os.environ[_COUNTS] = counts
        os.environ[_SETTINGS] = json.dumps(asdict(settings))
        open_engine(settings.release)
        _started(settings, bound)
        Multiprocess(configuration(f"{__name__}:from_environment", settings), sockets=[bound]).run()


def configuration(app: ASGIApp | str, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app, http=Connection, host=settings.host, port=settings.port, workers=settings.workers, factory=isinstance(app, str),
        log_config=None, log_level="warning", access_log=False, server_header=False, date_header=True, lifespan="on",
        proxy_headers=False, ws="none", timeout_keep_alive=10, timeout_graceful_shutdown=10, limit_concurrency=1000,
    )  # fmt: skip


def _check(settings: Settings) -> None:
    if not 0 <= settings.port <= 65535:
        raise InputError("--port", settings.port, f"must be from 0 to 65535, not {settings.port}")
    if not 1 <= settings.workers <= _MOST_WORKERS:
        raise InputError(
            "--workers", settings.workers, f"must be from 1 to {_MOST_WORKERS}, not {settings.workers}"
        )
    token = os.environ.get(_TOKEN, "")
    if token and (
        len(token) < _SHORTEST_TOKEN or not token.isascii() or not token.isprintable() or " " in token
    ):
        raise PaylensError(
            f"{_TOKEN} must be at least {_SHORTEST_TOKEN} ASCII letters, digits or signs, without spaces"
        )
    if not (settings.loopback or token or settings.public):
        raise PaylensError(
            f"{settings.host} can be reached by others: set {_TOKEN} to a token they must send, or say --public to let "
            "anyone ask"
        )
    if settings.release is not None and not Path(settings.release).is_dir():
        raise InputError("--release", settings.release, f"{settings.release} is no folder")
    if settings.collect is not None:
        _reports(settings.collect).close()


def _bound(settings: Settings) -> socket.socket:
    try:
        family, kind, _, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError:
        raise InputError(
            "--host", settings.host, f"{settings.host} is not an address of this machine"
        ) from None
    bound = socket.socket(family, kind)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind(address)
    except OSError as error:
        bound.close()
        said = (error.strerror or str(error)).lower()
        raise PaylensError(
            f"can't serve at {settings.host}:{settings.port}: {said} (--port takes another)"
        ) from None
    bound.set_inheritable(True)
    return bound


def _started(settings: Settings, bound: socket.socket) -> None:
    # From here on nobody is turned away; who comes before a worker is ready waits.
    bound.listen(_BACKLOG)
    host, port = bound.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    print(f"paylens answers at http://{shown}:{port}/ (Ctrl-C stops it)", flush=True)
    say("started", port=port, workers=settings.workers, pid=os.getpid())


def _stop(_number: int, _frame: FrameType | None) -> None:
    """Before the server listens to signals itself, and after it: leave without a word."""
    sys.exit(0)
