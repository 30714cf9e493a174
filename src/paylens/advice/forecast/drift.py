"""The growth of a place's pay from any month to a later one, with its interval, and how far a back-test reaches.

    growth(a, b)   = m(lead b) - m(lead a)                m the stored path after the last wages, straight between years
    interval(a, b) = growth +- (half-width a year) * (b - a in years)

An own or borrowed path is the release's; where only prices are known the middle is the wage index's (places.wages) and the
width the release's for such countries; where nothing is known both are the index's. A region is the mean of its largest
countries' paths and widths: their errors are taken as one, since shocks are shared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, Final

import numpy as np

from paylens.contract.errors import PaylensError
from paylens.places import wages
from paylens.release.read import Release

__all__ = ["FILES", "LEVELS", "Drift", "Tables", "months_between", "shifted_month"]

FILES: Final = ("trend.parquet", "forecast.parquet", "backtest.parquet", "drivers.parquet")
LEVELS: Final[Mapping[str, float]] = {
    "q025": 0.025,
    "q10": 0.1,
    "q25": 0.25,
    "q75": 0.75,
    "q90": 0.9,
    "q975": 0.975,
}
_TOO_FAR = "scenario"


def months_between(first: str, last: str) -> int:
    """Months from one 'YYYY-MM' to another."""
    return (int(last[:4]) - int(first[:4])) * 12 + int(last[5:]) - int(first[5:])


def shifted_month(month: str, by: int) -> str:
    """The month `by` months later."""
    n = 12 * int(month[:4]) + int(month[5:]) - 1 + by
    return f"{n // 12}-{n % 12 + 1:02d}"


class Tables:
    """The forecast's tables of a release; PaylensError where it has none."""

    def __init__(self, release: Release) -> None:
        missing = [f for f in FILES if not release.holds(f)]
        if missing:
            raise PaylensError(
                f"release {release.id} has no forecast ({missing[0]} is missing): use a newer release, or build one"
            )
        self.trend, self.forecast, self.backtest, self.drivers = (release.table(f).to_pylist() for f in FILES)
        self._by: dict[str, list[dict[str, Any]]] = {}
        for row in self.forecast:
            self._by.setdefault(row["series"], []).append(row)
        self.shown = {(r["panel"], r["years"]): r for r in self.backtest if r["model"] == "shown"}

    def rows(self, country: str | None, family: str) -> list[dict[str, Any]]:
        """Forecast rows by years ahead for a country's family, else for all of the country, else for any by prices."""
        for series in (f"{country}|{family}", f"{country}|all", "any|all"):
            if series in self._by:
                return self._by[series]
        return []

    def tested(self, panel: str, lead: float) -> dict[str, Any] | None:
        """The back-test of what is shown nearest to `lead` years after the last wages; None where it reaches no so far."""
        row = self.shown.get((panel, max(1, round(lead))))
        return row if row is not None and row["covered_of"] else None


@dataclass(frozen=True)
class Drift:
    """One country's growth: `path` is the log growth after `from_month` by whole years, () where the wage index says it."""

    country: str
    kind: str
    panel: str
    model: str
    wages: str
    points: int
    from_month: str
    error: float
    path: tuple[float, ...]
    half: Mapping[str, float]

    @classmethod
    def of(cls, tables: Tables, country: str, family: str) -> Drift:
        """The drift of a country's role family."""
        index = wages.index(country)
        rows = tables.rows(country, family)
        if rows and rows[0]["country"] is not None:
            first = rows[0]
            half = {q: float(first[q] - first["median"]) for q in LEVELS}
            path = (0.0, *(float(r["median"]) for r in rows))
            return cls(
                country, first["basis"], first["panel"], first["model"], first["wages"], first["points"], first["from_month"],
                first["error"], path, half,
            )  # fmt: skip
        if rows and index.kind != "assumed":
            first = rows[0]
            half = {q: float(first[q]) for q in LEVELS}
            return cls(
                country,
                "prices",
                first["panel"],
                first["model"],
                index.name,
                0,
                index.measured_to,
                first["error"],
                (),
                half,
            )
        error = index.error_per_year
        half = {q: NormalDist().inv_cdf(level) * error for q, level in LEVELS.items()}
        return cls(country, "assumed", "", "3 % a year", index.name, 0, "", error, (), half)

    def lead(self, month: str) -> float:
        """Years from the last wages to a month; infinite where there are none."""
        return months_between(self.from_month, month) / 12 if self.from_month else float("inf")

    def growth(self, first: str, last: str) -> float:
        """Log growth from one month to a later one."""
        if not self.path:
            return float(np.log(wages.index(self.country).ratio(first, last)[0]))
        return self._at(self.lead(last)) - self._at(self.lead(first))

    def _at(self, lead: float) -> float:
        whole = len(self.path) - 1
        if lead > whole:
            return self.path[-1] + (lead - whole) * (self.path[-1] - self.path[-2])
        # Before the last wages the first year's pace, backwards.
        return lead * self.path[1] if lead < 0 else float(np.interp(lead, np.arange(whole + 1), self.path))

    def status(self, tables: Tables, month: str) -> tuple[str, dict[str, Any] | None]:
        """'forecast' with its back-test, or 'scenario'."""
        if self.kind == "assumed":
            return _TOO_FAR, None
        row = tables.tested(self.panel, self.lead(month))
        return ("forecast", row) if row is not None else (_TOO_FAR, None)


def mean_growth(drifts: Sequence[tuple[Drift, float]], first: str, last: str) -> float:
    """Log growth of a place: the weighted mean of its countries'."""
    total = sum(w for _, w in drifts)
    return sum(w * d.growth(first, last) for d, w in drifts) / total


def mean_half(drifts: Sequence[tuple[Drift, float]], level: str) -> float:
    """Half-width a year at a level: the weighted mean of the countries'."""
    total = sum(w for _, w in drifts)
    return sum(w * d.half[level] for d, w in drifts) / total
