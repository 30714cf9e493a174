"""Makes the tables of rates, prices and wages from the published files: `python -m paylens.places.refresh DIR`."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import math
import sqlite3
import sys
import tempfile
import zipfile
from collections import defaultdict
from pathlib import Path
from statistics import fmean, pstdev

from paylens.places import geography, wages

TABLES = Path(__file__).parent / "tables"
COMMAND = "python -m paylens.places.refresh DIR"
FIRST = "2015-01"
ECB = "reference/ecb_eurofxref-hist_2026-10-30.zip"
FED = "reference/fred_fx_monthly_2026-06.csv"
CPI = "reference/worldbank_cpi_annual_percent_change.csv"
PPP = "reference/worldbank_ppp_gdp_1990-2024.csv"
RPP = "reference/bea_MARPP_MSA_2008_2024.csv"
POSTED = "trends/indeed_posted_wage_growth_by_country_2026-05.csv"
# Currencies that the first series lacks and the second has: its own name, and whether it quotes units a dollar.
SECOND = {"TWD": "Taiwan"}
# Mean yearly pay of all computer and mathematical occupations (15-0000, OEWS, May): the one group that no change of
# occupation codes between 2013 and 2025 cuts through, so its growth needs no splicing.
GROUP = "15-0000"
OEWS = "official/oews"
EURO = frozenset({"AT", "BE", "CY", "EE", "FI", "GR", "HR", "LT", "LU", "LV", "MT", "PT", "SI", "SK"})
_LAST_CPI = 2024
_LONG_RUN, _PULL = 0.03, 0.5


def _write(name: str, header: list[str], rows: list[list[object]], origins: list[dict[str, str]], data: Path) -> None:
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(header)
    out.writerows(rows)
    (TABLES / name).write_text(text.getvalue(), encoding="utf-8")
    for origin in origins:
        origin["sha256"] = hashlib.sha256((data / origin.pop("file")).read_bytes()).hexdigest()
        origin["command"] = COMMAND
    body = json.dumps(origins, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    (TABLES / name.replace(".csv", ".origin.json")).write_text(body, encoding="utf-8")


def rates(data: Path) -> None:
    """Monthly means of units a US dollar: ECB where it quotes the currency, else the Federal Reserve."""
    with zipfile.ZipFile(data / ECB) as archive:
        days = list(csv.DictReader(io.TextIOWrapper(archive.open(archive.namelist()[0]), "utf-8")))
    values: dict[tuple[str, str], list[float]] = defaultdict(list)
    for day in days:
        month = day["Date"][:7]
        if month < FIRST or not day["USD"] or day["USD"] == "N/A":
            continue
        usd = float(day["USD"])
        for currency, text in {**day, "EUR": "1", "USD": day["USD"]}.items():
            if currency and len(currency) == 3 and text not in ("", "N/A"):
                values[currency, month].append(float(text) / usd)
    rows: list[list[object]] = [[c, m, f"{fmean(v):.6g}", "ECB"] for (c, m), v in values.items()]
    held = {c for c, _ in values}
    with (data / FED).open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            for currency, country in SECOND.items():
                if row["Country"] == country and row["Date"][:7] >= FIRST and currency not in held and row["Exchange rate"]:
                    rows.append([currency, row["Date"][:7], f"{float(row['Exchange rate']):.6g}", "Federal Reserve H.10"])
    rows.sort(key=lambda r: (str(r[0]), str(r[1])))
    _write("fx_monthly.csv", ["currency", "month", "per_usd", "source"], rows, [
        {"publisher": "European Central Bank", "title": "Euro foreign exchange reference rates", "vintage": "2026-10-30", "licence": "free with credit", "file": ECB},
        {"publisher": "Federal Reserve Board", "title": "H.10 foreign exchange rates, monthly", "vintage": "2026-06", "licence": "public", "file": FED},
    ], data)  # fmt: skip


def prices(data: Path) -> dict[str, dict[int, float]]:
    """Price levels between countries and US metros; yearly inflation, which is returned too."""
    iso = {c.iso3: c.id for c in geography.countries()}
    with (data / PPP).open(encoding="utf-8") as lines:
        latest: dict[str, tuple[int, float]] = {}
        for row in csv.DictReader(lines):
            year = int(row["Year"])
            if row["PPP"] and year > latest.get(row["Country ID"], (0, 0.0))[0]:
                latest[row["Country ID"]] = (year, float(row["PPP"]))
    known = {c.id for c in geography.countries()}
    _write("ppp.csv", ["country", "year", "local_per_international_dollar"], [[c, y, f"{v:.6g}"] for c, (y, v) in sorted(latest.items()) if c in known], [
        {"publisher": "World Bank", "title": "PPP conversion factor, GDP", "vintage": "2024", "licence": "not verified", "file": PPP}], data)  # fmt: skip
    with (data / RPP).open(encoding="utf-8-sig") as lines:
        parity = [r for r in csv.reader(lines) if len(r) > 8 and r[4].strip() == "1"]
    _write("rpp.csv", ["metro", "year", "all_items_us_100"], [[f"us-{code}", 2024, r[-1].strip()] for r in parity if not (code := r[0].strip(' "')).startswith("00")], [
        {"publisher": "US Bureau of Economic Analysis", "title": "Regional price parities by MSA (MARPP)", "vintage": "2024", "licence": "US government, public", "file": RPP}], data)  # fmt: skip
    inflation: dict[str, dict[int, float]] = defaultdict(dict)
    with (data / CPI).open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            if row["Country Code"] in iso and row["CPI"] and int(row["Year"]) >= 2012:
                inflation[iso[row["Country Code"]]][int(row["Year"])] = float(row["CPI"]) / 100
    rows: list[list[object]] = [[c, y, f"{v:.6g}"] for c, series in sorted(inflation.items()) for y, v in sorted(series.items())]
    _write("cpi.csv", ["country", "year", "inflation"], rows, [
        {"publisher": "World Bank", "title": "Consumer prices, annual change", "vintage": "2024", "licence": "not verified", "file": CPI}], data)  # fmt: skip
    return dict(inflation)


def posted(data: Path) -> dict[str, dict[int, float]]:
    """Growth of posted wages from May to May: the mean of the year-on-year figures of March to July, else what there is."""
    months = {m: i for i, m in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), start=1)}
    found: dict[str, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    with (data / POSTED).open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            name, year = row["month"].split("-")
            if 3 <= months[name] <= 7 and row["posted_wage_growth_yoy"] not in ("", "NA"):
                found[row["jobcountry"]][2000 + int(year)].append(float(row["posted_wage_growth_yoy"]))
    return {c: {y: fmean(v) for y, v in years.items()} for c, years in found.items()}


def official_us(data: Path) -> dict[int, float]:
    """Yearly growth of mean pay of computer and mathematical occupations, evenly spread where a year was not published."""
    from openpyxl import load_workbook

    means: dict[int, float] = {}
    for year in (2016, 2017, 2018, 2019, 2020):
        with (data / OEWS / f"oews_national_{year}.csv").open(encoding="utf-8-sig") as lines:
            for row in csv.DictReader(lines):
                cell = {k.upper(): v for k, v in row.items()}
                if cell["OCC_CODE"] == GROUP:
                    means[year] = float(cell["A_MEAN"].replace(",", ""))
    for year in (2022, 2024):
        sheet = load_workbook(data / OEWS / f"oews_national_M{year}_dl.xlsx", read_only=True).active
        table = sheet.iter_rows(values_only=True)
        head = [str(v).upper() for v in next(table)]
        for values in table:
            if values[head.index("OCC_CODE")] == GROUP:
                means[year] = float(values[head.index("A_MEAN")])
    with tempfile.NamedTemporaryFile(suffix=".sqlite") as plain:
        plain.write(gzip.decompress((data / OEWS / "oews-2025.sqlite.gz").read_bytes()))
        plain.flush()
        found = sqlite3.connect(plain.name).execute("select v04 from cell where key = 'OEUN0000000000000150000'").fetchone()
    means[2025] = float(found[0])
    out, years = {}, sorted(means)
    for first, last in zip(years, years[1:], strict=False):
        growth = (means[last] / means[first]) ** (1 / (last - first)) - 1
        out |= dict.fromkeys(range(first + 1, last + 1), growth)
    return out


def wage_index(data: Path, inflation: dict[str, dict[int, float]]) -> None:
    """Yearly log growth to May of each year, 2017 to 2030, for every country with a series."""
    growth, us = posted(data), official_us(data)
    both = [(g, inflation[c][y - 1]) for c, series in growth.items() if c in inflation for y, g in series.items() if y - 1 in inflation[c]]
    real = fmean(g - p for g, p in both)
    borrowed_error = max(pstdev([g - p - real for g, p in both]), wages.LEAST_ERROR)
    if "EA" in growth:
        growth |= {c: growth["EA"] for c in EURO if c not in growth}
    rows: list[list[object]] = []
    for country in sorted(c.id for c in geography.countries()):
        official = us if country == "US" else {}
        series, prices_ = growth.get(country, {}), inflation.get(country, {})
        if not series and not prices_:
            continue
        years, values = range(wages.FIRST_YEAR + 1, wages.LAST_YEAR + 1), []
        for year in years:
            if year in official:
                values.append(official[year])
            elif year in series:
                values.append(series[year])
            elif year - 1 in prices_ and year - 1 <= _LAST_CPI:
                values.append(prices_[year - 1] + real)
            else:
                recent = values[-3:] or [_LONG_RUN]
                values.append(_PULL * fmean(recent) + (1 - _PULL) * _LONG_RUN)
        logs = [max(min(math.log1p(v), wages.MOST_A_YEAR), -0.1) for v in values]
        kind = "official" if official else "posted" if series else "prices"
        name = {"official": "computer and mathematical occupations (OEWS), then posted wages (Indeed)", "posted": "posted wages (Indeed)", "prices": "consumer prices and mean real growth"}[kind]
        if kind == "posted" and country in EURO:
            name = "posted wages, euro area (Indeed)"
        swing = pstdev(logs[:9])
        error = wages.LEAST_ERROR if kind != "prices" else max(borrowed_error, swing / 2)
        rows.append([country, kind, name, f"{error:.4f}", *(f"{v:.5f}" for v in logs)])
    _write("wage_index.csv", ["country", "kind", "name", "error_per_year", *(str(y) for y in range(wages.FIRST_YEAR + 1, wages.LAST_YEAR + 1))], rows, [
        {"publisher": "World Bank", "title": "Consumer prices, annual change", "vintage": "2024", "licence": "not verified", "file": CPI},
        {"publisher": "Indeed Hiring Lab", "title": "Posted wage growth by country", "vintage": "2026-05", "licence": "CC BY 4.0", "file": POSTED},
    ], data)  # fmt: skip


def refresh(data: Path) -> None:
    """Make every table again from the files below `data`."""
    rates(data)
    wage_index(data, prices(data))


if __name__ == "__main__":
    refresh(Path(sys.argv[1]))
