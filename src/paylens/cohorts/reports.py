"""Observations as the reports that cohorts count: pay in the country's own currency at the month's rate, and the keys."""

from __future__ import annotations

from typing import Any, Final

import ibis
import numpy as np
import pyarrow as pa

from paylens.cohorts.cells import Table, Tables
from paylens.cohorts.keys import BANDS
from paylens.contract.vocabularies import roles
from paylens.places import geography, money

__all__ = ["MEASURES", "OLDEST", "reports"]


# Older surveys still teach the model; beside an answer of today their nominal amounts would mislead.
OLDEST: Final = 2018
MEASURES: Final = {
    "kaggle": "yearly pay as asked",
    "stackoverflow": "yearly pay as asked",
    "levels_fyi": "total",
    "aijobs": "advertised midpoint",
    "us_lca": "base",
}
MARKS: Final = ("held", "version")
"""Columns that are kept where the observations have them: whether a person is held back for the scores, and which
version of which submitted report it is (`sequence`)."""
_IDLE = ("student", "not-employed", "retired")
_KEPT = (
    "role", "country", "state", "metro", "seniority", "industry", "company_size", "education", "employer", "remote",
    "employment", "source", "vintage", "skills",
)  # fmt: skip
_DETERMINED = ("family", "region", "currency", "per_usd", "measure", "years_band")


def reports(engine: Tables, observations: Table) -> tuple[Table, dict[str, int]]:
    """Reports with the columns of `cohorts.build`, and how many observations were left out by reason.

    `observations` is a table expression of the schema of observations; so is what comes back.
    """
    t = _told(engine, observations)
    middle = (ibis.greatest(t.pay_lo, 1.0) * ibis.coalesce(t.pay_hi, t.pay_lo)).sqrt()
    advertised = t.source == "aijobs"
    t = t.mutate(
        lo=advertised.ifelse(middle, t.pay_lo) * t.factor, hi=advertised.ifelse(middle, t.pay_hi) * t.factor,
        years_band=_band(t), weight=ibis.literal(1, "int64"),
        left=ibis.cases(
            (t.pay_flag.notnull(), "amount flagged as a slip"), (t.vintage < OLDEST, f"before {OLDEST}"),
            (t.factor.isnull(), "no country or no rate"), (t.employment.isin(_IDLE), "not employed"),
        ),
    )  # fmt: skip
    counted = engine.arrow(t.filter(t.left.notnull()).group_by("left").agg(n=lambda x: x.count()))
    left = dict(sorted(zip(counted["left"].to_pylist(), counted["n"].to_pylist(), strict=True)))
    kept = t.filter(t.left.isnull())
    more = [name for name in MARKS if name in observations.columns]
    return kept.select(*_KEPT, *_DETERMINED, "lo", "hi", "weight", *more), left


def _told(engine: Tables, t: Table) -> Table:
    """Observations with what their country, role and source determine."""
    found = engine.arrow(t.select("country", "currency", "month").distinct()).to_pylist()
    t = t.left_join(engine.small(_rates(found)), ["country", "currency", "month"])
    t = t.drop("country_right", "currency_right", "month_right").drop("currency").rename(currency="local")
    families = [(e.id, str(e.attributes["family"])) for e in roles().entries]
    t = t.left_join(engine.small(_pairs("role", "family", families)), "role").drop("role_right")
    measures = engine.small(_pairs("source", "measure", list(MEASURES.items())))
    t = t.left_join(measures, "source").drop("source_right")
    # A community's reports are cash: base and bonus.
    return t.mutate(measure=t.measure.fill_null("cash"))


def _pairs(first: str, second: str, rows: list[tuple[str, str]]) -> pa.Table:
    return pa.table({first: [a for a, _ in rows], second: [b for _, b in rows]})


def _rates(found: list[dict[str, Any]]) -> pa.Table:
    """For each country, currency and month: the country's currency, its rate to the dollar, and what turns amounts into it."""
    known = {c.id: c for c in geography.countries()}
    rows = []
    for key in sorted(found, key=lambda k: (str(k["country"]), k["currency"], k["month"])):
        if key["country"] in known:
            place = known[key["country"]]
            local, per_usd, factor = _rate(place.currency, key["currency"], key["month"])
            rows.append({**key, "region": place.region, "local": local, "per_usd": per_usd, "factor": factor})
    schema = pa.schema(
        [(n, pa.string()) for n in ("country", "currency", "month", "region", "local")]
        + [("per_usd", pa.float64()), ("factor", pa.float64())]
    )
    return pa.Table.from_pylist(rows, schema=schema)


def _rate(own: str | None, currency: str, month: str) -> tuple[str, float, float | None]:
    local = own if own is not None and own in money.currencies() else "USD"
    if currency not in money.currencies():
        return local, 1.0, None
    there = money.rate(local, month).per_usd
    return local, there, there / money.rate(currency, month).per_usd


def _band(t: Table) -> Any:
    """The band of the middle of each interval of professional years; of 'or more' its lower end decides."""
    middle = t.years_hi.isnull().ifelse(t.years_lo, (t.years_lo + t.years_hi) / 2.0)
    return ibis.cases(
        *((_between(middle, low, high), name) for name, low, high in BANDS),
    )


def _between(value: Any, low: float, high: float) -> Any:
    return (value >= low) & (value < high) if np.isfinite(high) else value >= low
