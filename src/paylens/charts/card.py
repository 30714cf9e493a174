"""The score card drawn: how many people each group's 80 % range held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from paylens.charts.frame import ACCENT, INK, PALE, QUIET, SECOND, base, clipped
from paylens.contract.errors import PaylensError

__all__ = ["coverage"]

_ROW = 26
_WITHIN = (0.75, 0.85)


def coverage(groups: Sequence[Mapping[str, Any]], title: str, *, width: int = 620) -> dict[str, Any]:
    """A dot for each group on a scale of coverage, around the 80 % that was promised, between 75 % and 85 %.

    `groups` have `name`, `n`, `coverage` (shares) and `ok`, None where it is not judged. PaylensError for none.
    """
    if not groups:
        raise PaylensError("nothing to draw: the card has no groups")
    label = width // 2 if width < 400 else 240
    inner = width - label - 64
    rows = [
        {"row": str(i), "name": clipped(str(g["name"]), label // 7), "coverage": g["coverage"], "said": f"{100 * g['coverage']:.1f} %",
         "colour": SECOND if g["ok"] is False else ACCENT}
        for i, g in enumerate(groups)
    ]  # fmt: skip
    low = min(0.7, *(g["coverage"] - 0.01 for g in groups))
    high = max(0.9, *(g["coverage"] + 0.01 for g in groups))
    y = {"field": "row", "type": "nominal", "sort": [r["row"] for r in rows], "axis": None}
    scale = {"domain": [low, high], "nice": False, "zero": False}
    x = {
        "field": "coverage",
        "type": "quantitative",
        "scale": scale,
        "axis": {
            "title": None,
            "format": ".0%",
            "values": [0.7, 0.75, 0.8, 0.85, 0.9],
            "grid": True,
            "orient": "top",
        },
    }
    return base(title, ["share of people whose pay lay in the range that was to hold 80 %"]) | {
        "width": inner, "height": {"step": _ROW}, "data": {"values": rows},
        "layer": [
            {"data": {"values": [{"a": _WITHIN[0], "b": _WITHIN[1]}]}, "mark": {"type": "rect", "color": ACCENT, "opacity": 0.09},
             "encoding": {"x": {"field": "a", "type": "quantitative", "scale": scale}, "x2": {"field": "b"}}},
            {"data": {"values": [{"at": 0.8}]}, "mark": {"type": "rule", "color": PALE}, "encoding": {"x": {"field": "at", "type": "quantitative", "scale": scale}}},
            {"mark": {"type": "point", "filled": True, "size": 80, "opacity": 1}, "encoding": {"x": x, "y": y, "color": {"field": "colour", "type": "nominal", "scale": None}}},
            {"mark": {"type": "text", "align": "left", "fontSize": 12, "color": INK}, "encoding": {"x": {"value": -label}, "y": y, "text": {"field": "name"}}},
            {"mark": {"type": "text", "align": "right", "dx": 60, "fontSize": 12, "color": QUIET}, "encoding": {"x": {"value": "width"}, "y": y, "text": {"field": "said"}}},
        ],
    }  # fmt: skip
