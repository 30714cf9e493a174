"""A community's export: what is read, what is dropped and counted, and what is refused in one line."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from paylens.contract.errors import PaylensError
from paylens.observations.collect import collect
from paylens.observations.schema import validate
from paylens.sources import Reading, read_community

Rows = list[dict[str, Any]]
Export = Callable[..., Path]


def test_a_report_becomes_an_observation(
    export: Export, tmp_path: Path, filled: Callable[[Reading], Rows]
) -> None:
    reading = read_community(export(tmp_path / "e", [{}]))
    assert filled(reading) == [{
        "source": "community:meetup", "vintage": 2026, "month": "2026-10", "row": 1, "respondent": "community:meetup:0000abcd",
        "role": "data-scientist", "role_asked": "Data scientist", "seniority": "senior", "country": "DE", "metro": "de-berlin",
        "years_lo": 6.0, "years_hi": 6.0, "years_coding_lo": 8.0, "years_coding_hi": 8.0, "years_ml_lo": 4.0, "years_ml_hi": 4.0,
        "education": "master", "industry": "finance", "company_size": "250-999", "employer": "google", "employer_asked": "Google",
        "remote": "hybrid", "skills": ["aws", "python"], "pay_lo": 99000.0, "pay_hi": 99000.0, "currency": "EUR",
        "pay_definition": "cash", "base": 90000.0, "bonus": 9000.0, "employment": "unknown", "weight": 1.5,
    }]  # fmt: skip
    validate(reading.table)


def test_it_describes_itself(export: Export, tmp_path: Path) -> None:
    counts = "[counts]\nnone = 3\ncode = 1\n[counts.excluded]\nfence = 2"
    about = read_community(export(tmp_path / "e", [{}], counts)).about
    assert (about.id, about.title, about.licence) == ("community:meetup", "An invented meet-up", "CC-BY-4.0")
    assert about.licence_open and about.pay_definition == "cash"
    assert "2026-09 to 2026-11" in about.citation and "'meetup'" in about.publisher
    assert about.rest["counts"] == {"none": 3, "code": 1, "excluded: fence": 2}
    assert "employer" in about.asked(2026).fields
    assert not read_community(export(tmp_path / "f", [{}], licence="ours alone")).about.licence_open


BAD = [
    ({"report": "x"}, "no report id"),
    ({"base": ""}, "no pay"),
    ({"base": "0"}, "no pay"),
    ({"base": "lots"}, "pay is not an amount"),
    ({"bonus": "-5"}, "pay is not an amount"),
    ({"role": ""}, "no role"),
    ({"role": "wizard"}, "role is no id"),
    ({"month": "2026-08"}, "month outside the export's"),
    ({"month": "2026-13"}, "month outside the export's"),
    ({"currency": "XXX"}, "no exchange rate for the currency"),
    ({"weight": "99"}, "weight out of bounds"),
    ({"weight": "nan"}, "weight out of bounds"),
    ({"verification": "trust me"}, "unknown verification"),
    ({"metro": "us-41860"}, "metro is not in its country"),
    ({"state": "CA"}, "state is not in its country"),
    ({"country": "", "metro": "de-berlin"}, "metro is not in its country"),
    ({"country": "Germany"}, "country is no id"),
    ({"skills": "python;divination"}, "skills is no id"),
    ({"employer": "Google GmbH"}, "employer is no id"),
    ({"years_experience": "250"}, "years_experience is no number of years"),
]


def test_a_bad_row_is_dropped_and_counted(export: Export, tmp_path: Path) -> None:
    rows: list[dict[str, str]] = [{"report": f"{k:08d}", **bad} for k, (bad, _) in enumerate(BAD)]
    reading = read_community(export(tmp_path / "e", [*rows, {}, {}]))
    assert reading.kept == 1 and reading.rows_in == len(BAD) + 2
    expected: dict[str, int] = {"report there twice": 1}
    for _, why in BAD:
        expected[why] = expected.get(why, 0) + 1
    assert dict(reading.dropped) == expected


def test_a_slip_is_kept_and_flagged(export: Export, tmp_path: Path) -> None:
    rows = [{"base": "90000000", "report": "11111111"}, {"base": "90", "bonus": "", "report": "22222222"}]
    reading = read_community(export(tmp_path / "e", rows))
    assert reading.table["pay_flag"].to_pylist() == ["above sanity", "below sanity"]


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"schema": 2}, "schema 2"),
        ({"name": "Meet Up"}, "name 'Meet Up'|name Meet Up"),
        ({"name": "../../etc"}, "must be small letters"),
        ({"title": ""}, "title must be text"),
        ({"released": "soon"}, "released must be a day"),
        ({"released": "2026-02-30"}, "released must be a day"),
        ({"released": "2026-10-01"}, "not in this order"),
        ({"from": "2026-12"}, "not in this order"),
        ({"sha256": "abc"}, "sha256 must be"),
        ({"sha256": "0" * 64}, "not the file that community.toml names"),
    ],
)
def test_a_bad_folder_is_one_line(export: Export, tmp_path: Path, told: dict[str, Any], said: str) -> None:
    folder = export(tmp_path / "e", [{}], **told)
    with pytest.raises(PaylensError, match=said) as error:
        read_community(folder)
    assert "\n" not in str(error.value) and str(folder) in str(error.value)


def test_a_folder_that_is_none_or_not_whole(export: Export, tmp_path: Path) -> None:
    with pytest.raises(PaylensError, match="no such folder"):
        read_community(tmp_path / "nowhere")
    with pytest.raises(PaylensError, match=r"no community\.toml"):
        read_community(tmp_path)
    folder = export(tmp_path / "e", [{}])
    text = (folder / "community.toml").read_text(encoding="utf-8")
    (folder / "community.toml").write_text(text.replace("licence", "license"), encoding="utf-8")
    with pytest.raises(PaylensError, match="'licence' is missing"):
        read_community(folder)
    (folder / "community.toml").write_text("= [", encoding="utf-8")
    with pytest.raises(PaylensError, match="can't be read as TOML"):
        read_community(folder)
    (folder / "community.toml").write_text("#" * 70_000, encoding="utf-8")
    with pytest.raises(PaylensError, match="larger than 64 KiB"):
        read_community(folder)
    folder = export(tmp_path / "f", [{}])
    (folder / "reports.csv").unlink()
    with pytest.raises(PaylensError, match=r"reports\.csv: no such file"):
        read_community(folder)


def test_a_column_that_lacks_is_named(export: Export, tmp_path: Path) -> None:
    folder = export(tmp_path / "e", [{}])
    text = (folder / "reports.csv").read_text(encoding="utf-8").replace("bonus", "extra", 1)
    (folder / "reports.csv").write_text(text, encoding="utf-8")
    sha = hashlib.sha256(text.encode()).hexdigest()
    about = (folder / "community.toml").read_text(encoding="utf-8").splitlines()
    lines = [f"sha256 = '{sha}'" if line.startswith("sha256") else line for line in about]
    (folder / "community.toml").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(PaylensError, match="lacks the column"):
        read_community(folder)


def test_two_of_one_name_and_one_that_is_not_open(
    export: Export, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("paylens.observations.collect.READERS", {})
    one, two = export(tmp_path / "a", [{}]), export(tmp_path / "b", [{}])
    found = collect(tmp_path, communities=[one])
    assert found.table["source"].to_pylist() == ["community:meetup"]
    with pytest.raises(PaylensError, match="are both community:meetup"):
        collect(tmp_path, communities=[one, two])
    closed = export(tmp_path / "c", [{}], licence="not stated", name="other")
    with pytest.raises(PaylensError, match="'not stated' is not verified as open"):
        collect(tmp_path, communities=[one, closed], open_only=True)
