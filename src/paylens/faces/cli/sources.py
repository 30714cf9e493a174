"""`paylens sources`: what a release rests on."""

from __future__ import annotations

from paylens.faces.cli.options import Json, ReleaseDir

__all__ = ["sources"]


def sources(release: ReleaseDir = None, json: Json = False) -> None:
    """What the release rests on: source, vintage, reports, licence.

    Example: paylens sources
    """
    from paylens.engine import open as open_engine
    from paylens.faces.cli.output import print_json
    from paylens.faces.cli.render_sources import render

    engine = open_engine(release)
    if json:
        print_json({"release": engine.release.id, "sources": engine.sources()})
    else:
        render(engine.release.id, engine.sources())
