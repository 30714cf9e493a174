"""One cut by itself, of any facts: raw percentiles for whoever holds the reports, never for a release."""

from __future__ import annotations

import functools
import operator
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from paylens.cohorts import quantiles
from paylens.cohorts.build import PERCENTILES
from paylens.cohorts.cells import UNIVERSE, Table, Tables
from paylens.cohorts.keys import FACTS, GroupingSet
from paylens.contract.errors import InputError

__all__ = ["cut"]


def cut(engine: Tables, reports: Table, keys: Sequence[str]) -> pa.Table:
    """Source, measure, `keys`, n and p10 … p90 of the reports that know every key, one row a cell.

    Interval-aware and weighted, as in `build.cohorts`; in the country's money where the keys fix a country, else in US
    dollars. Neither pooled nor disclosed. InputError names the known facts.
    """
    unknown = [key for key in keys if key not in FACTS or key == "skill"]
    if unknown:
        raise InputError("keys", unknown[0], f"'{unknown[0]}' is no fact that reports are cut by", FACTS)
    names = [*UNIVERSE, *keys]
    local = GroupingSet("asked", tuple(keys)).local
    lo, hi = (
        (reports.lo, reports.hi) if local else (reports.lo / reports.per_usd, reports.hi / reports.per_usd)
    )
    t = reports.select(*names, "weight", low=lo, high=hi)
    t = t.filter(functools.reduce(operator.and_, (t[name].notnull() for name in names)))
    plain = ((t.low == t.high) & (t.weight == 1)).fill_null(False)
    levels = list(quantiles.LEVELS)
    by = t.group_by(names).agg(n=t.weight.sum(), blurred=(~plain).sum(), logs=t.low.ln().quantile(levels))
    found = engine.arrow(by).sort_by([(name, "ascending") for name in names])
    pay = np.exp(np.array(found["logs"].to_pylist(), dtype=float).reshape(-1, len(levels)))
    blurred = np.flatnonzero(found["blurred"].to_numpy() > 0)
    if len(blurred):
        pay[blurred] = _between(engine, t, names, found.select(names).take(pa.array(blurred)))
    out = found.select(names).append_column("n", found["n"].cast(pa.int64()))
    for name, values in zip(PERCENTILES, pay.T, strict=True):
        out = out.append_column(name, pa.array(values, from_pandas=True))
    return out


def _between(engine: Tables, t: Table, names: Sequence[str], cells: pa.Table) -> NDArray[np.float64]:
    """Percentiles, (cells, 5), of cells in which some report is an interval or stands for several."""
    some = t.filter(t.source.isin(sorted(set(cells["source"].to_pylist()))))
    by = some.group_by(**{name: some[name] for name in names}, low=some.low, high=some.high)
    found = engine.arrow(by.agg(weight=some.weight.sum()))
    place = {key: k for k, key in enumerate(zip(*(cells[name].to_pylist() for name in names), strict=True))}
    keys = zip(*(found[name].to_pylist() for name in names), strict=True)
    cell = np.array([place.get(key, -1) for key in keys], dtype=np.int64)
    rows = np.flatnonzero(cell >= 0)
    weight = _numbers(found, "weight")[rows].astype(np.int64)
    low, high = _numbers(found, "low")[rows], _numbers(found, "high")[rows]
    return quantiles.quantiles(quantiles.pieces(cell[rows], low, high, weight, len(place)))


def _numbers(table: pa.Table, name: str) -> NDArray[np.float64]:
    return np.asarray(table[name].cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
