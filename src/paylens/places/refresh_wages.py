"""Makes the table of wage indices: a part of refresh. The equations are in `wages`."""

from __future__ import annotations

import csv
import gzip
import importlib
import math
import sqlite3
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median
from typing import Final

from paylens.places.wages import ASSUMED_GROWTH, FIRST_MONTH, KNOT_EVERY, LAST_MONTH, month_number

POSTED = "trends/indeed_posted_wage_growth_by_country_2026-05.csv"
OEWS: Final = {
    **{y: f"official/oews/oews_national_{y}.csv" for y in range(2016, 2021)},
    **{y: f"official/oews/oews_national_M{y}_dl.xlsx" for y in (2022, 2024)},
    2025: "official/oews/oews-2025.sqlite.gz",
}
# What is compared with what from one published year to the next: groups of occupation codes, each (before, after).
SAME: Final = {
    2017: ((("15-1132",), ("15-1132",)), (("15-1133",), ("15-1133",))),
    2018: ((("15-1132",), ("15-1132",)), (("15-1133",), ("15-1133",))),
    2019: ((("15-0000",), ("15-0000",)),),
    2020: ((("15-1256",), ("15-1256",)), (("15-2098",), ("15-2098",))),
    2022: ((("15-1256",), ("15-1252", "15-1253")),),
    2024: ((("15-1252",), ("15-1252",)), (("15-2051",), ("15-2051",))),
    2025: ((("15-1252",), ("15-1252",)), (("15-2051",), ("15-2051",))),
}
CODES: Final = frozenset(
    code for pairs in SAME.values() for pair in pairs for codes in pair for code in codes
)
# Real growth of posted wages before their series: 1 % a year, the mean of 2019 over the countries that have both.
REAL_BEFORE = 0.01
# Inflation after the last published year draws near to midway between this and the country's own median; what parts
# them shrinks by this factor a year.
LONG_RUN, STAYS, OWN_YEARS = 0.02, 0.7, 10
BOTH_YEARS = range(2019, 2025)
# The most two adjacent months differ by, just below 3 % so that rounding the levels cannot reach it.
MOST_A_MONTH = math.log(1.0299)
LEAST_ERROR = 0.02
# Pay in a country that is shown in dollars for want of a rate follows its own currency to an unknown part.
DOLLAR_ERROR = 0.05
# A spread from a median of absolute values, as if they were of a normal distribution.
_TO_SPREAD = 1.4826
_MONTHS = {"JanFebMarAprMayJunJulAugSepOctNovDec"[k : k + 3]: k // 3 for k in range(0, 36, 3)}
_FIRST, _LAST = month_number(FIRST_MONTH), month_number(LAST_MONTH)
Growth = dict[int, float]  # log growth by month number or by year


@dataclass(frozen=True)
class Row:
    """What the table says of a country; `logs` is the log level of each month, () where all is assumed."""

    kind: str
    currency: str
    error: float
    measured_to: str
    name: str
    logs: tuple[float, ...] = ()


def named(month: int) -> str:
    """'YYYY-MM' of a month number."""
    return f"{month // 12}-{month % 12 + 1:02d}"


def _number(value: object) -> float:
    return float(str(value).replace(",", ""))


def oews_year(path: Path) -> dict[str, tuple[float, float]]:
    """Employment and median yearly pay (US dollars) of CODES in one year's national file, in any of its forms."""
    if path.suffix == ".gz":
        with tempfile.NamedTemporaryFile(suffix=".sqlite") as plain:
            plain.write(gzip.decompress(path.read_bytes()))
            plain.flush()
            cells = sqlite3.connect(plain.name)
            keys = {f"OEUN0000000000000{code.replace('-', '')}": code for code in CODES}
            # v01 is employment, v13 the annual median; a value that was not published is '-'.
            asked = f"select key, v01, v13 from cell where key in ({','.join('?' * len(keys))})"
            found = {keys[key]: (a, b) for key, a, b in cells.execute(asked, list(keys)) if "-" not in (a, b)}
            cells.close()
    else:
        table = _sheet(path) if path.suffix == ".xlsx" else _csv(path)
        head = [str(cell).upper() for cell in next(table)]
        code, people, pay = (head.index(name) for name in ("OCC_CODE", "TOT_EMP", "A_MEDIAN"))
        found = {str(r[code]): (r[people], r[pay]) for r in table if str(r[code]) in CODES}
    return {code: (_number(a), _number(b)) for code, (a, b) in found.items()}


def _csv(path: Path) -> Iterator[Sequence[object]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        yield from csv.reader(lines)


def _sheet(path: Path) -> Iterator[Sequence[object]]:
    book = importlib.import_module("openpyxl").load_workbook(path, read_only=True)
    yield from book.worksheets[0].iter_rows(values_only=True)
    book.close()


def official(data: Path) -> Growth:
    """Monthly log growth in the US after May 2016 to May 2025; the years not published lie evenly between."""
    years = {year: oews_year(data / file) for year, file in OEWS.items()}
    out: Growth = {}
    before = min(years)
    for year in sorted(SAME):
        growth, weight = 0.0, 0.0
        for old, new in SAME[year]:
            people = sum(years[before][code][0] for code in old)
            growth += people * (_mean_log(years[year], new) - _mean_log(years[before], old))
            weight += people
        months = range(month_number(f"{before}-06"), month_number(f"{year}-05") + 1)
        out |= dict.fromkeys(months, growth / weight / len(months))
        before = year
    return out


def _mean_log(year: Mapping[str, tuple[float, float]], codes: Sequence[str]) -> float:
    people = [year[code][0] for code in codes]
    return sum(n * math.log(year[code][1]) for n, code in zip(people, codes, strict=True)) / sum(people)


def posted_rates(path: Path) -> dict[str, Growth]:
    """Log growth of posted wages over the 12 months to each month, by country."""
    out: dict[str, Growth] = defaultdict(dict)
    with path.open(encoding="utf-8-sig", newline="") as lines:
        for row in csv.DictReader(lines):
            name, year = row["month"].split("-")
            if row["posted_wage_growth_yoy"] not in ("", "NA"):
                month = (2000 + int(year)) * 12 + _MONTHS[name]
                out[row["jobcountry"]][month] = math.log1p(float(row["posted_wage_growth_yoy"]))
    return dict(out)


def posted(rates: Growth) -> Growth:
    """Monthly log growth: in each month the mean of the 12-month rates that hold it; held at the last three after."""
    out = {}
    last = max(rates)
    for month in range(min(rates) - 11, last + 1):
        over = [rates[end] for end in range(month, month + 12) if end in rates]
        out[month] = fmean(over) / 12
    held = fmean(rates[m] for m in range(last - 2, last + 1) if m in rates) / 12
    return out | dict.fromkeys(range(last + 1, _LAST + 1), held)


def carried(known: Growth, to: int) -> Growth:
    """Yearly inflation (logs) with the years after the last published one, and gaps, drawing near to `towards`."""
    out = dict(known)
    for year in range(min(known), to + 1):
        if year not in out:
            target = towards(known, year)
            out[year] = target + STAYS * (out[year - 1] - target)
    return out


def towards(known: Growth, year: int) -> float:
    """What inflation draws near to: midway between LONG_RUN and the median of the last ten years published before."""
    return (LONG_RUN + median([known[y] for y in sorted(known) if y < year][-OWN_YEARS:])) / 2


def by_month(yearly: Growth, real: float) -> Growth:
    """Monthly log growth of prices and `real` a year: a year's mean price stands in its July, evenly from July to July."""
    out = {}
    for month in range(_FIRST - 12, _LAST + 1):
        year = month // 12 + (month % 12 >= 7)
        out[month] = (yearly[year] + real) / 12
    return out


def yearly_means(rates: Growth) -> Growth:
    """The mean 12-month rate of each whole year."""
    years = {m // 12 for m in rates}
    return {
        y: fmean(rates[12 * y + k] for k in range(12))
        for y in years
        if all(12 * y + k in rates for k in range(12))
    }


def real_growth(rates: Mapping[str, Growth], prices: Mapping[str, Growth]) -> dict[str, Growth]:
    """Growth of posted wages less prices by country and year, where both exist."""
    out = {}
    for country in sorted(rates.keys() & prices.keys()):
        means = yearly_means(rates[country])
        out[country] = {
            y: means[y] - prices[country][y] for y in BOTH_YEARS if y in means and y in prices[country]
        }
    return out


def borrowed_error(real: Mapping[str, Growth]) -> float:
    """Root mean square of what prices and the mean real growth of the other countries miss a year's posted wages by."""
    missed = []
    for country, years in real.items():
        others = fmean(fmean(v.values()) for c, v in real.items() if c != country)
        missed += [growth - others for growth in years.values()]
    return math.sqrt(fmean(e * e for e in missed))


def own_miss(known: Growth) -> float:
    """The typical miss of the next year's inflation by the rule of `carried`, in the last ten years of a country."""
    misses = []
    for year in sorted(known):
        if year - 1 in known:
            target = towards(known, year)
            misses.append(abs(known[year] - target - STAYS * (known[year - 1] - target)))
    return _TO_SPREAD * median(misses[-OWN_YEARS:])


def posted_error(us: Growth, wages: Growth) -> float:
    """What posted wages differ from the official ones by a year in the US, between the years that OEWS was published."""
    missed, before = [], 2018
    for year in sorted(y for y in OEWS if y > before):
        months = range(month_number(f"{before}-06"), month_number(f"{year}-05") + 1)
        missed.append(12 * fmean(us[m] - wages[m] for m in months))
        before = year
    return math.sqrt(fmean(e * e for e in missed))


def levels(growth: Growth) -> tuple[tuple[float, ...], float]:
    """Log levels of the index's months, no two adjacent ones more than 3 % apart; and the most a year cut off by that."""
    out, cut = [0.0], []
    for month in range(_FIRST + 1, _LAST + 1):
        capped = max(-MOST_A_MONTH, min(MOST_A_MONTH, growth[month]))
        cut.append(abs(growth[month] - capped))
        out.append(out[-1] + capped)
    return tuple(out), max(sum(cut[k : k + 12]) for k in range(len(cut) - 11))


def _together(*errors: float) -> float:
    return max(LEAST_ERROR, math.sqrt(sum(e * e for e in errors)))


def _assumed_error(prices: Mapping[str, Growth], real: float) -> float:
    """What 3 % a year misses prices and real growth by in the median country, as a root mean square over BOTH_YEARS."""
    missed = [[p[y] + real - ASSUMED_GROWTH for y in BOTH_YEARS if y in p] for p in prices.values()]
    return median(math.sqrt(fmean(e * e for e in m)) for m in missed if m)


def countries_rows(
    data: Path,
    countries: Sequence[Mapping[str, str]],
    held: set[str],
    percent: Mapping[str, Mapping[int, float]],
) -> dict[str, Row]:
    """What is known of every country's wages; `held` are currencies with a rate, `percent` inflation by year."""
    own = {c["id"]: c["currency"] if c["currency"] in held else "USD" for c in countries}
    # In borrowed dollars a country's own prices say nothing.
    local = {c["id"] for c in countries if own[c["id"]] == c["currency"]}
    prices = {c: {y: math.log1p(p / 100) for y, p in v.items()} for c, v in percent.items() if c in local}
    rates = posted_rates(data / POSTED)
    us = official(data)
    real_by = real_growth(rates, prices)
    real, missed = fmean(fmean(v.values()) for v in real_by.values()), borrowed_error(real_by)
    posted_missed = _together(posted_error(us, posted(rates["US"])))
    assumed = _together(missed, _assumed_error(prices, real))
    out = {}
    for country, currency in own.items():
        known = prices.get(country, {})
        if not known or max(known) < _FIRST // 12:
            error = assumed if country in local else max(assumed, DOLLAR_ERROR)
            money = "" if country in local else " in US dollars"
            out[country] = Row("assumed", currency, error, "", f"assumed growth of 3 % a year{money}")
            continue
        yearly = carried(known, _LAST // 12 + 1)
        growth = by_month(yearly, real)
        kind, until = "prices", named(12 * max(known) + 6)
        name, error = "consumer prices (World Bank) and mean real growth", _together(missed, own_miss(known))
        if country in rates:
            growth = by_month(yearly, REAL_BEFORE) | posted(rates[country])
            kind, until, error = "posted", named(max(rates[country])), posted_missed
            name = "posted wages of all occupations (Indeed)"
        if country == "US":
            growth |= us
            kind, name = (
                "official",
                "software developers and data scientists (OEWS) then posted wages (Indeed)",
            )
        logs, cut = levels(growth)
        out[country] = Row(kind, currency, _together(error, cut), until, name, logs)
    return out


def table(
    data: Path,
    countries: Sequence[Mapping[str, str]],
    held: set[str],
    percent: Mapping[str, Mapping[int, float]],
) -> tuple[list[str], list[list[str]]]:
    """The header and the rows of the table: one a country, its level (2025-06 = 100) every KNOT_EVERY months."""
    knots = range(0, _LAST - _FIRST + 1, KNOT_EVERY)
    base = month_number("2025-06") - _FIRST
    header = [
        "country",
        "kind",
        "currency",
        "error_per_year",
        "measured_to",
        "name",
        *(named(_FIRST + k) for k in knots),
    ]
    out = []
    for country, row in sorted(countries_rows(data, countries, held, percent).items()):
        cells = [f"{100 * math.exp(row.logs[k] - row.logs[base]):.7g}" if row.logs else "" for k in knots]
        out.append([country, row.kind, row.currency, f"{row.error:.4f}", row.measured_to, row.name, *cells])
    return header, out
