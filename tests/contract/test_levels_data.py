"""Levels of the real entries: how many are understood, and whether seniority rises with years."""

import csv
import gzip
from collections import defaultdict
from pathlib import Path
from statistics import median

import pytest

from paylens.contract.vocabularies import employers, level_of


@pytest.mark.data
def test_levels_are_understood_and_rise_with_years(data_root: Path) -> None:
    years: dict[str | None, list[float]] = defaultdict(list)
    path = data_root / "surveys" / "levels_fyi" / "Levels_Fyi_Salary_Data.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            seniority = level_of(employers().lookup(row["company"]), row["level"])
            years[seniority].append(float(row["yearsofexperience"]))
    rows = sum(map(len, years.values()))
    assert rows == 50_235
    assert 1 - len(years[None]) / rows >= 0.95
    medians = [median(years[s]) for s in ("entry", "mid", "senior", "staff", "principal")]
    assert medians == [1, 4, 8, 11, 15]
    assert median(years["manager"]) == 12
