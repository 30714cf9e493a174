"""Stack Overflow's surveys by their official column names."""

from __future__ import annotations

import dataclasses
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from paylens.contract.errors import PaylensError
from paylens.contract.vocabularies import skills
from paylens.sources import PublishedFile, Reading, describe, stackoverflow

Rows = list[dict[str, Any]]


@pytest.mark.parametrize(
    ("year", "rows_in", "dropped"),
    [
        (2017, 7, {"broken row": 1, "no pay": 1, "no role": 1, "pay is not an amount": 1}),
        (2023, 3, {"no role": 1}),
        (2024, 2, {}),
        (2025, 2, {}),
    ],
)
def test_sample(
    year: int,
    rows_in: int,
    dropped: dict[str, int],
    packed: Callable[[str], Path],
    filled: Callable[[Reading], Rows],
    expected: Callable[[str], Rows],
) -> None:
    reading = stackoverflow.read(packed(f"stackoverflow_{year}.csv"))
    assert filled(reading) == expected(f"stackoverflow_{year}")
    assert reading.rows_in == rows_in
    assert reading.dropped == dropped
    assert reading.unmapped == {}


def test_the_publishers_archive(samples: Path, tmp_path: Path) -> None:
    path = tmp_path / "stack-overflow-developer-survey-2025.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(samples / "stackoverflow_2025.csv", "survey_results_public.csv")
        archive.writestr("survey_results_schema.csv", "qname,question\n")
    assert stackoverflow.read(path).kept == 2


def test_another_year_needs_only_its_table(tmp_path: Path) -> None:
    described = describe("stackoverflow")
    columns = {
        "month": "2019-02", "respondent": "Respondent", "role": ["DevType"], "country": "Country",
        "pay": "ConvertedComp", "education": "EdLevel", "years": "YearsCodePro", "age": "Age",
        "skills": ["LanguageWorkedWith"],
    }  # fmt: skip
    vintages = {**described.rest["vintages"], "2019": columns}
    described = dataclasses.replace(described, rest={**described.rest, "vintages": vintages})
    path = tmp_path / "survey-2019.csv"
    path.write_text(
        "Respondent,DevType,Country,ConvertedComp,EdLevel,YearsCodePro,LanguageWorkedWith\n"
        '7,"Student;Database administrator;Data scientist or machine learning specialist",Chile,30000,'
        "Master's degree,3,Python;SQL\n",
        encoding="utf-8",
    )
    row = stackoverflow.read(path, description=described).table.to_pylist()[0]
    assert (row["vintage"], row["month"], row["respondent"]) == (2019, "2019-02", "stackoverflow:2019:7")
    assert (row["role"], row["country"], row["education"]) == (
        "data-science-or-ml-specialist",
        "CL",
        "master",
    )
    assert (row["years_lo"], row["years_hi"], row["age"], row["skills"]) == (
        3.0,
        3.0,
        None,
        ["python", "sql"],
    )


def test_a_year_without_a_table_or_a_column(samples: Path) -> None:
    with pytest.raises(PaylensError, match="the 2016 survey is not described; known are 2017, 2023"):
        stackoverflow.read(samples / "stackoverflow_2025.csv", vintage=2016)
    with pytest.raises(PaylensError, match="lacks the columns Salary, DeveloperType, NonDeveloperType"):
        stackoverflow.read(samples / "stackoverflow_2025.csv", vintage=2017)


def test_the_skills_asked_are_of_the_vocabulary() -> None:
    described = describe("stackoverflow")
    assert not described.asked(2024).skills
    for year in (2017, 2023, 2025):
        assert "python" in described.asked(year).skills
        assert all(id in skills() for id in described.asked(year).skills)


@pytest.mark.data
@pytest.mark.parametrize("file", describe("stackoverflow").files, ids=lambda file: str(file.vintage))
def test_real_file(
    file: PublishedFile, data_root: Path, check_pins: Callable[[Path, str, PublishedFile], None]
) -> None:
    check_pins(data_root, "stackoverflow", file)
