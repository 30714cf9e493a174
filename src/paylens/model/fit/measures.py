r"""Base, cash and total: how much bonus and equity stand between them, learnt where a report splits them.

From Levels.fyi's split, with d1 = log(cash / base) >= 0 and d2 = log(total / cash) >= 0 (many are exactly 0):

    E[d | x] = max(0, average over the cell), cells: kind of employer x level or years band x region, shrunk to parents,

    base(tau) = cash(tau) exp(-E[d1] g1(tau)),    total(tau) = cash(tau) exp(E[d2] g2(tau)),

g_j(tau) >= 0 rising, of mean 1: how the ratio grows with rank in the pay of one's cell. So total >= cash >= base at
every rank, and a joint draw is one rank read off three curves.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from paylens.contract.vocabularies import employers
from paylens.model.fit.design import LADDER, MANAGING, Names, codes
from paylens.model.fit.rows import Floats, take
from paylens.model.predict.measures import BANDS, KINDS, MeasureModel, band_of, kind_of
from paylens.model.predict.reference import LEVELS
from paylens.places import geography

__all__ = ["fit_measures"]

_CELL = 40.0
_EMPLOYER = 20.0
_FEWEST_EMPLOYER = 20


def fit_measures(table: pa.Table, names: Names) -> MeasureModel:
    """Learn the two ratios from the rows of `table` (observations) that split pay; without any, none is known.

    A build of open licences alone has no such source: its ratios are 1, and `reports` says that nothing is behind them.
    """
    splits = np.array([s == "levels_fyi" for s in take(table, "source")], dtype=bool)
    if not splits.any():
        return _unknown(names)
    split = table.filter(pa.array(splits))
    base = np.asarray(split.column("base").to_numpy(zero_copy_only=False), dtype=float)
    bonus = np.nan_to_num(np.asarray(split.column("bonus").to_numpy(zero_copy_only=False), dtype=float))
    equity = np.nan_to_num(np.asarray(split.column("equity").to_numpy(zero_copy_only=False), dtype=float))
    keep = (base > 10_000) & np.array([f is None for f in take(split, "pay_flag")])
    keep &= np.array([c is not None for c in take(split, "country")])
    split, base, bonus, equity = split.filter(pa.array(keep)), base[keep], bonus[keep], equity[keep]
    d1 = np.clip(np.log1p(bonus / base), 0, 1.2)
    d2 = np.clip(np.log1p(equity / (base + bonus)), 0, 2.0)
    kind, band, region, employer = _cells(split, names)
    shape = (len(KINDS), len(BANDS), len(names.regions))
    cells = [_shrink(d, kind, band, region, shape) for d in (d1, d2)]
    holds = _shrink((equity > 0).astype(float), kind, band, region, shape)
    effects = []
    for d, cell in zip((d1, d2), cells, strict=True):
        expected = cell[kind, band, region]
        known = employer >= 0
        n = np.bincount(employer[known], minlength=len(names.employers))
        got = np.bincount(employer[known], weights=d[known], minlength=len(n))
        want = np.bincount(employer[known], weights=expected[known], minlength=len(n))
        ratio = (got + _EMPLOYER * 0.2) / (want + _EMPLOYER * 0.2)
        effects.append(np.where(n >= _FEWEST_EMPLOYER, ratio, np.nan))
    shapes = [
        _shape(d, cell[kind, band, region], base + bonus + equity, kind, band)
        for d, cell in zip((d1, d2), cells, strict=True)
    ]
    return MeasureModel(
        bonus=cells[0], equity=cells[1], equity_share=holds, employer_bonus=effects[0], employer_equity=effects[1],
        shape_bonus=shapes[0], shape_equity=shapes[1], reports=np.bincount(kind, minlength=len(KINDS)).astype(float),
    )  # fmt: skip


def _unknown(names: Names) -> MeasureModel:
    nothing = np.zeros((len(KINDS), len(BANDS), len(names.regions)))
    nobody, flat = np.full(len(names.employers), np.nan), np.ones(len(LEVELS))
    return MeasureModel(
        bonus=nothing, equity=nothing, equity_share=nothing, employer_bonus=nobody, employer_equity=nobody,
        shape_bonus=flat, shape_equity=flat, reports=np.zeros(len(KINDS)),
    )  # fmt: skip


def _cells(split: pa.Table, names: Names) -> tuple[Floats, Floats, Floats, Floats]:
    region_of = {c.id: c.region for c in geography.countries()}
    table = {e.id: e.attributes for e in employers().entries}
    years = (
        np.asarray(split.column("years_lo").to_numpy(zero_copy_only=False), dtype=float)
        + np.asarray(split.column("years_hi").to_numpy(zero_copy_only=False), dtype=float)
    ) / 2
    level = codes(take(split, "seniority"), LADDER + MANAGING)
    names_of = take(split, "employer")
    attributes = [table.get(e) or {} for e in names_of]
    kind = np.array(
        [
            kind_of(a.get("company_size"), a.get("industry"), e is not None)
            for a, e in zip(attributes, names_of, strict=True)
        ]
    )
    band = np.array([band_of(int(v), y) for v, y in zip(level, years, strict=True)])
    region = codes(np.array([region_of.get(c) for c in take(split, "country")], dtype=object), names.regions)
    return kind, band, region, codes(names_of, names.employers)


def _shrink(d: Floats, kind: Floats, band: Floats, region: Floats, shape: tuple[int, int, int]) -> Floats:
    """Cell means, each cell borrowing from kind x band, which borrows from kind, which borrows from all."""
    everyone = d.mean()

    def level(index: Floats, size: int, parent: Floats) -> Floats:
        n = np.bincount(index, minlength=size)
        out: Floats = (np.bincount(index, weights=d, minlength=size) + _CELL * parent) / (n + _CELL)
        return out

    by_kind = level(kind, shape[0], np.full(shape[0], everyone))
    by_band = level(kind * shape[1] + band, shape[0] * shape[1], np.repeat(by_kind, shape[1]))
    ok = region >= 0
    d, index = d[ok], ((kind * shape[1] + band) * shape[2] + region)[ok]
    return level(index, int(np.prod(shape)), np.repeat(by_band, shape[2])).reshape(shape)


def _shape(d: Floats, expected: Floats, total: Floats, kind: Floats, band: Floats) -> Floats:
    """How a ratio grows with rank of total pay within kind and band: rising, mean 1 over the 19 levels."""
    rank = np.empty(len(d))
    cell = kind * len(BANDS) + band
    for c in np.unique(cell):
        own = cell == c
        order = np.argsort(np.argsort(total[own], kind="stable"), kind="stable")
        rank[own] = (order + 0.5) / own.sum()
    at = np.clip(np.round(rank / 0.05).astype(int) - 1, 0, len(LEVELS) - 1)
    curve = np.bincount(at, weights=d, minlength=len(LEVELS)) / np.maximum(
        np.bincount(at, weights=expected, minlength=len(LEVELS)), 1e-9
    )
    curve = np.maximum.accumulate(curve)
    return np.asarray(curve / curve.mean())
