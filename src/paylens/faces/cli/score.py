"""`paylens score`: the score card of a release."""

from __future__ import annotations

from paylens.faces.cli.options import Json, ReleaseDir

__all__ = ["score"]


def score(release: ReleaseDir = None, json: Json = False) -> None:
    """How well the release answers: every score, on people it had not seen.

    Example: paylens score
    """
    from paylens.engine import open as open_engine
    from paylens.faces.cli.output import print_json
    from paylens.faces.cli.render_card import render

    card = open_engine(release).score()
    if json:
        print_json(card)
    else:
        render(card)
