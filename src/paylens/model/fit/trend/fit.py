"""All of the trend from its inputs: history, forecasts, their back-test, and what moves them, as tables of a release."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute

from paylens.model.fit.trend import borrowed, drivers
from paylens.model.fit.trend.candidates import DRIFT, HORIZONS, ahead
from paylens.model.fit.trend.chains import Chain, chains
from paylens.model.fit.trend.choose import Chosen, backtest, choose, multiplier
from paylens.model.fit.trend.history import blend, families, family_chain, singapore
from paylens.model.fit.trend.surveys import LEAST, adjusted
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
# From here on the AI share of these countries jumps for no reason that the publisher names.
_AI_STOPS: Final = {"CA": 12 * 2026, "IE": 12 * 2026}
_AREA = "EA"
_INDEED = "Indeed Hiring Lab"
_QUANTILES: Final = {"q025": -0.95, "q10": -0.8, "q25": -0.5, "q75": 0.5, "q90": 0.8, "q975": 0.95}
_FIVES = 5
Rates = dict[str, dict[int, float]]


@dataclass(frozen=True)
class _Inputs:
    chains: dict[str, Chain]
    series: dict[str, Rates]
    projected: dict[str, float]
    official: pa.Table
    observations: pa.Table

    @property
    def posted(self) -> Rates:
        return {c: v for c, v in self.series["posted wages"].items() if c != _AREA}


def fit_trend(figures: pa.Table, official_cells: pa.Table, observations: pa.Table) -> dict[str, pa.Table]:
    """Tables 'trend', 'forecast', 'backtest', 'drivers' from published series, official cells and observations.

    `figures` has the schema of sources.trends, `official_cells` that of sources.official. Deterministic.
    """
    inputs = _read(figures, official_cells, observations)
    panels: dict[str, Sequence[Window]] = {
        "official": official([c for c in inputs.chains.values() if c.id != "all"]),
        "posted": posted(inputs.posted),
    }
    prices = {"prices": borrowed.windows(inputs.posted)}
    tested = backtest(panels) + backtest(prices, borrowed.RULES)
    return {
        "trend": pa.Table.from_pylist(_history(inputs), schema=TREND),
        "forecast": pa.Table.from_pylist(_forecasts(inputs, panels, prices), schema=FORECAST),
        "backtest": pa.Table.from_pylist([r | {k: _named(r[k]) for k in ("first", "last")} for r in tested], schema=BACKTEST),
        "drivers": pa.Table.from_pylist(_drivers(inputs), schema=DRIVERS),
    }  # fmt: skip


def _number(month: str) -> int:
    return 12 * int(month[:4]) + int(month[5:]) - 1


def _named(month: int) -> str:
    return f"{month // 12}-{month % 12 + 1:02d}"


def _read(figures: pa.Table, official_cells: pa.Table, observations: pa.Table) -> _Inputs:
    published: dict[int, dict[str, tuple[float, float]]] = defaultdict(dict)
    series: dict[str, Rates] = defaultdict(lambda: defaultdict(dict))
    projected: dict[str, float] = {}
    for row in figures.to_pylist():
        kind, month = row["kind"], row["month"]
        if kind == "official wages":
            published[int(month[:4])][row["group"]] = (row["n"], row["value"])
        elif kind == "projected employment":
            projected[row["group"]] = row["value"]
        elif row["group"] is None:
            series[kind][row["country"]][_number(month)] = row["value"]
    return _Inputs(chains(published), series, projected, official_cells, observations)


# History ----------------------------------------------------------------------------------------------------------


def _history(x: _Inputs) -> list[dict[str, Any]]:
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
                 _named(last - 12 * (len(levels) - 1 - k)), float(v), fitted=True)
            for k, v in enumerate(levels)
        ]  # fmt: skip
    for a in adjusted(x.observations):
        kind = "advertised" if a.source == "aijobs" else "survey"
        label = f"{a.source}, adjusted for who answered"
        n = float(a.n - a.n % _FIVES)
        out.append(_row(a.country, a.family, a.source, kind, label, a.month, a.log, error=a.error, n=n, broken=a.broken))
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
    x: _Inputs, panels: Mapping[str, Sequence[Window]], prices: Mapping[str, Sequence[Window]]
) -> list[dict[str, Any]]:
    chosen = choose(panels) or Chosen(DRIFT, 0.03, 1.0)
    by_prices = choose(prices, borrowed.RULES) or Chosen(DRIFT, 0.03, 1.0)
    out: list[dict[str, Any]] = []
    group = x.chains.get("computing")
    apart = _apart(x.chains, "computing")
    for family in families():
        own = family_chain(family, x.chains)
        if own is not None and len(own.years) >= FEWEST_POINTS:
            out += _rows(US, family, "own", "official", chosen, _growth(own, chosen), _may(own), len(own.years), own.label)
        elif group is not None:
            points = 0 if own is None else len(own.years)
            out += _rows(US, family, "borrowed", "official", chosen, _growth(group, chosen), _may(group), points, group.label, apart)
    everyone = _apart(x.chains, "all")
    for country, rates in sorted(x.posted.items()):
        last = max(rates)
        y = posted_levels(rates, last)
        growth = ahead(y)[chosen.model]
        what = "posted wages of all occupations (Indeed)"
        if country != US:
            out += _rows(country, None, "borrowed", "posted", chosen, growth, _named(last), 0, what, everyone)
    # The middle of a country without posted wages is its prices' and comes with the wage index; its width is here.
    out += _rows(None, None, "prices", "prices", by_prices, np.full(HORIZONS, np.nan), None, 0, borrowed.PRICES, everyone)
    return out


def _may(chain: Chain) -> str:
    return f"{int(chain.years[-1])}-{MAY + 1:02d}"


def _growth(chain: Chain, chosen: Chosen) -> Any:
    return ahead(chain.upto(int(chain.years[-1])))[chosen.model]


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


# What moves them --------------------------------------------------------------------------------------------------


def _drivers(x: _Inputs) -> list[dict[str, Any]]:
    software, everyone, ai = (x.series[k] for k in (drivers.SOFTWARE, drivers.ALL, "AI share"))
    # Software's where it is published, all postings for the rest.
    demand = {c: software.get(c, everyone.get(c, {})) for c in sorted({*software, *everyone} - {_AREA})}
    out = [
        *_slope("demand", "12-month log growth of postings against that of posted wages", drivers.within(x.posted, demand, logs=True), _INDEED),
        *_slope("technology", "12-month change of the AI share of postings against growth of posted wages",
                drivers.within(x.posted, ai, logs=False, before=_AI_STOPS), _INDEED),
        *_slope("globalisation", "mean growth of posted wages against the log of pay in US dollars, over countries",
                drivers.across(x.posted, _pay_level(x.observations)), f"{_INDEED}; Stack Overflow 2025"),
    ]  # fmt: skip
    for scenario, variable, series in (
        ("demand", "software postings (2020-02 = 100)", software), ("demand", "all postings (2020-02 = 100)", everyone),
        ("technology", "share of postings that name AI", ai),
    ):  # fmt: skip
        for country, values in sorted(series.items()):
            last = max(m for m in values if m < _AI_STOPS.get(country, 10**9)) if variable.startswith("share") else max(values)
            out.append(_reading(scenario, variable, country, None, _named(last), values[last], values.get(last - 12), _INDEED))
    for family in families():
        weight = {c: w for c, w in blend("us_oews", family).items() if c in x.projected}
        if sum(weight.values()) >= 0.5:
            ratio = sum(w * x.projected[c] for c, w in weight.items()) / sum(weight.values())
            out.append(_reading("demand", "employment projected for 2031 over 2021", US, family, "2021-06", ratio, None, "BLS"))
    return out + _remote(x.observations)


def _slope(scenario: str, variable: str, found: drivers.Elasticity | None, source: str) -> list[dict[str, Any]]:
    if found is None:
        return []
    return [{
        "what": "elasticity", "scenario": scenario, "variable": variable, "value": found.value, "low": found.low, "high": found.high,
        "rows": found.rows, "groups": found.groups, "countries": found.countries, "source": source,
    }]  # fmt: skip


def _reading(
    scenario: str, variable: str, country: str, family: str | None, month: str, value: float, before: float | None, source: str
) -> dict[str, Any]:
    return {
        "what": "reading", "scenario": scenario, "variable": variable, "country": country, "family": family, "month": month,
        "value": value, "before": before, "source": source,
    }  # fmt: skip


def _pay_level(observations: pa.Table) -> dict[str, float]:
    """Median log pay in US dollars by country, Stack Overflow 2025, where LEAST people or more reported."""
    c = pa.compute
    rows = observations.filter(
        c.and_(c.equal(observations["source"], "stackoverflow"), c.equal(observations["vintage"], 2025))
    )
    of: dict[str, list[float]] = defaultdict(list)
    for row in rows.select(["country", "pay_lo", "currency"]).to_pylist():
        if row["currency"] == "USD" and row["country"] is not None and row["pay_lo"] > 0:
            of[row["country"]].append(math.log(row["pay_lo"]))
    return {country: median(v) for country, v in sorted(of.items()) if len(v) >= LEAST}


def _remote(observations: pa.Table) -> list[dict[str, Any]]:
    """Share of advertised ranges for work that is wholly remote, United States, by year."""
    c = pa.compute
    rows = observations.filter(c.and_(c.equal(observations["source"], "aijobs"), c.equal(observations["country"], US)))
    of: dict[int, list[bool]] = defaultdict(list)
    for row in rows.select(["vintage", "remote"]).to_pylist():
        if row["remote"] is not None:
            of[row["vintage"]].append(row["remote"] == "remote")
    shares = {y: fmean(v) for y, v in of.items() if len(v) >= LEAST}
    if not shares:
        return []
    last = max(shares)
    return [_reading("globalisation", "share of advertised jobs that are remote", US, None, f"{last}-06", shares[last], shares.get(last - 1), "ai-jobs.net")]
