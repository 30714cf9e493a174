"""`paylens mcp`: the questions as tools for an assistant, over standard input and output."""

from __future__ import annotations

from paylens.faces.cli.options import ReleaseDir

__all__ = ["mcp"]


def mcp(release: ReleaseDir = None) -> None:
    """The same questions as tools for an assistant that speaks the Model Context Protocol, over stdio.

    The assistant starts it; typed by hand it waits for messages until its input ends.

    Example: paylens mcp
    """
    from paylens.contract.require import require

    require("mcp", "mcp")
    from paylens.engine import open as open_engine
    from paylens.faces.mcp.server import server

    engine = open_engine(release)
    engine.reference  # noqa: B018 (read before the first question)
    server(engine).run("stdio")
