"""The market drawn: dot-and-range rows on one scale, and two factors as a heat table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from paylens.charts.frame import ACCENT, INK, PALE, PAPER, QUIET, SECOND, Answer, base, clipped
from paylens.contract.errors import PaylensError

__all__ = ["benchmark", "heat"]

_KINDS = {
    "measured": "people who reported",
    "modelled": "modelled",
    "official": "official",
    "guide": "published guide",
}
_COLOURS = {"measured": ACCENT, "modelled": SECOND, "official": QUIET, "guide": PALE}
# A chart this narrow is read on a phone: labels stand over their rows, not before them.
_NARROW = 400
_LETTERS = 34
# Ink reads on the accent up to half its strength, in light and in dark.
_FAINT, _STRONG = 0.06, 0.5


def benchmark(
    answer: Answer, title: str, *, money: Callable[[float], str] | None = None, width: int | None = None
) -> dict[str, Any]:
    """Dot-and-range rows on one scale: a thin line p10 to p90, a thick one p25 to p75, a dot at the median.

    Rows in the answer's order, withheld ones left out; `title` is its first line. `money` writes the median behind its row,
    `width` is what labels and rows may take together: on a phone's the labels stand over the rows. PaylensError where
    amounts are of several currencies, which have no common scale, or nothing may be shown.
    """
    rows = _bench_rows(answer)
    if not rows:
        raise PaylensError("nothing to draw: no row of this answer may be shown")
    if len({r["currency"] for r in rows}) > 1:
        raise PaylensError(
            "amounts of several currencies have no common scale: add --currency, for example USD"
        )
    if money is not None:
        for r in rows:
            amount = "" if r["p50"] is None else money(r["p50"])
            r["said"] = ", ".join(part for part in (amount, r["said"].rpartition(", ")[0]) if part)
    narrow = width is not None and width < _NARROW
    label = 420 if width is None else 210
    plot = 460 if width is None else width if narrow else width - label - 150
    axis = {
        "title": None,
        "labelLimit": label,
        "labelExpr": "split(datum.label, '|')[1]",
        "labelPadding": 12,
        "labelColor": INK,
    }
    y = {
        "field": "row",
        "type": "nominal",
        "sort": [r["row"] for r in rows],
        "axis": None if narrow else axis,
    }
    unit = answer["unit"] or rows[0]["currency"]
    x = {
        "type": "quantitative",
        "scale": {"zero": False, "nice": True},
        "axis": {"title": f"{unit} a year before tax", "format": "~s", "tickCount": max(3, plot // 80)},
    }
    colour = {
        "field": "kind", "type": "nominal", "legend": {"title": None, "orient": "bottom", "symbolType": "circle", "columns": 2 if narrow else 4},
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
        "mark": {"type": "point", "filled": True, "size": 90, "opacity": 1, "stroke": PAPER, "strokeWidth": 1.5},
        "transform": [{"filter": "datum.p50 != null"}], "encoding": {"y": y, "x": x | {"field": "p50"}, "color": colour},
    }  # fmt: skip
    said = {
        "mark": {"type": "text", "align": "left", "dx": 8, "color": QUIET, "fontSize": 11},
        "encoding": {"y": y, "x": {"value": "width"}, "text": {"field": "said"}},
    }
    return base(title, _under(answer)) | {
        "data": {"values": rows}, "width": plot, "height": {"step": 42 if narrow else 24},
        "layer": [rule("low", "high", 8), rule("p10", "p90", 2), rule("p25", "p75", 8), dot, *(_over(y) if narrow else [said])],
    }  # fmt: skip


def _over(y: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row's name and amount over it, for where there is no room beside it."""

    def text(field: str, at: int | str, align: str, colour: str) -> dict[str, Any]:
        mark = {"type": "text", "align": align, "dy": -14, "color": colour, "fontSize": 12}
        return {"mark": mark, "encoding": {"y": y, "x": {"value": at}, "text": {"field": field}}}

    return [text("name", 0, "left", INK), text("said", "width", "right", QUIET)]


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
            "row": row, "name": clipped(row.partition("|")[2], _LETTERS), "kind": _KINDS[r["kind"]], "currency": r["currency"], "said": f"{n}{r['vintage'] or ''}",
            "low": low, "high": high, **{p: r[p] for p in ("p10", "p25", "p50", "p75", "p90")},
        })  # fmt: skip
    return out


def _under(answer: Answer) -> list[str]:
    adjusted = "" if answer.get("adjust", "none") == "none" else f"; adjusted: {answer['adjust']}"
    return [
        "dot: median; thick: half of people; thin: 8 in 10; each source in its own measure of pay",
        f"paylens, release {answer['release']}, {answer['as_of']}{adjusted}",
    ]


def heat(
    answer: Answer, title: str, *, money: Callable[[float], str] | None = None, width: int | None = None
) -> dict[str, Any]:
    """Two factors as a heat table of one source's medians, each with its number of reports; PaylensError where there is none.

    `money` writes an amount (by default in whole thousands); `width` is what the table may take, at least 56 a column.
    """
    money = money or _thousands
    grid = answer.get("grid")
    if not grid:
        raise PaylensError("nothing to draw: a heat table is of two factors")
    cells = [
        {
            "down": down,
            "across": across,
            "p50": amount,
            "said": money(amount),
            "n": f"n {n:,}" if n else "",
        }
        for down, amounts, counts in zip(grid["rows"], grid["p50"], grid["n"], strict=True)
        for across, amount, n in zip(grid["columns"], amounts, counts, strict=True)
        if amount is not None
    ]
    label = 260 if width is None else 110 if width < _NARROW else 170
    step = 110 if width is None else min(110, max(56, (width - label) // max(len(grid["columns"]), 1)))
    axis = {"title": None, "labelColor": INK, "labelLimit": label, "grid": False}
    y = {"field": "down", "type": "nominal", "sort": grid["rows"], "axis": axis}
    x = {
        "field": "across",
        "type": "nominal",
        "sort": grid["columns"],
        "axis": axis | {"orient": "top", "labelAngle": 0, "labelLimit": step - 4},
    }

    def text(field: str, dy: int, size: int) -> dict[str, Any]:
        mark = {"type": "text", "dy": dy, "fontSize": size, "color": INK}
        return {"mark": mark, "encoding": {"x": x, "y": y, "text": {"field": field}}}

    depth = {
        "field": "p50",
        "type": "quantitative",
        "legend": None,
        "scale": {"range": [_FAINT, _STRONG], "zero": False},
    }
    under = [
        f"medians of {grid['source']} ({grid['pay']}), {answer['unit'] or grid['currency']} a year; empty: may not be shown"
    ]
    return base(title, [*under, _under(answer)[1]]) | {
        "data": {"values": cells}, "width": {"step": step}, "height": {"step": 44},
        "layer": [
            {"mark": {"type": "rect", "color": ACCENT, "stroke": PAPER, "strokeWidth": 2}, "encoding": {"x": x, "y": y, "fillOpacity": depth}},
            text("said", -6, 13), text("n", 9, 10),
        ],
    }  # fmt: skip


def _thousands(amount: float) -> str:
    return f"{amount / 1000:,.0f}k"
