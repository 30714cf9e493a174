"""How posted wages moved with postings, with AI's share of them and with the distance between countries.

    g(c, t) = a(c) + b x(c, t) + e        g: 12-month log growth of posted wages of a country in a month

b is the least-squares estimate within countries; its error comes from leaving out one calendar year of all countries at a
time (jackknife), because a shock to prices or pay meets all countries at once and 12-month growth overlaps. Its 90 % interval
takes Student's t with one degree fewer than years. x is:

demand       12-month log growth of software postings, or of all postings where those are not published
technology   12-month change of the share of postings that name AI work (1 = all postings)
globalisation is across countries: mean growth against the log of the level, a slope that is negative where pay converges.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from paylens.contract.require import require

__all__ = ["ALL", "SOFTWARE", "Elasticity", "across", "within"]

SOFTWARE, ALL = "software postings", "all postings"
_LEVEL: Final = 0.95
_FEWEST: Final = 4
Rates = Mapping[str, Mapping[int, float]]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Elasticity:
    """A slope with its 90 % interval, what it rests on, and how many years or countries are independent in it."""

    value: float
    low: float
    high: float
    rows: int
    groups: int
    countries: int


def changes(levels: Mapping[int, float], *, logs: bool) -> dict[int, float]:
    """Twelve-month change of a monthly series, in logs or as it is."""
    return {
        m: math.log(v / levels[m - 12]) if logs else v - levels[m - 12]
        for m, v in levels.items()
        if m - 12 in levels
    }


def within(
    growth: Rates, levels: Rates, *, logs: bool, before: Mapping[str, int] | None = None
) -> Elasticity | None:
    """The slope of growth on the 12-month change of `levels` within countries; `before`: the first month not used, by country.

    None where fewer than _FEWEST years or two countries have both.
    """
    by: dict[str, list[tuple[int, float, float]]] = defaultdict(list)
    for country in sorted(growth.keys() & levels.keys()):
        stop = (before or {}).get(country, 10**9)
        for month, x in sorted(changes(levels[country], logs=logs).items()):
            if month in growth[country] and month < stop:
                by[country].append((month // 12, x, growth[country][month]))
    rows = [(c, *r) for c, rs in by.items() for r in rs]
    years = sorted({r[1] for r in rows})
    if len(years) < _FEWEST or len(by) < 2:
        return None
    value = _slope(rows)
    left = np.array([_slope([r for r in rows if r[1] != y]) for y in years])
    k = len(years)
    error = math.sqrt((k - 1) / k * float(((left - left.mean()) ** 2).sum()))
    half = _student(k - 1) * error
    return Elasticity(value, value - half, value + half, len(rows), k, len(by))


def _slope(rows: list[tuple[str, int, float, float]]) -> float:
    x, y = [], []
    of: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for country, _, a, b in rows:
        of[country].append((a, b))
    for pairs in of.values():
        values = np.array(pairs)
        x.append(values[:, 0] - values[:, 0].mean())
        y.append(values[:, 1] - values[:, 1].mean())
    change, growth = np.concatenate(x), np.concatenate(y)
    return float(change @ growth / max(float(change @ change), 1e-12))


def across(growth: Rates, level: Mapping[str, float]) -> Elasticity | None:
    """The slope of mean yearly growth on the log level, over countries; None with fewer than five."""
    shared = sorted(growth.keys() & level.keys())
    if len(shared) < 5:
        return None
    x = np.array([level[c] for c in shared])
    y = np.array([np.mean(list(growth[c].values())) for c in shared])
    x = x - x.mean()
    slope = float(x @ (y - y.mean()) / (x @ x))
    rest = y - y.mean() - slope * x
    n = len(shared)
    half = _student(n - 2) * math.sqrt(float(rest @ rest) / (n - 2) / float(x @ x))
    return Elasticity(slope, slope - half, slope + half, n, n, n)


def _student(df: int) -> float:
    return float(require("scipy.stats", "build").t.ppf(_LEVEL, df))
