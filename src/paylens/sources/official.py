"""Official wage statistics as one table of cells, kept whole: they are published aggregates, of nobody in particular."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from paylens.sources import us_oews

__all__ = ["SCHEMA", "tables"]

SCHEMA = pa.schema(
    [
        ("source", pa.string()), ("vintage", pa.int16()), ("month", pa.string()), ("occupation", pa.string()),
        ("title", pa.string()), ("area", pa.string()), ("industry", pa.string()), ("employment", pa.float64()),
        ("relative_error", pa.float64()), ("mean", pa.float64()), ("p10", pa.float64()), ("p25", pa.float64()),
        ("p50", pa.float64()), ("p75", pa.float64()), ("p90", pa.float64()), ("currency", pa.string()), ("pay", pa.string()),
    ]
)  # fmt: skip


def tables(data: Path) -> pa.Table:
    """Every official cell below `data` for the occupations that matter here; amounts a year, null where not published."""
    return pa.Table.from_pylist(us_oews.read(data), schema=SCHEMA)
