"""Series over time: invented files in each publisher's format, and the real ones by their hash."""

from __future__ import annotations

import math
from pathlib import Path

import openpyxl
import pytest

from paylens.sources import describe, trends
from paylens.sources.files import file_sha256

ENTRIES = describe(trends.ID).rest["series"]


def written(root: Path, kind: str, text: str) -> dict[str, object]:
    entry = next(e for e in ENTRIES if e["kind"] == kind)
    path = root / entry["path"]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return dict(entry)


def rows(root: Path, kind: str) -> list[dict[str, object]]:
    return [r for r in trends.read(root).table.to_pylist() if r["kind"] == kind]


def test_posted_wages_are_log_growth_by_month_and_na_is_left_out(tmp_path: Path) -> None:
    head = "jobcountry,country,month,n_obs,posted_wage_growth_yoy,posted_wage_growth_yoy_3moavg\n"
    written(tmp_path, "posted wages", head + "DE,Germany,Jan-19,900,0.03,NA\nDE,Germany,Feb-19,800,NA,NA\n")
    (row,) = rows(tmp_path, "posted wages")
    assert (row["country"], row["month"], row["n"]) == ("DE", "2019-01", 900.0)
    assert row["value"] == pytest.approx(math.log(1.03))


def test_days_become_means_of_whole_months_and_shares_are_of_one(tmp_path: Path) -> None:
    days = "".join(f"2024-05-{d:02d},DE,{d}\n" for d in range(1, 32)) + "2024-06-01,DE,50\n"
    written(tmp_path, "AI share", "date,jobcountry,AI_share_postings\n" + days)
    (row,) = rows(tmp_path, "AI share")
    assert (row["month"], row["n"]) == ("2024-05", 31.0)
    assert row["value"] == pytest.approx(0.16)


def test_only_all_postings_count_not_the_new_ones(tmp_path: Path) -> None:
    lines = "".join(
        f"2024-05-{d:02d},CA,{v},1,{w}\n"
        for d in range(1, 32)
        for v, w in ((80, "total postings"), (10, "new postings"))
    )
    head = "date,jobcountry,indeed_job_postings_index_SA,indeed_job_postings_index_NSA,variable\n"
    written(tmp_path, "all postings", head + lines)
    assert [r["value"] for r in rows(tmp_path, "all postings")] == [80.0]


def test_projected_employment_is_a_ratio_by_code(tmp_path: Path) -> None:
    path = tmp_path / next(e["path"] for e in ENTRIES if e["kind"] == "projected employment")
    path.parent.mkdir(parents=True)
    book = openpyxl.Workbook()
    book.active.append(["Occupation Title", "Occupation Code", "Employment 2021", "Employment 2031"])
    book.active.append(["Data scientists", '="15-2051"', 100, 136])
    book.save(path)
    (row,) = rows(tmp_path, "projected employment")
    assert (row["group"], row["value"]) == ("15-2051", pytest.approx(1.36))


def test_files_that_are_missing_or_another_table_are_listed_and_the_rest_is_read(tmp_path: Path) -> None:
    written(tmp_path, "AI share", "a,b\n1,2\n")
    found = trends.read(tmp_path)
    assert found.table.num_rows == 0
    assert not found.inputs
    assert any("not the table expected" in text for text in found.lacking)
    assert any("no such file" in text for text in found.lacking)


@pytest.mark.data
def test_the_published_files_are_those_described(data_root: Path) -> None:
    for entry in ENTRIES:
        assert file_sha256(data_root / entry["path"]) == entry["sha256"], entry["path"]
    found = trends.read(data_root)
    assert found.lacking == []
    assert len(found.inputs) == len(ENTRIES)
    kinds = set(found.table["kind"].to_pylist())
    assert kinds == {e["kind"] for e in ENTRIES} | {"official wages"}
