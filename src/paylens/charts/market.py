"""The market drawn: dot-and-range rows on one scale, and two factors as a heat table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
_LETTERS, _VALUE_LETTERS, _LETTER = 34, 28, 7.4
# Room beside a row for its source, and behind it for its amount.
_SOURCES, _BEHIND = 96, 112
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
    letters = min(max(len(r["value"]) for r in rows), _VALUE_LETTERS)
    labels = _SOURCES + 16 + round(letters * _LETTER)
    for r in rows:
        r["value"] = clipped(r["value"], letters)
    plot = 460 if width is None else width if narrow else width - labels - _BEHIND
    y = {
        "field": "row", "type": "nominal", "sort": [r["row"] for r in rows],
        "axis": None if width is not None else {
            "title": None, "labelLimit": 420, "labelExpr": "split(datum.label, '|')[1]", "labelPadding": 12, "labelColor": INK,
        },
    }  # fmt: skip
    x = _money_axis(answer["unit"] or rows[0]["currency"], plot)
    colour = _kind_colours(rows, legend=bool(title))

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
    words = (
        _over(y)
        if narrow
        else _beside(y, labels)
        if width is not None
        else [_text(y, "said", "width", 8, QUIET)]
    )
    return base(title, _under(answer)) | {
        "data": {"values": rows}, "width": plot, "height": {"step": 42 if narrow else 26 if width else 24},
        "layer": [rule("low", "high", 8), rule("p10", "p90", 2), rule("p25", "p75", 8), dot, *words],
    }  # fmt: skip


def _money_axis(unit: str, plot: int) -> dict[str, Any]:
    return {
        "type": "quantitative", "scale": {"zero": False, "nice": True},
        "axis": {
            "title": f"{unit} a year before tax", "format": "~s", "labelExpr": "datum.value == 0 ? '0' : datum.label",
            "tickCount": max(3, plot // 80),
        },
    }  # fmt: skip


def _kind_colours(rows: Sequence[Mapping[str, Any]], *, legend: bool) -> dict[str, Any]:
    """A colour for each kind of row that there is."""
    there = [k for k in _KINDS if any(r["kind"] == _KINDS[k] for r in rows)]
    return {
        "field": "kind", "type": "nominal",
        "legend": {"title": None, "orient": "bottom", "symbolType": "circle"} if legend else None,
        "scale": {"domain": [_KINDS[k] for k in there], "range": [_COLOURS[k] for k in there]},
    }  # fmt: skip


def _text(
    y: Mapping[str, Any], field: str, at: int | str, dx: int, colour: str, **more: Any
) -> dict[str, Any]:
    mark = {"type": "text", "align": "left", "dx": dx, "color": colour, "fontSize": 12, **more}
    return {"mark": mark, "encoding": {"y": y, "x": {"value": at}, "text": {"field": field}}}


def _over(y: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row's name and amount over it, for where there is no room beside it."""
    return [
        _text(y, "name", 0, 0, INK, dy=-14),
        _text(y, "said", "width", 0, QUIET, dy=-14, align="right"),
    ]


def _beside(y: Mapping[str, Any], labels: int) -> list[dict[str, Any]]:
    """Before each row the value, where it is another one, and the source; behind it its amount."""
    return [
        _text(y, "value", -labels, 0, INK, fontWeight="bold"),
        _text(y, "who", -_SOURCES, 0, QUIET),
        _text(y, "said", "width", 12, INK),
    ]


def _bench_rows(answer: Answer) -> list[dict[str, Any]]:
    """What is drawn, a row each; the first of a value bears its name, before '|' stands what keeps rows apart."""
    out: list[dict[str, Any]] = []
    last = ""
    for r in answer["rows"]:
        if r["kind"] == "withheld" or (r["p50"] is None and r["range"] is None):
            continue
        value = " · ".join(str(v["label"]) for v in r["by"].values()) or (
            "All of them" if answer["by"] else ""
        )
        name = "modelled" if r["kind"] == "modelled" else r["source"]
        name += ", by title" if r["note"] == "by title" else ""
        first = value if value != last else ""
        row = f"{len(out)}|{first}: {name}" if first else f"{len(out)}|{name}"
        last = value
        low, high = r["range"] or (None, None)
        n = "" if r["n"] is None else f"n {r['n']:,}, "
        out.append({
            "row": row, "name": clipped(row.partition("|")[2], _LETTERS), "value": first, "who": name, "kind": _KINDS[r["kind"]], "currency": r["currency"], "said": f"{n}{r['vintage'] or ''}",
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
