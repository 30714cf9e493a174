"""A career drawn: what each move is worth, ranked, and the years ahead as a fan, with a second plan beside it."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from paylens.charts.frame import ACCENT, INK, PALE, QUIET, SECOND, Answer, base, clipped
from paylens.contract.errors import PaylensError

__all__ = ["fan", "gains"]

_LETTER: Final = 7.0
_ROW: Final = 48
_LINE: Final = 84
_KINDS: Final = {"premium": ACCENT, "pay model": SECOND, "no clear difference": PALE}


def gains(
    answer: Answer, title: str, *, money: Callable[[float], str] | None = None, width: int = 620
) -> dict[str, Any]:
    """Ranked gains of a career's answer: a dot at the middle, a whisker over the 90 % interval, a line at nothing.

    PaylensError where no move is ranked.
    """
    write = money or _thousands
    rows: list[dict[str, Any]] = []
    for r in answer["moves"]:
        if r["rank"] is None:
            continue
        shown = r["kept"] if r["kept"] is not None else r["gross"]
        kind = (
            "no clear difference" if not r["clear"] else "premium" if r["headline"] == "premium" else "pay model"
        )  # fmt: skip
        said = write(shown["middle"]) if r["clear"] else "no clear difference"
        top = _ROW * len(rows)
        rows.append({
            **shown, "name": clipped(r["label"], int(width / _LETTER) - len(said) - 2), "said": said, "kind": kind, "colour": _KINDS[kind],
            "text_y": top + 14, "y": top + 29,
        })  # fmt: skip
    if not rows:
        raise PaylensError("nothing to draw: no move of this answer is ranked")
    ends = [v for r in rows for v in (r["low"], r["high"])] + [0.0]
    pad = 0.03 * ((max(ends) - min(ends)) or 1.0)
    x = {"type": "quantitative", "scale": {"domain": [min(ends) - pad, max(ends) + pad], "nice": False, "zero": False}, "axis": None}  # fmt: skip
    y = {"field": "y", "type": "quantitative", "scale": None, "axis": None}
    ink = {"field": "colour", "type": "nominal", "scale": None}
    bottom = _ROW * len(rows)
    # Beside the whiskers alone, so that it crosses no name.
    nothing = [{"x": 0.0, "y": r["y"] - 8, "end": r["y"] + 8} for r in rows]
    of = "kept a year after tax, at home's prices" if answer["basis"] == "kept" else "a year before tax"
    under = f"paylens, release {answer['release']}, {answer['as_of']}; {answer['currency']} {of}; lines: 90 % intervals"

    def text(field: str, align: str, at: int, colour: str) -> dict[str, Any]:
        mark = {"type": "text", "align": align, "baseline": "middle", "fontSize": 12, "color": colour}
        return {
            "data": {"values": rows},
            "mark": mark,
            "encoding": {"x": {"value": at}, "y": y | {"field": "text_y"}, "text": {"field": field}},
        }

    return base(title, textwrap.wrap(under, _LINE)) | {
        "width": width, "height": bottom, "data": {"values": rows},
        "layer": [
            {"data": {"values": nothing}, "mark": {"type": "rule", "color": QUIET, "strokeDash": [2, 3]}, "encoding": {"x": x | {"field": "x"}, "y": y, "y2": {"field": "end"}}},
            {"data": {"values": rows}, "mark": {"type": "rule", "strokeWidth": 2}, "encoding": {"y": y, "x": x | {"field": "low"}, "x2": {"field": "high"}, "color": ink}},
            {"data": {"values": rows}, "mark": {"type": "point", "filled": True, "size": 90, "opacity": 1}, "encoding": {"y": y, "x": x | {"field": "middle"}, "color": ink}},
            text("name", "left", 0, INK), text("said", "right", width, QUIET),
        ],
    }  # fmt: skip


def _thousands(amount: float) -> str:
    return f"{amount / 1000:,.1f}k"


def fan(
    answer: Answer, title: str, *, money: Callable[[float], str] | None = None, width: int = 620
) -> dict[str, Any]:
    """The years ahead: bands for 8 in 10 and for half, a line at the middle, in each year's money.

    A second plan is a dashed line with its 8 in 10 between thin ones. `money` writes the last year's amounts.
    """
    path = answer["path"]
    plans = [(path["plan"]["label"], path["years"], ACCENT)]
    other = path.get("against")
    if other:
        plans.append((other["plan"]["label"], other["years"], SECOND))
    last = plans[0][1][-1]["month"]
    x = {
        "field": "month", "type": "ordinal",
        "axis": {"title": None, "labelAngle": 0, "labelExpr": "slice(datum.label, 0, 4)", "labelOverlap": "greedy"},
    }  # fmt: skip
    ends = [v for _, years, _ in plans for r in years for v in (r["p10"], r["p90"])]
    y = {
        "type": "quantitative", "scale": {"zero": False, "nice": True, "domain": [0.9 * min(ends), max(ends)]},
        "axis": {"title": None, "format": "~s", "tickCount": 5},
    }  # fmt: skip

    def band(
        years: Sequence[Mapping[str, Any]], low: str, high: str, colour: str, opacity: float
    ) -> dict[str, Any]:
        return {
            "data": {"values": _rows(years)}, "mark": {"type": "area", "color": colour, "opacity": opacity},
            "encoding": {"x": x, "y": y | {"field": low}, "y2": {"field": high}},
        }  # fmt: skip

    def line(years: Sequence[Mapping[str, Any]], field: str, colour: str, **mark: Any) -> dict[str, Any]:
        drawn = {"type": "line", "color": colour, **mark}
        return {
            "data": {"values": _rows(years)},
            "mark": drawn,
            "encoding": {"x": x, "y": y | {"field": field}},
        }

    _, mine, _ = plans[0]
    layers = [
        band(mine, "p10", "p90", ACCENT, 0.16), band(mine, "p25", "p75", ACCENT, 0.28),
        line(mine, "p50", ACCENT, strokeWidth=2.5, point={"color": ACCENT, "size": 30}),
    ]  # fmt: skip
    if other:
        layers += [
            line(other["years"], "p50", SECOND, strokeWidth=2.5, strokeDash=[6, 4]),
            *(line(other["years"], p, SECOND, strokeWidth=1, strokeDash=[2, 3]) for p in ("p10", "p90")),
        ]
    if money is not None:
        above = max(range(len(plans)), key=lambda i: plans[i][1][-1]["p50"])
        layers += [
            _at_end(years, last, money, colour, x, y, up=i == above)
            for i, (_, years, colour) in enumerate(plans)
        ]
    under = f"paylens, release {answer['release']}; {answer['currency']} a year before tax; wide: 8 in 10, narrow: half; wages by {path['growth']['index']}"
    return base(title, textwrap.wrap(under, _LINE)) | {
        "width": width - 56, "height": 260, "data": {"values": _rows(mine)}, "layer": layers,
    }  # fmt: skip


def _rows(years: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{k: r[k] for k in ("month", "p10", "p25", "p50", "p75", "p90")} for r in years]


def _at_end(
    years: Sequence[Mapping[str, Any]], month: str, money: Callable[[float], str], colour: str, x: Any, y: Any, *, up: bool
) -> dict[str, Any]:  # fmt: skip
    """The middle of the last year, written beside its point."""
    row = {"month": month, "p50": years[-1]["p50"], "said": money(years[-1]["p50"])}
    mark = {
        "type": "text",
        "align": "right",
        "dx": -4,
        "dy": -12 if up else 14,
        "fontSize": 12,
        "fontWeight": "bold",
        "color": colour,
    }
    return {
        "data": {"values": [row]},
        "mark": mark,
        "encoding": {"x": x, "y": y | {"field": "p50"}, "text": {"field": "said"}},
    }
