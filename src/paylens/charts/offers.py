"""Offers drawn: their years as stacked bars, the difference as dots of futures, and what would change it as a tornado."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from paylens.charts.frame import ACCENT, INK, LINE, PALE, PAPER, QUIET, SECOND, Answer, base, clipped
from paylens.contract.errors import PaylensError

__all__ = ["difference", "tornado", "years"]

Money = Callable[[float], str]
_LETTER: Final = 6.6
_HEAD, _ROW, _BAR, _BETWEEN = 30, 26, 14, 14
_PARTS: Final = (("cash", ACCENT, 1.0), ("sure", ACCENT, 0.5), ("paper", ACCENT, 0.22))
_WORDS: Final = {"cash": "cash", "sure": "in kind, sure", "paper": "shares, middle future"}
_DOT, _LEAST_COLUMNS, _MOST_COLUMNS = 15, 12, 24
_TORNADO_ROW, _MOST_CHANGES, _NARROW = 48, 8, 400


def _thousands(amount: float) -> str:
    return f"{amount / 1000:,.0f}k"


def _text(field: str, align: str, x: Any, y: Any, colour: str = INK, **mark: Any) -> dict[str, Any]:
    """A layer of text at a place, in the size of all charts."""
    return {
        "mark": {"type": "text", "align": align, "baseline": "middle", "fontSize": 12, "color": colour, **mark},
        "encoding": {"x": x, "y": y, "text": {"field": field}},
    }  # fmt: skip


def years(answer: Answer, title: str, *, money: Money | None = None, width: int = 620) -> dict[str, Any]:
    """A bar for each year of each offer on one scale: cash, what comes in kind, shares in their middle future, before tax.

    The tick is the year's middle, after tax where the answer is, with a line from p10 to p90; its amount stands at the end.
    """
    money = money or _thousands
    bars, marks, heads, at = [], [], [], float(_HEAD) / 2
    for o in answer["offers"]:
        heads.append({"said": clipped(_called(o), int(width / _LETTER)), "y": at})
        at += _HEAD / 2 + _ROW / 2
        for y in o["years"]:
            start = 0.0
            for (part, colour, opacity), amount in zip(
                _PARTS, (y["cash"], y["sure"], y["paper"]["p50"]), strict=True
            ):
                end = start + max(amount, 0.0)
                if end > start:
                    bars.append(
                        {
                            "y": at,
                            "start": start,
                            "end": end,
                            "colour": colour,
                            "opacity": opacity,
                            "part": part,
                        }
                    )
                start = end
            t = y["total"]
            marks.append(
                {
                    "y": at,
                    "year": f"year {y['year']}",
                    "low": t["p10"],
                    "mid": t["p50"],
                    "high": t["p90"],
                    "said": money(t["p50"]),
                }
            )
            at += _ROW
        at += _BETWEEN
    left, right = 52, int(_LETTER * max(len(m["said"]) for m in marks)) + 14
    inner = width - left - right
    top = max([b["end"] for b in bars] + [m["high"] for m in marks])
    x = {"type": "quantitative", "scale": {"domain": [min(0.0, *(m["low"] for m in marks)), top], "range": [left, left + inner], "nice": False}, "axis": None}  # fmt: skip
    y = {"field": "y", "type": "quantitative", "scale": None, "axis": None}
    used = [p for p in _PARTS if any(b["part"] == p[0] for b in bars)]
    legend = _legend(used, at, width)
    after = "after tax" if answer["basis"] == "net" else "in all"
    return base(title, [f"paylens, release {answer['release']}, {answer['as_of']}; bars before tax, tick {after}"]) | {
        "width": width, "height": at + 18 * (1 + legend[-1]["row"]),
        "layer": [
            {"data": {"values": bars}, "mark": {"type": "bar", "height": _BAR, "binSpacing": 0},
             "encoding": {"x": x | {"field": "start"}, "x2": {"field": "end"}, "y": y, "color": {"field": "colour", "type": "nominal", "scale": None},
                          "opacity": {"field": "opacity", "type": "quantitative", "scale": None, "legend": None}}},
            # A pale edge keeps the line and its tick apart from a bar of any tone.
            {"data": {"values": marks}, "mark": {"type": "rule", "color": PAPER, "strokeWidth": 4},
             "encoding": {"x": x | {"field": "low"}, "x2": {"field": "high"}, "y": y}},
            {"data": {"values": marks}, "mark": {"type": "rule", "color": INK, "strokeWidth": 1.5},
             "encoding": {"x": x | {"field": "low"}, "x2": {"field": "high"}, "y": y}},
            {"data": {"values": marks}, "mark": {"type": "tick", "orient": "vertical", "size": _BAR + 6, "thickness": 5, "color": PAPER, "opacity": 1},
             "encoding": {"x": x | {"field": "mid"}, "y": y}},
            {"data": {"values": marks}, "mark": {"type": "tick", "orient": "vertical", "size": _BAR + 6, "thickness": 2, "color": INK, "opacity": 1},
             "encoding": {"x": x | {"field": "mid"}, "y": y}},
            {"data": {"values": marks}, **_text("year", "left", {"value": 0}, y, QUIET)},
            {"data": {"values": marks}, **_text("said", "right", {"value": width}, y)},
            {"data": {"values": heads}, **_text("said", "left", {"value": 0}, y, fontWeight="bold", fontSize=13)},
            *_drawn_legend(legend),
        ],
    }  # fmt: skip


def _called(offer: Mapping[str, Any]) -> str:
    where = offer["location"]
    return f"{offer['name']}, {where}" if where else str(offer["name"])


def _legend(used: Sequence[tuple[str, str, float]], at: float, width: int) -> list[dict[str, Any]]:
    """The parts' names beside a square of their tone, in lines as wide as the drawing."""
    out: list[dict[str, Any]] = []
    x, row = 0.0, 0
    for part, colour, opacity in used:
        long = 20 + _LETTER * len(_WORDS[part]) + 16
        if x and x + long > width:
            x, row = 0.0, row + 1
        out.append(
            {
                "x": x + 5,
                "text_x": x + 18,
                "y": at + 4 + 18 * row,
                "row": row,
                "said": _WORDS[part],
                "colour": colour,
                "opacity": opacity,
            }
        )
        x += long
    return out


def _drawn_legend(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    x = {"field": "x", "type": "quantitative", "scale": None, "axis": None}
    y = {"field": "y", "type": "quantitative", "scale": None, "axis": None}
    return [
        {"data": {"values": rows}, "mark": {"type": "point", "shape": "square", "filled": True, "size": 110},
         "encoding": {"x": x, "y": y, "color": {"field": "colour", "type": "nominal", "scale": None},
                      "opacity": {"field": "opacity", "type": "quantitative", "scale": None, "legend": None}}},
        {"data": {"values": rows}, **_text("said", "left", x | {"field": "text_x"}, y, QUIET)},
    ]  # fmt: skip


def difference(
    comparison: Answer, title: str, *, money: Money | None = None, width: int = 620
) -> dict[str, Any]:
    """How far the first offer is ahead, as 19 dots, each about 5 of 100 futures: on the right of nought it leads.

    Dots of near amounts are stacked. PaylensError where every future gives the same difference.
    """
    money = money or _thousands
    values = list(comparison["quantiles"].values())
    low, high = min(0.0, *values), max(0.0, *values)
    if values[-1] - values[0] <= 1e-6 * max(abs(low), abs(high), 1.0):
        raise PaylensError("nothing to draw: the difference is the same in every future")
    dots, floor, ends = _stacked(values, low, high, width)
    x = {"field": "x", "type": "quantitative", "scale": {"domain": ends, "nice": False}, "axis": None}
    y = {"field": "y", "type": "quantitative", "scale": None, "axis": None}
    d = comparison["difference"]
    marks = _marks(
        [("1 in 10 lower", d["p10"]), ("middle", d["p50"]), ("1 in 10 higher", d["p90"])],
        money,
        ends,
        width,
        floor,
    )
    rows = 1 + max(m["row"] for m in marks)
    return base(title, ["each dot is about 5 of 100 futures"]) | {
        "width": width, "height": floor + 8 + 34 * rows,
        "layer": [
            {"data": {"values": [{"x": 0, "y": 26, "end": floor}]}, "mark": {"type": "rule", "color": INK, "strokeDash": [3, 3]}, "encoding": {"x": x, "y": y, "y2": {"field": "end"}}},
            {"data": {"values": [{"y": floor}]}, "mark": {"type": "rule", "color": PALE}, "encoding": {"y": y, "x": {"value": 0}, "x2": {"value": width}}},
            {"data": {"values": dots}, "mark": {"type": "point", "filled": True, "size": 130, "opacity": 1},
             "encoding": {"x": x, "y": y, "color": {"field": "colour", "type": "nominal", "scale": None}}},
            *_sides(comparison, width * -ends[0] / (ends[1] - ends[0]), width),
            {"data": {"values": marks}, "mark": {"type": "tick", "orient": "vertical", "size": 8, "thickness": 2, "color": INK},
             "encoding": {"x": x, "y": y}},
            *(layer for m in marks for layer in _labels(m)),
        ],
    }  # fmt: skip


def _stacked(
    values: Sequence[float], low: float, high: float, width: int
) -> tuple[list[dict[str, Any]], int, list[float]]:
    """The dots in columns, the line that they stand on in pixels, and the ends of the axis."""
    columns = min(max(width // 20, _LEAST_COLUMNS), _MOST_COLUMNS)
    step = (high - low) / (columns - 2)
    stacks: dict[int, int] = {}
    dots: list[dict[str, Any]] = []
    for v in values:
        # Nought is an edge between columns, so that no column has dots of both sides.
        column = int(v // step)
        stacks[column] = stacks.get(column, 0) + 1
        dots.append({"x": (column + 0.5) * step, "n": stacks[column], "colour": ACCENT if v > 0 else SECOND})
    floor = 32 + _DOT * max(*stacks.values(), 5)
    return [d | {"y": floor - 9 - _DOT * (d["n"] - 1)} for d in dots], floor, [low - step, high + step]


def _sides(comparison: Answer, zero: float, width: int) -> list[dict[str, Any]]:
    """On each side of nought who leads there; the second offer is not named where it never does and there is no room."""
    x = {"field": "x", "type": "quantitative", "scale": None, "axis": None}
    y = {"field": "y", "type": "quantitative", "scale": None, "axis": None}
    first = {"x": width, "y": 10, "said": f"{clipped(comparison['a'], width // 18)} ahead →"}
    second = {"x": 0, "y": 10, "said": f"← {clipped(comparison['b'], width // 18)} ahead"}
    out = [{"data": {"values": [first]}, **_text("said", "right", x, y, ACCENT, fontWeight="bold")}]
    if comparison["chance"] < 1 or _LETTER * len(str(second["said"])) < zero:
        out.append({"data": {"values": [second]}, **_text("said", "left", x, y, SECOND, fontWeight="bold")})
    return out


def _labels(mark: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A mark's amount and name under the axis."""
    weight = "bold" if mark["name"] == "middle" else "normal"
    x = {"field": "text_x", "type": "quantitative", "scale": None, "axis": None}
    y = {"type": "quantitative", "scale": None, "axis": None}
    data = {"data": {"values": [mark]}}
    return [
        data
        | _text("amount", mark["align"], x, y | {"field": "amount_y"}, INK, fontSize=13, fontWeight=weight),
        data | _text("name", mark["align"], x, y | {"field": "name_y"}, QUIET, fontSize=11),
    ]


def _marks(
    named: Sequence[tuple[str, float]], money: Money, ends: Sequence[float], width: int, floor: float
) -> list[dict[str, Any]]:
    """Amounts under an axis with their names, those that would touch a neighbour a line lower, none beyond the edges."""
    out: list[dict[str, Any]] = []
    for name, amount in named:
        said = money(amount)
        x = width * (amount - ends[0]) / (ends[1] - ends[0])
        half = _LETTER * max(len(said), len(name)) / 2
        align = "left" if x < half else "right" if x > width - half else "center"
        start, end = (
            (x, x + 2 * half)
            if align == "left"
            else (x - 2 * half, x)
            if align == "right"
            else (x - half, x + half)
        )
        row = next(
            r
            for r in range(len(named))
            if all(end + 8 <= m["from"] or start >= m["to"] + 8 for m in out if m["row"] == r)
        )
        out.append({
            "x": amount, "text_x": x, "y": floor, "name": name, "amount": said, "row": row, "align": align, "from": start, "to": end,
            "amount_y": floor + 16 + 34 * row, "name_y": floor + 31 + 34 * row,
        })  # fmt: skip
    return out


def tornado(answer: Answer, title: str, *, money: Money | None = None, width: int = 620) -> dict[str, Any]:
    """What would change the difference: a bar from its low to its high case, the widest first; a full line where it stands now.

    A bar in the second colour turns the answer: the other offer would lead. PaylensError for a single offer.
    """
    money = money or _thousands
    changes = answer["changes"]
    if not changes or not changes["rows"]:
        raise PaylensError("nothing to draw: there is no other offer")
    middle = answer["comparisons"][0]["difference"]["p50"]
    letters, narrow = int(width / _LETTER), width < _NARROW
    # On a phone the amounts have a line of their own.
    step, line_of = (_TORNADO_ROW + 16, 16) if narrow else (_TORNADO_ROW, 0)
    rows = []
    for i, r in enumerate(changes["rows"][:_MOST_CHANGES]):
        cells = sorted((c for c in (r["low"], r["high"]) if c), key=lambda c: float(c["difference"]))
        values = sorted([c["difference"] for c in cells] + ([middle] if len(cells) == 1 else []))
        said = " to ".join(money(c["difference"]) for c in cells)
        of = f", {r['of']}" if r["of"] else ""
        given = " to ".join(c["given"] for c in cells)
        name = f"{r['what'][0].upper()}{r['what'][1:]}{of}: {given}"
        rows.append({
            "name": clipped(name, letters - (2 if narrow else len(said) + 2)), "said": said, "start": values[0], "end": values[-1], "colour": SECOND if r["turns"] else ACCENT,
            "y": step * i + 32 + line_of, "text_y": step * i + 14, "said_y": step * i + 14 + line_of,
        })  # fmt: skip
    ends = [v for r in rows for v in (r["start"], r["end"])] + [middle]
    pad = 0.02 * ((max(ends) - min(ends)) or 1.0)
    x = {"type": "quantitative", "scale": {"domain": [min(ends) - pad, max(ends) + pad], "nice": False, "zero": False}, "axis": None}  # fmt: skip
    y = {"field": "y", "type": "quantitative", "scale": None, "axis": None}
    bottom = step * len(rows)
    lines = [{"x": middle, "colour": INK, "dash": [1, 0]}] + (
        [{"x": 0.0, "colour": QUIET, "dash": [3, 3]}] if min(ends) < 0 < max(ends) else []
    )
    return base(title, [f"{changes['a']} less {changes['b']}, now {money(middle)}"]) | {
        "width": width, "height": bottom,
        "layer": [
            {"data": {"values": rows}, "mark": {"type": "rule", "color": LINE, "strokeWidth": 1}, "encoding": {"y": y, "x": {"value": 0}, "x2": {"value": width}}},
            {"data": {"values": rows}, "mark": {"type": "rule", "strokeWidth": 10, "opacity": 0.6},
             "encoding": {"x": x | {"field": "start"}, "x2": {"field": "end"}, "y": y, "color": {"field": "colour", "type": "nominal", "scale": None}}},
            *({"data": {"values": [{**line, "y": r["y"] - 8, "end": r["y"] + 8} for r in rows]}, "mark": {"type": "rule", "color": line["colour"], "strokeDash": line["dash"]},
               "encoding": {"x": x | {"field": "x"}, "y": y, "y2": {"field": "end"}}} for line in lines),
            {"data": {"values": rows}, **_text("name", "left", {"value": 0}, y | {"field": "text_y"})},
            {"data": {"values": rows}, **_text("said", "left" if narrow else "right", {"value": 0 if narrow else width}, y | {"field": "said_y"}, QUIET)},
        ],
    }  # fmt: skip
