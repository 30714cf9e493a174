"""Pay over the years ahead as a fan, with the growth of wages in it, and when the next level is likely.

Wages grow as the release's forecast says, the same as `paylens forecast`; by the wage index where it has none.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from paylens.advice import asked as ask
from paylens.advice.career.course import Draws, Here, Lived
from paylens.advice.career.gains import NINETY
from paylens.advice.estimate import Reference
from paylens.advice.forecast.drift import LEVELS, Tables, shifted_month
from paylens.advice.forecast.market import Market
from paylens.contract.errors import InputError
from paylens.places import wages
from paylens.places.geography import Place

__all__ = ["FORECAST", "Growth", "fan", "growth", "levels"]

Floats = npt.NDArray[np.float64]
_SHOWN: Final = {"p10": 0.10, "p25": 0.25, "p50": 0.50, "p75": 0.75, "p90": 0.90}
_HALF: Final = 0.5
_EIGHTY: Final = NormalDist().inv_cdf(LEVELS["q90"])
FORECAST: Final = "forecast"
INDEX: Final = "wage index"


@dataclass(frozen=True, slots=True)
class Growth:
    """Wage growth from now: `logs` (years + 1), `error` one standard error a year, whose wages (`index`) and how they are
    known (`kind`). `basis` is the release's forecast, or the wage index where it has none; `tested_to` the last month
    that a back-test of that forecast reaches."""

    logs: Floats
    error: float
    index: str
    kind: str
    basis: str
    tested_to: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The multiplier over all years with its 90 % interval, and what it is from."""
        last, half = self.logs[-1], NINETY * self.error * (len(self.logs) - 1)
        return {
            "index": self.index, "kind": self.kind, "basis": self.basis, "tested_to": self.tested_to,
            "multiplier": math.exp(last), "low": math.exp(last - half), "high": math.exp(last + half),
        }  # fmt: skip


def growth(
    ref: Reference, tables: Tables | None, place: Place, family: str, as_of: str, years: int
) -> Growth:
    """The growth of a role family's wages in a place over whole years, as `forecast` has it; by the wage index without tables.

    InputError for a month so late that wages are not followed to `years` beyond it.
    """
    months = [shifted_month(as_of, 12 * k) for k in range(years + 1)]
    if months[-1] > wages.LAST_ASKED:
        message = (
            f"wages are followed to {wages.LAST_ASKED}: ask for fewer years, or an earlier month than {as_of}"
        )
        raise InputError("horizon", years, message)
    if tables is None:
        return _by_index(ref, place, months)
    market = Market.of(ref, tables, place, family)
    # The back-tested interval is that of 80 %: one standard error is what would be as wide.
    error = (market.half("q90") - market.half("q10")) / (2 * _EIGHTY)
    tested = [m for m in months[1:] if market.status(tables, m)[0] == "forecast"]
    return Growth(
        np.array([market.growth(as_of, m) for m in months]), error, market.wages, market.kind, FORECAST,
        max(tested, default=None),
    )  # fmt: skip


def _by_index(ref: Reference, place: Place, months: Sequence[str]) -> Growth:
    """The growth of the wage index; a wider area's is that of the countries with most reports."""
    parts = (
        ((place.country, 1.0),) if place.country else ref.members.get(place.id, ref.members["world"])
    )  # fmt: skip
    total = sum(w for _, w in parts)
    logs, error = np.zeros(len(months)), 0.0
    for country, weight in parts:
        index = wages.index(country)
        logs += weight / total * np.log(np.array([index.ratio(months[0], m)[0] for m in months]))
        error += weight / total * index.error_per_year
    first = wages.index(parts[0][0])
    name = first.name if place.country else "average of " + ", ".join(c for c, _ in parts)
    return Growth(logs, error, name, first.kind if place.country else "mixed", INDEX)


def fan(here: Here, lived: Lived, draws: Draws, grows: Growth) -> list[dict[str, Any]]:
    """One row a year, from now: percentiles of gross pay in that year's money, and its middle in today's wages and kept."""
    ahead = np.arange(draws.years + 1)
    factor = np.exp(grows.logs[None, :] + draws.growth[:, None] * grows.error * ahead[None, :])
    then = np.quantile(lived.gross * factor, list(_SHOWN.values()), axis=0)
    today, kept = np.median(lived.gross, axis=0), np.median(lived.flow, axis=0)
    return [
        {
            "year": int(k), "month": shifted_month(here.as_of, 12 * int(k)),
            **{name: float(then[i, k]) for i, name in enumerate(_SHOWN)},
            "p50_today": float(today[k]), "kept_today": float(kept[k]),
        }
        for k in ahead
    ]  # fmt: skip


def levels(here: Here, lived: Lived, years: int) -> dict[str, Any] | None:
    """The shares of levels in each year: of people like the asker from their level on, or of all with as many years.

    None where no years of work are given.
    """
    p, ref = here.profile, here.ref
    if p.years_experience is None or p.seniority in ask.MANAGING:
        return None
    if lived.level is not None:
        shares = np.stack([(lived.level == k).mean(0) for k in range(len(ask.LADDER))], axis=1)
        of = f"people who are {p.seniority} now"
    else:
        family = int(ref.model.role_family[ref.index.at["roles"][p.role.id]])
        at = np.minimum(p.years_experience + np.arange(years + 1), 60).astype(np.int64)
        shares = ref.model.level_share[family, at]
        of = "all with as many years: give a level for your own"
    rows = [
        {"year": k, **dict(zip(ask.LADDER, map(float, row), strict=True))} for k, row in enumerate(shares)
    ]
    return {"of": of, "years": rows, "next": _next(shares, p.seniority)}


def _next(shares: Floats, level: str | None) -> dict[str, Any] | None:
    """The first year in which at least half have the next level; None without a level, or for the highest."""
    if level not in ask.LADDER or level == ask.LADDER[-1]:
        return None
    k = ask.LADDER.index(level) + 1
    had = shares[:, k:].sum(1) >= _HALF
    return {"level": ask.LADDER[k], "year": int(had.argmax()) if had.any() else None}
