"""ai-jobs: pairs of rows are one advertised range, and a range counts once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paylens.contract.errors import PaylensError
from paylens.sources import PublishedFile, Reading, aijobs, describe

Rows = list[dict[str, Any]]
HEADER = (
    "work_year,experience_level,employment_type,job_title,salary,salary_currency,salary_in_usd,"
    "employee_residence,remote_ratio,company_location,company_size\n"
)


def test_sample(
    packed: Callable[[str], Path], filled: Callable[[Reading], Rows], expected: Callable[[str], Rows]
) -> None:
    reading = aijobs.read(packed("salaries.csv"))
    assert filled(reading) == expected("salaries")
    assert reading.rows_in == 13
    assert reading.dropped == {aijobs.REPEATED: 1, aijobs.MERGED: 4, "no pay": 1, "no year": 1}
    assert reading.unmapped == {"role": {"Whisperer of Invented Things": 1}}


def test_rows_that_differ_are_not_a_pair(tmp_path: Path) -> None:
    path = tmp_path / "salaries.csv"
    path.write_text(
        HEADER
        + "2024,SE,FT,Data Engineer,200000,USD,200000,US,0,US,M\n"
        + "2024,SE,FT,Data Engineer,150000,USD,150000,US,100,US,M\n"
        + "2024,SE,FT,Data Engineer,140000,USD,140000,US,100,US\n"
        + "2024,SE,FT,Data Engineer,130000,USD,130000,US,100,US,M\n",
        encoding="utf-8",
    )
    reading = aijobs.read(path)
    # The third row is broken: what stands on its two sides are not neighbours.
    assert reading.table["pay_lo"].to_pylist() == reading.table["pay_hi"].to_pylist() == [2e5, 1.5e5, 1.3e5]
    assert reading.dropped == {"broken row": 1}


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(0, 9)), min_size=1, max_size=20, unique=True))
def test_every_range_of_a_file_of_pairs_is_found(
    tmp_path_factory: pytest.TempPathFactory, pairs: list[tuple[int, int]]
) -> None:
    lines = [
        f"2024,SE,FT,Data Engineer,{pay},USD,{pay},US,0,US,M\n"
        for low, extra in pairs
        for pay in (low * 50_000 + extra * 5_000, low * 50_000)
    ]
    path = tmp_path_factory.mktemp("aijobs") / "salaries.csv"
    path.write_text(HEADER + "".join(lines), encoding="utf-8")
    table = aijobs.read(path).table
    found = zip(table["pay_lo"].to_pylist(), table["pay_hi"].to_pylist(), strict=True)
    assert list(found) == [(low * 5e4, low * 5e4 + extra * 5e3) for low, extra in pairs]


def test_columns_are_needed(samples: Path) -> None:
    with pytest.raises(PaylensError, match="lacks the columns work_year"):
        aijobs.read(samples / "stackoverflow_2025.csv")


@pytest.mark.data
def test_real_file(data_root: Path, check_pins: Callable[[Path, str, PublishedFile], None]) -> None:
    check_pins(data_root, "aijobs", describe("aijobs").files[0])
