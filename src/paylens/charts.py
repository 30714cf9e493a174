"""One definition a chart: a Vega-Lite spec, a plain dictionary, from an answer; pictures where vl-convert is installed."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping, Sequence
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

from paylens.contract.errors import PaylensError
from paylens.contract.require import require

__all__ = ["benchmark", "estimate", "forecast", "heat", "picture"]

SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', Arial, sans-serif"
# One accent, one second colour, greys: each readable on white, told apart without colour by the row's own name too.
_ACCENT, _SECOND, _INK, _QUIET, _PALE = "#1f5f8b", "#9a5b13", "#1b1f24", "#5b6570", "#8fa3b3"
_KINDS = {
    "measured": "people who reported",
    "modelled": "modelled",
    "official": "official",
    "guide": "published guide",
}
_COLOURS = {"measured": _ACCENT, "modelled": _SECOND, "official": _QUIET, "guide": _PALE}
_SCALE = 2.0
_TITLE = 84
_TAILS = (0.02, 0.96)
_STEPS, _REACH = 240, 26
_LEAST_SPREAD = 1e-3
Numbers = npt.NDArray[np.float64]
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
        row = f"{len(out)}|{value}: {name}" if value and value != last else f"{len(out)}|{name}"
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


def heat(answer: Answer, title: str) -> dict[str, Any]:
    """Two factors as a heat table of one source's medians, each with its number of reports; PaylensError where there is none."""
    grid = answer.get("grid")
    if not grid:
        raise PaylensError("nothing to draw: a heat table is of two factors")
    cells = [
        {
            "down": down,
            "across": across,
            "p50": amount,
            "said": f"{amount / 1000:,.0f}k",
            "n": f"n {n:,}" if n else "",
        }
        for down, amounts, counts in zip(grid["rows"], grid["p50"], grid["n"], strict=True)
        for across, amount, n in zip(grid["columns"], amounts, counts, strict=True)
        if amount is not None
    ]
    axis = {"title": None, "labelColor": _INK, "labelLimit": 260, "grid": False}
    y = {"field": "down", "type": "nominal", "sort": grid["rows"], "axis": axis}
    x = {
        "field": "across",
        "type": "nominal",
        "sort": grid["columns"],
        "axis": axis | {"orient": "top", "labelAngle": 0},
    }
    low, high = min(c["p50"] for c in cells), max(c["p50"] for c in cells)
    # White reads on the darkest third alone.
    ink = {"condition": {"test": f"datum.p50 > {low + 0.67 * (high - low)}", "value": "white"}, "value": _INK}

    def text(field: str, dy: int, size: int) -> dict[str, Any]:
        mark = {"type": "text", "dy": dy, "fontSize": size}
        return {"mark": mark, "encoding": {"x": x, "y": y, "text": {"field": field}, "color": ink}}

    colour = {
        "field": "p50",
        "type": "quantitative",
        "legend": None,
        "scale": {"range": ["#e6eef4", _ACCENT], "zero": False},
    }
    under = [
        f"medians of {grid['source']} ({grid['pay']}), {answer['unit'] or grid['currency']} a year; empty: may not be shown"
    ]
    return _base(title, [*under, _under(answer)[1]]) | {
        "data": {"values": cells}, "width": {"step": 110}, "height": {"step": 44},
        "layer": [
            {"mark": {"type": "rect", "stroke": "white", "strokeWidth": 2}, "encoding": {"x": x, "y": y, "color": colour}},
            text("said", -6, 13), text("n", 9, 10),
        ],
    }  # fmt: skip


def estimate(answer: Answer, title: str) -> dict[str, Any]:
    """The density of an estimate over money, its half shaded, its five percentiles marked; `title` is its first line.

    Between the 19 levels log pay is straight in the normal score, as in the terminal's drawing; what is left of the steps
    between levels is smoothed away.
    """
    pay, density = _density(answer["quantiles"])
    p = answer["percentiles"]
    curve = [
        {"pay": x, "density": y, "half": p["p25"] <= x <= p["p75"]}
        for x, y in zip(pay.tolist(), density.tolist(), strict=True)
    ]
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


def _density(quantiles: Mapping[str, float]) -> tuple[Numbers, Numbers]:
    """Amounts and their density, from the 2nd to the 96th percentile; the tails go on as a log-normal's."""
    normal = NormalDist()
    scores = np.array([normal.inv_cdf(float(level)) for level in quantiles])
    logs = np.log(np.maximum(np.array(list(quantiles.values()), dtype=float), 1e-9))
    if logs[-1] - logs[0] < _LEAST_SPREAD:
        raise PaylensError("nothing to draw: the estimate has no spread")
    ends = np.array([normal.inv_cdf(level) for level in _TAILS])
    slopes = (logs[3] - logs[0]) / (scores[3] - scores[0]), (logs[-1] - logs[-4]) / (scores[-1] - scores[-4])
    low, high = logs[0] + slopes[0] * (ends[0] - scores[0]), logs[-1] + slopes[1] * (ends[1] - scores[-1])
    edges = np.linspace(np.exp(low), np.exp(high), _STEPS + 1)
    at = np.interp(np.log(edges), [low, *logs, high], [ends[0], *scores, ends[1]])
    share = np.diff(np.array([normal.cdf(float(z)) for z in at]))
    kernel = np.exp(-0.5 * (np.arange(-_REACH, _REACH + 1) / (_REACH / 2.5)) ** 2)
    padded = np.concatenate([np.full(_REACH, share[0]), share, np.full(_REACH, share[-1])])
    smooth = np.convolve(padded, kernel / kernel.sum(), mode="valid")
    return (edges[1:] + edges[:-1]) / 2, smooth / (edges[1] - edges[0])


def forecast(answer: Answer) -> dict[str, Any]:
    """The fan of a forecast after its history, now = 100: shades for 95, 80 and 50 in 100, scenarios as dashed lines.

    A scenario whose measured effect has no clear sign is two lines, its interval's ends.
    """
    years = answer["shifted"] or answer["years"]
    bands = [{"month": r["month"], **r["index"]} for r in years]
    past = [{"month": r["month"], "index": r["index"]} for r in answer["history"]]
    last = answer["horizon"]
    lines = []
    for s in answer["scenarios"]:
        clear = s["elasticity"]["clear"] or s["elasticity"]["status"] == "assumption"
        for end in ("p50",) if clear else ("low", "high"):
            lines += [
                {"month": r["month"], "index": r["index"]["p50"] * (1 + s["effect"][end]) ** (r["year"] / last),
                 "scenario": f"{s['scenario']} {s['shift']:+g}", "line": f"{s['scenario']} {end}"}
                for r in answer["years"]
            ]  # fmt: skip
    x = {
        "field": "month",
        "type": "temporal",
        "timeUnit": "utcyearmonth",
        "axis": {"title": None, "format": "%Y", "grid": False},
    }
    index = {"type": "quantitative", "scale": {"zero": False}, "axis": {"title": "now = 100"}}

    def area(low: str, high: str, opacity: float) -> dict[str, Any]:
        mark = {"type": "area", "color": _ACCENT, "opacity": opacity}
        return {
            "data": {"values": bands},
            "mark": mark,
            "encoding": {"x": x, "y": index | {"field": low}, "y2": {"field": high}},
        }

    def line(values: Sequence[Mapping[str, Any]], field: str, **mark: Any) -> dict[str, Any]:
        drawn = {"type": "line", "color": _ACCENT, **mark}
        return {
            "data": {"values": list(values)},
            "mark": drawn,
            "encoding": {"x": x, "y": index | {"field": field}},
        }

    dashed = line(lines, "index", strokeDash=[5, 4], strokeWidth=1.5)
    dashed["mark"].pop("color")
    dashed["encoding"] |= {
        "color": {"field": "scenario", "type": "nominal", "scale": {"range": [_SECOND, _QUIET, _PALE]}, "legend": {"title": None, "orient": "bottom"}},
        "detail": {"field": "line"},
    }  # fmt: skip
    joined = [*past, {"month": years[0]["month"], "index": 100.0}] if past else []
    under = [
        f"shades: 50, 80 and 95 in 100; {answer['basis']['why']}",
        f"paylens, release {answer['release']}, {answer['as_of']}",
    ]
    wrapped = [part for text in under for part in textwrap.wrap(text, _TITLE + 16)]
    return _base(str(answer["first_line"]), wrapped) | {
        "width": 620, "height": 300,
        "layer": [
            area("q025", "q975", 0.14), area("q10", "q90", 0.2), area("q25", "q75", 0.3), line(bands, "p50", strokeWidth=2.5),
            line(joined, "index", color=_INK, point={"color": _INK, "size": 30}), dashed,
        ],
    }  # fmt: skip
