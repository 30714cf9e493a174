"""A forecast drawn: the past, the fan after it, and scenarios as dashed lines, now = 100."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from paylens.charts.frame import ACCENT, INK, PALE, QUIET, SECOND, Answer, base

__all__ = ["forecast"]

_TITLE = 100
_NARROW = 400


def forecast(answer: Answer, title: str | None = None, *, width: int = 676) -> dict[str, Any]:
    """The fan of a forecast after its history, now = 100: shades for 95, 80 and 50 in 100, scenarios as dashed lines.

    A scenario whose measured effect has no clear sign is two lines, its interval's ends. `title` None is the answer's first
    line; `width` is of the whole drawing in pixels.
    """
    years = answer["shifted"] or answer["years"]
    bands = [{"month": r["month"], **r["index"]} for r in years]
    past = [{"month": r["month"], "index": r["index"]} for r in answer["history"]]
    x = {
        "field": "month", "type": "temporal", "timeUnit": "utcyearmonth",
        "axis": {"title": None, "format": "%Y", "grid": False, "tickCount": 4 if width < _NARROW else 8},
    }  # fmt: skip
    index = {"type": "quantitative", "scale": {"zero": False}, "axis": {"title": None if width < _NARROW else "now = 100", "tickCount": 6}}  # fmt: skip

    def area(low: str, high: str, opacity: float) -> dict[str, Any]:
        return {
            "data": {"values": bands}, "mark": {"type": "area", "color": ACCENT, "opacity": opacity},
            "encoding": {"x": x, "y": index | {"field": low}, "y2": {"field": high}},
        }  # fmt: skip

    def line(values: Sequence[Mapping[str, Any]], field: str, **mark: Any) -> dict[str, Any]:
        drawn = {"type": "line", "color": ACCENT, **mark}
        return {
            "data": {"values": list(values)},
            "mark": drawn,
            "encoding": {"x": x, "y": index | {"field": field}},
        }

    dashed = line(_lines(answer), "index", strokeDash=[5, 4], strokeWidth=1.5)
    dashed["mark"].pop("color")
    dashed["encoding"] |= {
        "color": {"field": "scenario", "type": "nominal", "scale": {"range": [SECOND, QUIET, PALE]},
                  "legend": {"title": None, "orient": "bottom", "columns": 1 if width < _NARROW else 2, "columnPadding": 40, "labelLimit": width}},
        "detail": {"field": "line"},
    }  # fmt: skip
    joined = [*past, {"month": years[0]["month"], "index": 100.0}] if past else []
    layers = [
        area("q025", "q975", 0.14), area("q10", "q90", 0.2), area("q25", "q75", 0.3), line(bands, "p50", strokeWidth=2.5),
        line(joined, "index", color=INK, point={"color": INK, "size": 30}),
    ]  # fmt: skip
    if answer["scenarios"]:
        layers.append(dashed)
    under = [
        f"shades: 50, 80 and 95 in 100; {answer['basis']['why']}",
        f"paylens, release {answer['release']}, {answer['as_of']}",
    ]
    wrapped = [part for text in under for part in textwrap.wrap(text, _TITLE)]
    said = str(answer["first_line"]) if title is None else title
    return base(said, wrapped) | {
        "width": width - 56,
        "height": 240 if width < _NARROW else 300,
        "layer": layers,
    }


def _lines(answer: Answer) -> list[dict[str, Any]]:
    """A scenario's middle by year; both ends of its interval where its sign is not clear."""
    out, last = [], answer["horizon"]
    for s in answer["scenarios"]:
        clear = s["elasticity"]["clear"] or s["elasticity"]["status"] == "assumption"
        for end in ("p50",) if clear else ("low", "high"):
            out += [
                {"month": r["month"], "index": r["index"]["p50"] * (1 + s["effect"][end]) ** (r["year"] / last),
                 "scenario": _said(s), "line": f"{s['scenario']} {end}"}
                for r in answer["years"]
            ]  # fmt: skip
    return out


def _said(s: Mapping[str, Any]) -> str:
    """A scenario and its size, for the legend."""
    size = round(100 * s["shift"])
    sign = "+" if size > 0 else "−"
    return {
        "demand": f"postings {sign}{abs(size)} %", "technology": f"AI in postings {sign}{abs(size)} points",
        "globalisation": f"{size} % of the gap closes",
    }[s["scenario"]]  # fmt: skip
