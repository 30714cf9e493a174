"""What moves pay, measured and as it stands: elasticities, and the latest readings of postings, AI's share, remote work."""

from __future__ import annotations

import math
from collections import defaultdict
from statistics import fmean, median
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute

from paylens.model.fit.trend import drivers
from paylens.model.fit.trend.history import blend, families
from paylens.model.fit.trend.inputs import AREA, Inputs, named
from paylens.model.fit.trend.surveys import LEAST

__all__ = ["rows"]

US: Final = "US"
# From here on the AI share of these countries jumps for no reason that the publisher names.
_AI_STOPS: Final = {"CA": 12 * 2026, "IE": 12 * 2026}
_INDEED = "Indeed Hiring Lab"


def rows(x: Inputs) -> list[dict[str, Any]]:
    """Elasticities, and the latest reading of each scenario's variable by country."""
    software, everyone, ai = (x.series[k] for k in (drivers.SOFTWARE, drivers.ALL, "AI share"))
    # Software's where it is published, all postings for the rest.
    demand = {c: software.get(c, everyone.get(c, {})) for c in sorted({*software, *everyone} - {AREA})}
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
            last = (
                max(m for m in values if m < _AI_STOPS.get(country, 10**9))
                if variable.startswith("share")
                else max(values)
            )
            out.append(
                _reading(
                    scenario,
                    variable,
                    country,
                    None,
                    named(last),
                    values[last],
                    values.get(last - 12),
                    _INDEED,
                )
            )
    for family in families():
        weight = {c: w for c, w in blend("us_oews", family).items() if c in x.projected}
        if sum(weight.values()) >= 0.5:
            ratio = sum(w * x.projected[c] for c, w in weight.items()) / sum(weight.values())
            out.append(
                _reading(
                    "demand",
                    "employment projected for 2031 over 2021",
                    US,
                    family,
                    "2021-06",
                    ratio,
                    None,
                    "BLS",
                )
            )
    return out + _remote(x.observations)


def _slope(
    scenario: str, variable: str, found: drivers.Elasticity | None, source: str
) -> list[dict[str, Any]]:
    if found is None:
        return []
    return [{
        "what": "elasticity", "scenario": scenario, "variable": variable, "value": found.value, "low": found.low, "high": found.high,
        "rows": found.rows, "groups": found.groups, "countries": found.countries, "source": source,
    }]  # fmt: skip


def _reading(
    scenario: str,
    variable: str,
    country: str,
    family: str | None,
    month: str,
    value: float,
    before: float | None,
    source: str,
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
    rows = observations.filter(
        c.and_(c.equal(observations["source"], "aijobs"), c.equal(observations["country"], US))
    )
    of: dict[int, list[bool]] = defaultdict(list)
    for row in rows.select(["vintage", "remote"]).to_pylist():
        if row["remote"] is not None:
            of[row["vintage"]].append(row["remote"] == "remote")
    shares = {y: fmean(v) for y, v in of.items() if len(v) >= LEAST}
    if not shares:
        return []
    last = max(shares)
    return [
        _reading(
            "globalisation",
            "share of advertised jobs that are remote",
            US,
            None,
            f"{last}-06",
            shares[last],
            shares.get(last - 1),
            "ai-jobs.net",
        )
    ]
