"""What the trend is made from, in the form that its parts use."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import pyarrow as pa

from paylens.model.fit.trend.chains import Chain, chains

__all__ = ["AREA", "Inputs", "Rates", "named", "number", "read"]

AREA = "EA"
"""The euro area among countries: its members are there themselves."""
Rates = dict[str, dict[int, float]]


@dataclass(frozen=True)
class Inputs:
    """Occupations' chains, monthly series by kind and country, projected employment by code, cells and observations."""

    chains: dict[str, Chain]
    series: dict[str, Rates]
    projected: dict[str, float]
    official: pa.Table
    observations: pa.Table

    @property
    def posted(self) -> Rates:
        """12-month log growth of posted wages by country and month number."""
        return {c: v for c, v in self.series["posted wages"].items() if c != AREA}


def number(month: str) -> int:
    """Months since year 0 of 'YYYY-MM'."""
    return 12 * int(month[:4]) + int(month[5:]) - 1


def named(month: int) -> str:
    """'YYYY-MM' of a month number."""
    return f"{month // 12}-{month % 12 + 1:02d}"


def read(figures: pa.Table, official_cells: pa.Table, observations: pa.Table) -> Inputs:
    """From tables of the schemas of sources.trends, sources.official and sources.reading."""
    published: dict[int, dict[str, tuple[float, float]]] = defaultdict(dict)
    series: dict[str, Rates] = defaultdict(lambda: defaultdict(dict))
    projected: dict[str, float] = {}
    for row in figures.to_pylist():
        kind, month = row["kind"], row["month"]
        if kind == "official wages":
            published[int(month[:4])][row["group"]] = (row["n"], row["value"])
        elif kind == "projected employment":
            projected[row["group"]] = row["value"]
        elif row["group"] is None:
            series[kind][row["country"]][number(month)] = row["value"]
    return Inputs(chains(published), series, projected, official_cells, observations)
