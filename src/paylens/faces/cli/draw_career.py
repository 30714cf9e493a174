"""Gains and the years ahead drawn in letters: a dot with its whisker, a fan of rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from paylens.faces.cli.output import wide

__all__ = ["fan_rows", "scale_of", "whisker"]

Scale = tuple[float, float, int]


def scale_of(values: Sequence[float], columns: int) -> Scale:
    """From the least to the most, and 0, on so many columns."""
    low, high = min([*values, 0.0]), max([*values, 0.0])
    return low, high if high > low else low + 1.0, columns


def _at(value: float, scale: Scale) -> int:
    low, high, columns = scale
    return max(0, min(columns - 1, round((columns - 1) * (value - low) / (high - low))))


def whisker(low: float, middle: float, high: float, scale: Scale, *, zero: bool = True) -> str:
    """One row: a line from low to high, a dot at the middle, a dotted line at 0 where nothing else stands."""
    line, dot, nought = ("─", "●", "┆") if wide() else ("-", "o", ":")
    drawn = [" "] * scale[2]
    if zero:
        drawn[_at(0.0, scale)] = nought
    for k in range(_at(low, scale), _at(high, scale) + 1):
        drawn[k] = line
    drawn[_at(middle, scale)] = dot
    return "".join(drawn)


def fan_rows(years: Sequence[Mapping[str, Any]], columns: int) -> list[str]:
    """A row a year on one scale: a thin line for 8 in 10, a thick one for half, a dot at the middle."""
    line, thick, dot = ("─", "━", "●") if wide() else ("-", "=", "o")
    scale = (0.0, max(y["p90"] for y in years), columns)
    out = []
    for y in years:
        drawn = [" "] * columns
        for mark, low, high in ((line, "p10", "p90"), (thick, "p25", "p75"), (dot, "p50", "p50")):
            for k in range(_at(y[low], scale), _at(y[high], scale) + 1):
                drawn[k] = mark
        out.append("".join(drawn))
    return out
