"""Tables whose header is not their first line: sheets of a workbook, or a csv, as rows of cells."""

from __future__ import annotations

import csv
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from paylens.contract.errors import PaylensError
from paylens.contract.require import require

__all__ = ["LONGEST", "number", "sheets"]

# No official table here has 20,000 rows or a file of 20 MB; what is larger is another file.
LONGEST = 200_000
_LARGEST = 50 * 1024 * 1024

Rows = list[tuple[Any, ...]]


def sheets(path: Path) -> Iterator[tuple[str, Rows]]:
    """Name and rows of each sheet; a csv is one sheet of no name. PaylensError for what is no such file."""
    try:
        if path.stat().st_size > _LARGEST:
            raise PaylensError(f"{path}: larger than any official table that is read here")
        if path.suffix == ".xlsx":
            yield from _workbook(path)
        else:
            with path.open(encoding="utf-8-sig", newline="") as lines:
                yield "", [tuple(row) for row in csv.reader(lines)]
    except FileNotFoundError:
        raise PaylensError(f"{path}: no such file") from None
    except (OSError, UnicodeDecodeError, csv.Error, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise PaylensError(f"{path}: can't be read as a table ({error})") from None


def _workbook(path: Path) -> Iterator[tuple[str, Rows]]:
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # page headers and styles that openpyxl does not know; cells are all we read
        book = require("openpyxl", "build").load_workbook(path, read_only=True)
        try:
            for sheet in book.worksheets:
                yield sheet.title, list(sheet.iter_rows(values_only=True, max_row=LONGEST))
        finally:
            book.close()


def number(cell: Any) -> float | None:
    """An amount, from 104500 or '104,500'; None for what was not published ('#', '*', 'S', '-', '')."""
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return float(cell)
    try:
        return float(str(cell).strip().replace(",", ""))
    except ValueError:
        return None
