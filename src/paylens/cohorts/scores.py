"""How well cohorts foretell people that they have not seen: pooled against raw, by how many reports a cohort has."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.stats import norm
from scipy.stats import t as student

from paylens.cohorts.build import Cohorts, cohorts
from paylens.cohorts.cells import Coded, Table, Tables
from paylens.cohorts.keys import SETS, GroupingSet
from paylens.cohorts.quantiles import log_interval

__all__ = ["BUCKETS", "pooled_against_raw"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BUCKETS: Final = ((2, 4), (5, 9), (10, 29), (30, 99), (100, 299), (300, None))
"""Sizes of cohorts, in reports that were fitted."""
LEAST_SD: Final = 0.05
"""A raw cohort's standard deviation of log pay is taken to be at least this: two equal answers are no certainty."""


def pooled_against_raw(engine: Tables, reports: Table) -> list[dict[str, Any]]:
    """Scores by size of cohort: reports with `held` are foretold from cohorts of the others.

    Each held report is scored once in every declared cut it belongs to (skills aside), in the cut's own money.
    `pooled` and `raw` are mean log likelihoods of log pay (of the bracket, for brackets): a Student t pooled toward
    the parents, and a normal with the cohort's own mean and standard deviation. `inside` is the share within the
    pooled p10-p90 (of a bracket, the part of its predicted probability).
    """
    sets = tuple(one for one in SETS if "skill" not in one.keys)
    fitted = cohorts(engine, reports.filter(~reports.held), sets)
    held = engine.arrow(reports.filter(reports.held).drop("skills"))
    found = [_set(fitted, one, k, held) for k, one in enumerate(fitted.sets)]
    n, pooled, raw, inside = (np.concatenate(column) for column in zip(*found, strict=True))
    out = []
    for low, high in BUCKETS:
        own = (n >= low) & (n <= (high or np.inf))
        if own.any():
            out.append({
                "from": low, "to": high, "n": int(own.sum()), "pooled": round(float(pooled[own].mean()), 4),
                "raw": round(float(raw[own].mean()), 4), "inside": round(float(inside[own].mean()), 4),
            })  # fmt: skip
    return out


def _set(
    fitted: Cohorts, one: GroupingSet, depth: int, held: pa.Table
) -> tuple[Floats, Floats, Floats, Floats]:
    """Of each held report in a cell of the set: the cell's n, pooled and raw log likelihood, and how much is inside."""
    words = {fact: _places(fitted.coded, fact, held) for fact in fitted.coded.code_of(one)}
    code = fitted.coded.cell_of(one, words)
    codes = fitted.codes[depth]
    if not len(codes):
        none = np.empty(0)
        return none, none, none, none
    at = np.minimum(np.searchsorted(codes, code), len(codes) - 1)
    rows = np.flatnonzero((code >= 0) & (codes[at] == code))
    cell = at[rows] + fitted.start[depth]
    lo, hi = (
        np.asarray(held[name].cast(pa.float64()).to_numpy(zero_copy_only=False))[rows]
        for name in ("lo", "hi")
    )
    rate = 1.0 if one.local else np.asarray(held["per_usd"].to_numpy())[rows]
    low, high = log_interval(lo / rate, hi / rate)
    of = fitted.tree.of
    posterior = fitted.tree.posterior(fitted.tree.parent)
    shown = [np.log(np.asarray(fitted.table[f"pooled_{p}"].to_numpy()))[cell] for p in ("p10", "p90")]
    theirs = student(2.0 * posterior.alpha[cell], posterior.mean[cell], posterior.scale[cell])
    sd = np.sqrt(of.squares[cell] / np.maximum(of.n[cell] - 1.0, 1.0))
    own = norm(of.mean[cell], np.maximum(sd, LEAST_SD))
    return (
        of.n[cell],
        _likelihood(theirs, low, high),
        _likelihood(own, low, high),
        _inside(theirs, low, high, *shown),
    )


def _places(data: Coded, fact: str, held: pa.Table) -> Ints:
    place = {value: i for i, value in enumerate(data.words[fact])}
    return np.array([place.get(value, -1) for value in held[fact].to_pylist()], dtype=np.int64)


def _likelihood(of: Any, low: Floats, high: Floats) -> Floats:
    with np.errstate(divide="ignore"):
        inside = np.log(np.maximum(of.cdf(high) - of.cdf(low), 1e-12))
    return np.asarray(np.where(low == high, of.logpdf(low), inside))


def _inside(of: Any, low: Floats, high: Floats, p10: Floats, p90: Floats) -> Floats:
    """1 for a report within the published p10-p90; of a bracket, the part of its predicted probability that is."""
    below, above = of.cdf(low), of.cdf(high)
    within = np.minimum(above, of.cdf(p90)) - np.maximum(below, of.cdf(p10))
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.maximum(within, 0.0) / (above - below)
    return np.where(above > below, share, ((low >= p10) & (low <= p90)).astype(float))
