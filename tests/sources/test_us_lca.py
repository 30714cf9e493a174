"""US Labor Condition Applications: units of pay, statuses, titles and occupations."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from paylens.contract.errors import PaylensError
from paylens.contract.vocabularies import industries, roles
from paylens.sources import PublishedFile, Reading, describe, us_lca

Rows = list[dict[str, Any]]
NAME = "LCA_Disclosure_Data_FY2020"


def test_sample(
    packed: Callable[[str], Path], filled: Callable[[Reading], Rows], expected: Callable[[str], Rows]
) -> None:
    reading = us_lca.read(packed(f"{NAME}.csv"))
    assert filled(reading) == expected(NAME)
    assert reading.rows_in == 9
    assert reading.dropped == {us_lca.NOT_CERTIFIED: 2, "no pay": 1, "unknown unit of pay": 1}
    assert reading.unmapped["role"] == {"INVENTED TITLE OF NO MEANING": 1}


def test_columns_are_needed(samples: Path) -> None:
    with pytest.raises(PaylensError, match="lacks the columns CASE_NUMBER"):
        us_lca.read(samples / "salaries.csv")


def test_the_description_names_known_industries_and_roles() -> None:
    rest = describe("us_lca").rest
    assert all(id in industries() for id in rest["naics"].values())
    assert all(id in roles() for ids in rest["vague"].values() for id in ids)


@pytest.mark.data
def test_real_file(data_root: Path, check_pins: Callable[[Path, str, PublishedFile], None]) -> None:
    check_pins(data_root, "us_lca", describe("us_lca").files[0])
