"""Kaggle's surveys: two header rows, coded questions, brackets, one column an option."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from paylens.contract.errors import PaylensError
from paylens.contract.vocabularies import skills
from paylens.sources import PublishedFile, Reading, describe, kaggle

Rows = list[dict[str, Any]]


@pytest.mark.parametrize(
    ("year", "rows_in", "dropped"),
    [
        (2021, 6, {"broken row": 1, "no pay": 1, "pay is not an amount": 1}),
        (2022, 4, {"no pay": 1, "no role": 1}),
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
    reading = kaggle.read(packed(f"kaggle_survey_{year}_responses.csv"))
    assert filled(reading) == expected(f"kaggle_survey_{year}_responses")
    assert reading.rows_in == rows_in
    assert reading.dropped == dropped
    assert reading.unmapped == {}


def test_the_year_of_another_file_is_refused(samples: Path) -> None:
    with pytest.raises(PaylensError, match="it lacks the columns"):
        kaggle.read(samples / "kaggle_survey_2022_responses.csv", vintage=2021)
    with pytest.raises(PaylensError, match="which year is it of"):
        kaggle.read(samples / "salaries.csv")


def test_a_question_without_its_options_is_refused(samples: Path, tmp_path: Path) -> None:
    text = (samples / "kaggle_survey_2021_responses.csv").read_text(encoding="utf-8")
    path = tmp_path / "kaggle_survey_2021_responses.csv"
    path.write_text(text.replace("Q16_Part_", "Q99_Part_"), encoding="utf-8")
    with pytest.raises(PaylensError, match="question Q16"):
        kaggle.read(path)


def test_the_skills_asked_are_of_the_vocabulary() -> None:
    for year in (2021, 2022):
        asked = describe("kaggle").asked(year).skills
        assert {"python", "pytorch", "computer-vision", "nlp", "aws"} <= asked
        assert all(id in skills() for id in asked)


@pytest.mark.data
@pytest.mark.parametrize("file", describe("kaggle").files, ids=lambda file: str(file.vintage))
def test_real_file(
    file: PublishedFile, data_root: Path, check_pins: Callable[[Path, str, PublishedFile], None]
) -> None:
    check_pins(data_root, "kaggle", file)
