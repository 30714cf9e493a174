"""All of the trend from its inputs: history, forecasts, their back-test, and what moves them, as tables of a release."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any, Final

import numpy as np
import pyarrow as pa

from paylens.model.fit.trend import borrowed, readings
from paylens.model.fit.trend.candidates import DRIFT, HORIZONS, ahead
from paylens.model.fit.trend.chains import Chain
from paylens.model.fit.trend.choose import Chosen, backtest, choose, multiplier
from paylens.model.fit.trend.history import families, family_chain, singapore
from paylens.model.fit.trend.inputs import Inputs, named, read
from paylens.model.fit.trend.surveys import adjusted
from paylens.model.fit.trend.windows import MAY, Window, official, posted, posted_levels

__all__ = ["BACKTEST", "DRIVERS", "FEWEST_POINTS", "FORECAST", "TREND", "fit_trend"]

FEWEST_POINTS: Final = 8
"""Comparable yearly points below which no model is fitted and the drift is borrowed."""
US, POSTED_OFFICIAL = "US", "us_oews"
TREND = pa.schema(
    [
        ("series", pa.string()), ("country", pa.string()), ("family", pa.string()), ("source", pa.string()), ("kind", pa.string()),
        ("label", pa.string()), ("month", pa.string()), ("log", pa.float64()), ("error", pa.float64()), ("n", pa.float64()),
        ("broken", pa.string()), ("fitted", pa.bool_()),
    ]
)  # fmt: skip
FORECAST = pa.schema(
    [
        ("series", pa.string()), ("country", pa.string()), ("family", pa.string()), ("basis", pa.string()), ("panel", pa.string()),
        ("model", pa.string()), ("wages", pa.string()), ("points", pa.int32()), ("from_month", pa.string()), ("years", pa.int32()),
        ("median", pa.float64()), ("q025", pa.float64()), ("q10", pa.float64()), ("q25", pa.float64()), ("q75", pa.float64()),
        ("q90", pa.float64()), ("q975", pa.float64()), ("error", pa.float64()),
    ]
)  # fmt: skip
BACKTEST = pa.schema(
    [
        ("panel", pa.string()), ("model", pa.string()), ("years", pa.int32()), ("windows", pa.int32()), ("series", pa.int32()),
        ("independent", pa.int32()), ("first", pa.string()), ("last", pa.string()), ("error", pa.float64()), ("mase", pa.float64()),
        ("against_mean", pa.float64()), ("cover50", pa.float64()), ("cover80", pa.float64()), ("cover95", pa.float64()),
        ("covered_of", pa.int32()),
    ]
)  # fmt: skip
DRIVERS = pa.schema(
    [
        ("what", pa.string()), ("scenario", pa.string()), ("variable", pa.string()), ("country", pa.string()), ("family", pa.string()),
        ("month", pa.string()), ("value", pa.float64()), ("before", pa.float64()), ("low", pa.float64()), ("high", pa.float64()),
        ("rows", pa.int32()), ("groups", pa.int32()), ("countries", pa.int32()), ("source", pa.string()),
    ]
)  # fmt: skip
_QUANTILES: Final = {"q025": -0.95, "q10": -0.8, "q25": -0.5, "q75": 0.5, "q90": 0.8, "q975": 0.95}
_FIVES = 5


def fit_trend(figures: pa.Table, official_cells: pa.Table, observations: pa.Table) -> dict[str, pa.Table]:
    """Tables 'trend', 'forecast', 'backtest', 'drivers' from published series, official cells and observations.

    `figures` has the schema of sources.trends, `official_cells` that of sources.official. Deterministic.
    """
    inputs = read(figures, official_cells, observations)
    panels: dict[str, Sequence[Window]] = {
        "official": official([c for c in inputs.chains.values() if c.id != "all"]),
        "posted": posted(inputs.posted),
    }
    prices = {"prices": borrowed.windows(inputs.posted)}
    tested = backtest(panels) + backtest(prices, borrowed.RULES)
    return {
        "trend": pa.Table.from_pylist(_history(inputs), schema=TREND),
        "forecast": pa.Table.from_pylist(_forecasts(inputs, panels, prices), schema=FORECAST),
        "backtest": pa.Table.from_pylist([r | {k: named(r[k]) for k in ("first", "last")} for r in tested], schema=BACKTEST),
        "drivers": pa.Table.from_pylist(readings.rows(inputs), schema=DRIVERS),
    }  # fmt: skip


# History ----------------------------------------------------------------------------------------------------------


def _history(x: Inputs) -> list[dict[str, Any]]:
    out: list[dict[str, Any]] = []
    for family in families():
        own = family_chain(family, x.chains)
        if own is not None:
            out += _chain_rows(own, family, fitted=len(own.years) >= FEWEST_POINTS)
        out += [
            _row("SG", family, "sg_mom", "official", "median gross wages of residents (MOM)", f"{r['year']}-06", r["log"], n=r["n"], broken=r["broken"])
            for r in singapore(x.official, family)
        ]  # fmt: skip
    if "computing" in x.chains:
        out += _chain_rows(x.chains["computing"], None, fitted=True)
    for country, rates in sorted(x.posted.items()):
        last = max(rates)
        levels = posted_levels(rates, last)
        out += [
            _row(country, None, "indeed", "posted", "posted wages, all occupations (Indeed)",
                 named(last - 12 * (len(levels) - 1 - k)), float(v), fitted=True)
            for k, v in enumerate(levels)
        ]  # fmt: skip
    for a in adjusted(x.observations):
        kind = "advertised" if a.source == "aijobs" else "survey"
        label = f"{a.source}, adjusted for who answered"
        n = float(a.n - a.n % _FIVES)
        out.append(
            _row(
                a.country,
                a.family,
                a.source,
                kind,
                label,
                a.month,
                a.log,
                error=a.error,
                n=n,
                broken=a.broken,
            )
        )
    return out


def _row(
    country: str, family: str | None, source: str, kind: str, label: str, month: str, log: float, *, error: float | None = None,
    n: float | None = None, broken: str | None = None, fitted: bool = False,
) -> dict[str, Any]:  # fmt: skip
    return {
        "series": "|".join((country, family or "all", source)), "country": country, "family": family, "source": source, "kind": kind,
        "label": label, "month": month, "log": log, "error": error, "n": n, "broken": broken, "fitted": fitted,
    }  # fmt: skip


def _chain_rows(chain: Chain, family: str | None, *, fitted: bool) -> list[dict[str, Any]]:
    broken = dict(chain.breaks)
    return [
        _row(US, family, POSTED_OFFICIAL, "official", f"median pay (OEWS): {chain.label}", f"{year}-{MAY + 1:02d}", log,
             broken=broken.get(year), fitted=fitted)
        for year, log in zip(chain.years.tolist(), chain.logs.tolist(), strict=True)
    ]  # fmt: skip


# Forecasts --------------------------------------------------------------------------------------------------------


def _forecasts(
    x: Inputs, panels: Mapping[str, Sequence[Window]], prices: Mapping[str, Sequence[Window]]
) -> list[dict[str, Any]]:
    chosen = choose(panels) or Chosen(DRIFT, 0.03, 1.0)
    by_prices = choose(prices, borrowed.RULES) or Chosen(DRIFT, 0.03, 1.0)
    out: list[dict[str, Any]] = []
    group = x.chains.get("computing")
    apart = _apart(x.chains, "computing")
    for family in families():
        own = family_chain(family, x.chains)
        if own is not None and len(own.years) >= FEWEST_POINTS:
            out += _rows(
                US,
                family,
                "own",
                "official",
                chosen,
                _growth(own, chosen),
                _may(own),
                len(own.years),
                own.label,
            )
        elif group is not None:
            points = 0 if own is None else len(own.years)
            out += _rows(
                US,
                family,
                "borrowed",
                "official",
                chosen,
                _growth(group, chosen),
                _may(group),
                points,
                group.label,
                apart,
            )
    everyone = _apart(x.chains, "all")
    for country, rates in sorted(x.posted.items()):
        last = max(rates)
        y = posted_levels(rates, last)
        growth = ahead(y, country, named(last))[chosen.model]
        what = "posted wages of all occupations (Indeed)"
        if country != US:
            out += _rows(country, None, "borrowed", "posted", chosen, growth, named(last), 0, what, everyone)
    # The middle of a country without posted wages is its prices' and comes with the wage index; its width is here.
    out += _rows(
        None,
        None,
        "prices",
        "prices",
        by_prices,
        np.full(HORIZONS, np.nan),
        None,
        0,
        borrowed.PRICES,
        everyone,
    )
    return out


def _may(chain: Chain) -> str:
    return f"{int(chain.years[-1])}-{MAY + 1:02d}"


def _growth(chain: Chain, chosen: Chosen) -> Any:
    return ahead(chain.upto(int(chain.years[-1])), US, _may(chain))[chosen.model]


def _apart(found: Mapping[str, Chain], wider: str) -> float:
    """What an occupation's growth differs from a wider group's by a year: root mean square over occupations and windows."""
    if wider not in found:
        return 0.0
    at = dict(zip(found[wider].years.tolist(), found[wider].logs.tolist(), strict=True))
    missed = []
    for chain in found.values():
        if chain.id in ("computing", "all"):
            continue
        own = dict(zip(chain.years.tolist(), chain.logs.tolist(), strict=True))
        shared = sorted(own.keys() & at.keys())
        missed += [
            (own[b] - own[a] - at[b] + at[a]) / (b - a) for i, a in enumerate(shared) for b in shared[i + 1 :] if b - a >= 3
        ]  # fmt: skip
    return math.sqrt(fmean(m * m for m in missed)) if missed else 0.0


def _rows(
    country: str | None, family: str | None, basis: str, panel: str, chosen: Chosen, growth: Any, month: str | None, points: int,
    wages: str, apart: float = 0.0,
) -> list[dict[str, Any]]:  # fmt: skip
    error = math.hypot(chosen.scale, apart)
    series = "|".join((country or "any", family or "all"))
    out = []
    for years in range(1, HORIZONS + 1):
        middle = float(growth[years - 1])
        middle_or_zero = 0.0 if math.isnan(middle) else middle
        quantiles = {
            q: middle_or_zero + math.copysign(multiplier(abs(level), chosen.df), level) * error * years
            for q, level in _QUANTILES.items()
        }
        out.append({
            "series": series, "country": country, "family": family, "basis": basis, "panel": panel, "model": chosen.model,
            "wages": wages, "points": points, "from_month": month, "years": years,
            "median": None if math.isnan(middle) else middle, "error": error, **quantiles,
        })  # fmt: skip
    return out
