"""What reports must satisfy before they are cut into cohorts."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import Final

import pyarrow as pa

from paylens.cohorts.cells import UNIVERSE, Table, Tables
from paylens.cohorts.keys import DETERMINES, GroupingSet
from paylens.contract.errors import InputError

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
"""The columns that reports must have, beside the facts that the declared sets are keyed by."""


def validate(engine: Tables, reports: Table, sets: Sequence[GroupingSet]) -> None:
    """Raise InputError naming the column and a value unless the reports can be cut by `sets`."""
    keys = {"skills" if key == "skill" else key for one in sets for key in one.keys}
    needed = {**COLUMNS, **dict.fromkeys(sorted(keys), "a key of the declared sets")}
    missing = [name for name in needed if name not in reports.columns]
    if missing:
        raise InputError("observations", ", ".join(missing), f"cohorts need the column {missing[0]}")
    t, checked = reports, (*UNIVERSE, "vintage", "lo", "per_usd", "currency")
    weighed = t.weight.notnull() & (t.weight >= 1) & (t.weight == t.weight.round())
    hi = t.hi.fill_null(t.lo + 1.0)
    paid = (t.per_usd > 0) & (t.lo >= 0) & (hi >= t.lo) & (hi > 0) & ((t.lo > 0) | t.hi.notnull())
    found = engine.arrow(
        t.agg(
            weight=(~weighed).sum().fill_null(0), pay=(~paid.fill_null(True)).sum().fill_null(0),
            **{name: t[name].isnull().sum().fill_null(0) for name in checked},
        )
    ).to_pylist()[0]  # fmt: skip
    if found["weight"]:
        raise InputError("weight", None, "a report's weight must be a whole number of reports, 1 or more")
    for name in checked:
        if found[name]:
            raise InputError(name, None, f"{found[name]} reports have no {name}")
    if found["pay"]:
        raise InputError(
            "lo", None, "pay must be an interval with lo <= hi and hi above zero: screen the reports first"
        )
    for fact, fixed in DETERMINES.items():
        for other in fixed:
            if {fact, other} <= set(reports.columns):
                _one_each(engine, reports, fact, other)
    if "country" in reports.columns:
        _one_each(engine, reports, "country", "currency")


def _one_each(engine: Tables, t: Table, fact: str, other: str) -> None:
    """Raise InputError unless each known value of `fact` goes with one value of `other`."""
    known = t.filter(t[fact].notnull()).mutate(other=t[other].cast("string").fill_null(""))
    wrong: pa.Table = engine.arrow(
        known.group_by(fact)
        .agg(values=known.other.nunique())
        .filter(lambda x: x["values"] > 1)
        .order_by(fact)
        .limit(1)
    )
    if wrong.num_rows:
        value = str(wrong[fact][0].as_py())
        raise InputError(
            other, value, f"{fact} '{value}' has more than one {other}: cohorts cannot be nested"
        )
