"""Disclosure control: the only door from cohorts to a release, by type.

Whatever writes a release takes a `Disclosed`; only `disclose` can make one. The rules are the constants
below and those of `complement`; what they keep back is listed with the reason and the cut that answers
instead.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final, NoReturn, final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from paylens.cohorts.build import PERCENTILES, Cohorts
from paylens.cohorts.cells import UNIVERSE
from paylens.cohorts.complement import LEAST_EMPLOYERS, TOP_EMPLOYER, Dominance, dominance, settle
from paylens.cohorts.keys import FACTS, LEAST, LEAST_BY_EMPLOYER, LEAST_BY_SKILL
from paylens.cohorts.private import Noisy
from paylens.cohorts.sequence import Earlier, between, cell_names, record

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

TAILS_FROM: Final = 30
"""p10 and p90 are published from this many reports."""
N_STEP: Final = 5
"""Numbers of reports are rounded down to a multiple of this."""
STEP: Final = 0.01
"""Pay is rounded to steps of this ratio, then to three significant figures."""
PUBLIC: Final = frozenset({"kaggle", "stackoverflow", "levels_fyi", "aijobs", "us_lca"})
"""Sources whose rows anyone can read already: there, a dominant employer is a warning. To any other source
people submit their reports."""

TOO_FEW: Final = f"fewer than {LEAST} reports"
TOO_FEW_BY_EMPLOYER: Final = f"fewer than {LEAST_BY_EMPLOYER} reports of one employer"
TOO_FEW_BY_SKILL: Final = f"fewer than {LEAST_BY_SKILL} reports with one skill"
FEW_EMPLOYERS: Final = f"fewer than {LEAST_EMPLOYERS} employers"
DOMINATED: Final = f"one employer may have more than {TOP_EMPLOYER:.0%} of the reports"
BY_DIFFERENCE: Final = "a small group could be worked out from this and other published cuts"
BETWEEN_RELEASES: Final = "a small group could be worked out from this and earlier releases"

_TOKEN: Final = object()


@final
class Disclosed:
    """Cohorts that may be published. Made by `disclose` alone; nothing in it can be set.

    `table`: source, measure, set, the keys, currency, n, employers, top_employer_share, p10 … p90,
    pooled_p10 … pooled_p90, pooling_weight, vintage_from, vintage_to, note. `withheld`: source, measure,
    set, the keys, reason, answered_by_set, answered_by (null where nothing answers).
    """

    __slots__ = ("_table", "_withheld")
    _table: pa.Table
    _withheld: pa.Table

    def __init__(self, token: object, table: pa.Table, withheld: pa.Table) -> None:
        if token is not _TOKEN:
            raise TypeError("Disclosed is made by paylens.cohorts.disclosure.disclose alone")
        object.__setattr__(self, "_table", table)
        object.__setattr__(self, "_withheld", withheld)

    def __init_subclass__(cls) -> NoReturn:
        raise TypeError("Disclosed cannot be extended")

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("Disclosed cannot be changed")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("Disclosed cannot be changed")

    def __reduce__(self) -> NoReturn:
        raise TypeError("Disclosed cannot be pickled")

    @property
    def table(self) -> pa.Table:
        """The published cohorts, in the order of the declared sets."""
        return self._table

    @property
    def withheld(self) -> pa.Table:
        """What is not published, why, and what answers instead; no numbers."""
        return self._withheld


def disclose(cohorts: Cohorts, public: Collection[str] = PUBLIC, earlier: Earlier | None = None) -> Disclosed:
    """Let out what may be published of `cohorts`; `public` names the sources whose rows are public
    already, `earlier` says what was published of the others.
    """
    table, membership = cohorts.table, cohorts.membership
    n = _ints(table, "n")
    reason, submitted, keyed = _primary(cohorts, public)
    first = np.array([why is None for why in reason], dtype=bool)
    allowed = settle(membership, submitted, keyed, _order(cohorts, n), first)
    reason[first & ~allowed] = BY_DIFFERENCE
    keys = _keys(table)
    if earlier is not None:
        names, sources = cell_names(table, keys).to_pylist(), table["source"].to_pylist()
        still = between(membership, names, sources, keyed, _order(cohorts, n), allowed, earlier)
        reason[allowed & ~still] = BETWEEN_RELEASES
        allowed = still
    published = _published(cohorts, n, allowed, public, keys)
    return Disclosed(_TOKEN, published, _withheld(table, cohorts.tree.parent, reason, allowed, keys))


def beside(out: Disclosed, noisy: Sequence[Noisy], vintages: Mapping[str, tuple[int, int]]) -> Disclosed:
    """`out` with the cuts of communities that publish under differential privacy; `vintages` are their years."""
    table = out.table
    for one in noisy:
        if pc.any(pc.equal(table["source"], one.source)).as_py():
            raise ValueError(f"{one.source} has cuts without noise")
        table = pa.concat_tables([table, _noisy(one, *vintages[one.source], table.schema)])
    return Disclosed(_TOKEN, table, out.withheld)


def _noisy(one: Noisy, first: int, last: int, schema: pa.Schema) -> pa.Table:
    """The rows of a community, rounded as all are; what pooling would add is nothing."""
    rows = []
    for row in one.rows:
        keys = [key for key in schema.names if key in row and key in FACTS]
        shown = {name: float(round_pay(np.array([row[name]]))[0]) for name in PERCENTILES if name in row}
        rows.append({
            "source": one.source, "measure": "cash", "set": "-".join(keys), **{key: row[key] for key in keys},
            "currency": row["currency"], "n": row["n"] // N_STEP * N_STEP, **shown,
            **{f"pooled_{name}": pay for name, pay in shown.items()}, "pooling_weight": 0.0, "vintage_from": first,
            "vintage_to": last, "note": one.note,
        })  # fmt: skip
    rows.sort(key=lambda row: str(row["set"]))
    return pa.Table.from_pylist(rows, schema=schema)


def recorded(cohorts: Cohorts, out: Disclosed) -> pa.Table:
    """What whoever publishes `out` must keep for the next release (`sequence.RECORD` but for `released`): never publish it."""
    keys = _keys(cohorts.table)
    names, shown = (cell_names(t, keys).to_pylist() for t in (cohorts.table, out.table))
    sources, measures = (cohorts.table[name].to_pylist() for name in UNIVERSE)
    there = set(zip(*(out.table[name].to_pylist() for name in UNIVERSE), shown, strict=True))
    published = np.array([at in there for at in zip(sources, measures, names, strict=True)], dtype=bool)
    return record(cohorts.membership, names, sources, published)


def again(table: pa.Table, withheld: pa.Table) -> Disclosed:
    """What `disclose` made, from the tables that a build kept of it; ValueError for anything it would not have made."""
    keys = _keys(table)
    expected = [*UNIVERSE, "set", *keys, "currency", "n", "employers", "top_employer_share"]
    shown = [*PERCENTILES, *(f"pooled_{name}" for name in PERCENTILES)]
    expected += [*shown, "pooling_weight", "vintage_from", "vintage_to", "note"]
    n = _ints(table, "n")
    rounded = all(
        np.array_equal(round_pay(pay), pay, equal_nan=True)
        for pay in (_floats(table, name) for name in shown)
    )
    tails = [_floats(table, name) for name in shown if name.endswith(("p10", "p90"))]
    small = n < TAILS_FROM // N_STEP * N_STEP
    if (
        table.column_names != expected
        or (n < LEAST // N_STEP * N_STEP).any()
        or (n % N_STEP).any()
        or not rounded
        or any(np.isfinite(tail[small]).any() for tail in tails)
    ):
        raise ValueError("these are not cohorts that went through disclosure control")
    return Disclosed(_TOKEN, table, withheld)


def round_pay(pay: Floats) -> Floats:
    """Pay in steps of 1 %, shown with three significant figures; NaN stays."""
    with np.errstate(invalid="ignore", divide="ignore"):
        step = np.exp(np.round(np.log(pay) / np.log1p(STEP)) * np.log1p(STEP))
        unit = 10.0 ** (np.floor(np.log10(step)) - 2.0)
    return np.asarray(np.round(step / unit) * unit)


def _primary(cohorts: Cohorts, public: Collection[str]) -> tuple[NDArray[np.object_], Mask, Mask]:
    """Why each cell may not be published on its own account (None: it may), and which rows were
    submitted, and which cells are keyed by employer."""
    table, membership = cohorts.table, cohorts.membership
    cells, n = table.num_rows, _ints(table, "n")
    by_employer = {one.name for one in cohorts.sets if "employer" in one.keys}
    by_skill = np.array(["skill" in one.keys for one in cohorts.sets])[cohorts.tree.depth]
    keyed = np.asarray(pc.is_in(table["set"], pa.array(sorted(by_employer), pa.string())))
    theirs = ~np.asarray(pc.is_in(table["source"], pa.array(sorted(public), pa.string())))
    submitted = np.zeros(len(membership.weight), dtype=bool)
    reason = np.full(cells, None, dtype=object)
    for cell in membership.cell:
        submitted |= (cell >= 0) & theirs[cell]
    for cell in membership.cell:
        within = dominance(np.where(submitted, cell, -1), membership.employer, membership.weight, cells)
        judged = (within.n > 0) & ~keyed
        _note_dominance(reason, within, judged)
    reason[~keyed & (n < LEAST)] = TOO_FEW
    reason[keyed & (n < LEAST_BY_EMPLOYER)] = TOO_FEW_BY_EMPLOYER
    reason[by_skill & (n < LEAST_BY_SKILL)] = TOO_FEW_BY_SKILL
    return reason, submitted, keyed


def _note_dominance(reason: NDArray[np.object_], within: Dominance, judged: Mask) -> None:
    reason[judged & (within.share > TOP_EMPLOYER)] = DOMINATED
    reason[judged & (within.employers < LEAST_EMPLOYERS)] = FEW_EMPLOYERS


def _order(cohorts: Cohorts, n: Ints) -> Ints:
    """The order in which cells are given up: the least wanted sets first, in a set the smallest cells."""
    keep = np.array([one.keep for one in cohorts.sets])[cohorts.tree.depth]
    order = np.empty(len(n), dtype=np.int64)
    order[np.lexsort((np.arange(len(n)), n, keep))] = np.arange(len(n))
    return order


def _published(
    cohorts: Cohorts, n: Ints, allowed: Mask, public: Collection[str], keys: list[str]
) -> pa.Table:
    """The published rows, rounded."""
    at = np.flatnonzero(allowed)
    rows = cohorts.table.take(pa.array(at))
    shown = (n[at] // N_STEP) * N_STEP
    tails = n[at] >= TAILS_FROM
    # Pooled again toward published ancestors alone: else pooling would carry a withheld cut out.
    pooled, weight = (
        values[at] for values in cohorts.tree.pooled(_published_above(cohorts.tree.parent, allowed))
    )
    columns = {name: rows[name] for name in (*UNIVERSE, "set", *keys, "currency")}
    columns["n"] = pa.array(shown)
    theirs = ~np.asarray(pc.is_in(rows["source"], pa.array(sorted(public), pa.string())))
    unnamed = _ints(rows, "employer_reports") == 0
    employers, top = _ints(rows, "employers"), _floats(rows, "top_employer_share")
    # Of submitted reports it is said only that the rule holds: three or more, none above a quarter.
    columns["employers"] = pa.array(np.where(theirs, LEAST_EMPLOYERS, employers), mask=unnamed)
    columns["top_employer_share"] = pa.array(np.round(top, 2), mask=unnamed | theirs)
    for name in PERCENTILES:
        columns[name] = _rounded(_floats(rows, f"smoothed_{name}"), name, tails)
    for name, pay in zip(PERCENTILES, pooled.T, strict=True):
        columns[f"pooled_{name}"] = _rounded(pay, name, tails)
    # The weight is told as if n were the rounded one, so that it does not give n away.
    kappa = weight * n[at] / np.maximum(1.0 - weight, 1e-12)
    columns["pooling_weight"] = pa.array(np.round(kappa / (kappa + shown), 2))
    columns["vintage_from"], columns["vintage_to"] = rows["vintage_from"], rows["vintage_to"]
    columns["note"] = pa.array(_notes(employers, top, unnamed | theirs), pa.string())
    return pa.table(columns)


def _notes(employers: Ints, top: Floats, silent: Mask) -> list[str | None]:
    """The warning of a cut of public rows that few employers make."""
    notes: list[str | None] = []
    for count, share, quiet in zip(employers, top, silent, strict=True):
        if quiet or (count >= LEAST_EMPLOYERS and share <= TOP_EMPLOYER):
            notes.append(None)
        else:
            notes.append(f"{share:.0%} one employer".replace("%", " %"))
    return notes


def _rounded(pay: Floats, name: str, tails: Mask) -> pa.Array:
    """A column of percentiles as published."""
    out = round_pay(pay)
    return pa.array(out, mask=np.isnan(out) | (~tails if name in ("p10", "p90") else False))


def _published_above(parent: Ints, allowed: Mask) -> Ints:
    """The nearest published ancestor of each cell, -1 for none."""
    found = parent.copy()
    while ((found >= 0) & ~allowed[found]).any():
        found = np.where((found >= 0) & ~allowed[found], parent[found], found)
    return found


def _withheld(
    table: pa.Table, parent: Ints, reason: NDArray[np.object_], allowed: Mask, keys: list[str]
) -> pa.Table:
    """What is not published, with the nearest published ancestor of each."""
    answer = _published_above(parent, allowed)
    at = np.flatnonzero(~allowed)
    rows = table.take(pa.array(at))
    names = cell_names(table, keys)
    columns = {name: rows[name] for name in (*UNIVERSE, "set", *keys)}
    columns["reason"] = pa.array(reason[at], pa.string())
    found = pa.array(answer[at], mask=answer[at] < 0)
    columns["answered_by_set"] = table["set"].take(found)
    columns["answered_by"] = names.take(found)
    return pa.table(columns)


def _keys(table: pa.Table) -> list[str]:
    names = table.column_names
    return list(names[names.index("set") + 1 : names.index("currency")])


def _ints(table: pa.Table, name: str) -> Ints:
    return np.asarray(table[name].to_numpy(), dtype=np.int64)


def _floats(table: pa.Table, name: str) -> Floats:
    return np.asarray(table[name].cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
