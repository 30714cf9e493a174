"""Makes the tables of rates, prices and wages from the published files: the same files give the same bytes.

    python -m paylens.places.refresh --data DIR

DIR is laid out as PAYLENS_DATA. Beside each table goes its origin: a list with one entry an input.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import json
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Final

from paylens.places import refresh_wages
from paylens.places.money import FIRST_MONTH

TABLES = Path(__file__).parent / "tables"
COMMAND = "python -m paylens.places.refresh --data DIR"
# Table and currency of every country; made by refresh_geography.
COUNTRIES = TABLES / "countries.csv"

ECB = "reference/ecb_eurofxref-hist_2026-10-30.zip"
FED = "reference/fred_fx_monthly_2026-06.csv"
PPP = "reference/worldbank_ppp_gdp_1990-2024.csv"
CPI = "reference/worldbank_cpi_annual_percent_change.csv"
RPP = "reference/bea_MARPP_MSA_2008_2024.csv"
# Which currency each of the Federal Reserve's countries is about. All of its figures are units for one US dollar in
# this file (H.10 itself quotes some the other way round): `disagreement` checks that on every currency both have.
FED_CURRENCY: Final = {
    "Australia": "AUD",
    "Brazil": "BRL",
    "Canada": "CAD",
    "China": "CNY",
    "Denmark": "DKK",
    "Euro": "EUR",
    "Hong Kong": "HKD",
    "India": "INR",
    "Japan": "JPY",
    "Malaysia": "MYR",
    "Mexico": "MXN",
    "New Zealand": "NZD",
    "Norway": "NOK",
    "Singapore": "SGD",
    "South Africa": "ZAR",
    "South Korea": "KRW",
    "Sri Lanka": "LKR",
    "Sweden": "SEK",
    "Switzerland": "CHF",
    "Taiwan": "TWD",
    "Thailand": "THB",
    "United Kingdom": "GBP",
}
# The same currency in both series differs by hours of the day and holidays only.
MOST_APART = 0.01
PPP_FROM, CPI_FROM, RPP_FROM = 2015, 2003, 2015
WORLD_BANK_NOTE = (
    "The file at hand states no licence; the World Bank offers its own indicators under CC BY 4.0, not verified here. "
    "Only figures of countries are kept, of the years that are used."
)
US_NOTE = "A work of the United States government: no copyright in the United States."
Months = dict[tuple[str, str], float]


@dataclass(frozen=True)
class Input:
    """A published file and what its publisher says of it."""

    file: str
    publisher: str
    title: str
    vintage: str
    licence: str
    licence_note: str


INPUTS: Final = {
    i.file: i
    for i in (
        Input(ECB, "European Central Bank", "Euro foreign exchange reference rates", "2026-10-30", "free with credit",
              "Free to use where the source is named; the monthly means and the crosses over the dollar are computed here."),
        Input(FED, "Board of Governors of the Federal Reserve System", "H.10 foreign exchange rates, monthly", "2026-06",
              "public", US_NOTE + " Only the currencies that the first series lacks are taken."),
        Input(PPP, "World Bank", "PPP conversion factor, GDP", "1990-2024", "not verified", WORLD_BANK_NOTE),
        Input(CPI, "World Bank", "Consumer prices, annual percent change", "1960-2024", "not verified", WORLD_BANK_NOTE),
        Input(RPP, "US Bureau of Economic Analysis", "Regional price parities by metropolitan area (MARPP)",
              "2008-2024, updated 2026-02-19", "US government, public", US_NOTE),
        Input(refresh_wages.POSTED, "Indeed Hiring Lab", "Wage tracker: posted wage growth by country", "2026-05",
              "CC BY 4.0", "Chained into an index here, with other series before and after it: changes were made."),
        *(Input(f, "US Bureau of Labor Statistics", f"Occupational Employment and Wage Statistics, May {year}", str(year),
                "US government, public", US_NOTE) for year, f in refresh_wages.OEWS.items()),
    )
}  # fmt: skip


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file, with or without a byte-order mark."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def write(
    to: Path, name: str, header: Sequence[str], table: Iterable[Sequence[object]], inputs: Mapping[str, Path]
) -> None:
    """Writes a table and its origin; `inputs` are the published files by their path in the folder."""
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(header)
    out.writerows(table)
    if '"' in text.getvalue():
        raise SystemExit(f"{name}: the readers of this table part its lines at commas, and a cell holds one")
    origin = [
        {
            "publisher": i.publisher,
            "title": i.title,
            "vintage": i.vintage,
            "licence": i.licence,
            "licence_note": i.licence_note,
            "file": Path(i.file).name,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "command": COMMAND,
        }
        for i, path in ((INPUTS[file], path) for file, path in inputs.items())
    ]
    (to / f"{name}.csv").write_text(text.getvalue(), encoding="utf-8")
    (to / f"{name}.origin.json").write_text(json.dumps(origin, indent=2) + "\n", encoding="utf-8")


def ecb_months(path: Path) -> Months:
    """Units for one US dollar by currency and month: the mean over the month's days of the cross of two euro rates."""
    days: dict[tuple[str, str], list[float]] = defaultdict(list)
    with zipfile.ZipFile(path) as archive, archive.open("eurofxref-hist.csv") as file:
        for day in csv.DictReader(io.TextIOWrapper(file, "utf-8")):
            month, dollars = day["Date"][:7], day["USD"]
            if month < FIRST_MONTH or dollars == "N/A":
                continue
            for currency, value in (day | {"EUR": "1"}).items():
                # A trailing comma gives each line a last, empty column.
                if len(currency) == 3 and currency != "USD" and value not in ("N/A", ""):
                    days[currency, month].append(float(value) / float(dollars))
    return {key: fmean(values) for key, values in days.items()}


def fed_months(path: Path) -> Months:
    """Units for one US dollar by currency and month as the Federal Reserve has them, for FED_CURRENCY."""
    return {
        (FED_CURRENCY[row["Country"]], row["Date"][:7]): float(row["Exchange rate"])
        for row in rows(path)
        if row["Country"] in FED_CURRENCY and row["Date"][:7] >= FIRST_MONTH and row["Exchange rate"]
    }


def disagreement(first: Months, second: Months) -> dict[str, float]:
    """By currency, the most that two series differ by in a month that both have, as a share."""
    out: dict[str, float] = {}
    for key in first.keys() & second.keys():
        out[key[0]] = max(out.get(key[0], 0.0), abs(second[key] / first[key] - 1))
    return out


def exchange(data: Path, to: Path) -> set[str]:
    """Writes the rates; returns the currencies that have one."""
    ecb, fed = ecb_months(data / ECB), fed_months(data / FED)
    apart = {c: share for c, share in disagreement(ecb, fed).items() if share > MOST_APART}
    if apart:
        raise SystemExit(f"the two series of rates disagree (a quote the other way round?): {apart}")
    held = {currency for currency, _ in ecb}
    table = [(c, m, f"{v:.6g}", "ecb") for (c, m), v in ecb.items()]
    table += [(c, m, f"{v:.6g}", "fred") for (c, m), v in fed.items() if c not in held]
    inputs = {ECB: data / ECB, FED: data / FED}
    write(to, "fx_monthly", ["currency", "month", "per_usd", "source"], sorted(table), inputs)
    return {row[0] for row in table} | {"USD"}


def price_levels(data: Path, to: Path, countries: Sequence[Mapping[str, str]]) -> None:
    """Writes the price levels between countries and between US metros."""
    known = {c["id"] for c in countries}
    levels = [
        (r["Country ID"], int(r["Year"]), f"{float(r['PPP']):.6g}")
        for r in rows(data / PPP)
        if r["Country ID"] in known and int(r["Year"]) >= PPP_FROM and r["PPP"]
    ]
    write(to, "ppp", ["country", "year", "local_per_international_dollar"], sorted(levels), {PPP: data / PPP})
    parities = []
    for row in rows(data / RPP):
        code = row["GeoFIPS"].strip(' "')
        # The notes at the foot have no line code; line 1 is 'all items'; 00000 and 00999 are not metros.
        if row["LineCode"] == "1" and not code.startswith("00"):
            years = (y for y in row if y.isdecimal() and int(y) >= RPP_FROM and row[y] != "(NA)")
            parities += [(f"us-{code}", int(y), f"{float(row[y]):.6g}") for y in years]
    write(to, "rpp", ["metro", "year", "all_items_us_100"], sorted(parities), {RPP: data / RPP})


def consumer_prices(
    data: Path, to: Path, countries: Sequence[Mapping[str, str]]
) -> dict[str, dict[int, float]]:
    """Writes yearly inflation in percent; returns it by country and year."""
    ids = {c["iso3"]: c["id"] for c in countries}
    table = sorted(
        (ids[r["Country Code"]], int(r["Year"]), f"{float(r['CPI']):.6g}")
        for r in rows(data / CPI)
        if r["Country Code"] in ids and int(r["Year"]) >= CPI_FROM and r["CPI"]
    )
    write(to, "cpi", ["country", "year", "percent"], table, {CPI: data / CPI})
    out: dict[str, dict[int, float]] = defaultdict(dict)
    for country, year, percent in table:
        out[country][year] = float(percent)
    return dict(out)


def refresh(data: Path, to: Path = TABLES) -> None:
    """Makes every table of this module in the folder `to` from the published files below `data`."""
    countries = rows(COUNTRIES)
    held = exchange(data, to)
    price_levels(data, to, countries)
    percent = consumer_prices(data, to, countries)
    header, table = refresh_wages.table(data, countries, held, percent)
    files = [CPI, refresh_wages.POSTED, *refresh_wages.OEWS.values()]
    write(to, "wage_index", header, table, {f: data / f for f in files})


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of the published files")
    refresh(parser.parse_args(argv).data)


if __name__ == "__main__":
    main()
