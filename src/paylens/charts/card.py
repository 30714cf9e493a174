"""The score card drawn: how many people each group's 80 % range held, and whether every level means what it says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from paylens.charts.frame import ACCENT, INK, PALE, QUIET, SECOND, base, clipped
from paylens.contract.errors import PaylensError

__all__ = ["coverage", "reliability"]

_ROW = 26
_WITHIN = (0.75, 0.85)
_SIDE = 400


def coverage(
    groups: Sequence[Mapping[str, Any]], title: str, *, percent: Callable[[float], str] | None = None, width: int = 620
) -> dict[str, Any]:  # fmt: skip
    """A dot for each group on a scale of coverage, around the 80 % that was promised, between 75 % and 85 %.

    `groups` have `name`, `n`, `coverage` (shares) and `ok`, None where it is not judged; `percent` writes a share. PaylensError
    for none.
    """
    percent = percent or _percent
    if not groups:
        raise PaylensError("nothing to draw: the card has no groups")
    label = width // 2 if width < 400 else 240
    inner = width - label - 64
    rows = [
        {"row": str(i), "name": clipped(str(g["name"]), label // 7), "coverage": g["coverage"], "said": percent(g["coverage"]),
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


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def reliability(below: Sequence[float], title: str, *, width: int = 620) -> dict[str, Any]:
    """The share of people found under each level of their answer, beside the share that the level promises.

    `below` are the observed shares under equally spaced levels, 0.05 to 0.95 for 19. On the diagonal every level means what
    it says. PaylensError for none.
    """
    if not below:
        raise PaylensError("nothing to draw: the card has no levels")
    side = min(width - 72, _SIDE)
    points = [
        {"promised": (i + 1) / (len(below) + 1), "found": share} for i, share in enumerate(below)
    ]  # fmt: skip

    def axis(field: str, name: str) -> dict[str, Any]:
        return {
            "field": field, "type": "quantitative", "scale": {"domain": [0, 1], "nice": False},
            "axis": {"title": name, "format": ".0%", "values": [0, 0.2, 0.4, 0.6, 0.8, 1], "grid": True},
        }  # fmt: skip

    x, y = axis("promised", "promised"), axis("found", "found")
    line = {"values": [{"promised": v, "found": v} for v in (0.0, 1.0)]}
    return base(title, ["share of people under each level of their answer"]) | {
        "width": side, "height": side, "data": {"values": points},
        "layer": [
            {"data": line, "mark": {"type": "line", "color": PALE, "strokeWidth": 1}, "encoding": {"x": x, "y": y}},
            {"mark": {"type": "line", "color": ACCENT, "strokeWidth": 2}, "encoding": {"x": x, "y": y}},
            {"mark": {"type": "point", "filled": True, "color": ACCENT, "size": 50, "opacity": 1}, "encoding": {"x": x, "y": y}},
        ],
    }  # fmt: skip
