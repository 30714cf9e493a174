r"""How wages grew and grow, by country and month: one index to bring pay of different months to one.

    ratio(a, b)          = level(b) / level(a)
    log level(t)         = log level(t - 1) + d(t)                        a month t, d at most log 1.03
    standard error(a, b) = error_per_year * |b - a| in years              of log ratio(a, b), one standard error

The level is nominal and in `currency`: the country's own where a rate is published for it, else US dollars, in which
such a country is shown. The error grows with the months themselves, not with their root: a borrowed series is wrong
by its drift, which adds up. It is never below 2 % a year. The monthly growth d(t) is, by `kind`:

official  (US) the log growth of median yearly pay of software developers and data scientists in OEWS from May to May,
          spread evenly over the months between two published years; each occupation weighs by its employment in the
          earlier year. Codes: 15-1132 and 15-1133 to 2018; 15-1256 and 15-2098 in 2019 and 2020; then 15-1252 and
          15-2051. Over 2018-2019 no code has a comparable one, and the major group 15-0000 is taken; over 2020-2022
          15-1256 is compared with its parts, 15-1252 and 15-1253, as the mean of their logs weighted by employment.
          After May 2025 as 'posted'.
posted    (Indeed's wage tracker, all occupations) the mean of log(1 + g) / 12 over the published 12-month growth
          rates g whose 12 months hold t. Before the first (t < 2018-02): consumer prices and 1 % a year, which is
          what posted wages grew above prices in 2019 in the mean of the countries that have both. After the last:
          the mean growth rate of the last three months published.
prices    p(y) + r, spread evenly from July to July: p the log growth of the World Bank's yearly consumer prices, r
          the mean of posted wage growth less p over the countries and years (2019-2024) that have both. After the
          last published year p(y + k) = q + (p(y) - q) 0.7^k, q midway between 2 % and the median of the country's
          last ten years: that predicted two years of prices better than the last year or the mean of the last three
          (a test says so). The series of the euro area as a whole is not used for members without one of their own:
          for 2025 their own prices came nearer to it on the members that have both (1.1 % off against 1.3 %).
assumed   3 % a year: no comparable series, or none in the money that the country is shown in.

The error per year: the root mean square of what the rule of 'prices' missed by in a year for countries with posted
wages, each left out of r in turn; to it are added (in squares) the country's own typical miss of the prices'
prediction, and the growth that the 3 % a month cut off in its worst year. For 'posted' and 'official', what the two
differ by a year in the US. For 'assumed', what 3 % missed posted wages by; in borrowed dollars at least 5 %.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from paylens.contract.errors import InputError, shown
from paylens.places.money import checked_month

__all__ = ["FIRST_MONTH", "LAST_MONTH", "WageIndex", "index"]

TABLE: Final = Path(__file__).parent / "tables" / "wage_index.csv"
FIRST_MONTH: Final = "2016-12"
LAST_MONTH: Final = "2028-12"
# Later months are asked for in plans: at the growth of the index's last year, with an error to match.
LAST_ASKED: Final = "2050-12"
ASSUMED_GROWTH: Final = math.log(1.03)
# Levels are published at knots this many months apart, the first of them FIRST_MONTH; evenly in logs between them.
KNOT_EVERY: Final = 3
_NINETY = 1.6449


def month_number(month: str) -> int:
    """Months since year 0 of 'YYYY-MM': differences of these are months."""
    return int(month[:4]) * 12 + int(month[5:]) - 1


_FIRST, _LAST = month_number(FIRST_MONTH), month_number(LAST_MONTH)
_POSITION: Final = {f"{n // 12}-{n % 12 + 1:02d}": n - _FIRST for n in range(_FIRST, _LAST + 1)}


@dataclass(frozen=True)
class WageIndex:
    """A country's nominal wage level by month, in `currency`.

    `months` (int, yyyymm) and `levels` (float, 2025-06 = 100) have one entry a month from FIRST_MONTH to LAST_MONTH;
    `error_per_year` is one standard error of the log of the ratio of two months a year apart; `measured_to` is the
    last month that a published figure speaks for ('' where all is assumed), growth after it being carried on.
    """

    name: str
    kind: str
    currency: str
    measured_to: str
    months: np.ndarray[Any, np.dtype[np.int64]]
    levels: np.ndarray[Any, np.dtype[np.float64]]
    error_per_year: float
    _logs: tuple[float, ...]

    def ratio(self, from_month: str, to_month: str) -> tuple[float, float, float]:
        """What pay of `from_month` is multiplied by to be of `to_month`, with its 90 % interval (low, high).

        InputError for what is not a month, and for one before FIRST_MONTH or after LAST_ASKED.
        """
        try:
            a, b = _POSITION[from_month], _POSITION[to_month]
            log = self._logs[b] - self._logs[a]
        except KeyError:
            a, b = _position(from_month), _position(to_month)
            log = self._log(b) - self._log(a)
        error = _NINETY * self.error_per_year * abs(b - a) / 12
        return math.exp(log), math.exp(log - error), math.exp(log + error)

    def _log(self, position: int) -> float:
        last = len(self._logs) - 1
        beyond = max(position - last, 0)
        return self._logs[position - beyond] + beyond * (self._logs[last] - self._logs[last - 12]) / 12


def _position(month: str) -> int:
    """Months after FIRST_MONTH, which may be beyond LAST_MONTH."""
    if FIRST_MONTH <= checked_month(month) <= LAST_ASKED:
        return month_number(month) - _FIRST
    edge, verb = (FIRST_MONTH, "starts in") if month < FIRST_MONTH else (LAST_ASKED, "ends in")
    raise InputError("as_of", month, f"{shown(month)} is outside the wage index, which {verb} {edge}", [edge])


@functools.cache
def _lines() -> dict[str, str]:
    """The table's lines by country: each is read when its country is first asked for."""
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    return {line[:2]: line for line in lines[1:]}


@functools.cache
def index(country: str) -> WageIndex:
    """The index of a country (ISO2); kind 'assumed' where none is published. InputError for what is no country."""
    line = _lines().get(country)
    if line is None or len(country) != 2:
        raise InputError("location", country, f"{shown(country)} is not the ISO code of a country")
    _, kind, currency, error, measured_to, name, *levels = line.split(",")
    if levels[0]:
        knots = [math.log(float(level)) for level in levels]
    else:
        knots = [ASSUMED_GROWTH * k * KNOT_EVERY / 12 for k in range(len(levels))]
    at = np.arange(_LAST - _FIRST + 1)
    logs = np.interp(at, np.arange(len(knots)) * KNOT_EVERY, knots)
    logs += math.log(100) - logs[_POSITION["2025-06"]]
    number = _FIRST + at
    return WageIndex(
        name=name,
        kind=kind,
        currency=currency,
        measured_to=measured_to,
        months=number // 12 * 100 + number % 12 + 1,
        levels=np.exp(logs),
        error_per_year=float(error),
        _logs=tuple(logs.tolist()),
    )
