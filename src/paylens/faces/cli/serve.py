"""`paylens serve`: the page and the HTTP API on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from paylens.faces.cli.options import ReleaseDir

__all__ = ["serve"]


def serve(
    host: Annotated[str, typer.Option(help="Address to answer at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.")] = 8000,
    workers: Annotated[int, typer.Option(help="Processes that answer.")] = 1,
    public: Annotated[
        bool, typer.Option("--public", help="Let anyone who reaches the address ask, without a token.")
    ] = False,
    mcp: Annotated[
        bool, typer.Option("--mcp", help="The tools of `paylens mcp` too, at /mcp (streamable HTTP).")
    ] = False,
    release: ReleaseDir = None,
    collect: Annotated[
        Path | None,
        typer.Option(
            "--collect", help="Take pay reports too, at the desk of this folder (`submissions init`)."
        ),
    ] = None,
) -> None:
    """A page in the browser, and the same questions over HTTP for programs: JSON in, JSON out; /openapi.json says what there is.

    Only this machine can ask, unless --host says otherwise: then a token is needed (PAYLENS_TOKEN), or --public.

    Example: paylens serve --port 8000
    """
    from paylens.contract.require import require

    for library in ("fastapi", "uvicorn", "msgspec", "prometheus_client", "jinja2", "vl_convert"):
        require(library, "serve")
    if mcp:
        require("mcp", "mcp")
    from paylens.serving import Settings
    from paylens.serving import serve as run

    desk = str(collect) if collect else None
    run(Settings(host, port, workers, str(release) if release else None, public, mcp, desk))
