"""One person's answer drawn: the density of pay, and the way from the market's level to theirs."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

from paylens.charts.frame import ACCENT, INK, PALE, PAPER, QUIET, SECOND, Answer, base, clipped
from paylens.contract.errors import PaylensError

__all__ = ["estimate", "waterfall"]

_TAILS = (0.02, 0.96)
_STEPS, _REACH = 160, 17
_LEAST_SPREAD = 1e-3
_HEIGHT, _LETTER, _GAP = 190, 6.6, 10
_ROW, _BAR = 42, 10
_ROOM = 1.15  # how far beyond the drawn range one's own pay may stretch the axis
_UNCLEAR = ("no clear", "no reliable")
Numbers = npt.NDArray[np.float64]
Money = Callable[[float], str]


def estimate(
    answer: Answer, title: str, *, money: Money | None = None, width: int = 620, mine: float | None = None
) -> dict[str, Any]:
    """The density of an estimate over money, its half shaded, its five percentiles marked; `title` is its first line.

    `money` writes an amount (by default in whole thousands), `mine` is one's own pay, drawn as a line. Between the 19 levels
    log pay is straight in the normal score, as in the terminal's drawing; what is left of the steps between levels is
    smoothed away. `usermeta` has the ends of the axis in money and its length in pixels.
    """
    money = money or _thousands
    pay, density = _density(answer["quantiles"])
    p = answer["percentiles"]
    curve = [
        {"pay": x, "density": y, "half": p["p25"] <= x <= p["p75"]}
        for x, y in zip(pay.tolist(), density.tolist(), strict=True)
    ]
    low, high = float(pay[0]), float(pay[-1])
    if mine is not None:
        low, high = max(min(low, mine), low / _ROOM), min(max(high, mine), high * _ROOM)
    x = {"field": "pay", "type": "quantitative", "axis": None, "scale": {"domain": [low, high], "nice": False, "zero": False}}  # fmt: skip
    y = {
        "field": "density",
        "type": "quantitative",
        "axis": None,
        "scale": {"domain": [0, float(density.max()) * 1.12]},
    }
    area = {"type": "area", "interpolate": "monotone", "line": {"color": ACCENT, "strokeWidth": 2}, "opacity": 0.16, "color": ACCENT}  # fmt: skip
    half = {**area, "opacity": 0.32, "line": False}
    marks = _marks(p, curve, money, low, high, width)
    layers = [
        {"data": {"values": curve}, "mark": area, "encoding": {"x": x, "y": y}},
        {"data": {"values": curve}, "transform": [{"filter": "datum.half"}], "mark": half, "encoding": {"x": x, "y": y}},
        *_marked(marks, x, y),
        *([] if mine is None else _mine(min(max(mine, low), high), money(mine), x, (low, high), width)),
    ]  # fmt: skip
    under = [
        f"paylens, release {answer['release']}, {answer['as_of']}; modelled, {answer['pay']}; {answer['currency']} a {answer['period']} before tax"
    ]
    return base(title, under) | {
        "width": width, "height": _HEIGHT, "layer": layers, "usermeta": {"low": low, "high": high, "width": width},
    }  # fmt: skip


def _thousands(amount: float) -> str:
    return f"{amount / 1000:,.0f}k"


def _marks(
    p: Mapping[str, float], curve: list[dict[str, Any]], money: Money, low: float, high: float, width: int
) -> list[dict[str, Any]]:
    """The percentiles with their amounts, those that would touch their neighbour a line lower."""
    pays, heights = [c["pay"] for c in curve], [c["density"] for c in curve]
    out: list[dict[str, Any]] = []
    for name, amount in p.items():
        text = money(amount)
        middle = width * (amount - low) / (high - low)
        half = _LETTER * max(len(text), len(name)) / 2
        row = next(
            r for r in range(len(p)) if all(m["end"] + _GAP <= middle - half for m in out if m["row"] == r)
        )
        out.append({
            "pay": amount, "density": float(np.interp(amount, pays, heights)), "name": name, "amount": text, "row": row,
            "end": middle + half, "at": _HEIGHT + 18 + 34 * row, "below": _HEIGHT + 32 + 34 * row,
        })  # fmt: skip
    return out


def _marked(marks: list[dict[str, Any]], x: dict[str, Any], y: dict[str, Any]) -> list[dict[str, Any]]:
    """A rule up to the curve for each percentile, the base line, and amounts with their names under it."""
    of_middle = {"test": "datum.name == 'p50'"}

    def text(
        field: str, at: str, size: int, colour: str, weight: str, names: tuple[str, ...]
    ) -> dict[str, Any]:
        return {
            "data": {"values": [m for m in marks if m["name"] in names]}, "mark": {"type": "text", "fontSize": size, "fontWeight": weight, "color": colour},
            "encoding": {"x": x, "y": {"field": at, "type": "quantitative", "scale": None}, "text": {"field": field}},
        }  # fmt: skip

    return [
        {"data": {"values": marks}, "mark": {"type": "rule", "color": INK},
         "encoding": {"x": x, "y": y, "y2": {"datum": 0},
                      "strokeWidth": {"condition": of_middle | {"value": 2}, "value": 1},
                      "opacity": {"condition": of_middle | {"value": 1}, "value": 0.55}}},
        {"data": {"values": [{}]}, "mark": {"type": "rule", "color": PALE}, "encoding": {"y": {"datum": 0}, "x": {"value": 0}, "x2": {"value": "width"}}},
        text("amount", "at", 13, INK, "normal", ("p10", "p25", "p75", "p90")), text("amount", "at", 13, INK, "bold", ("p50",)),
        text("name", "below", 11, QUIET, "normal", tuple(m["name"] for m in marks)),
    ]  # fmt: skip


def _mine(
    at: float, said: str, x: dict[str, Any], ends: tuple[float, float], width: int
) -> list[dict[str, Any]]:
    """One's own pay: a line with a handle and its amount, on the side where there is room."""
    right = width * (at - ends[0]) / (ends[1] - ends[0]) + _LETTER * (len(said) + 6) > width
    side = {"align": "right", "dx": -10} if right else {"align": "left", "dx": 10}
    here = {"values": [{"pay": at, "said": f"you, {said}"}]}
    return [
        {"name": "mine_line", "data": here, "mark": {"type": "rule", "color": SECOND, "strokeWidth": 2}, "encoding": {"x": x}},
        {"name": "mine_dot", "data": here, "mark": {"type": "point", "filled": True, "size": 150, "color": SECOND, "opacity": 1}, "encoding": {"x": x, "y": {"value": 6}}},
        {"name": "mine_text", "data": here, "mark": {"type": "text", **side, "dy": 1, "color": SECOND, "fontSize": 13, "fontWeight": "bold"},
         "encoding": {"x": x, "y": {"value": 6}, "text": {"field": "said"}}},
    ]  # fmt: skip


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


def waterfall(
    answer: Answer, title: str, *, money: Money | None = None, width: int = 620, named: Mapping[str, str] | None = None
) -> dict[str, Any]:  # fmt: skip
    """From the market's level to one's own: a bar for each factor, with its 90 % interval as a whisker.

    Money is on a log scale, on which equal factors are equally long. `named` has the words for factors' names. PaylensError
    where the answer has no baseline.
    """
    if not answer.get("baseline"):
        raise PaylensError("nothing to draw: this answer has no factors")
    money = money or _thousands
    rows = _steps(answer, money, named or {}, width)
    ends = [v for r in rows for v in (r["low"], r["high"], r["start"], r["end"]) if v is not None]
    # A handful of points of room, so that no whisker touches the edge.
    low, high = min(ends) / 1.03, max(ends) * 1.03
    scale = {"type": "log", "domain": [low, high], "nice": False}
    x = {"type": "quantitative", "scale": scale, "axis": None}
    y = {"field": "y", "type": "quantitative", "scale": None, "axis": None}
    colour = {"field": "colour", "type": "nominal", "scale": None, "legend": None}

    def text(field: str, at: int, align: str, ink: str) -> list[dict[str, Any]]:
        encoding = {"x": {"value": at}, "y": y, "text": {"field": field}}
        out = []
        for weight, where in (("normal", "datum.kind == 'step'"), ("bold", "datum.kind != 'step'")):
            mark = {
                "type": "text",
                "align": align,
                "fontSize": 13,
                "fontWeight": weight,
                "dy": -14,
                "color": ink,
            }
            # Under the letters their own paper, so that no line runs through them.
            behind = mark | {"stroke": PAPER, "strokeWidth": 5, "strokeJoin": "round", "color": PAPER}
            out += [
                {"mark": m, "encoding": encoding, "transform": [{"filter": where}]} for m in (behind, mark)
            ]
        return out

    def rule(low: str, high: str, thick: int, opacity: float, where: str) -> dict[str, Any]:
        return {
            "transform": [{"filter": where}], "mark": {"type": "rule", "strokeWidth": thick, "opacity": opacity},
            "encoding": {"x": x | {"field": low}, "x2": {"field": high}, "y": y, "color": colour},
        }  # fmt: skip

    dot = {
        "transform": [{"filter": "datum.kind != 'step'"}], "mark": {"type": "point", "filled": True, "size": 110, "opacity": 1},
        "encoding": {"x": x | {"field": "end"}, "y": y, "color": colour},
    }  # fmt: skip
    tick = {
        "transform": [{"filter": "datum.kind == 'step'"}], "mark": {"type": "tick", "orient": "vertical", "size": _BAR + 6, "thickness": 2, "opacity": 1},
        "encoding": {"x": x | {"field": "end"}, "y": y, "color": colour},
    }  # fmt: skip
    link = {
        "mark": {"type": "rule", "color": PALE, "strokeDash": [2, 3]},
        "encoding": {
            "x": x | {"field": "end"},
            "y": y,
            "y2": {"field": "next"},
        },
        "transform": [{"filter": "datum.next != null"}],
    }
    under = [f"paylens, release {answer['release']}, {answer['as_of']}; whiskers: 90 % intervals"]
    return base(title, under) | {
        "width": width, "height": _ROW * len(rows), "data": {"values": rows},
        "layer": [
            link, rule("low", "high", 1, 0.9, "datum.kind == 'step'"), rule("start", "end", _BAR, 0.55, "datum.kind == 'step'"), tick, dot,
            *text("name", 0, "left", INK), *text("said", width, "right", QUIET),
        ],
    }  # fmt: skip


def _steps(answer: Answer, money: Money, named: Mapping[str, str], width: int) -> list[dict[str, Any]]:
    """A row each for the market's level, the factors and the end, with where it begins and ends on the scale."""
    letters = int(width / _LETTER)
    at = answer["baseline"]["p50"]
    rows = [
        _step("start", answer["baseline"]["what"], money(at), at, at, colour=QUIET),
    ]
    for f in answer["factors"]:
        after = at * f["multiplier"]
        unclear = str(f.get("note") or "").startswith(_UNCLEAR)
        said = "no clear difference" if unclear else f"× {f['multiplier']:.2f}"
        change = math.log(f["multiplier"])
        colour = QUIET if unclear or not change else ACCENT if change > 0 else SECOND
        name = named.get(f["factor"], f["factor"].replace("_", " "))
        row = _step(
            "step", f"{name}: {f['given']}", said, at, after, at * f["low"], at * f["high"], colour=colour
        )
        rows.append(row)
        at = after
    end = answer["percentiles"]["p50"]
    rows.append(_step("end", "The middle for you", money(end), end, end, colour=INK))
    for i, row in enumerate(rows):
        row["y"] = _ROW * i + 28
        row["next"] = _ROW * (i + 1) + 28 if i + 1 < len(rows) else None
        row["name"] = clipped(row["name"], letters - len(row["said"]) - (3 if row["kind"] == "step" else 7))
    return rows


def _step(
    kind: str, name: str, said: str, start: float, end: float, low: float | None = None, high: float | None = None,
    *, colour: str,
) -> dict[str, Any]:  # fmt: skip
    return {
        "kind": kind, "name": name, "said": said, "start": start, "end": end, "low": low, "high": high, "colour": colour,
    }  # fmt: skip
