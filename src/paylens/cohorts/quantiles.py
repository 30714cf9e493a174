"""Percentiles of pay known as intervals: the maximum-likelihood distribution on log pay of each cohort.

The estimate is Turnbull's (1976, JRSS B 38:290): mass can only sit on the innermost intervals, and
expectation maximisation finds how much. Exact values are the special case in which every innermost interval
is a point. All cohorts are held in one set of flat arrays and iterated together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEVELS: Final = (0.10, 0.25, 0.50, 0.75, 0.90)

ZERO_FLOOR: Final = 0.1
"""A bracket that starts at zero is taken to start at this share of its upper end: log pay has no zero."""
OPEN_WIDTH: Final = float(np.log(2.0))
"""How far, in log pay, an 'or more' is taken to reach where an average needs an end. Percentiles never
use it.
"""
TOLERANCE: Final = 1e-5
"""Iteration stops when no mass moves by more than this share of a report."""
MAX_ITERATIONS: Final = 500
NEGLIGIBLE: Final = 1e-7
"""Mass below this share of a report is none."""
WINDOW: Final = 6.0
"""Ranks further than this many standard deviations from a percentile's rank have no weight in its
smoothing.
"""


@dataclass(frozen=True)
class Pieces:
    """The distributions of log pay of `cohorts` cohorts as pieces of mass, rising within each cohort.

    `mass` is in reports; it lies on the point `low` where low = high, else evenly over [low, high). `high`
    is infinite in a piece that only 'or more' answers reach.
    """

    cohort: Ints
    low: Floats
    high: Floats
    mass: Floats
    cohorts: int

    @property
    def totals(self) -> Floats:
        """The number of reports in each cohort, shape (cohorts,)."""
        return np.asarray(np.bincount(self.cohort, self.mass, self.cohorts), dtype=np.float64)

    def above(self) -> Floats:
        """The cumulated mass at each piece's upper end, from zero within each cohort."""
        running = np.cumsum(self.mass)
        totals = self.totals
        before = np.cumsum(totals) - totals
        return running - before[self.cohort]


def log_interval(lo: Floats, hi: Floats) -> tuple[Floats, Floats]:
    """Log ends of pay intervals; NaN in `hi` ('or more') becomes infinity, a zero `lo` the floor.

    Raises ValueError when an interval is upside down or has no positive end.
    """
    top = np.where(np.isnan(hi), np.inf, hi)
    bottom = np.where((lo <= 0) & np.isfinite(top), ZERO_FLOOR * top, lo)
    if not np.all((bottom > 0) & (lo <= top)):
        raise ValueError("pay intervals must have lo <= hi and hi > 0")
    return np.log(bottom), np.log(top)


def pieces(cohort: Ints, lo: Floats, hi: Floats, weight: Ints, cohorts: int) -> Pieces:
    """The maximum-likelihood distribution of each cohort.

    `cohort` numbers from 0 to cohorts - 1; `lo`, `hi` are pay (NaN in `hi` for 'or more'); `weight` is the
    whole number of reports that a row stands for. An interval is closed below and open above; a point is
    itself.
    """
    low, high = log_interval(lo, hi)
    if not _rising(cohort, low, high):
        order = np.lexsort((high, low, cohort))
        cohort, low, high, weight = cohort[order], low[order], high[order], weight[order]
    first = np.ones(len(cohort), dtype=bool)
    first[1:] = (np.diff(cohort) != 0) | (low[1:] != low[:-1]) | (high[1:] != high[:-1])
    starts = np.flatnonzero(first)
    mass = np.add.reduceat(weight, starts).astype(np.float64) if len(starts) else np.empty(0)
    cohort, low, high = cohort[starts], low[starts], high[starts]

    blurred = np.zeros(cohorts, dtype=bool)
    blurred[cohort[low < high]] = True
    slow = blurred[cohort]
    exact = Pieces(cohort[~slow], low[~slow], high[~slow], mass[~slow], cohorts)
    if not slow.any():
        return exact
    fitted = _turnbull(cohort[slow], low[slow], high[slow], mass[slow], cohorts)
    both = [np.concatenate(pair) for pair in zip(_columns(exact), _columns(fitted), strict=True)]
    order = np.lexsort((both[2], both[1], both[0]))
    return Pieces(both[0][order].astype(np.int64), both[1][order], both[2][order], both[3][order], cohorts)


def _rising(cohort: Ints, low: Floats, high: Floats) -> bool:
    """Whether the amounts come by cohort, then by their lower and upper ends, as the engines give them."""
    step, below, above = np.diff(cohort), np.diff(low), high[1:] >= high[:-1]
    return bool(np.all((step > 0) | ((step == 0) & ((below > 0) | ((below == 0) & above)))))


def _columns(of: Pieces) -> tuple[NDArray[np.generic], ...]:
    return of.cohort, of.low, of.high, of.mass


def _turnbull(cohort: Ints, low: Floats, high: Floats, weight: Floats, cohorts: int) -> Pieces:
    """Turnbull's estimate of the cohorts in which some answer is an interval."""
    rows = len(cohort)
    value = np.concatenate([low, high])
    # At one value: an interval that ends here ends first, then whatever starts, then the points end.
    rank = np.concatenate([np.ones(rows), np.where(low < high, 0, 2)])
    order = np.lexsort((rank, value, np.tile(cohort, 2)))
    opens = order < rows
    innermost = np.zeros(2 * rows, dtype=bool)
    innermost[:-1] = opens[:-1] & ~opens[1:]
    at = np.flatnonzero(innermost)
    ends = value[order]
    before = np.cumsum(innermost) - innermost
    position = np.empty(2 * rows, dtype=np.int64)
    position[order] = np.arange(2 * rows)
    start, stop = before[position[:rows]], before[position[rows:]]

    owner = np.tile(cohort, 2)[order][at]
    per_cohort = np.bincount(owner, minlength=cohorts)
    mass = np.bincount(cohort, weight, cohorts)[owner] / per_cohort[owner]
    for _ in range(MAX_ITERATIONS):
        running = np.concatenate([[0.0], np.cumsum(mass)])
        ratio = weight / (running[stop] - running[start])
        steps = np.bincount(start, ratio, len(at) + 1) - np.bincount(stop, ratio, len(at) + 1)
        updated = mass * np.maximum(np.cumsum(steps)[:-1], 0.0)
        moved = float(np.max(np.abs(updated - mass)))
        mass = updated
        if moved < TOLERANCE:
            break
    keep = mass > NEGLIGIBLE
    mass *= (
        np.bincount(cohort, weight, cohorts) / np.maximum(np.bincount(owner, mass * keep, cohorts), 1e-300)
    )[owner]
    return Pieces(owner[keep], ends[at][keep], ends[at + 1][keep], mass[keep], cohorts)


def quantiles(of: Pieces, levels: tuple[float, ...] = LEVELS) -> Floats:
    """Percentiles of pay, shape (cohorts, levels); NaN for an empty cohort or a level in an 'or more'.

    The rank of level q among W reports is q (W - 1), interpolated on log pay: for exact pay this is the
    usual definition (Hyndman and Fan's type 7) of the logs of the reports, each repeated `weight` times.
    """
    totals = of.totals
    # Cohorts share one axis of ranks, with a gap between them, so that one interpolation answers all.
    offset = np.cumsum(totals + 2.0) - totals
    upper = of.above() + offset[of.cohort]
    lower = upper - of.mass
    whole = of.mass >= 1.0
    first = np.where(whole, lower, lower + (of.mass - 1.0) / 2.0)
    last = np.where(whole, upper - 1.0, first)
    inset = np.where(whole, 0.5 / np.maximum(of.mass, 1.0), 0.5)
    width = of.high - of.low
    ends = [np.where(width > 0, of.low + share * width, of.low) for share in (inset, 1.0 - inset)]
    knots = np.column_stack([first, last]).ravel()
    values = np.column_stack(ends).ravel()
    asked = offset[:, None] + np.maximum(totals - 1.0, 0.0)[:, None] * np.asarray(levels)[None, :]
    with np.errstate(invalid="ignore"):
        found = np.full(asked.shape, np.nan)
        if len(knots):
            found = np.interp(asked.ravel(), knots, values).reshape(asked.shape)
    found[(totals < 0.5)[:, None] | ~np.isfinite(found)] = np.nan
    return np.asarray(np.exp(found))


def smoothed(of: Pieces, levels: tuple[float, ...] = LEVELS, least: float = 1.0) -> Floats:
    """Percentiles of pay that rest on many reports each, shape (cohorts, levels); NaN as in `quantiles`.

    Harrell and Davis's estimate (1982, Biometrika 69:635) on log pay: the mean, over all bootstrap samples,
    of the sample percentile, in closed form. The order statistics are weighted by a beta distribution of
    their rank. Cohorts of fewer than `least` reports are left out (NaN).
    """
    large = of.totals[of.cohort] >= least
    of = Pieces(of.cohort[large], of.low[large], of.high[large], of.mass[large], of.cohorts)
    high = np.where(np.isinf(of.high), of.low + OPEN_WIDTH, of.high)
    above, size = of.above(), of.totals[of.cohort]
    lower, upper = np.maximum((above - of.mass) / size, 0.0), np.minimum(above / size, 1.0)
    first = np.append(True, np.diff(of.cohort) != 0)[: len(size)]
    wide = high > of.low
    blurred = np.isin(of.cohort, of.cohort[wide])
    found = np.full((of.cohorts, len(levels)), np.nan)
    for column, level in enumerate(levels):
        a, b = (size + 1.0) * level, (size + 1.0) * (1.0 - level)
        share = _steps(_beta(upper, a, b, level), first)
        value = of.low * share
        if wide.any():
            # Over a piece of even mass the value is linear in the rank, whose mean is a beta of one more.
            mean_rank = np.zeros(len(size))
            some = upper[blurred], a[blurred] + 1.0, b[blurred]
            mean_rank[blurred] = level * _steps(_beta(*some, level), first[blurred])
            slope = np.where(wide, (high - of.low) / (upper - lower), 0.0)
            value = value + slope * (mean_rank - lower * share)
        found[:, column] = np.bincount(of.cohort, value, of.cohorts)
    found[np.isnan(quantiles(of, levels))] = np.nan
    return np.asarray(np.exp(found))


def _beta(rank: Floats, a: Floats, b: Floats, level: float) -> Floats:
    """The beta distribution function, computed only near the level: elsewhere it is 0 or 1."""
    spread = WINDOW * np.sqrt(level * (1.0 - level) / (a + b + 1.0)) + 1.0 / (a + b)
    near = np.abs(rank - level) < spread
    found = (rank > level).astype(np.float64)
    found[near] = betainc(a[near], b[near], rank[near])
    return found


def _steps(distribution: Floats, first: NDArray[np.bool_]) -> Floats:
    """What each piece adds to the distribution function; `first` marks the first piece of each cohort."""
    before = np.append(0.0, distribution)[: len(distribution)]
    return distribution - np.where(first, 0.0, before)


def moments(of: Pieces) -> tuple[Floats, Floats, Floats]:
    """Of log pay in each cohort: the number of reports, the mean, and the sum of squares about it.

    Mass inside a piece is even; an open piece is taken to reach `OPEN_WIDTH` further.
    """
    high = np.where(np.isinf(of.high), of.low + OPEN_WIDTH, of.high)
    middle = (of.low + high) / 2.0
    totals = of.totals
    filled = np.maximum(totals, 1e-300)
    mean = np.bincount(of.cohort, of.mass * middle, of.cohorts) / filled
    squares = (middle - mean[of.cohort]) ** 2 + (high - of.low) ** 2 / 12.0
    return totals, mean, np.asarray(np.bincount(of.cohort, of.mass * squares, of.cohorts), dtype=np.float64)
