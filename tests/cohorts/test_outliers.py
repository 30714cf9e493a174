"""Outlier rules take what they should, in order, and lose nothing."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest

from paylens.cohorts.outliers import Screened
from paylens.cohorts.outliers import screen as screened
from paylens.observations.engine import Tables

Screen = Callable[..., Screened]


@pytest.fixture
def screen(engine: Tables) -> Screen:
    """Screens an Arrow table; what comes back is Arrow too."""

    def of(table: pa.Table, official: pa.Table | None = None) -> Screened:
        found = screened(engine, engine.small(table), official)
        return Screened(engine.arrow(found.kept), engine.arrow(found.dropped), found.counts)

    return of


def with_pay(table: pa.Table, changes: dict[int, tuple[float | None, float | None]]) -> pa.Table:
    lo, hi = table["lo"].to_pylist(), table["hi"].to_pylist()
    for row, (low, high) in changes.items():
        lo[row], hi[row] = low, high
    table = table.set_column(table.column_names.index("lo"), "lo", pa.array(lo, pa.float64()))
    return table.set_column(table.column_names.index("hi"), "hi", pa.array(hi, pa.float64()))


def test_each_rule_counts_what_it_takes(make: Callable[..., pa.Table], screen: Screen) -> None:
    table = make(600, 1, countries=1)
    table = with_pay(
        table,
        {
            0: (None, None),
            1: (12.0, 12.0),
            2: (0.0, 999.0),
            3: (1e16, 1e16),
            4: (5e3, 5e3),
            5: (500.0, 90e3),
            6: (9e5, None),
        },
    )
    found = screen(table)
    assert found.kept.num_rows + found.dropped.num_rows == 600
    counts = {row["rule"]: row["rows"] for row in found.counts.to_pylist()}
    assert counts["no amount"] == 1 and counts["below sanity"] == 2 and counts["above sanity"] == 1
    assert counts["outside fence"] == 2
    assert sum(counts.values()) == found.dropped.num_rows
    assert set(found.dropped.column_names) == {*table.column_names, "rule"}


def test_part_time_is_held_to_the_fence_alone(make: Callable[..., pa.Table], screen: Screen) -> None:
    table = with_pay(make(600, 2, countries=1), {0: (900.0, 900.0)})
    table = table.append_column("employment", pa.array(["part-time"] + ["full-time"] * 599))
    assert screen(table).dropped["rule"].to_pylist() == ["outside fence"]


def test_official_limits_are_optional(make: Callable[..., pa.Table], screen: Screen) -> None:
    table = make(600, 3)
    official = pa.table({"country": ["US", "DE"], "lo": [60e3, None], "hi": [None, 1e5]})
    found = screen(table, official)
    rules = set(found.counts["rule"].to_pylist())
    assert {"below official", "above official"} <= rules
    kept = found.kept
    us = np.array(kept["country"].to_pylist()) == "US"
    assert kept["lo"].to_numpy()[us].min() >= 60e3


def test_a_small_country_is_fenced_with_its_source(make: Callable[..., pa.Table], screen: Screen) -> None:
    table = make(500, 4, countries=1)
    few = make(5, 5, countries=1)
    few = few.set_column(few.column_names.index("country"), "country", pa.array(["XK"] * 5))
    few = with_pay(few, {0: (1_500_000.0, 1_500_000.0)})
    assert "XK" in screen(pa.concat_tables([table, few])).dropped["country"].to_pylist()


def test_an_empty_table_is_screened(make: Callable[..., pa.Table], screen: Screen) -> None:
    found = screen(make(10, 6).slice(0, 0))
    assert found.kept.num_rows == found.dropped.num_rows == found.counts.num_rows == 0
