"""What the table engine counts for cohorts: reports coded once, then amounts and employers by cell, set by set.

Everything here is a table expression that DuckDB and Spark answer alike: groups, sums of whole numbers, no logarithm
and no percentile. What is made of it are numpy arrays, a part of the cells at a time where there are many rows.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from paylens.cohorts.keys import DETERMINES, GroupingSet
from paylens.contract.errors import InputError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Table = Any
"""An ibis table expression."""


class Tables(Protocol):
    """What answers table expressions (`observations.engine`)."""

    def arrow(self, table: Table) -> pa.Table:
        """What an expression evaluates to."""

    def keep(self, table: Table) -> Table:
        """The same table, evaluated once."""

    def small(self, table: pa.Table) -> Table:
        """A table of ours, to join with."""


UNIVERSE: Final = ("source", "measure")
PART_ROWS: Final = 12_000_000
"""About how many distinct amounts go into one part of a set's cells, so that its arrays fit in memory."""
RATE_UNITS: Final = 1_000_000
"""Logs of exchange rates are summed as whole millionths: the sum is the same in whatever order."""


@dataclass(frozen=True)
class Values:
    """The distinct amounts of some cells, by cell and rising: `weight` reports say `lo` to `hi` (NaN: 'or more').

    Each of shape (amounts,). `cell` are the cells' codes, `rate` is the sum over reports of the log of the currency's
    rate to the dollar, `first` and `last` are vintages.
    """

    cell: Ints
    lo: Floats
    hi: Floats
    weight: Ints
    rate: Floats
    first: Ints
    last: Ints


@dataclass(frozen=True)
class Employers:
    """Reports by cell and employer, each of shape (pairs,)."""

    cell: Ints
    employer: Ints
    weight: Ints


class Coded:
    """Reports with each fact as a whole number: its place in `words`, -1 where it is not known.

    `fixed` has, for a fact that determines others, the place of the other by the place of the first.
    """

    def __init__(
        self, engine: Tables, table: Table, words: dict[str, list[Any]], kinds: dict[str, pa.DataType],
        fixed: dict[str, dict[str, Ints]], rows: int,
    ) -> None:  # fmt: skip
        self._engine, self._table, self._kinds = engine, table, kinds
        self.words, self.fixed, self.rows = words, fixed, rows

    def code_of(self, one: GroupingSet) -> tuple[str, ...]:
        """The facts whose codes, in this order, make the code of a cell of the set."""
        return (*UNIVERSE, *one.keys)

    def decode(self, one: GroupingSet, cell: Ints) -> dict[str, Ints]:
        """The place in `words` of each fact of the cells of a set."""
        out: dict[str, Ints] = {}
        rest = cell
        for name in reversed(self.code_of(one)):
            size = max(len(self.words[name]), 1)
            out[name] = rest % size
            rest = rest // size
        return out

    def cell_of(self, one: GroupingSet, words: Mapping[str, Ints]) -> Ints:
        """The code of the cell that reports with these places in `words` are in, -1 where one of them is."""
        facts = self.code_of(one)
        out = np.zeros_like(words[facts[0]])
        for name in facts:
            out = out * max(len(self.words[name]), 1) + words[name]
        return np.where(np.all([words[name] >= 0 for name in facts], axis=0), out, -1)

    def completed(self, one: GroupingSet, words: Mapping[str, Ints]) -> dict[str, Ints]:
        """`words` of the cells of a set with the facts that its keys determine."""
        out = dict(words)
        for fact in one.keys:
            for other in self.fixed.get(fact, {}):
                out.setdefault(other, self.fixed[fact][other][words[fact]])
        return out

    def named(self, fact: str, code: Ints) -> pa.Array:
        """The values that codes of a fact stand for."""
        return pa.array(self.words[fact], self.kind(fact)).take(pa.array(code))

    def kind(self, fact: str) -> pa.DataType:
        """The type of a fact's values."""
        return self._kinds[fact]

    def values(self, one: GroupingSet) -> Iterator[Values]:
        """The amounts of the set's cells, in parts of whole cells."""
        t, cell, known = self._cells(one)
        lo, hi = (t.lo, t.hi) if one.local else (t.lo_usd, t.hi_usd)
        amounts = (
            t.filter(known)
            .group_by(cell=cell, lo=lo, hi=hi)
            .agg(
                weight=t.weight.sum(), rate=(t.weight * t.log_rate).sum(), first=t.vintage.min(),
                last=t.vintage.max(),
            )
        )  # fmt: skip
        parts = 1
        if self.rows > PART_ROWS:
            # Counted once, fetched in parts: the reports themselves are read a single time for each set.
            amounts = self._engine.keep(amounts)
            parts = max(1, -(-self._count(amounts) // PART_ROWS))
        for part in range(parts):
            mine = amounts if parts == 1 else amounts.filter(amounts.cell % parts == part)
            found = self._arrays(mine.order_by("cell", "lo", "hi"))
            rate = found["rate"] / RATE_UNITS if one.local else np.zeros(len(found["cell"]))
            whole = {k: found[k].astype(np.int64) for k in ("cell", "weight", "first", "last")}
            yield Values(
                whole["cell"], found["lo"], found["hi"], whole["weight"], rate, whole["first"], whole["last"]
            )

    def employers(self, one: GroupingSet) -> Employers:
        """Reports by employer in each cell of the set, where it is known."""
        if not self.words["employer"]:
            none = np.empty(0, dtype=np.int64)
            return Employers(none, none, none)
        t, cell, known = self._cells(one)
        found = self._arrays(
            t.filter(known & (t.employer_code >= 0))
            .group_by(cell=cell, employer_code=t.employer_code)
            .agg(weight=t.weight.sum())
            .order_by("cell", "employer_code")
        )
        return Employers(*(found[k].astype(np.int64) for k in ("cell", "employer_code", "weight")))

    def members(self, sets: Sequence[GroupingSet]) -> tuple[dict[str, Ints], Ints, list[tuple[str, ...]]]:
        """Reports that no fact used by `sets` tells apart, added up: codes by fact, weight, and skills of each."""
        told = ["version"] if "version" in self.words else []
        facts = sorted({*UNIVERSE, "employer", *told, *(k for s in sets for k in s.keys if k != "skill")})
        with_skills = any("skill" in s.keys for s in sets)
        t = self._table
        listed = ["skills"] if with_skills else []
        rows = t.select(*(f"{f}_code" for f in facts), "weight", *listed)
        if with_skills:
            rows = rows.mutate(skills=rows.skills.sort().join(";"))
        columns = [f"{f}_code" for f in facts] + listed
        query = rows.group_by(*columns).agg(weight=lambda x: x.weight.sum()).order_by(*columns)
        found = self._engine.arrow(query)
        skills = (
            [tuple(s.split(";")) if s else () for s in found["skills"].to_pylist()] if with_skills else []
        )
        codes = {f: np.asarray(found[f"{f}_code"].to_numpy(), dtype=np.int64) for f in facts}
        return codes, np.asarray(found["weight"].to_numpy(), dtype=np.int64), skills

    def _cells(self, one: GroupingSet) -> tuple[Table, Table, Table]:
        """The rows, the code of each one's cell in the set, and whether it knows every key."""
        t = self._by_skill if "skill" in one.keys else self._table
        names = [f"{name}_code" for name in self.code_of(one)]
        known = functools.reduce(operator.and_, (t[name] >= 0 for name in names))
        cell, span = t[names[0]].cast("int64"), max(len(self.words["source"]), 1)
        for fact, name in zip(self.code_of(one)[1:], names[1:], strict=True):
            size = max(len(self.words[fact]), 1)
            cell, span = cell * size + t[name].cast("int64"), span * size
        if span >= 2**62:
            raise InputError("sets", one.name, f"'{one.name}' would have more cells than can be numbered")
        return t, cell, known

    @functools.cached_property
    def _by_skill(self) -> Table:
        """A row for each skill of each report."""
        t = self._table.mutate(skill=self._table.skills.unnest())
        return t.join(
            self._engine.small(_numbered("skill", self.words["skill"], self.kind("skill"))), "skill"
        )

    def _count(self, table: Table) -> int:
        return int(self._engine.arrow(table.agg(rows=table.count()))["rows"][0].as_py())

    def _arrays(self, query: Table) -> dict[str, NDArray[Any]]:
        found: pa.Table = self._engine.arrow(query)
        return {name: found[name].to_numpy() for name in found.column_names}


def coded(engine: Tables, reports: Table, facts: Sequence[str]) -> Coded:
    """Code the reports' `facts` (and the universe and employers) and keep them where the engine keeps tables."""
    t = reports
    told = ["version"] if "version" in t.columns else []
    names = [*dict.fromkeys((*UNIVERSE, "employer", "currency", *told, *(f for f in facts if f != "skill")))]
    kinds = {name: pa.int64() if t[name].type().is_integer() else pa.string() for name in names}
    kinds["skill"] = pa.string()
    t = t.mutate(**{name: t[name].cast(str(kinds[name])) for name in names})
    words = {name: _words(engine, t.select(name).distinct()) for name in names}
    if "skill" in facts:
        words["skill"] = _words(engine, t.select(skill=t.skills.unnest()).distinct())
    fixed: dict[str, dict[str, Ints]] = {}
    for fact, others in {**DETERMINES, "country": (*DETERMINES["country"], "currency")}.items():
        if fact in names:
            fixed[fact] = {other: _fixed(engine, t, fact, other, words) for other in others if other in names}
    for name in names:
        known = engine.small(_numbered(name, words[name], kinds[name]))
        t = t.left_join(known, name).drop(f"{name}_right")
    coded_ = {f"{name}_code": t[f"{name}_code"].fill_null(-1).cast("int32") for name in names}
    kept = ["lo", "hi", "weight", "vintage", *(["skills"] if "skill" in facts else [])]
    coded_["log_rate"] = (t.per_usd.ln() * RATE_UNITS).round().cast("int64")
    t = t.mutate(lo_usd=t.lo / t.per_usd, hi_usd=t.hi / t.per_usd)
    t = engine.keep(t.select(*kept, "lo_usd", "hi_usd", **coded_))
    rows = engine.arrow(t.agg(rows=t.count()))["rows"][0].as_py()
    return Coded(engine, t, words, kinds, _closed(fixed), int(rows))


def _words(engine: Tables, distinct: Table) -> list[Any]:
    found = engine.arrow(distinct).column(0).to_pylist()
    return sorted(v for v in found if v is not None)


def _fixed(engine: Tables, t: Table, fact: str, other: str, words: Mapping[str, list[Any]]) -> Ints:
    """For each value of `fact`, the place of the value of `other` that goes with it, -1 for none."""
    pairs = engine.arrow(t.filter(t[fact].notnull() & t[other].notnull()).select(fact, other).distinct())
    place = {name: {v: i for i, v in enumerate(words[name])} for name in (fact, other)}
    out = np.full(len(words[fact]), -1, dtype=np.int64)
    for a, b in zip(pairs[fact].to_pylist(), pairs[other].to_pylist(), strict=True):
        out[place[fact][a]] = place[other][b]
    return out


def _closed(fixed: dict[str, dict[str, Ints]]) -> dict[str, dict[str, Ints]]:
    """What is determined by way of another fact too: a metro's country gives its currency."""
    for fact in ("metro", "state"):
        country = fixed.get(fact, {}).get("country")
        if country is not None:
            for other, place in fixed.get("country", {}).items():
                through = np.append(place, -1)[country]
                own = fixed[fact].get(other)
                fixed[fact][other] = through if own is None else np.where(own >= 0, own, through)
    return fixed


def _numbered(name: str, words: list[Any], kind: pa.DataType) -> pa.Table:
    return pa.table({name: pa.array(words, kind), f"{name}_code": pa.array(range(len(words)), pa.int32())})
