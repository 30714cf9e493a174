"""Occupational Employment and Wage Statistics, May 2025: national, state and metro cells of the occupations in question."""

from __future__ import annotations

import gzip
import sqlite3
import tempfile
from pathlib import Path
from typing import Any

from paylens.contract.errors import PaylensError

__all__ = ["FILE", "OCCUPATIONS", "read"]

FILE = "official/oews/oews-2025.sqlite.gz"
OCCUPATIONS = {
    "15-1252": "Software Developers", "15-2051": "Data Scientists", "15-1221": "Computer and Information Research Scientists",
    "15-1242": "Database Administrators", "15-1243": "Database Architects", "15-1253": "Software Quality Assurance Analysts and Testers",
    "15-1254": "Web Developers", "15-1211": "Computer Systems Analysts", "15-1212": "Information Security Analysts",
    "15-2031": "Operations Research Analysts", "15-2041": "Statisticians", "15-1299": "Computer Occupations, All Other",
    "11-3021": "Computer and Information Systems Managers", "17-2061": "Computer Hardware Engineers",
}  # fmt: skip
_VALUES = {
    "employment": "v01",
    "relative_error": "v05",
    "mean": "v04",
    "p10": "v11",
    "p25": "v12",
    "p50": "v13",
    "p75": "v14",
    "p90": "v15",
}


def read(data: Path) -> list[dict[str, Any]]:
    """Cells across all industries; a value that was not published is None. PaylensError when the file can't be read."""
    path = data / FILE
    try:
        plain = gzip.decompress(path.read_bytes())
    except FileNotFoundError:
        raise PaylensError(f"{path} is missing") from None
    except (EOFError, OSError) as error:
        raise PaylensError(f"{path} can't be read: {error}") from None
    with tempfile.NamedTemporaryFile(suffix=".sqlite") as file:
        file.write(plain)
        file.flush()
        wanted = [c.replace("-", "") for c in OCCUPATIONS]
        marks = ",".join("?" * len(wanted))
        found = sqlite3.connect(file.name).execute(
            f"select key, {', '.join(_VALUES.values())} from cell where substr(key, 12, 6) = '000000' and substr(key, 18) in ({marks})",
            wanted,
        )
        return [_cell(key, values) for key, *values in found]


def _cell(key: str, values: list[str]) -> dict[str, Any]:
    code = f"{key[17:19]}-{key[19:]}"
    kind, area = key[3], key[4:11]
    place = "US" if kind == "N" else f"us-{area[2:]}" if kind == "M" else f"us-state-{area[:2]}"
    return {
        "source": "us_oews", "vintage": 2025, "month": "2025-05", "occupation": code, "title": OCCUPATIONS[code], "area": place,
        "industry": None, "currency": "USD", "pay": "base as published",
    } | {name: _number(v) for name, v in zip(_VALUES, values, strict=True)}  # fmt: skip


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text is not None else None
    except ValueError:
        return None  # '-' is not published
