"""What all charts share: colours, the frame of a spec, and the drawing of one."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from paylens.contract.require import require

__all__ = [
    "ACCENT",
    "INK",
    "LINE",
    "PALE",
    "PAPER",
    "QUIET",
    "SECOND",
    "Answer",
    "base",
    "clipped",
    "picture",
]

SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', Arial, sans-serif"
# One accent, one second colour, greys: each readable on white, told apart without colour by the row's own name too.
ACCENT, SECOND, INK, QUIET, PALE = "#1f5f8b", "#9a5b13", "#1b1f24", "#5b6570", "#8fa3b3"
LINE, PAPER = "#eceff2", "white"
_SCALE = 2.0
_TITLE = 84
Answer = Mapping[str, Any]


def picture(spec: Mapping[str, Any], ending: str) -> bytes:
    """A spec drawn as 'svg' or 'png'; MissingExtra without vl-convert."""
    drawer = require("vl_convert", "report")
    text = json.dumps(spec)
    if ending == "svg":
        return str(drawer.vegalite_to_svg(text)).encode()
    found: bytes = drawer.vegalite_to_png(text, scale=_SCALE)
    return found


def base(title: str, under: Sequence[str]) -> dict[str, Any]:
    """The frame of a spec; without a title, as where the page around it says what it is, there is no paper either."""
    named = {
        "background": PAPER, "padding": 16,
        "title": {"text": textwrap.wrap(title, _TITLE), "subtitle": list(under), "anchor": "start", "fontSize": 17, "subtitleFontSize": 12,
                  "subtitleColor": QUIET, "color": INK, "offset": 16, "limit": 900},
    }  # fmt: skip
    return {
        "$schema": SCHEMA, **(named if title else {"background": None, "padding": 2}),
        "config": {"font": FONT, "view": {"stroke": None},
                   "axis": {"labelColor": QUIET, "titleColor": QUIET, "gridColor": LINE, "domain": False, "ticks": False,
                            "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal"},
                   "legend": {"labelColor": QUIET, "titleColor": QUIET, "labelFontSize": 12}},
    }  # fmt: skip


def clipped(text: str, letters: int) -> str:
    """A text that fits about so many letters."""
    return text if len(text) <= letters else text[: max(letters - 1, 1)].rstrip() + "…"
