"""Charts of answers about offers: Vega-Lite specs from a comparison and from a negotiation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["comparison", "negotiation"]

SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', Arial, sans-serif"
_ACCENT, _SECOND, _INK, _QUIET, _PALE = "#1f5f8b", "#9a5b13", "#1b1f24", "#5b6570", "#8fa3b3"
_PARTS = ("cash", "sure", "paper")
Answer = Mapping[str, Any]


def comparison(answer: Answer, title: str) -> dict[str, Any]:
    """Each offer's years as stacked bars of cash, what comes in kind, and shares in the mean; before tax."""
    parts = [
        {"offer": offer["name"], "year": year["year"], "part": part, "at": at, "amount": amount}
        for offer in answer["offers"]
        for year in offer["years"]
        for at, (part, amount) in enumerate(
            zip(_PARTS, (year["cash"], year["sure"], year["paper"]["mean"]), strict=True)
        )
    ]
    spec = {
        "mark": "bar",
        "encoding": {
            "x": {"field": "year", "type": "ordinal", "axis": {"title": "year", "labelAngle": 0}},
            "y": {"field": "amount", "type": "quantitative", "stack": True,
                  "axis": {"title": f"{answer['currency']} a year before tax", "format": "~s"}},
            "color": {"field": "part", "type": "nominal", "scale": {"domain": list(_PARTS), "range": [_ACCENT, _PALE, _SECOND]},
                      "legend": {"title": None, "orient": "bottom"}},
            "order": {"field": "at"},
        },
        "width": {"step": 34}, "height": 220,
    }  # fmt: skip
    names = [offer["name"] for offer in answer["offers"]]
    column = {
        "field": "offer",
        "type": "nominal",
        "sort": names,
        "header": {"title": None, "labelLimit": 180},
    }
    return _base(title, answer) | {"data": {"values": parts}, "facet": {"column": column}, "spec": spec}


def negotiation(answer: Answer, title: str) -> dict[str, Any]:
    """One axis of base pay: the employer's likely band, and the offer, walk-away, target and ask on it."""
    marks = [
        {"name": name, "base": answer[key]["base"]}
        for name, key in (("walk away", "walk_away"), ("offer", "offer"), ("be content", "target"), ("ask", "ask"))
    ]  # fmt: skip
    x = {"type": "quantitative", "scale": {"zero": False, "nice": True},
         "axis": {"title": f"base in {answer['currency']} a year", "format": "~s", "grid": False}}  # fmt: skip
    y = {
        "field": "name",
        "type": "nominal",
        "sort": [m["name"] for m in marks],
        "axis": {"title": None, "labelColor": _INK},
    }
    band = {"data": {"values": [answer["band"]]}, "mark": {"type": "rect", "color": _PALE, "opacity": 0.3},
            "encoding": {"x": x | {"field": "low"}, "x2": {"field": "high"}}}  # fmt: skip
    dots = {"data": {"values": marks}, "mark": {"type": "point", "filled": True, "size": 110, "color": _ACCENT},
            "encoding": {"x": x | {"field": "base"}, "y": y}}  # fmt: skip
    return _base(title, answer, "shaded: the employer's likely band") | {
        "width": 620, "height": 150, "layer": [band, dots],
    }  # fmt: skip


def _base(title: str, answer: Answer, *under: str) -> dict[str, Any]:
    return {
        "$schema": SCHEMA, "background": "white", "padding": 16,
        "title": {"text": title, "subtitle": [*under, f"paylens, release {answer['release']}, {answer['as_of']}; modelled"],
                  "anchor": "start", "fontSize": 15, "subtitleFontSize": 12, "subtitleColor": _QUIET, "color": _INK, "offset": 12, "limit": 900},
        "config": {"font": _FONT, "view": {"stroke": None}, "axis": {"labelColor": _QUIET, "titleColor": _QUIET, "ticks": False}},
    }  # fmt: skip
