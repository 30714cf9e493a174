"""A path drawn in letters: what was, then a fan of what may come, on one scale with now at 100."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from paylens.faces.cli.output import wide

__all__ = ["fan"]

_COLUMNS, _ROWS, _LABEL = 66, 13, 6
_MOST_BACK = 120
_BANDS = (("q025", "q975"), ("q10", "q90"), ("q25", "q75"))
Numbers = npt.NDArray[np.float64]
Rows = Sequence[Mapping[str, Any]]


def fan(history: Rows, years: Rows) -> list[str]:
    """Lines of the drawing: shades for 95, 80 and 50 in 100, a line for the middle, dots for what was."""
    now = _number(years[0]["month"])
    past = [r for r in history if now - _MOST_BACK <= _number(r["month"]) <= now]
    at = np.array([_number(r["month"]) for r in past] or [now], dtype=float)
    level = np.array([r["index"] for r in past] or [100.0], dtype=float)
    ahead = np.array([_number(r["month"]) for r in years], dtype=float)
    months = np.linspace(min(at[0], now), ahead[-1], _COLUMNS)
    paths = {
        q: np.array([r["index"][q] for r in years]) for q in (*(b for pair in _BANDS for b in pair), "p50")
    }
    low, high = min(level.min(), paths["q025"].min()), max(level.max(), paths["q975"].max())
    edges = np.linspace(low - 0.02 * (high - low), high + 0.02 * (high - low), _ROWS + 1)
    cells = [[" "] * _COLUMNS for _ in range(_ROWS)]
    shades = "░▒▓" if wide() else ".:%"
    line, dot, between = ("━", "●", "·") if wide() else ("=", "o", "'")
    for c, month in enumerate(months):
        if month > now:
            for shade, (below, above) in zip(shades, _BANDS, strict=True):
                first, last = (_row(edges, float(np.interp(month, ahead, paths[q]))) for q in (below, above))
                for r in range(first, last + 1):
                    cells[r][c] = shade
            cells[_row(edges, float(np.interp(month, ahead, paths["p50"])))][c] = line
        elif month >= at[0]:
            whole, seen = np.append(at, now), np.append(level, 100.0)
            cells[_row(edges, float(np.interp(month, whole, seen)))][c] = between
    for month, value in zip(at, level, strict=True):
        cells[_row(edges, float(value))][int(np.argmin(np.abs(months - month)))] = dot
    middle = (edges[1:] + edges[:-1]) / 2
    out = [f"{middle[r]:>{_LABEL}.0f} {''.join(cells[r]).rstrip()}" for r in range(_ROWS - 1, -1, -1)]
    return [*out, *_axis(months, now)]


def _number(month: str) -> int:
    return 12 * int(month[:4]) + int(month[5:]) - 1


def _row(edges: Numbers, value: float) -> int:
    return int(np.clip(np.searchsorted(edges, value) - 1, 0, _ROWS - 1))


def _axis(months: Numbers, now: int) -> list[str]:
    """Years under the columns where each begins, as many as fit, and where now is."""
    rule, mark, here = ("─", "┴", "┿") if wide() else ("-", "|", "+")
    axis, names = [rule] * _COLUMNS, ""
    for year in range(int(months[0]) // 12 + 1, int(months[-1]) // 12 + 1):
        c = int(np.argmin(np.abs(months - 12 * year)))
        axis[c] = mark
        if c >= len(names) + 1 and c + 4 <= _COLUMNS + 2:
            names = f"{names:<{c}}{year}"
    c = int(np.argmin(np.abs(months - now)))
    axis[c] = here
    under = f"{'':<{max(c - 1, 0)}}now"
    pad = " " * (_LABEL + 1)
    return [pad + "".join(axis), pad + names, pad + under]
