"""One cut by itself, of any facts: raw percentiles for whoever holds the reports, never for a release."""

from __future__ import annotations

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
    t = reports
    local = GroupingSet("asked", tuple(keys)).local
    lo, hi = (t.lo, t.hi) if local else (t.lo / t.per_usd, t.hi / t.per_usd)
    found = engine.arrow(t.group_by(**{n: t[n] for n in names}, lo=lo, hi=hi).agg(weight=t.weight.sum()))
    known = np.ones(found.num_rows, dtype=bool)
    codes = np.zeros(found.num_rows, dtype=np.int64)
    for name in names:
        column = found[name].combine_chunks().dictionary_encode()
        own = column.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
        known &= own >= 0
        codes = codes * (len(column.dictionary) + 1) + own + 1
    rows = np.flatnonzero(known)
    _, first, cell = np.unique(codes[rows], return_index=True, return_inverse=True)
    weight = _numbers(found, "weight")[rows].astype(np.int64)
    pieces = quantiles.pieces(
        cell, _numbers(found, "lo")[rows], _numbers(found, "hi")[rows], weight, len(first)
    )
    out = found.select(names).take(pa.array(rows[first]))
    out = out.append_column("n", pa.array(np.bincount(cell, weight, len(first)).astype(np.int64)))
    for name, values in zip(PERCENTILES, quantiles.quantiles(pieces).T, strict=True):
        out = out.append_column(name, pa.array(values, from_pandas=True))
    return out.sort_by([(name, "ascending") for name in names])


def _numbers(table: pa.Table, name: str) -> NDArray[np.float64]:
    return np.asarray(table[name].cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
