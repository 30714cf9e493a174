r"""How wages grew and grow, by country and month: an index to bring pay of one month to another.

    log ratio(a, b) = level(b) - level(a),    standard error(a, b) = error_per_year * max(months / 12, months_min)

The level is chained from yearly growth, in this order of preference: official wages of the occupation (US, OEWS),
growth of posted wages (Indeed), consumer prices plus the mean real growth of countries that have both ('prices'),
3 % a year ('assumed'). Growth after the last published month is the mean of the last three years, drawn towards 3 %.
"""

from __future__ import annotations

import csv
import functools
import math
from dataclasses import dataclass
from pathlib import Path

__all__ = ["FIRST_YEAR", "WageIndex", "index"]

TABLE = Path(__file__).parent / "tables" / "wage_index.csv"
FIRST_YEAR, LAST_YEAR = 2016, 2030
# Two adjacent months never differ by more than 3 %: growth a year is capped at exp(12 * 0.029).
MOST_A_YEAR = 12 * 0.029
LEAST_ERROR = 0.02
_ASSUMED = 0.03
_NINETY = 1.6449


@dataclass(frozen=True)
class WageIndex:
    """A country's nominal wage level: `levels[k]` is its log in May of year `FIRST_YEAR + k`; `kind` says its basis."""

    name: str
    kind: str
    levels: tuple[float, ...]
    error_per_year: float

    def level(self, month: str) -> float:
        """Log level in a month ('YYYY-MM'), growing evenly from May to May; beyond the table at its last growth."""
        at = int(month[:4]) - FIRST_YEAR + (int(month[5:7]) - 5) / 12
        k = min(max(math.floor(at), 0), len(self.levels) - 2)
        return self.levels[k] + (at - k) * (self.levels[k + 1] - self.levels[k])

    def ratio(self, from_month: str, to_month: str) -> tuple[float, float, float]:
        """The multiplier from one month's wages to another's, with its 90 % interval."""
        log = self.level(to_month) - self.level(from_month)
        years = abs(int(to_month[:4]) - int(from_month[:4]) + (int(to_month[5:7]) - int(from_month[5:7])) / 12)
        error = _NINETY * self.error_per_year * years
        return math.exp(log), math.exp(log - error), math.exp(log + error)


@functools.cache
def _table() -> dict[str, WageIndex]:
    out = {}
    with TABLE.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.reader(lines))
    for country, kind, name, error, *growth in rows[1:]:
        levels = [0.0]
        for value in growth:
            levels.append(levels[-1] + float(value))
        out[country] = WageIndex(name, kind, tuple(levels), float(error))
    return out


@functools.cache
def index(country: str) -> WageIndex:
    """The index of a country (ISO code); an assumed one where no series is published."""
    known = _table().get(country)
    if known is not None:
        return known
    levels = tuple(_ASSUMED * k for k in range(LAST_YEAR - FIRST_YEAR + 1))
    return WageIndex("assumed, 3 % a year", "assumed", levels, 0.05)
