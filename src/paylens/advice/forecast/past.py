"""The series that a forecast carries on, and what other sources said of the same market."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from paylens.advice.forecast.drift import Drift, Tables, months_between
from paylens.places import wages

__all__ = ["beside", "breaks", "history"]

_SINCE = "2017-07"
_SHOWN = 13


def history(
    tables: Tables, drift: Drift, family: str, as_of: str, deflate: Callable[[str], float]
) -> list[dict[str, Any]]:
    """Points of the series carried on, the month asked being 100; `deflate` gives the log rise of prices since then."""
    if not drift.path:
        return _index_history(drift, as_of, deflate)
    rows = _main(tables, drift, family)
    if not rows:
        return []
    last = rows[-1]
    top = -drift.growth(last["month"], as_of)
    return [
        {
            "month": r["month"], "index": 100 * math.exp(r["log"] - last["log"] + top - deflate(r["month"])),
            "source": r["source"], "kind": r["kind"], "label": r["label"],
        }
        for r in rows[-_SHOWN:]
    ]  # fmt: skip


def _main(tables: Tables, drift: Drift, family: str) -> list[dict[str, Any]]:
    wanted = family if drift.kind == "own" else None
    rows = [
        r for r in tables.trend if r["country"] == drift.country and r["fitted"] and r["family"] == wanted
    ]
    official = [r for r in rows if r["kind"] == "official"]
    return sorted(official or rows, key=lambda r: str(r["month"]))


def _index_history(drift: Drift, as_of: str, deflate: Callable[[str], float]) -> list[dict[str, Any]]:
    """Each July of the wage index up to its last published figure."""
    if not drift.from_month:
        return []
    index = wages.index(drift.country)
    return [
        {
            "month": month, "index": 100 * math.exp(-math.log(index.ratio(month, as_of)[0]) - deflate(month)),
            "source": "wage index", "kind": "prices", "label": index.name,
        }
        for month in (f"{year}-07" for year in range(int(_SINCE[:4]), int(drift.from_month[:4]) + 1))
        if month <= drift.from_month
    ]  # fmt: skip


def beside(tables: Tables, country: str, family: str) -> list[dict[str, Any]]:
    """Growth a year of every other series of the market, from its first to its last period."""
    out = []
    for rows in _others(tables, country, family):
        first, last = rows[0], rows[-1]
        years = months_between(first["month"], last["month"]) / 12
        out.append({
            "source": first["source"], "country": country, "kind": first["kind"], "label": first["label"], "from": first["month"], "to": last["month"],
            "a_year": math.expm1((last["log"] - first["log"]) / years),
            "error": None if last["error"] is None else last["error"] / years,
            "n": last["n"], "broken": "; ".join(dict.fromkeys(r["broken"] for r in rows if r["broken"])) or None,
        })  # fmt: skip
    return out


def _others(tables: Tables, country: str, family: str) -> list[list[dict[str, Any]]]:
    """Series that are not carried on, of the family where there is one, else of all of the country; two points or more."""
    of: dict[str, dict[str | None, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for row in tables.trend:
        if row["country"] == country and row["family"] in (None, family) and not row["fitted"]:
            of[row["source"]][row["family"]].append(row)
    found = [by.get(family) or by[None] for _, by in sorted(of.items())]
    return [sorted(rows, key=lambda r: str(r["month"])) for rows in found if len(rows) > 1]


def breaks(tables: Tables, country: str, family: str) -> list[dict[str, Any]]:
    """Every change of codes or method in the series of the market, oldest first."""
    rows: Sequence[dict[str, Any]] = [
        r for r in tables.trend if r["country"] == country and r["family"] in (None, family) and r["broken"]
    ]
    seen = {(r["month"], r["source"].split(",")[0], r["broken"]) for r in rows}
    return [{"month": m, "source": s, "what": w} for m, s, w in sorted(seen)]
