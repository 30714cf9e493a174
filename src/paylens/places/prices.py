"""Price levels between countries (PPP) and between US metros (RPP), and consumer prices over time: published, dated figures."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

__all__ = ["Figure", "expected_inflation", "inflation", "ppp", "price_index", "price_rise", "rpp"]

TABLES: Final = Path(__file__).parent / "tables"
PPP_SOURCE = "World Bank PPP conversion factor, GDP"
RPP_SOURCE = "BEA regional price parities, all items"
CPI_SOURCE = "World Bank consumer prices, annual change"
# What inflation draws near to: midway between this and the country's own median of the last years published; what parts
# them shrinks by this factor a year. The rule that the wage index is carried on with.
_LONG_RUN, _STAYS, _OWN_YEARS = 0.02, 0.7, 10


@dataclass(frozen=True, slots=True)
class Figure:
    """A published value with the year it is of, its unit and where it is from."""

    value: float
    year: int
    unit: str
    source: str


@functools.cache
def _table(name: str) -> dict[str, dict[int, float]]:
    out: dict[str, dict[int, float]] = {}
    for line in (TABLES / f"{name}.csv").read_text(encoding="utf-8").splitlines()[1:]:
        place, year, value = line.split(",")
        out.setdefault(place, {})[int(year)] = float(value)
    return out


def _figure(name: str, place: str, year: int | None, unit: str, source: str) -> Figure | None:
    years = _table(name).get(place)
    used = max((y for y in years if year is None or y <= year), default=None) if years else None
    return None if not years or used is None else Figure(years[used], used, unit, source)


def ppp(country: str, year: int | None = None) -> Figure | None:
    """Units of local currency for one international dollar in a country (ISO2): the whole economy, not a city's prices.

    The latest year, or the latest up to `year`; None where nothing is published.
    """
    return _figure("ppp", country, year, "local currency per international dollar", PPP_SOURCE)


def rpp(metro: str, year: int | None = None) -> Figure | None:
    """The price level of all items in a US metro ('us-41860'), the US being 100.

    The latest year, or the latest up to `year`; None where nothing is published (all places outside the US).
    """
    return _figure("rpp", metro, year, "US = 100", RPP_SOURCE)


def inflation(country: str, year: int | None = None) -> Figure | None:
    """The yearly change of consumer prices in a country (ISO2), in percent: the latest, or the latest up to `year`."""
    return _figure("cpi", country, year, "percent a year", CPI_SOURCE)


def price_index(country: str) -> Mapping[int, float]:
    """Yearly mean consumer prices in a country (ISO2) by year, the last known year being 100; empty where unknown.

    It starts anew after a gap: only the unbroken years up to the last are in it.
    """
    years = _table("cpi").get(country, {})
    if not years:
        return {}
    year = max(years)
    out = {year: 100.0}
    while year in years:
        out[year - 1] = out[year] / (1 + years[year] / 100)
        year -= 1
    return dict(sorted(out.items()))


@functools.cache
def expected_inflation(country: str, year: int, known_to: int | None = None) -> float | None:
    """Log growth of consumer prices in a year: published, else carried on from the last published year before it.

    After it p(y + k) = q + (p(y) - q) 0.7^k, q midway between 2 % and the median of the country's last ten years.
    `known_to` leaves out what was published for later years; None where nothing is published.
    """
    known = {
        y: math.log1p(v / 100)
        for y, v in _table("cpi").get(country, {}).items()
        if known_to is None or y <= known_to
    }
    before = [y for y in sorted(known) if y <= year]
    if not before:
        return None
    last = before[-1]
    towards = (_LONG_RUN + median([known[y] for y in before][-_OWN_YEARS:])) / 2
    return towards + (known[last] - towards) * _STAYS ** (year - last)


def price_rise(country: str, first: str, last: str, known_to: int | None = None) -> float | None:
    """Log rise of consumer prices from one month ('YYYY-MM') to another, negative backwards, by `expected_inflation`.

    A year's mean price stands in its July, evenly from July to July. Before the first published year the first one's rate
    stands. None where nothing is published.
    """
    start = int(first[:4])
    ends = [_july_level(country, month, start, known_to) for month in (first, last)]
    return None if ends[0] is None or ends[1] is None else ends[1] - ends[0]


def _july_level(country: str, month: str, start: int, known_to: int | None) -> float | None:
    """Log prices of a month against July of `start`."""
    year, part = int(month[:4]), (int(month[5:]) - 7) / 12
    if part < 0:
        year, part = year - 1, part + 1
    years = range(min(start, year) + 1, max(start, year) + 2)
    rates = {y: _rate(country, y, known_to) for y in (*years, year + 1)}
    if any(r is None for r in rates.values()):
        return None
    known = {y: float(r) for y, r in rates.items() if r is not None}
    ahead = sum(known[y] for y in range(start + 1, year + 1))
    back = sum(known[y] for y in range(year + 1, start + 1))
    return ahead - back + part * known[year + 1]


def _rate(country: str, year: int, known_to: int | None) -> float | None:
    found = expected_inflation(country, year, known_to)
    if found is None and (years := _table("cpi").get(country)) and year < min(years):
        return expected_inflation(country, min(years), known_to)
    return found
