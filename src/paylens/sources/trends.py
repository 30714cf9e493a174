"""Series about pay over time, whole as published: posted wages, postings, AI's share of them, national wages by occupation.

They are published aggregates, of nobody in particular. One row a figure; what a value is, is said by `kind`:

posted wages          log growth of posted wages over the 12 months to `month`, all occupations of a country
sector wages          the same by sector (`group`), United States
AI share              share (0 to 1) of postings that name AI work, mean of the month
all postings          index of all postings, seasonally adjusted, mean of the month (2020-02-01 = 100)
software postings     index of software-development postings, mean of the month (2020-02-01 = 100)
official wages        median yearly pay (US dollars) of an occupation (`group`, its code of that year); n is employment
projected employment  employment projected for 2031 over that of 2021, by occupation (`group`)
"""

from __future__ import annotations

import math
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any, Final

import pyarrow as pa

from paylens.contract.errors import PaylensError
from paylens.sources.files import PublishedTable, database, file_sha256
from paylens.sources.reading import describe
from paylens.sources.sheets import number, sheets

__all__ = ["ID", "SCHEMA", "Trends", "read"]

ID: Final = "trends"
OEWS: Final = "us_oews"
SCHEMA = pa.schema(
    [
        ("kind", pa.string()), ("country", pa.string()), ("group", pa.string()), ("month", pa.string()),
        ("value", pa.float64()), ("n", pa.float64()),
    ]
)  # fmt: skip
_MONTHS: Final = {"JanFebMarAprMayJunJulAugSepOctNovDec"[3 * k : 3 * k + 3]: k + 1 for k in range(12)}
_ALL, _MANAGERS = "00-0000", "11-3021"
Row = dict[str, Any]


@dataclass(frozen=True)
class Trends:
    """The figures (`SCHEMA`), the files they came from (as a manifest names them), and what could not be read."""

    table: pa.Table
    inputs: list[dict[str, Any]]
    lacking: list[str]


def read(data: Path, *, open_only: bool = False) -> Trends:
    """Every series below `data`; a file that is missing or can't be read is listed and the rest is read.

    Files of national wages are those of the source us_oews, which names them in the manifest itself. `open_only` leaves
    out what is not verified as open.
    """
    rows: list[Row] = []
    inputs: list[dict[str, Any]] = []
    lacking: list[str] = []
    about = describe(ID)
    for entry in about.rest["series"]:
        if open_only and not entry["licence_open"]:
            continue
        path = data / entry["path"]
        try:
            found = list(_READERS[entry["kind"]](path, entry))
        except PaylensError as error:
            lacking.append(str(error))
            continue
        rows += found
        inputs.append({
            "source": ID, "vintage": entry["vintage"], "publisher": entry["publisher"], "title": entry["title"],
            "licence": entry["licence"], "licence_open": entry["licence_open"], "sha256": file_sha256(path),
            "rows": len(found), "citation": entry["citation"],
        })  # fmt: skip
    for file in describe(OEWS).files:
        if "natsector" in file.path:
            continue
        try:
            rows += _national(data / file.path, int(file.vintage or 0))
        except PaylensError as error:
            lacking.append(str(error))
    return Trends(pa.Table.from_pylist(rows, schema=SCHEMA), inputs, lacking)


def _row(kind: str, country: str, group: str | None, month: str, value: float, n: float | None = None) -> Row:
    return {"kind": kind, "country": country, "group": group, "month": month, "value": value, "n": n}


def _posted(path: Path, entry: Row) -> Iterator[Row]:
    """Twelve-month growth of posted wages; 'NA' months are left out."""
    need = ("jobcountry", "month", "n_obs", "posted_wage_growth_yoy")
    with PublishedTable(path, need, optional=("sector",)) as table:
        for at, row in table:
            name, _, year = row["month"].partition("-")
            growth, n = number(row["posted_wage_growth_yoy"]), number(row["n_obs"])
            if growth is None:
                continue
            if name not in _MONTHS or growth <= -1:
                raise PaylensError(f"{path}: row {at} is no month and growth: {row['month']}, {growth}")
            month = f"20{year}-{_MONTHS[name]:02d}"
            yield _row(entry["kind"], row["jobcountry"], row.get("sector"), month, math.log1p(growth), n)


def _daily(path: Path, entry: Row) -> Iterator[Row]:
    """The mean of each month's days, by country; a month with fewer than 20 days is left out."""
    date, value = entry["columns"]
    days: dict[tuple[str, str], list[float]] = defaultdict(list)
    with PublishedTable(path, (date, value), optional=("jobcountry", "variable")) as table:
        for _, row in table:
            found = number(row[value])
            if found is not None and row.get("variable", "total postings") == "total postings":
                days[row.get("jobcountry", "US"), row[date][:7]].append(found)
    scale = float(entry.get("scale", 1.0))
    for (country, month), values in sorted(days.items()):
        if len(values) >= 20:
            yield _row(entry["kind"], country, None, month, scale * fmean(values), len(values))


def _projected(path: Path, entry: Row) -> Iterator[Row]:
    """Employment of 2031 over 2021 by occupation code, which the file writes as a formula ('="15-2051"')."""
    wanted = ("Occupation Code", "Employment 2021", "Employment 2031")
    for _, rows in sheets(path):
        names = [" ".join(str(c).split()) for c in rows[0]] if rows else []
        if any(w not in names for w in wanted):
            continue
        code, before, after = (names.index(w) for w in wanted)
        for row in rows[1:]:
            a, b = number(row[before]), number(row[after])
            if a and b:
                yield _row(entry["kind"], "US", str(row[code]).strip('="'), "2021-06", b / a, a)
        return
    raise PaylensError(f"{path}: not the table expected, no sheet names employment of 2021 and 2031 by code")


_READERS = {
    "posted wages": _posted, "sector wages": _posted, "AI share": _daily, "all postings": _daily,
    "software postings": _daily, "projected employment": _projected,
}  # fmt: skip


def _national(path: Path, vintage: int) -> Iterator[Row]:
    """Medians of all computing and mathematical occupations, their managers and all occupations, of one May."""
    found = _database(path) if path.suffix == ".gz" else _yearly(path)
    seen = set()
    for code, people, pay in found:
        if (code.startswith("15-") or code in (_ALL, _MANAGERS)) and code not in seen:
            seen.add(code)
            n, median = number(people), number(pay)
            if n and median:
                yield _row("official wages", "US", code, f"{vintage}-05", median, n)


def _yearly(path: Path) -> Iterator[tuple[str, Any, Any]]:
    _, rows = next(iter(sheets(path)))
    head = [str(name).upper() for name in rows[0]] if rows else []
    lacking = [n for n in ("OCC_CODE", "TOT_EMP", "A_MEDIAN") if n not in head]
    if lacking:
        raise PaylensError(f"{path}: not the table expected, it lacks the columns {', '.join(lacking)}")
    code, people, pay = (head.index(name) for name in ("OCC_CODE", "TOT_EMP", "A_MEDIAN"))
    for row in rows[1:]:
        yield str(row[code]), row[people], row[pay]


def _database(path: Path) -> Iterator[tuple[str, Any, Any]]:
    with database(path) as name:
        cells = sqlite3.connect(name)
        query = (
            "select substr(key, 18, 2) || '-' || substr(key, 20), v01, v13 from cell "
            "where key >= 'OEUN0000000000000' and key < 'OEUN0000000000001' order by key"
        )
        yield from cells.execute(query).fetchall()
        cells.close()
