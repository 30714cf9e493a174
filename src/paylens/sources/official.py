"""Official wage statistics as one table of cells, kept whole: they are published aggregates, of nobody in particular."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from paylens.contract.errors import PaylensError
from paylens.sources import sg_mom, us_ncses, us_oews
from paylens.sources.files import file_sha256
from paylens.sources.reading import describe

__all__ = ["READERS", "SCHEMA", "Official", "official"]

# Amounts are a year's, in `currency`; null where not published. `area` is the place's id, 'us-CA' a state; `industry` the
# publisher's code or words, null for all; `people` whom the cell is of beside the occupation; `continues` the latest
# code that the occupation's comes nearest to; `relative_error` of the mean or median, in per cent.
SCHEMA = pa.schema(
    [
        ("source", pa.string()), ("vintage", pa.int16()), ("month", pa.string()), ("occupation", pa.string()),
        ("title", pa.string()), ("continues", pa.string()), ("area", pa.string()), ("industry", pa.string()),
        ("industry_title", pa.string()), ("people", pa.string()), ("employment", pa.float64()),
        ("relative_error", pa.float64()), ("mean", pa.float64()), ("p10", pa.float64()), ("p25", pa.float64()),
        ("p50", pa.float64()), ("p75", pa.float64()), ("p90", pa.float64()), ("currency", pa.string()), ("pay", pa.string()),
    ]
)  # fmt: skip

READERS: dict[str, Callable[[Path, int], list[dict[str, Any]]]] = {
    us_oews.ID: us_oews.read,
    us_ncses.ID: us_ncses.read,
    sg_mom.ID: sg_mom.read,
}


@dataclass(frozen=True)
class Official:
    """The cells (`SCHEMA`), the files they came from (as a manifest names them), and what could not be read."""

    table: pa.Table
    inputs: list[dict[str, Any]]
    lacking: list[str]


def official(data: Path, *, open_only: bool = False) -> Official:
    """Every official cell below `data` for the occupations that matter here.

    `open_only` leaves out what is not verified as open. A file that is missing or can't be read is listed and the rest
    is read: official figures stand beside the answers and do not make them.
    """
    cells: list[dict[str, Any]] = []
    inputs: list[dict[str, Any]] = []
    lacking: list[str] = []
    for source, read in READERS.items():
        about = describe(source)
        if open_only and not about.licence_open:
            continue
        for file in about.files:
            path = data / file.path
            try:
                found = read(path, int(file.vintage or 0))
            except PaylensError as error:
                lacking.append(str(error))
                continue
            cells += found
            inputs.append({
                "source": source, "vintage": str(file.vintage), "publisher": about.publisher, "title": about.title,
                "licence": about.licence, "licence_open": about.licence_open, "sha256": file_sha256(path),
                "rows": len(found), "citation": about.citation,
            })  # fmt: skip
    return Official(pa.Table.from_pylist(cells, schema=SCHEMA), inputs, lacking)
