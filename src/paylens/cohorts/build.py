"""Reports in, cohorts out: every declared cut of every source and measure, with percentiles raw and
pooled.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from paylens.cohorts import pooling, quantiles
from paylens.cohorts.cells import UNIVERSE, Coded, Employers, Table, Tables, Values, coded
from paylens.cohorts.keys import FACTS, LEAST, SETS, GroupingSet, check
from paylens.cohorts.membership import Membership, membership
from paylens.cohorts.sound import validate

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SHAPED_FROM: Final = 30
PERCENTILES: Final = ("p10", "p25", "p50", "p75", "p90")


@dataclass(frozen=True)
class Tree:
    """What pooling needs of each row of the cohorts' table; see `pooling.tree`. `own` are the logs of the smoothed
    percentiles, shape (cohorts, 5)."""

    of: pooling.Summary
    own: Floats
    shift: Floats
    parent: Ints
    depth: Ints
    group: Ints

    def posterior(self, parent: Ints) -> pooling.Posterior:
        """What is known of each cohort's log pay when it is pooled toward the given parents."""
        return pooling.tree(self.of, self.shift, parent, self.depth, self.group)

    def pooled(self, parent: Ints) -> tuple[Floats, Floats]:
        """Percentiles of pay pooled toward the given parents, shape (cohorts, 5), and the parents' share.

        Those of the posterior predictive; from `SHAPED_FROM` reports the cohort's own percentiles replace them but
        for the parents' share, since log pay is not normal and a large cohort knows its shape.
        """
        posterior = self.posterior(parent)
        logs = pooling.predictive(posterior)
        share = posterior.weight[:, None]
        shaped = (self.of.n >= SHAPED_FROM)[:, None] & np.isfinite(self.own)
        return np.exp(np.where(shaped, share * logs + (1.0 - share) * self.own, logs)), posterior.weight


@dataclass(frozen=True)
class Cohorts:
    """Raw cohorts: never to be published as they are; `disclosure.disclose` is the way out.

    `table` has one row a cohort: source, measure, set, the keys (null where not a key), currency, n
    (reports), employers and employer_reports (reports whose employer is known), top_employer_share (of
    those; null when none is known), p10 … p90 (null in an 'or more'), smoothed_p10 … smoothed_p90 (from 10
    reports), pooled_p10 … pooled_p90, pooling_weight (the parent's share), parent (row of the table, null
    for a root), vintage_from, vintage_to. `sets` are the declared ones, in the order of the table; `codes` and
    `start` say which row of the table a set's cells are, by their code.
    """

    table: pa.Table
    tree: Tree
    sets: tuple[GroupingSet, ...]
    coded: Coded
    codes: tuple[Ints, ...]
    start: tuple[int, ...]

    @functools.cached_property
    def membership(self) -> Membership:
        """Which reports make which cohorts: asked of the engine when disclosure control first needs it."""
        return membership(self.coded, self.sets, self.codes, self.start)


@dataclass
class _Cut:
    """One set's cells while they are computed: their codes, rising, and what is measured in them."""

    keys: GroupingSet
    code: Ints
    words: dict[str, Ints]
    start: int
    parent: Ints
    shift: Floats
    of: pooling.Summary
    columns: dict[str, NDArray[np.generic]]


def cohorts(engine: Tables, reports: Table, sets: Sequence[GroupingSet] = SETS) -> Cohorts:
    """Cut `reports` (an expression with the columns of `sound.COLUMNS` and the keys of `sets`) into cohorts.

    Sources and measures are never mixed. Cells inside one country are in its currency, the others in US
    dollars at each report's own rate. Raises InputError on a missing or wrong column, on a fact that does
    not determine what it should (`keys.DETERMINES`), and on two currencies in one country.
    """
    by_name = check(sets)
    validate(engine, reports, tuple(by_name.values()))
    facts = [
        key for key in FACTS if any(key in one.fixed for one in by_name.values()) and key in known(reports)
    ]
    data = coded(engine, reports, facts)
    cuts: dict[str, _Cut] = {}
    start = 0
    for one in by_name.values():
        cuts[one.name] = _cut(data, one, start)
        start += len(cuts[one.name].code)
    for cut in cuts.values():
        _link(data, cut, cuts)
    keys = tuple(key for key in FACTS if any(key in one.keys for one in by_name.values()))
    tree = Tree(
        pooling.Summary(
            *(np.concatenate(parts) for parts in zip(*(_moments(cut) for cut in cuts.values()), strict=True))
        ),
        np.concatenate([_own(cut) for cut in cuts.values()]),
        np.concatenate([cut.shift for cut in cuts.values()]),
        np.concatenate([cut.parent for cut in cuts.values()]),
        np.repeat(np.arange(len(cuts)), [len(cut.code) for cut in cuts.values()]),
        np.concatenate([_universe(data, cut.words) for cut in cuts.values()]),
    )
    table = pa.concat_tables([_table(data, cut, keys) for cut in cuts.values()])
    pooled, weight = tree.pooled(tree.parent)
    for name, column in zip(PERCENTILES, pooled.T, strict=True):
        table = table.append_column(f"pooled_{name}", pa.array(column))
    table = table.append_column("pooling_weight", pa.array(weight))
    table = table.append_column("parent", pa.array(tree.parent, pa.int64(), mask=tree.parent < 0))
    codes, starts = tuple(cut.code for cut in cuts.values()), tuple(cut.start for cut in cuts.values())
    return Cohorts(table, tree, tuple(by_name.values()), data, codes, starts)


def known(reports: Table) -> set[str]:
    """The facts that the columns of `reports` say."""
    return {"skill" if name == "skills" else name for name in reports.columns}


def _universe(data: Coded, words: Mapping[str, Ints]) -> Ints:
    """A number for the source and measure of each cell."""
    return words["source"] * len(data.words["measure"]) + words["measure"]


def _cut(data: Coded, one: GroupingSet, start: int) -> _Cut:
    """The cells of one set and what is measured in them, a part at a time."""
    parts = [_measured(values) for values in data.values(one)]
    code = np.concatenate([part[0] for part in parts])
    order = np.argsort(code, kind="stable")
    moments = [np.concatenate([part[1][k] for part in parts])[order] for k in range(3)]
    columns = {name: np.concatenate([part[2][name] for part in parts])[order] for name in parts[0][2]}
    code = code[order]
    shift = columns.pop("rate") / np.maximum(moments[0], 1.0)
    columns |= _employers(data.employers(one), code)
    nobody = np.full(len(code), -1, dtype=np.int64)
    words = data.decode(one, code)
    return _Cut(one, code, words, start, nobody, shift, pooling.Summary(*moments), columns)


def _measured(
    values: Values,
) -> tuple[Ints, tuple[Floats, Floats, Floats], dict[str, NDArray[np.generic]]]:
    """Cells (codes), their number of reports, mean and squares of log pay, and their percentiles and vintages."""
    first = np.flatnonzero(np.diff(values.cell, prepend=-1))
    at = np.cumsum(np.diff(values.cell, prepend=-1) != 0) - 1
    count = len(first)
    found = quantiles.pieces(at, values.lo, values.hi, values.weight, count)

    def each(reduce: np.ufunc, of: NDArray[np.generic]) -> NDArray[np.generic]:
        return np.asarray(reduce.reduceat(of, first)) if count else of[:0]

    columns: dict[str, NDArray[np.generic]] = {
        "n": each(np.add, values.weight),
        # How far the cell's own money is from dollars: what a cell in dollars must be moved by to be its prior.
        "rate": each(np.add, values.rate),
        **dict(zip(PERCENTILES, quantiles.quantiles(found).T, strict=True)),
        **dict(
            zip(
                (f"smoothed_{p}" for p in PERCENTILES),
                # Smaller cohorts are never published: their percentiles need no smoothing.
                quantiles.smoothed(found, least=LEAST).T,
                strict=True,
            )
        ),
        "vintage_from": each(np.minimum, values.first),
        "vintage_to": each(np.maximum, values.last),
    }
    return values.cell[first], quantiles.moments(found), columns


def _employers(of: Employers, code: Ints) -> dict[str, NDArray[np.generic]]:
    """The number of employers, the reports whose employer is known, and the largest share of those."""
    count = len(code)
    owner = np.searchsorted(code, of.cell)
    total = np.bincount(owner, of.weight, count)
    top = np.zeros(count)
    np.maximum.at(top, owner, of.weight)
    share = np.where(total > 0, top / np.maximum(total, 1.0), np.nan)
    return {
        "employers": np.bincount(owner, minlength=count).astype(np.int64),
        "employer_reports": total.astype(np.int64),
        "top_employer_share": share,
    }


def _link(data: Coded, cut: _Cut, cuts: Mapping[str, _Cut]) -> None:
    """Find each cell's parent: the nearest declared one that holds its reports (a row may lack a region)."""
    missing = np.ones(len(cut.code), dtype=bool)
    above = cut.keys.parent
    while above is not None and missing.any():
        candidate = cuts[above]
        at = _find(candidate.code, data.cell_of(candidate.keys, data.completed(cut.keys, cut.words)))
        cut.parent = np.where(missing & (at >= 0), at + candidate.start, cut.parent)
        missing = cut.parent < 0
        above = candidate.keys.parent


def _find(codes: Ints, wanted: Ints) -> Ints:
    """The place of each wanted code among rising codes, -1 where it is not there or is none."""
    at = np.minimum(np.searchsorted(codes, wanted), max(len(codes) - 1, 0))
    return (
        np.where((wanted >= 0) & (len(codes) > 0) & (codes[at] == wanted), at, -1)
        if len(codes)
        else np.full(len(wanted), -1)
    )


def _moments(cut: _Cut) -> tuple[Floats, Floats, Floats]:
    return cut.of.n, cut.of.mean, cut.of.squares


def _own(cut: _Cut) -> Floats:
    own = np.column_stack([np.asarray(cut.columns[f"smoothed_{p}"], dtype=float) for p in PERCENTILES])
    return np.asarray(np.log(own))


def _table(data: Coded, cut: _Cut, keys: Iterable[str]) -> pa.Table:
    """The rows of one set in the cohorts' table, before pooling."""
    count = len(cut.code)
    columns: dict[str, pa.Array] = {name: data.named(name, cut.words[name]) for name in UNIVERSE}
    columns["set"] = pa.array([cut.keys.name] * count, pa.string())
    for key in keys:
        kind = data.kind(key)
        columns[key] = data.named(key, cut.words[key]) if key in cut.keys.keys else pa.nulls(count, kind)
    words = data.completed(cut.keys, cut.words)
    dollars = pa.array(["USD"] * count, pa.string())
    columns["currency"] = data.named("currency", words["currency"]) if cut.keys.local else dollars
    for name, values in cut.columns.items():
        columns[name] = pa.array(values, from_pandas=True)
    return pa.table(columns)
