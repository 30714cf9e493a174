"""Occupational Employment and Wage Statistics: the database of May 2025 and the national files of 2013 to 2024."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from paylens.contract.errors import PaylensError
from paylens.sources.files import database
from paylens.sources.reading import describe
from paylens.sources.sheets import number, sheets

__all__ = ["ID", "read"]

ID = "us_oews"
ACROSS = "000000"
_AMOUNTS = {"mean": "v04", "p10": "v11", "p25": "v12", "p50": "v13", "p75": "v14", "p90": "v15"}
_VALUES = {"employment": "v01", "relative_error": "v05"} | _AMOUNTS
# In the yearly files, by upper-cased header.
_COLUMNS = {
    "employment": "TOT_EMP", "relative_error": "MEAN_PRSE", "mean": "A_MEAN", "p10": "A_PCT10", "p25": "A_PCT25",
    "p50": "A_MEDIAN", "p75": "A_PCT75", "p90": "A_PCT90",
}  # fmt: skip


def read(path: Path, vintage: int) -> list[dict[str, Any]]:
    """Cells of one file (`official.SCHEMA`) for the occupations of the description; what was withheld is None.

    PaylensError when the file can't be read or is another table.
    """
    return list(_database(path) if path.suffix == ".gz" else _yearly(path, vintage))


def _cell(vintage: int, code: str, title: str, values: dict[str, float | None]) -> dict[str, Any]:
    continues = describe(ID).rest["continues"]
    return {
        "source": ID, "vintage": vintage, "month": f"{vintage}-05", "occupation": code, "title": title,
        "continues": continues.get(code, code), "area": "US", "industry": None, "industry_title": None, "people": None,
        "currency": "USD", "pay": "base as published",
    } | values  # fmt: skip


def _yearly(path: Path, vintage: int) -> Iterator[dict[str, Any]]:
    rest = describe(ID).rest
    kept = rest["occupations"].keys() | rest["continues"].keys()
    _, rows = next(iter(sheets(path)))
    head = [str(name).upper() for name in rows[0]] if rows else []
    lacking = [n for n in ("OCC_CODE", "OCC_TITLE", *_COLUMNS.values()) if n not in head]
    if lacking:
        raise PaylensError(f"{path}: not the table expected, it lacks the columns {', '.join(lacking)}")
    at = {name: head.index(name) for name in (*head,)}
    seen = set()
    for row in rows[1:]:
        code, naics = str(row[at["OCC_CODE"]]), str(row[at["NAICS"]]) if "NAICS" in at else ACROSS
        # An occupation that is alone in its broad group is listed twice under one code.
        if code not in kept or (code, naics) in seen:
            continue
        seen.add((code, naics))
        values = {name: number(row[at[column]]) for name, column in _COLUMNS.items()}
        sector = {} if naics == ACROSS else {"industry": naics, "industry_title": row[at["NAICS_TITLE"]]}
        yield _cell(vintage, code, str(row[at["OCC_TITLE"]]), values) | sector


def _database(path: Path) -> Iterator[dict[str, Any]]:
    """Every area across industries, and every industry of the nation."""
    titles, states = describe(ID).rest["occupations"], describe(ID).rest["states"]
    with database(path) as name:
        found, names = _asked(name, [code.replace("-", "") for code in titles])
    for key, *values in found:
        kind, area, industry, code = key[3], key[4:11], key[11:17], f"{key[17:19]}-{key[19:]}"
        cell = _cell(2025, code, titles[code], {n: number(v) for n, v in zip(_VALUES, values, strict=True)})
        if kind == "M":
            cell["area"] = f"us-{area[2:]}"
        elif kind == "S":
            cell["area"] = f"us-{states[area[:2]]}"
        if industry != ACROSS:
            cell |= {"industry": industry, "industry_title": names.get(industry)}
        yield cell


def _asked(file: str, codes: list[str]) -> tuple[list[tuple[str, ...]], dict[str, str]]:
    cells = sqlite3.connect(file)
    try:
        marks = ",".join("?" * len(codes))
        found = cells.execute(
            f"select key, {', '.join(_VALUES.values())} from cell where substr(key, 18) in ({marks}) "
            "and (substr(key, 12, 6) = '000000' or substr(key, 4, 1) = 'N') order by key",
            codes,
        ).fetchall()
        return found, dict(cells.execute("select industry_code, industry_name from industry"))
    finally:
        cells.close()
