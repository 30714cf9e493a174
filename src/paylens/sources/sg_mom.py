"""Singapore's occupational wages (MOM): monthly basic and gross wages of residents in June, all industries and each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from paylens.contract.errors import PaylensError
from paylens.sources.reading import describe
from paylens.sources.sheets import Rows, number, sheets

__all__ = ["ID", "read"]

ID = "sg_mom"
MONTHS = 12
_SHEET = re.compile(r"T4(\.\d+)?")
_TITLE = re.compile(r"(?:IN )?(.+), JUNE (\d{4})")
_HEADER_ROWS = 9


def read(path: Path, vintage: int) -> list[dict[str, Any]]:
    """Cells of one year's workbook (`official.SCHEMA`), amounts a year: 12 months.

    Where the columns stand is found by their names, as they moved in 2024. PaylensError when the file can't be read, is
    another table or of another year.
    """
    found = [
        cell
        for name, rows in sheets(path)
        if _SHEET.fullmatch(name.strip())
        for cell in _sheet(path, rows, vintage)
    ]
    if not found:
        raise PaylensError(f"{path}: not the table expected, it has no sheet 'T4' with occupations")
    return found


def _sheet(path: Path, rows: Rows, vintage: int) -> Iterator[dict[str, Any]]:
    industry = _industry(path, rows, vintage)
    columns = _columns(path, rows)
    titles, continues = describe(ID).rest["occupations"], describe(ID).rest["continues"]
    for row in rows[_HEADER_ROWS - 1 :]:
        code = str(row[columns["code"]]) if len(row) > columns["code"] else ""
        if code not in titles:
            continue
        for kind in ("basic", "gross"):
            at = columns[kind]
            low, middle, high = (_yearly(row[at + k]) for k in range(3))
            yield {
                "source": ID, "vintage": vintage, "month": f"{vintage}-06", "occupation": code, "title": titles[code],
                "continues": continues.get(code, code), "area": "SG", "industry": industry, "industry_title": industry,
                "people": "full-time residents", "employment": number(row[columns["covered"]]) if "covered" in columns else None,
                "relative_error": None, "mean": None, "p10": None, "p25": low, "p50": middle, "p75": high, "p90": None,
                "currency": "SGD", "pay": f"{kind} wage",
            }  # fmt: skip


def _yearly(cell: Any) -> float | None:
    value = number(cell)
    return None if value is None else value * MONTHS


def _industry(path: Path, rows: Rows, vintage: int) -> str | None:
    """The industry of a sheet, None for all; its title also says the year."""
    for row in rows[:4]:
        if isinstance(row[0], str) and (found := _TITLE.fullmatch(" ".join(row[0].upper().split()))):
            if int(found[2]) != vintage:
                raise PaylensError(f"{path}: of June {found[2]}, not of {vintage}")
            return None if found[1] == "ALL INDUSTRIES" else found[1].capitalize()
    raise PaylensError(f"{path}: not the table expected, no title says which industry and June")


def _columns(path: Path, rows: Rows) -> dict[str, int]:
    names = {"SSOC 2020": "code", "Number Covered": "covered", "Basic Wage": "basic", "Gross Wage": "gross"}
    found = {
        names[str(cell).strip()]: i
        for row in rows[:_HEADER_ROWS]
        for i, cell in enumerate(row)
        if str(cell).strip() in names
    }
    lacking = [name for name, key in names.items() if key not in found and key != "covered"]
    if lacking:
        raise PaylensError(f"{path}: not the table expected, it lacks the columns {', '.join(lacking)}")
    return found
