"""Reports in, cohorts out: every declared cut of every source and measure, with percentiles raw and
pooled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from paylens.cohorts import pooling, quantiles
from paylens.cohorts.keys import DETERMINES, FACTS, SETS, GroupingSet, check
from paylens.contract.errors import InputError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

COLUMNS: Final = MappingProxyType(
    {
        "source": "who published the report",
        "measure": "base, cash, total, yearly pay as asked, advertised midpoint",
        "vintage": "year of the report",
        "lo": "lower end of pay, in `currency` a year",
        "hi": "upper end; the same as lo for an exact amount, null for 'or more'",
        "currency": "ISO 4217; the same for all rows of a country",
        "per_usd": "units of `currency` for one US dollar in the month of the report",
        "weight": "how many reports the row stands for: a whole number",
        "employer": "who pays; null where it is not known",
    }
)
"""The columns a table of reports must have, beside the facts that the declared sets are keyed by."""

UNIVERSE: Final = ("source", "measure")
SMOOTH_FROM: Final = 10
"""Smaller cohorts are never published: their percentiles need no smoothing."""
PERCENTILES: Final = ("p10", "p25", "p50", "p75", "p90")


@dataclass(frozen=True)
class Membership:
    """Which reports make which cohorts; what disclosure control counts.

    `cell` has shape (sets, rows): the row of the cohorts' table, or -1 where the report lacks a key.
    `weight` has shape (rows,), `employer` too: a code within the table, -1 where not known. Sets are in the
    order of `sets`.
    """

    sets: tuple[GroupingSet, ...]
    cell: Ints
    weight: Ints
    employer: Ints
    universe: Ints


@dataclass(frozen=True)
class Tree:
    """What pooling needs of each row of the cohorts' table; see `pooling.tree`."""

    of: pooling.Summary
    shift: Floats
    parent: Ints
    depth: Ints
    group: Ints

    def pooled(self, parent: Ints) -> tuple[Floats, Floats]:
        """Percentiles of pay pooled toward the given parents, shape (cohorts, 5), and the parents' share."""
        posterior = pooling.tree(self.of, self.shift, parent, self.depth, self.group)
        return np.exp(pooling.predictive(posterior)), posterior.weight


@dataclass(frozen=True)
class Cohorts:
    """Raw cohorts: never to be published as they are; `disclosure.disclose` is the way out.

    `table` has one row a cohort: source, measure, set, the keys (null where not a key), currency, n
    (reports), employers and employer_reports (reports whose employer is known), top_employer_share (of
    those; null when none is known), p10 … p90 (null in an 'or more'), smoothed_p10 … smoothed_p90 (from 10
    reports), pooled_p10 … pooled_p90, pooling_weight (the parent's share), parent (row of the table, null
    for a root), vintage_from, vintage_to.
    """

    table: pa.Table
    membership: Membership
    tree: Tree


@dataclass
class _Cut:
    """One set's cells while they are computed; `first` is the first row of each cell, `cell` the cell
    of each row.
    """

    keys: GroupingSet
    cell: Ints
    first: Ints
    start: int
    parent: Ints
    shift: Floats
    of: pooling.Summary
    columns: dict[str, pa.Array | NDArray[np.generic]]


def cohorts(observations: pa.Table, sets: Sequence[GroupingSet] = SETS) -> Cohorts:
    """Cut `observations` (columns: `COLUMNS` and the keys of `sets`) into cohorts.

    Sources and measures are never mixed. Cells inside one country are in its currency, the others in US
    dollars at each report's own rate. Raises InputError on a missing or wrong column, on a fact that does
    not determine what it should (`keys.DETERMINES`), and on two currencies in one country.
    """
    by_name = check(sets)
    _validate(observations, tuple(by_name.values()))
    codes = {name: _code(observations[name]) for name in {*UNIVERSE, *(k for s in sets for k in s.keys)}}
    universe = _combine([codes[name] for name in UNIVERSE])[0]
    cuts: dict[str, _Cut] = {}
    start = 0
    for one in by_name.values():
        cuts[one.name] = _cut(observations, one, codes, universe, start)
        start += len(cuts[one.name].first)
    for cut in cuts.values():
        _link(cut, cuts)
    keys = tuple(key for key in FACTS if any(key in one.keys for one in by_name.values()))
    tree = Tree(
        pooling.Summary(
            *(np.concatenate(parts) for parts in zip(*(_moments(cut) for cut in cuts.values()), strict=True))
        ),
        np.concatenate([cut.shift for cut in cuts.values()]),
        np.concatenate([cut.parent for cut in cuts.values()]),
        np.repeat(np.arange(len(cuts)), [len(cut.first) for cut in cuts.values()]),
        np.concatenate([universe[cut.first] for cut in cuts.values()]),
    )
    table = pa.concat_tables([_table(cut, observations, keys) for cut in cuts.values()])
    pooled, weight = tree.pooled(tree.parent)
    for name, column in zip(PERCENTILES, pooled.T, strict=True):
        table = table.append_column(f"pooled_{name}", pa.array(column))
    table = table.append_column("pooling_weight", pa.array(weight))
    table = table.append_column("parent", pa.array(tree.parent, pa.int64(), mask=tree.parent < 0))
    membership = Membership(
        tuple(by_name.values()),
        np.stack([np.where(cut.cell >= 0, cut.cell + cut.start, -1) for cut in cuts.values()]),
        _numbers(observations, "weight").astype(np.int64),
        _code(observations["employer"]),
        universe,
    )
    return Cohorts(table, membership, tree)


def _validate(table: pa.Table, sets: tuple[GroupingSet, ...]) -> None:
    needed = {**COLUMNS, **{key: "a key of the declared sets" for one in sets for key in one.keys}}
    missing = [name for name in needed if name not in table.column_names]
    if missing:
        raise InputError("observations", ", ".join(missing), f"cohorts need the column {missing[0]}")
    weight = _numbers(table, "weight")
    if not np.all((weight >= 1) & (weight == np.round(weight))):
        raise InputError("weight", None, "a report's weight must be a whole number of reports, 1 or more")
    for name in (*UNIVERSE, "vintage", "lo", "per_usd", "currency"):
        if table[name].null_count:
            raise InputError(name, None, f"{table[name].null_count} reports have no {name}")
    lo, hi, rate = (_numbers(table, name) for name in ("lo", "hi", "per_usd"))
    if not np.all((rate > 0) & (lo >= 0) & ~(hi < lo) & ~(hi <= 0) & ((lo > 0) | ~np.isnan(hi))):
        raise InputError(
            "lo", None, "pay must be an interval with lo <= hi and hi above zero: screen the reports first"
        )
    present = {
        name: _code(table[name])
        for name in {*DETERMINES, *sum(DETERMINES.values(), ())} & set(table.column_names)
    }
    for fact, fixed in DETERMINES.items():
        for other in fixed:
            if fact in present and other in present:
                _one_each(fact, present[fact], other, present[other], table[fact])
    if "country" in present:
        _one_each("country", present["country"], "currency", _code(table["currency"]), table["country"])


def _one_each(fact: str, code: Ints, other: str, fixed: Ints, values: pa.ChunkedArray) -> None:
    """Raise InputError unless each known value of `fact` goes with one value of `other`."""
    known = np.flatnonzero(code >= 0)
    first = np.full(int(code.max(initial=-1)) + 1, -1, dtype=np.int64)
    first[code[known]] = fixed[known]
    wrong = known[fixed[known] != first[code[known]]]
    if len(wrong):
        value = str(values[int(wrong[0])].as_py())
        raise InputError(
            other, value, f"{fact} '{value}' has more than one {other}: cohorts cannot be nested"
        )


def _numbers(table: pa.Table, name: str) -> Floats:
    return np.asarray(table[name].cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)


def _code(column: pa.ChunkedArray) -> Ints:
    """Numbers for the values of a column in order of first use, -1 for null."""
    indices = column.combine_chunks().dictionary_encode().indices.fill_null(-1)
    return np.asarray(indices.to_numpy(zero_copy_only=False), dtype=np.int64)


def _combine(codes: list[Ints]) -> tuple[Ints, Ints]:
    """One number for each distinct combination, row by row (-1 when any is -1), and the first row of each."""
    rows = len(codes[0])
    known = np.all([code >= 0 for code in codes], axis=0)
    joint = np.zeros(rows, dtype=np.int64)
    for code in codes:
        joint = np.unique(joint * (int(code.max(initial=-1)) + 2) + code + 1, return_inverse=True)[1]
    cell = np.full(rows, -1, dtype=np.int64)
    _, first, cell[known] = np.unique(joint[known], return_index=True, return_inverse=True)
    return cell, np.flatnonzero(known)[first]


def _cut(table: pa.Table, keys: GroupingSet, codes: Mapping[str, Ints], universe: Ints, start: int) -> _Cut:
    """The cells of one set and what is measured in them."""
    cell, first = _combine([universe, *(codes[key] for key in keys.keys)])
    rows = np.flatnonzero(cell >= 0)
    at, count = cell[rows], len(first)
    rate = np.ones(len(rows)) if keys.local else _numbers(table, "per_usd")[rows]
    lo, hi = _numbers(table, "lo")[rows] / rate, _numbers(table, "hi")[rows] / rate
    weight = _numbers(table, "weight")[rows].astype(np.int64)
    found = quantiles.pieces(at, lo, hi, weight, count)
    n, mean, squares = quantiles.moments(found)
    # How far the cell's own money is from dollars: what a cell in dollars must be moved by to be its prior.
    log_rate = np.log(_numbers(table, "per_usd")[rows]) if keys.local else np.zeros(len(rows))
    shift = np.bincount(at, weight * log_rate, count) / np.maximum(n, 1.0)
    columns: dict[str, pa.Array | NDArray[np.generic]] = {
        "n": np.bincount(at, weight, count).astype(np.int64),
        **_employers(at, _code(table["employer"])[rows], weight, count),
        **dict(zip(PERCENTILES, quantiles.quantiles(found).T, strict=True)),
        **dict(
            zip(
                (f"smoothed_{p}" for p in PERCENTILES),
                quantiles.smoothed(found, least=SMOOTH_FROM).T,
                strict=True,
            )
        ),
        **_span(at, _numbers(table, "vintage")[rows].astype(np.int64), count),
    }
    nobody = np.full(count, -1, dtype=np.int64)
    return _Cut(keys, cell, first, start, nobody, shift, pooling.Summary(n, mean, squares), columns)


def _span(at: Ints, vintage: Ints, count: int) -> dict[str, NDArray[np.generic]]:
    """The first and the last vintage in each cell."""
    earliest, latest = np.full(count, np.iinfo(np.int64).max), np.full(count, np.iinfo(np.int64).min)
    np.minimum.at(earliest, at, vintage)
    np.maximum.at(latest, at, vintage)
    return {"vintage_from": earliest, "vintage_to": latest}


def _employers(at: Ints, employer: Ints, weight: Ints, count: int) -> dict[str, NDArray[np.generic]]:
    """The number of employers, the reports whose employer is known, and the largest share of those."""
    known = employer >= 0
    pair, first = (
        _combine([at[known], employer[known]])
        if known.any()
        else (np.empty(0, np.int64), np.empty(0, np.int64))
    )
    size = np.bincount(pair, weight[known], len(first))
    owner = at[known][first]
    total = np.bincount(owner, size, count)
    top = np.zeros(count)
    np.maximum.at(top, owner, size)
    share = np.where(total > 0, top / np.maximum(total, 1.0), np.nan)
    return {
        "employers": np.bincount(owner, minlength=count).astype(np.int64),
        "employer_reports": total.astype(np.int64),
        "top_employer_share": share,
    }


def _link(cut: _Cut, cuts: Mapping[str, _Cut]) -> None:
    """Find each cell's parent: the nearest declared one that holds its reports (a row may lack a region)."""
    missing = np.ones(len(cut.first), dtype=bool)
    above = cut.keys.parent
    while above is not None and missing.any():
        candidate = cuts[above]
        at = candidate.cell[cut.first]
        cut.parent = np.where(missing & (at >= 0), at + candidate.start, cut.parent)
        missing = cut.parent < 0
        above = candidate.keys.parent


def _moments(cut: _Cut) -> tuple[Floats, Floats, Floats]:
    return cut.of.n, cut.of.mean, cut.of.squares


def _table(cut: _Cut, observations: pa.Table, keys: tuple[str, ...]) -> pa.Table:
    """The rows of one set in the cohorts' table, before pooling."""
    first, count = pa.array(cut.first), len(cut.first)
    columns: dict[str, pa.Array] = {name: _take(observations[name], first) for name in UNIVERSE}
    columns["set"] = pa.array([cut.keys.name] * count, pa.string())
    for key in keys:
        values = observations[key]
        columns[key] = _take(values, first) if key in cut.keys.keys else pa.nulls(count, values.type)
    dollars = pa.array(["USD"] * count, pa.string())
    columns["currency"] = _take(observations["currency"], first) if cut.keys.local else dollars
    for name, values in cut.columns.items():
        columns[name] = pa.array(values, from_pandas=True)
    return pa.table(columns)


def _take(column: pa.ChunkedArray, at: pa.Array) -> pa.Array:
    return column.take(at).combine_chunks()
