"""A distribution drawn in letters: density over an axis of money, with five percentiles marked under it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from paylens.faces.cli.output import WIDTH, money, wide

__all__ = ["distribution", "labels"]

_COLUMNS = 64
_ROWS = 5
_MARGIN = "  "
# The axis runs from the first of these shares of people to all but the second: pay has its long tail above.
_TAILS = (0.02, 0.04)
_MARKED = ("p10", "p25", "p50", "p75", "p90")
Numbers = npt.NDArray[np.float64]


def distribution(
    quantiles: Mapping[str, float], percentiles: Mapping[str, float], currency: str
) -> list[str]:
    """Lines of the drawing; `quantiles` by level ('0.05' to '0.95'), amounts in `currency`."""
    levels = np.array([float(level) for level in quantiles])
    amounts = np.array(list(quantiles.values()), dtype=float)
    edges = _edges(levels, amounts)
    bars = _bars(np.diff(_share_below(edges, levels, amounts)))
    marks = {name: _column(edges, percentiles[name]) for name in _MARKED}
    shown = {name: money(percentiles[name], currency) for name in _MARKED}
    below = labels(marks, {name: name for name in _MARKED}) + labels(marks, shown)
    return [_MARGIN + line for line in [*bars, _axis(marks), *below]]


def _normal_scores(levels: Numbers) -> Numbers:
    return np.array([NormalDist().inv_cdf(float(level)) for level in levels])


def _ends() -> tuple[float, float]:
    return NormalDist().inv_cdf(_TAILS[0]), NormalDist().inv_cdf(1 - _TAILS[1])


def _edges(levels: Numbers, amounts: Numbers) -> Numbers:
    """Ends of the columns. Beyond the known levels the tails go on as a log-normal one."""
    scores, logs = _normal_scores(levels), np.log(np.maximum(amounts, 1e-9))
    first, last = _ends()
    few = min(3, len(levels) - 1)
    left = logs[0] - (scores[0] - first) * (logs[few] - logs[0]) / (scores[few] - scores[0])
    right = logs[-1] + (last - scores[-1]) * (logs[-1] - logs[-1 - few]) / (scores[-1] - scores[-1 - few])
    low, high = math.exp(min(left, logs[0])), math.exp(max(right, logs[-1]))
    if high <= low * 1.001:  # everyone is paid the same
        low, high = low * 0.5, high * 1.5
    return np.linspace(low, high, _COLUMNS + 1)


def _share_below(edges: Numbers, levels: Numbers, amounts: Numbers) -> Numbers:
    """The share of people under each edge, by normal scores that are straight between levels in log pay."""
    first, last = _ends()
    scores = np.concatenate([[first], _normal_scores(levels), [last]])
    known = np.concatenate([[edges[0]], amounts, [edges[-1]]])
    at = np.interp(np.log(edges), np.log(np.maximum.accumulate(known)), scores)
    return np.array([NormalDist().cdf(float(score)) for score in at])


def _bars(share: Numbers) -> list[str]:
    """Columns of blocks, top row first; smoothed, since levels 5 % apart say no more."""
    kernel = np.array([1.0, 3.0, 5.0, 6.0, 5.0, 3.0, 1.0])
    padded = np.concatenate([np.full(3, share[0]), share, np.full(3, share[-1])])
    smooth = np.convolve(padded, kernel / kernel.sum(), mode="valid")
    blocks = " ▁▂▃▄▅▆▇█" if wide() else " .:-=+*#%"
    steps = len(blocks) - 1
    height = np.ceil(smooth / smooth.max() * _ROWS * steps - 0.5).astype(int)
    rows = [np.clip(height - row * steps, 0, steps) for row in range(_ROWS - 1, -1, -1)]
    return ["".join(blocks[cell] for cell in row).rstrip() for row in rows]


def _column(edges: Numbers, amount: float) -> int:
    return int(np.clip(np.searchsorted(edges, amount) - 1, 0, _COLUMNS - 1))


def _axis(marks: Mapping[str, int]) -> str:
    line, mark, middle = ("─", "┴", "┿") if wide() else ("-", "|", "+")
    axis = [line] * _COLUMNS
    for name, at in marks.items():
        axis[at] = middle if name == "p50" else mark
    return "".join(axis)


def labels(marks: Mapping[str, int], texts: Mapping[str, str]) -> list[str]:
    """Texts centred under their marks; one that would touch its neighbour goes a line lower."""
    spare = WIDTH - len(_MARGIN)
    rows: list[str] = []
    for name, at in marks.items():
        text = texts[name]
        start = max(0, min(at - (len(text) - 1) // 2, spare - len(text)))
        row = next((i for i, line in enumerate(rows) if len(line) < start or not line), len(rows))
        if row == len(rows):
            rows.append("")
        rows[row] = rows[row].ljust(start) + text
    return rows
