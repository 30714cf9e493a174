"""Staged rules for amounts that cannot be a year's pay; every row that a rule takes out is kept and
counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

SANE_USD: Final = (1_000.0, 2_000_000.0)
"""A year's full-time pay, in US dollars, below or above which an answer is taken for noise or a slip."""
FENCE: Final = 4.0
"""Half-width of the robust fence, in robust standard deviations of log pay."""
FENCE_FROM: Final = 30
"""A country with fewer rows of a source than this is fenced with the whole source."""
LEAST_SCALE: Final = 0.2
"""The fence's scale is at least this: where half of the answers are one amount the median deviation is
zero.
"""
MAD_TO_SD: Final = 1.4826
PART_YEAR: Final = ("part-time", "self-employed", "student", "retired", "not-employed")
"""Employments to which the limits for full-time pay do not apply; an unknown one is taken for full-time."""

RULES: Final = (
    "no amount",
    "below sanity",
    "above sanity",
    "below official",
    "above official",
    "outside fence",
)


@dataclass(frozen=True)
class Screened:
    """What the rules made of a table: `kept` rows, `dropped` rows with the column `rule`, and `counts`.

    `counts` has one row a source, measure and rule that took something, with `rows` (table rows) and
    `reports` (their weight).
    """

    kept: pa.Table
    dropped: pa.Table
    counts: pa.Table


def screen(observations: pa.Table, official: pa.Table | None = None) -> Screened:
    """Apply the rules in their order; each row is counted by the first that takes it.

    Needs source, measure, country, lo, hi, per_usd and weight (see `build.COLUMNS`); `employment` is used
    where there is one. `official` may give limits: country, lo, hi in US dollars a year (either may be
    null). An interval is taken out only when all of it is outside.
    """
    lo, hi = _column(observations, "lo"), _column(observations, "hi")
    rate = _column(observations, "per_usd")
    rule = np.full(observations.num_rows, -1, dtype=np.int8)

    def take(name: str, where: Mask) -> None:
        rule[(rule < 0) & where] = RULES.index(name)

    top = np.where(np.isnan(hi), np.inf, hi)
    take("no amount", ~((lo >= 0) & (top > 0) & (lo <= top) & (rate > 0) & np.isfinite(lo)))
    with np.errstate(invalid="ignore", divide="ignore"):
        usd_lo, usd_hi = lo / rate, top / rate
    if "employment" in observations.column_names:
        whole = ~np.asarray(pc.is_in(observations["employment"], pa.array(PART_YEAR)))
    else:
        whole = np.ones(len(lo), dtype=bool)
    # An interval is open above: a bracket that ends at the limit is below it.
    take("below sanity", whole & ((usd_hi < SANE_USD[0]) | ((usd_hi <= SANE_USD[0]) & (lo < top))))
    take("above sanity", whole & (usd_lo > SANE_USD[1]))
    if official is not None:
        low, high = _limits(observations["country"], official)
        take("below official", whole & (usd_hi < low))
        take("above official", whole & (usd_lo > high))
    take("outside fence", _outside(observations, usd_lo, usd_hi, rule < 0))

    gone = rule >= 0
    names = pa.array(np.array(RULES, dtype=object)[rule[gone]], pa.string())
    dropped = observations.filter(pa.array(gone)).append_column("rule", names)
    counts = dropped.group_by(["source", "measure", "rule"]).aggregate([([], "count_all"), ("weight", "sum")])
    counts = counts.select(["source", "measure", "rule", "count_all", "weight_sum"])
    counts = counts.rename_columns(["source", "measure", "rule", "rows", "reports"])
    counts = counts.sort_by([(name, "ascending") for name in ("source", "measure", "rule")])
    return Screened(observations.filter(pa.array(~gone)), dropped, counts)


def _column(table: pa.Table, name: str) -> Floats:
    return np.asarray(table[name].cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)


def _limits(country: pa.ChunkedArray, official: pa.Table) -> tuple[Floats, Floats]:
    """The official lower and upper limit of each row; none is minus or plus infinity."""
    at = pc.index_in(country, official["country"].combine_chunks())
    ends = []
    for name, none in (("lo", -np.inf), ("hi", np.inf)):
        known = np.append(_column(official, name), np.nan)
        value = known[pc.fill_null(at, official.num_rows).to_numpy()]
        ends.append(np.where(np.isnan(value), none, value))
    return ends[0], ends[1]


def _outside(observations: pa.Table, usd_lo: Floats, usd_hi: Floats, among: Mask) -> Mask:
    """Rows that lie wholly outside median ± 4 robust scales of log pay of their source, measure and country.

    In US dollars, so that years of a currency that lost its value can be compared.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        low = np.log(np.maximum(usd_lo, np.where(np.isinf(usd_hi), 1.0, usd_hi * 0.1)))
        high = np.log(usd_hi)
    middle = np.where(np.isinf(high), low, (low + high) / 2.0)
    source = _codes(observations, ["source", "measure"])
    country = _codes(observations, ["source", "measure", "country"])
    wide, narrow = _fence(source, middle, among), _fence(country, middle, among)
    size = np.bincount(country[among], minlength=int(country.max(initial=-1)) + 1)
    few = size[country] < FENCE_FROM
    centre = np.where(few, wide[0][source], narrow[0][country])
    reach = FENCE * np.where(few, wide[1][source], narrow[1][country])
    return np.asarray(among & ((high < centre - reach) | (low > centre + reach)))


def _codes(table: pa.Table, names: list[str]) -> NDArray[np.int64]:
    """A number for each distinct combination of the columns, row by row."""
    code = np.zeros(table.num_rows, dtype=np.int64)
    for name in names:
        encoded = table[name].combine_chunks().dictionary_encode(null_encoding="encode")
        values = np.asarray(encoded.indices.to_numpy(zero_copy_only=False), dtype=np.int64)
        code = np.unique(code * (len(encoded.dictionary) + 1) + values, return_inverse=True)[1]
    return code


def _fence(group: NDArray[np.int64], value: Floats, among: Mask) -> tuple[Floats, Floats]:
    """Median and robust scale (1.4826 × the median absolute deviation, at least 0.2) of each group."""
    groups = int(group.max(initial=-1)) + 1
    centre = _medians(group[among], value[among], groups)
    away = _medians(group[among], np.abs(value - centre[group])[among], groups)
    return centre, np.maximum(MAD_TO_SD * away, LEAST_SCALE)


def _medians(group: NDArray[np.int64], value: Floats, groups: int) -> Floats:
    """The median of each group, zero for an empty one."""
    order = np.lexsort((value, group))
    size = np.bincount(group, minlength=groups)
    start = np.cumsum(size) - size
    ordered = np.append(value[order], 0.0)
    lower = np.where(size > 0, start + (size - 1) // 2, len(value))
    upper = np.where(size > 0, start + size // 2, len(value))
    return np.asarray((ordered[lower] + ordered[upper]) / 2.0)
