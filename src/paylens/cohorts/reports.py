"""Observations as the reports that cohorts count: pay in the country's own currency at the month's rate, and the keys."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from paylens.cohorts.keys import years_band
from paylens.contract.vocabularies import roles
from paylens.places import geography, money

__all__ = ["OLDEST", "reports"]

# Older surveys still teach the model; beside an answer of today their nominal amounts would mislead.
OLDEST = 2018
MEASURES = {
    "kaggle": "yearly pay as asked",
    "stackoverflow": "yearly pay as asked",
    "levels_fyi": "total",
    "aijobs": "advertised midpoint",
    "us_lca": "base",
}
_KEPT = (
    "role",
    "country",
    "metro",
    "seniority",
    "industry",
    "company_size",
    "education",
    "employer",
    "employment",
    "source",
    "vintage",
)


def reports(table: pa.Table) -> tuple[pa.Table, dict[str, int]]:
    """Reports with the columns of `cohorts.build`, and how many observations were left out by reason."""
    country, currency, month = (table.column(c).to_pylist() for c in ("country", "currency", "month"))
    known = {c.id: c for c in geography.countries()}
    rates: dict[tuple[Any, Any, Any], tuple[str, float, float]] = {}
    local, per_usd, factor = [], np.ones(table.num_rows), np.ones(table.num_rows)
    for i, key in enumerate(zip(country, currency, month, strict=True)):
        if key not in rates:
            rates[key] = _rate(known[key[0]].currency if key[0] in known else None, str(key[1]), str(key[2]))
        name, per_usd[i], factor[i] = rates[key]
        local.append(name)
    lo, hi = _number(table, "pay_lo"), _number(table, "pay_hi")
    advertised = np.array([s == "aijobs" for s in table.column("source").to_pylist()])
    middle = np.sqrt(np.maximum(lo, 1.0) * np.where(np.isfinite(hi), hi, lo))
    lo, hi = np.where(advertised, middle, lo) * factor, np.where(advertised, middle, hi) * factor
    years_lo, years_hi = _number(table, "years_lo"), _number(table, "years_hi")
    family = {e.id: str(e.attributes["family"]) for e in roles().entries}
    out = pa.table({name: table.column(name) for name in _KEPT if name in table.column_names})
    for name, values in (
        ("family", [family.get(r) for r in table.column("role").to_pylist()]),
        ("region", [known[c].region if c in known else None for c in country]),
        ("currency", local),
        ("measure", [MEASURES[s] for s in table.column("source").to_pylist()]),
        ("years_band", years_band(years_lo, years_hi).tolist()),
    ):
        out = out.append_column(name, pa.array(values, pa.string()))
    out = out.append_column("lo", pa.array(lo)).append_column("hi", pa.array(hi, mask=~np.isfinite(hi)))
    out = out.append_column("per_usd", pa.array(per_usd)).append_column(
        "weight", pa.array(np.ones(len(lo), dtype=np.int64))
    )
    flagged = np.array([f is not None for f in table.column("pay_flag").to_pylist()])
    old = np.asarray(table.column("vintage").to_numpy(zero_copy_only=False)) < OLDEST
    nowhere = np.array([c is None for c in country]) | ~np.isfinite(factor)
    idle = np.array(
        [e in ("student", "not-employed", "retired") for e in table.column("employment").to_pylist()]
    )
    left = {
        "amount flagged as a slip": flagged,
        f"before {OLDEST}": old & ~flagged,
        "no country or no rate": nowhere & ~old & ~flagged,
        "not employed": idle & ~nowhere & ~old & ~flagged,
    }
    keep = ~(flagged | old | nowhere | idle)
    return out.filter(pa.array(keep)), {k: int(v.sum()) for k, v in left.items()}


def _rate(own: str | None, currency: str, month: str) -> tuple[str, float, float]:
    local = own if own in money.currencies() else "USD"
    if currency not in money.currencies():
        return local, 1.0, float("nan")
    there = money.rate(local, month).per_usd
    return local, there, there / money.rate(currency, month).per_usd


def _number(table: pa.Table, name: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.asarray(table.column(name).to_numpy(zero_copy_only=False), dtype=float)
