"""Official figures: invented files in each publisher's format, and aggregates of the real ones by their hash."""

from __future__ import annotations

import csv
import gzip
import json
import sqlite3
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.compute as pc
import pytest

from paylens.contract.errors import PaylensError
from paylens.contract.vocabularies import industries, roles
from paylens.contract.vocabularies.occupations import OFFICIAL, industry_code, occupations_of, roles_with
from paylens.sources import describe, sg_mom, us_ncses, us_oews
from paylens.sources.official import READERS, SCHEMA, official
from paylens.sources.sheets import number

PINS: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parent / "official_pins.json").read_text(encoding="utf-8")
)


def workbook(path: Path, sheets: dict[str, list[list[Any]]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def table(path: Path, rows: list[list[Any]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows(rows)
    return path


# Occupational Employment and Wage Statistics

YEARLY = ["OCC_CODE", "OCC_TITLE", "OCC_GROUP", "TOT_EMP", "EMP_PRSE", "A_MEAN", "MEAN_PRSE", "A_PCT10", "A_PCT25", "A_MEDIAN", "A_PCT75", "A_PCT90"]  # fmt: skip


def yearly(code: str, median: str, top: str = "90,000") -> list[Any]:
    return [
        code,
        "Invented",
        "detailed",
        "1,200",
        "3.1",
        "60,000",
        "1.5",
        "30,000",
        "40,000",
        median,
        "70,000",
        top,
    ]


def test_a_national_file_of_commas_and_marks(tmp_path: Path) -> None:
    rows = [YEARLY, yearly("00-0000", "1"), yearly("15-1132", "55,500", "#"), yearly("15-1132", "1"), yearly("15-1111", "*")]  # fmt: skip
    found = us_oews.read(table(tmp_path / "oews_national_2015.csv", rows), 2015)
    assert [(c["occupation"], c["continues"]) for c in found] == [
        ("15-1132", "15-1252"),
        ("15-1111", "15-1221"),
    ]
    assert found[0] | {"p50": 55_500.0, "p90": None, "employment": 1_200.0, "month": "2015-05"} == found[0]
    assert found[1]["p50"] is None


def test_sectors_of_a_workbook(tmp_path: Path) -> None:
    head = ["NAICS", "NAICS_TITLE", *YEARLY]
    rows = [
        head,
        ["51", "Information", *yearly("15-2051", "90,000")],
        ["52", "Finance", *yearly("15-2051", "95,000")],
    ]
    path = workbook(tmp_path / "sectors.xlsx", {"all": rows})
    found = us_oews.read(path, 2024)
    assert [(c["industry"], c["industry_title"], c["p50"]) for c in found] == [
        ("51", "Information", 90_000.0),
        ("52", "Finance", 95_000.0),
    ]


def database(path: Path) -> Path:
    plain = path.with_suffix("")
    cells = sqlite3.connect(plain)
    values = ", ".join(f"v{k:02d} text" for k in range(1, 18))
    cells.execute(f"create table cell (key text primary key, {values})")
    cells.execute("create table industry (industry_code text primary key, industry_name text)")
    cells.execute("insert into industry values ('51--52', 'Sector 51 - Information')")
    for key in ("N0000000000000152051", "M0041860000000152051", "S0600000000000152051", "N000000051--52152051", "M0041860000000119999"):  # fmt: skip
        row = ["OEU" + key] + ["-"] * 17
        row[1], row[5], row[13] = "1200", "0.7", "120000"
        cells.execute(f"insert into cell values ({','.join('?' * 18)})", row)
    cells.commit()
    cells.close()
    path.write_bytes(gzip.compress(plain.read_bytes(), mtime=0))
    return path


def test_the_database_knows_nation_states_metros_and_industries(tmp_path: Path) -> None:
    found = us_oews.read(database(tmp_path / "oews-2025.sqlite.gz"), 2025)
    assert {(c["area"], c["industry"]) for c in found} == {
        ("US", None), ("us-41860", None), ("us-CA", None), ("US", "51--52"),
    }  # fmt: skip
    assert all(c["p50"] == 120_000 and c["p10"] is None and c["occupation"] == "15-2051" for c in found)
    assert next(c for c in found if c["industry"])["industry_title"] == "Sector 51 - Information"


def test_a_damaged_database_is_one_error(tmp_path: Path) -> None:
    path = database(tmp_path / "oews-2025.sqlite.gz")
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(PaylensError, match="cut short or damaged"):
        us_oews.read(path, 2025)
    path.write_bytes(gzip.compress(b"not a database at all" * 100))
    with pytest.raises(PaylensError, match="not the database expected"):
        us_oews.read(path, 2025)


def test_another_table_is_refused(tmp_path: Path) -> None:
    path = table(tmp_path / "x.csv", [["a", "b"], [1, 2]])
    with pytest.raises(PaylensError, match="lacks the columns OCC_CODE"):
        us_oews.read(path, 2015)
    with pytest.raises(PaylensError, match="lacks the columns table_id"):
        us_ncses.read(path, 2019)
    with pytest.raises(PaylensError, match="no sheet 'T4'"):
        sg_mom.read(path, 2021)


# NCSES


def test_medians_by_degree_and_age(tmp_path: Path) -> None:
    head = ["table_id", "row_id", "x_full_path", "x_level_1", "x_level_2", "x_level_3", "x_hierarchy_depth",
            "field_all_degreesa_both_sexes", "field_all_degreesa_female", "field_master_s_both_sexes"]  # fmt: skip
    rows = [
        head,
        ["1", "r1", "", "All occupations", "S&E<sup>b</sup>", "", "2", "70000", "60000", "80000"],
        ["1", "r2", "", "All occupations", "Computer and information scientist", "", "2", "99000", "1", "S"],
        [
            "1",
            "r3",
            "",
            "All occupations",
            "Computer and information scientist",
            "30&#8211;39",
            "3",
            "98000",
            "1",
            "",
        ],
    ]
    found = us_ncses.read(table(tmp_path / "a.csv", rows), 2019)
    assert [(c["people"], c["p50"]) for c in found] == [
        (None, 99_000.0), ("master", None), ("age 30-39", 98_000.0),
    ]  # fmt: skip


def test_doctorates_by_years_since_leave_out_teachers(tmp_path: Path) -> None:
    levels = [f"occupation_level_{k}" for k in range(1, 5)]
    bands = ["all_full_time_employed", "_5", "6_10", "_25"]
    head = ["table_id", "row_id", "occupation_full_path", *levels, "occupation_hierarchy_depth"]
    head += [f"field_{b}_{kind}" for b in bands for kind in ("median_salary", "se")]
    wide = "Computer and information scientists"

    def row(last: str, depth: int, median: int) -> list[Any]:
        return [
            "1",
            "r",
            "",
            "All",
            "Science",
            wide,
            last,
            depth,
            *[v for _ in bands for v in (median, 1000)],
        ]

    rows = [head, row("", 3, 150_000), row(wide, 4, 160_000), row("Postsecondary teachers", 4, 100_000)]
    found = us_ncses.read(table(tmp_path / "a.csv", rows), 2021)
    assert {c["p50"] for c in found} == {160_000.0}
    assert [c["people"] for c in found] == [
        "doctorate", "doctorate, 0-5 years since", "doctorate, 6-10 years since", "doctorate, over 25 years since",
    ]  # fmt: skip
    assert found[0]["relative_error"] == pytest.approx(0.62, abs=0.01)


def test_doctorates_by_state(tmp_path: Path) -> None:
    head = ["table_id", "row_id", "employer_location_full_path", "employer_location_level_1", "employer_location_level_2",
            "employer_location_level_3", "employer_location_hierarchy_depth",
            "field_science_occupations_computer_and_information_scientists_median_salary",
            "field_science_occupations_computer_and_information_scientists_se"]  # fmt: skip
    rows = [
        head,
        ["1", "r1", "", "All locations", "", "", "1", "150000", "500"],
        ["1", "r2", "", "All locations", "Pacific", "", "2", "180000", "1500"],
        ["1", "r3", "", "All locations", "Pacific", "Washington", "3", "170000", "9000"],
        ["1", "r4", "", "All locations", "Pacific", "Alaska", "3", "S", "S"],
    ]
    found = us_ncses.read(table(tmp_path / "a.csv", rows), 2021)
    assert [(c["area"], c["p50"]) for c in found] == [
        ("US", 150_000.0),
        ("us-WA", 170_000.0),
        ("us-AK", None),
    ]


# Singapore


def mom(year: int, moved: bool, industry: str = "ALL  INDUSTRIES") -> list[list[Any]]:
    names = [None, "SSOC 2020", "Occupation"] + ([] if moved else ["Number Covered"])
    names += ["Basic Wage", None, None, "Gross Wage", None, None]
    title = f"IN {industry},  JUNE  {year}" if moved else f"{industry},  JUNE  {year}"
    rows: list[list[Any]] = [["TABLE  4"], ["MEDIAN,  25TH  AND  75TH  PERCENTILES"], [title], [None]]
    rows += [names, [None] * 4] if moved else [[None], names]
    rows += [[None]] * (8 - len(rows))
    rows.append([1, 1, "MANAGERS"])
    covered = [] if moved else [148]
    rows.append([2, 21222, "Data scientist", *covered, 5000, 6000, 8000, 5100, 6100, 8100])
    rows.append([3, 25121, "Software developer", *covered, "s", "s", "s", 5100, 6100, 8100])
    rows.append([4, 51201, "Cook", *covered, 1, 2, 3, 1, 2, 3])
    return rows


@pytest.mark.parametrize(("year", "moved"), [(2021, False), (2024, True)])
def test_wages_of_june_become_a_year(tmp_path: Path, year: int, moved: bool) -> None:
    rows = {
        "Contents": [["x"]],
        "T4": mom(year, moved),
        "T4.6": mom(year, moved, "INFORMATION  AND  COMMUNICATIONS"),
    }
    found = sg_mom.read(workbook(tmp_path / "mom.xlsx", rows), year)
    assert len(found) == 8
    first = found[0]
    assert (
        first | {"p25": 60_000.0, "p50": 72_000.0, "p75": 96_000.0, "pay": "basic wage", "currency": "SGD"}
        == first
    )
    assert first["employment"] == (None if moved else 148.0)
    assert first["industry"] is None
    assert found[2]["p50"] is None  # suppressed
    assert found[-1]["industry"] == "Information and communications"


def test_a_workbook_of_another_year_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "mom.xlsx", {"T4": mom(2021, False)})
    with pytest.raises(PaylensError, match="of June 2021, not of 2022"):
        sg_mom.read(path, 2022)


# All together


def test_missing_files_are_listed_and_do_not_stop_the_rest(tmp_path: Path) -> None:
    path = tmp_path / describe("us_oews").files[0].path
    path.parent.mkdir(parents=True)
    table(path, [YEARLY, yearly("15-1132", "55,500")])
    found = official(tmp_path)
    assert found.table.schema == SCHEMA
    assert found.table.num_rows == 1
    assert len(found.inputs) == 1
    assert len(found.lacking) == sum(len(describe(s).files) for s in READERS) - 1
    assert all("no such file" in line for line in found.lacking)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("104,500", 104_500.0),
        (88, 88.0),
        ("#", None),
        ("*", None),
        ("S", None),
        ("", None),
        (None, None),
        (True, None),
    ],
)
def test_amounts(cell: object, value: float | None) -> None:
    assert number(cell) == value


def test_blends_name_known_roles_and_occupations() -> None:
    for source in OFFICIAL:
        rest = describe(source).rest
        known = set(rest["occupations"].values()) if source == "us_ncses" else set(rest["occupations"])
        assert roles_with(source)
        for role in roles_with(source):
            assert role in roles()
            blend = dict(occupations_of(source, role))
            assert blend.keys() <= known, (source, role)
            assert sum(blend.values()) == pytest.approx(1.0)
    assert industry_code("us_oews", None) is None
    assert all(industry_code("us_oews", i) is None or i in industries() for i in industries().ids)


@pytest.mark.data
@pytest.mark.parametrize("source", list(READERS))
def test_real_files(data_root: Path, source: str) -> None:
    """Rows, cells with a median and the sums of columns, of each file by its hash."""
    for file in describe(source).files:
        found = READERS[source](data_root / file.path, int(file.vintage or 0))
        pinned = PINS.get(file.sha256)
        assert pinned is not None, file.path
        assert summary(found) == pinned, file.path


def summary(cells: list[dict[str, Any]]) -> dict[str, Any]:
    rows = SCHEMA.empty_table().from_pylist(cells, schema=SCHEMA)
    sums = {n: round(pc.sum(rows[n]).as_py() or 0.0, 2) for n in ("employment", "mean", "p10", "p50", "p90")}
    return {"cells": rows.num_rows, "with_median": rows.num_rows - rows["p50"].null_count, "sums": sums}
