"""Levels.fyi: employer, level, city, tag, and the split of a total."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from paylens.contract.errors import PaylensError
from paylens.contract.vocabularies import roles, skills
from paylens.sources import PublishedFile, Reading, describe, levels_fyi

Rows = list[dict[str, Any]]
NAME = "Levels_Fyi_Salary_Data"


def test_sample(
    packed: Callable[[str], Path], filled: Callable[[Reading], Rows], expected: Callable[[str], Rows]
) -> None:
    reading = levels_fyi.read(packed(f"{NAME}.csv"))
    assert filled(reading) == expected(NAME)
    assert reading.rows_in == 8
    assert reading.dropped == {"no date": 1, "no pay": 1, "no role": 1}
    assert reading.unmapped == {"employer": {"Invented Widgets GmbH": 1}, "place": {"Nowhere Special": 1}}


def test_columns_are_needed(samples: Path) -> None:
    with pytest.raises(PaylensError, match="lacks the columns timestamp, company"):
        levels_fyi.read(samples / "salaries.csv")


def test_the_description_names_known_roles_and_skills() -> None:
    rest = describe("levels_fyi").rest
    named = {role for by_tag in rest["role_by_tag"].values() for role in by_tag.values()}
    assert all(role in roles() for role in named)
    assert all(kind in rest["tags"] for by_tag in rest["role_by_tag"].values() for kind in by_tag)
    assert all(id in skills() for ids in rest["skills_by_tag"].values() for id in ids)
    tags = [tag for tags in rest["tags"].values() for tag in tags]
    assert len(tags) == len(set(tags))
    assert all(tag == tag.casefold() for tag in tags)


@pytest.mark.data
def test_real_file(data_root: Path, check_pins: Callable[[Path, str, PublishedFile], None]) -> None:
    check_pins(data_root, "levels_fyi", describe("levels_fyi").files[0])
