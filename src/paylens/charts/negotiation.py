"""A negotiation drawn: the employer's likely band, and the figures to hold on to, on one axis of base pay."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from paylens.charts.frame import ACCENT, INK, PALE, QUIET, SECOND, Answer, base
from paylens.contract.errors import PaylensError

__all__ = ["negotiation"]

_LETTER, _BOLD = 7.0, 8.4
_LINE, _FOOT = 36, 46
_COLOURS: Final = {"ask": ACCENT, "be content": ACCENT, "offer": INK, "walk away": SECOND}


def negotiation(
    answer: Answer,
    title: str,
    *,
    money: Callable[[float], str],
    exact: Callable[[float], str] | None = None,
    width: int = 620,
) -> dict[str, Any]:
    """One axis of base pay: the band, and over it the offer, the ask, the target and the walk-away; those of one amount share a mark.

    `money` writes what was estimated, `exact` what the letter says, the offer itself. PaylensError where all of them are the same.
    """
    band = answer["band"]
    named = [
        ("walk away", answer["walk_away"]["base"]), ("offer", answer["offer"]["base"]), ("be content", answer["target"]["base"]),
        ("ask", answer["ask"]["base"]),
    ]  # fmt: skip
    amounts = [a for _, a in named] + [band["low"], band["high"]]
    span = max(amounts) - min(amounts)
    if span <= 0:
        raise PaylensError("nothing to draw: all figures are the same")
    ends = (min(amounts) - 0.03 * span, max(amounts) + 0.03 * span)
    marks = _placed(
        [
            (name, amount, (exact or money)(amount) if name == "offer" else money(amount))
            for name, amount in named
        ],
        ends,
        width,
    )
    axis = _LINE * (1 + max(m["row"] for m in marks)) + 10
    for m in marks:
        m["y"], m["name_y"], m["amount_y"], m["top"] = (
            axis,
            _LINE * m["row"] + 8,
            _LINE * m["row"] + 24,
            _LINE * m["row"],
        )
    x = {
        "field": "x",
        "type": "quantitative",
        "scale": {"domain": list(ends), "nice": False, "zero": False},
        "axis": None,
    }
    y = {"field": "y", "type": "quantitative", "scale": None, "axis": None}
    colour = {"field": "colour", "type": "nominal", "scale": None}
    shade = {"x": band["low"], "end": band["high"], "y": axis, "over": axis - 9, "under": axis + 9}
    said = {"x": _inside(band["low"], ends, width, f"likely band {money(band['low'])}–{money(band['high'])}"), "y": axis + 24,
            "said": f"likely band {money(band['low'])}–{money(band['high'])}"}  # fmt: skip
    return base(title, ["base a year before tax"]) | {
        "width": width, "height": axis + _FOOT,
        "layer": [
            {"data": {"values": [shade]}, "mark": {"type": "rect", "color": PALE, "opacity": 0.45},
             "encoding": {"x": x, "x2": {"field": "end"}, "y": y | {"field": "over"}, "y2": {"field": "under"}}},
            {"data": {"values": [shade]}, "mark": {"type": "rule", "color": QUIET}, "encoding": {"y": y, "x": {"value": 0}, "x2": {"value": width}}},
            {"data": {"values": marks}, "mark": {"type": "rule", "strokeWidth": 1.5}, "encoding": {"x": x, "y": y, "y2": {"field": "top"}, "color": colour}},
            {"data": {"values": marks}, "mark": {"type": "point", "filled": True, "size": 110, "opacity": 1}, "encoding": {"x": x, "y": y, "color": colour}},
            *(_label(m, "amount", 13, "bold") for m in marks), *(_label(m, "name", 12, "normal") for m in marks),
            {"data": {"values": [said]}, "mark": {"type": "text", "align": "left", "baseline": "middle", "fontSize": 12, "color": QUIET},
             "encoding": {"x": {"field": "x", "type": "quantitative", "scale": None, "axis": None}, "y": y, "text": {"field": "said"}}},
        ],
    }  # fmt: skip


def _placed(
    named: Sequence[tuple[str, float, str]], ends: tuple[float, float], width: int
) -> list[dict[str, Any]]:
    """The marks with their labels left or right of their lines, so that no line crosses a label, in the fewest rows."""
    merged: dict[str, dict[str, Any]] = {}
    for name, amount, said in sorted(named, key=lambda one: one[1]):
        mark = merged.setdefault(said, {"x": amount, "amount": said, "names": [], "colour": _COLOURS[name]})
        mark["names"].append(name)
    marks = []
    for mark in merged.values():
        name = ", ".join(mark.pop("names"))
        at = width * (mark["x"] - ends[0]) / (ends[1] - ends[0])
        marks.append(
            {
                **mark,
                "name": name,
                "at": at,
                "long": max(_LETTER * len(name), _BOLD * len(mark["amount"])) + 12,
            }
        )
    best: tuple[int, list[dict[str, Any]]] | None = None
    for sides in itertools.product((False, True), repeat=len(marks)):
        found = [_beside(m, left) for m, left in zip(marks, sides, strict=True)]
        if all(m["from"] >= 0 and m["to"] <= width for m in found) and _in_rows(found):
            rows = 1 + max(m["row"] for m in found)
            if best is None or rows < best[0]:
                best = rows, found
    if best is None:
        raise PaylensError("nothing to draw: the figures lie too close together")
    return best[1]


def _beside(mark: Mapping[str, Any], left: bool) -> dict[str, Any]:
    at, long = mark["at"], mark["long"]
    start, end = (at - long, at - 2) if left else (at + 2, at + long)
    return {
        **mark,
        "from": start,
        "to": end,
        "text_x": at - 8 if left else at + 8,
        "align": "right" if left else "left",
    }


def _in_rows(marks: list[dict[str, Any]]) -> bool:
    """Give each mark the highest row in which its line, which goes down from there, crosses no label; False where there is none."""
    waiting = list(range(len(marks)))
    done: list[dict[str, Any]] = []
    while waiting:
        # A line that passes where another's label stands begins under that label.
        free = [
            i
            for i in waiting
            if not any(marks[j]["from"] <= marks[i]["at"] <= marks[j]["to"] for j in waiting if j != i)
        ]
        if not free:
            return False
        mine = marks[free[0]]
        over = [
            m["row"]
            for m in done
            if m["from"] <= mine["at"] <= m["to"] or (m["from"] < mine["to"] and mine["from"] < m["to"])
        ]
        mine["row"] = max(over, default=-1) + 1
        done.append(mine)
        waiting.remove(free[0])
    return True


def _inside(amount: float, ends: tuple[float, float], width: int, said: str) -> float:
    """Where a text that begins under an amount begins, so that it ends inside."""
    return max(0.0, min(width * (amount - ends[0]) / (ends[1] - ends[0]), width - _LETTER * len(said)))


def _label(mark: Mapping[str, Any], field: str, size: int, weight: str) -> dict[str, Any]:
    return {
        "data": {"values": [mark]},
        "mark": {"type": "text", "align": mark["align"], "baseline": "middle", "fontSize": size, "fontWeight": weight, "color": INK if field == "amount" else QUIET},
        "encoding": {
            "x": {"field": "text_x", "type": "quantitative", "scale": None, "axis": None}, "y": {"field": f"{field}_y", "type": "quantitative", "scale": None, "axis": None},
            "text": {"field": field},
        },
    }  # fmt: skip
