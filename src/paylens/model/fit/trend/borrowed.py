"""Drift borrowed from prices, for a country without wages of its own here, tried on the countries that have them.

Said at the end of year y for h years: sum of expected inflation of y+1 .. y+h, from what was published to y, and h times the
mean real growth of posted wages of the *other* countries up to y. 'no change' and 'last drift' (last year's inflation
and that real growth) stand beside it; what came is the posted wages' own growth.
"""

from __future__ import annotations

from collections.abc import Mapping
from statistics import fmean
from typing import Final

from paylens.model.fit.trend.candidates import DRIFT, HORIZONS
from paylens.model.fit.trend.windows import Window
from paylens.places.prices import expected_inflation

__all__ = ["PRICES", "RULES", "real_growth", "windows", "yearly"]

PRICES: Final = "prices and mean real growth"
RULES: Final = ("no change", DRIFT, PRICES)
_LAST_MONTH = 11


def yearly(rates: Mapping[int, float]) -> dict[int, float]:
    """Mean 12-month growth of each whole year, by year; months are numbers since year 0."""
    whole = {m // 12 for m in rates}
    return {
        y: fmean(rates[12 * y + k] for k in range(12))
        for y in sorted(whole)
        if all(12 * y + k in rates for k in range(12))
    }


def real_growth(rates: Mapping[str, Mapping[int, float]]) -> dict[str, dict[int, float]]:
    """Growth of posted wages less published inflation, by country and year."""
    out: dict[str, dict[int, float]] = {}
    for country, months in sorted(rates.items()):
        for year, growth in yearly(months).items():
            published = expected_inflation(country, year)
            if (
                published is not None
                and expected_inflation(country, year, year - 1) is not None
                and _is_published(country, year)
            ):
                out.setdefault(country, {})[year] = growth - published
    return out


def _is_published(country: str, year: int) -> bool:
    """Whether the year itself has a figure: knowing it makes a difference to saying what is expected."""
    return expected_inflation(country, year) != expected_inflation(country, year, year - 1)


def windows(rates: Mapping[str, Mapping[int, float]]) -> list[Window]:
    """Every origin (the end of a year) and horizon of every country with posted wages."""
    real, out = real_growth(rates), []
    for country, months in sorted(rates.items()):
        came = yearly(months)
        for origin in sorted(came):
            others = [g for c, v in real.items() if c != country for y, g in v.items() if y <= origin]
            last = expected_inflation(country, origin, origin)
            if not others or last is None or origin not in real.get(country, {}):
                continue
            mean, said, truth = fmean(others), 0.0, 0.0
            for h in range(1, HORIZONS + 1):
                if origin + h not in came:
                    break
                truth += came[origin + h]
                said += (expected_inflation(country, origin + h, origin) or 0.0) + mean
                missed = {"no change": truth, DRIFT: truth - h * (last + mean), PRICES: truth - said}
                out.append(Window("prices", country, 12 * origin + _LAST_MONTH, h, missed))
    return out
