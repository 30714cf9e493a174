"""One definition a chart: a Vega-Lite spec, a plain dictionary, from an answer; pictures where vl-convert is installed."""

from __future__ import annotations

import itertools
import json
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from paylens.contract.errors import PaylensError
from paylens.contract.require import require

__all__ = ["benchmark", "estimate", "picture"]

SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', Arial, sans-serif"
# One accent, one second colour, greys: each readable on white, told apart without colour by the row's own name too.
_ACCENT, _SECOND, _INK, _QUIET, _LINE = "#1f5f8b", "#9a5b13", "#1b1f24", "#5b6570", "#d5dae0"
_KINDS = {
    "measured": "people who reported",
    "modelled": "modelled",
    "official": "official",
    "guide": "published guide",
}
_COLOURS = {"measured": _ACCENT, "modelled": _SECOND, "official": _QUIET, "guide": _LINE}
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


def _base(title: str, under: Sequence[str]) -> dict[str, Any]:
    return {
        "$schema": SCHEMA, "background": "white", "padding": 16,
        "title": {"text": textwrap.wrap(title, _TITLE), "subtitle": list(under), "anchor": "start", "fontSize": 17, "subtitleFontSize": 12,
                  "subtitleColor": _QUIET, "color": _INK, "offset": 16, "limit": 900},
        "config": {"font": _FONT, "view": {"stroke": None},
                   "axis": {"labelColor": _QUIET, "titleColor": _QUIET, "gridColor": "#eceff2", "domain": False, "ticks": False,
                            "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal"},
                   "legend": {"labelColor": _QUIET, "titleColor": _QUIET, "labelFontSize": 12}},
    }  # fmt: skip


def benchmark(answer: Answer, title: str) -> dict[str, Any]:
    """Dot-and-range rows on one scale: a thin line p10 to p90, a thick one p25 to p75, a dot at the median.

    Rows in the answer's order, withheld ones left out; `title` is its first line. PaylensError where amounts are of several
    currencies, which have no common scale, or nothing may be shown.
    """
    rows = _bench_rows(answer)
    if not rows:
        raise PaylensError("nothing to draw: no row of this answer may be shown")
    if len({r["currency"] for r in rows}) > 1:
        raise PaylensError(
            "amounts of several currencies have no common scale: add --currency, for example USD"
        )
    order = [r["row"] for r in rows]
    y = {
        "field": "row",
        "type": "nominal",
        "sort": order,
        "axis": {
            "title": None,
            "labelLimit": 420,
            "labelExpr": "split(datum.label, '|')[1]",
            "labelPadding": 12,
            "labelColor": _INK,
        },
    }
    unit = answer["unit"] or rows[0]["currency"]
    x = {
        "type": "quantitative",
        "scale": {"zero": False, "nice": True},
        "axis": {"title": f"{unit} a year before tax", "format": "~s"},
    }
    colour = {
        "field": "kind", "type": "nominal", "legend": {"title": None, "orient": "bottom", "symbolType": "circle"},
        "scale": {"domain": [_KINDS[k] for k in _KINDS if any(r["kind"] == _KINDS[k] for r in rows)],
                  "range": [_COLOURS[k] for k in _KINDS if any(r["kind"] == _KINDS[k] for r in rows)]},
    }  # fmt: skip

    def rule(low: str, high: str, width: int) -> dict[str, Any]:
        mark = {
            "type": "rule",
            "strokeWidth": width,
            "strokeCap": "round",
            "opacity": 0.55 if width > 3 else 0.9,
        }
        return {
            "mark": mark, "transform": [{"filter": f"datum.{low} != null && datum.{high} != null"}],
            "encoding": {"y": y, "x": x | {"field": low}, "x2": {"field": high}, "color": colour},
        }  # fmt: skip

    dot = {
        "mark": {"type": "point", "filled": True, "size": 90, "opacity": 1, "stroke": "white", "strokeWidth": 1.5},
        "transform": [{"filter": "datum.p50 != null"}], "encoding": {"y": y, "x": x | {"field": "p50"}, "color": colour},
    }  # fmt: skip
    name = {
        "mark": {"type": "text", "align": "left", "dx": 8, "color": _QUIET, "fontSize": 11},
        "encoding": {"y": y, "x": {"value": "width"}, "text": {"field": "said"}},
    }
    return _base(title, _under(answer)) | {
        "data": {"values": rows}, "width": 460, "height": {"step": 24},
        "layer": [rule("low", "high", 8), rule("p10", "p90", 2), rule("p25", "p75", 8), dot, name],
    }  # fmt: skip


def _bench_rows(answer: Answer) -> list[dict[str, Any]]:
    """What is drawn, a row each; the first of a value bears its name, before '|' stands what keeps rows apart."""
    out: list[dict[str, Any]] = []
    last = ""
    for r in answer["rows"]:
        if r["kind"] == "withheld" or (r["p50"] is None and r["range"] is None):
            continue
        value = " · ".join(str(v["label"]) for v in r["by"].values())
        name = "modelled" if r["kind"] == "modelled" else r["source"]
        name += ", by title" if r["note"] == "by title" else ""
        row = f"{len(out)}|{value}   {name}" if value and value != last else f"{len(out)}|{name}"
        last = value
        low, high = r["range"] or (None, None)
        n = "" if r["n"] is None else f"n {r['n']:,}, "
        out.append({
            "row": row, "kind": _KINDS[r["kind"]], "currency": r["currency"], "said": f"{n}{r['vintage'] or ''}",
            "low": low, "high": high, **{p: r[p] for p in ("p10", "p25", "p50", "p75", "p90")},
        })  # fmt: skip
    return out


def _under(answer: Answer) -> list[str]:
    adjusted = "" if answer.get("adjust", "none") == "none" else f"; adjusted: {answer['adjust']}"
    return [
        "dot: median; thick: half of people; thin: 8 in 10; each source in its own measure of pay",
        f"paylens, release {answer['release']}, {answer['as_of']}{adjusted}",
    ]


def estimate(answer: Answer, title: str) -> dict[str, Any]:
    """The density of an estimate over money, its half shaded, its five percentiles marked; `title` is its first line.

    The density is that of the 19 quantiles: the share between two over their distance, drawn at their middle.
    """
    levels = [(float(level), amount) for level, amount in answer["quantiles"].items()]
    curve = [
        {"pay": (a + b) / 2, "density": (q - p) / (b - a), "half": p >= 0.25 and q <= 0.75 + 1e-9}
        for (p, a), (q, b) in itertools.pairwise(levels)
        if b > a
    ]
    if not curve:
        raise PaylensError("nothing to draw: the estimate has no spread")
    marks = [{"pay": amount, "name": name} for name, amount in answer["percentiles"].items()]
    x = {"field": "pay", "type": "quantitative", "scale": {"zero": False},
         "axis": {"title": f"{answer['currency']} a {answer['period']} before tax", "format": "~s", "grid": False}}  # fmt: skip
    y = {"field": "density", "type": "quantitative", "axis": None}
    area = {
        "type": "area",
        "interpolate": "monotone",
        "line": {"color": _ACCENT},
        "opacity": 0.18,
        "color": _ACCENT,
    }
    half = {**area, "opacity": 0.35, "line": False}
    return _base(title, [f"paylens, release {answer['release']}, {answer['as_of']}; modelled, {answer['pay']}"]) | {
        "width": 620, "height": 220,
        "layer": [
            {"data": {"values": curve}, "mark": area, "encoding": {"x": x, "y": y}},
            {"data": {"values": curve}, "transform": [{"filter": "datum.half"}], "mark": half, "encoding": {"x": x, "y": y}},
            {"data": {"values": marks}, "mark": {"type": "rule", "color": _INK, "opacity": 0.5, "strokeDash": [2, 3]}, "encoding": {"x": x}},
            {"data": {"values": marks}, "mark": {"type": "text", "dy": -8, "color": _QUIET, "fontSize": 11},
             "encoding": {"x": x, "y": {"value": 0}, "text": {"field": "name"}}},
        ],
    }  # fmt: skip
