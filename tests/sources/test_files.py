"""Opening published tables: packings, damage, wrong shapes."""

from __future__ import annotations

import gzip
import hashlib
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paylens.contract.errors import PaylensError
from paylens.sources import describe, files, reading
from paylens.sources.files import BROKEN, PublishedTable, file_sha256

TEXT = 'id,note,pay\n1,plain,10\n2,"two\nlines, and a comma",20\n3,"said ""so""",30\n'


def _rows(path: Path, **options: object) -> list[tuple[int, dict[str, str]]]:
    with PublishedTable(path, ("id", "pay"), optional=("note", "nothing"), **options) as table:  # type: ignore[arg-type]
        return list(table)


def _written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_plain_gzip_and_zip_are_told_by_their_bytes(tmp_path: Path) -> None:
    plain = _written(tmp_path / "plain.csv", TEXT)
    # The names lie on purpose: what a file is, its first bytes say.
    gzipped = _written(tmp_path / "gzipped.csv", gzip.compress(TEXT.encode()))
    with zipfile.ZipFile(tmp_path / "zipped.csv", "w") as archive:
        archive.writestr("folder/answers.csv", TEXT)
        archive.writestr("README.txt", "read me")
        archive.writestr("__MACOSX/folder/._answers.csv", "")
    rows = _rows(plain)
    assert [(number, values["pay"]) for number, values in rows] == [(1, "10"), (2, "20"), (3, "30")]
    assert rows[1][1]["note"] == "two\nlines, and a comma"
    assert rows[2][1]["note"] == 'said "so"'
    assert "nothing" not in rows[0][1]
    assert _rows(gzipped) == _rows(tmp_path / "zipped.csv") == rows


def test_a_member_is_chosen_by_name(tmp_path: Path) -> None:
    path = tmp_path / "survey.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a/answers.csv", TEXT)
        archive.writestr("a/schema.csv", "column,question\n")
    assert len(_rows(path, member="answers.csv")) == 3
    with pytest.raises(PaylensError, match="2 such files"):
        _rows(path)
    with pytest.raises(PaylensError, match=r"should hold other\.csv, it has 0"):
        _rows(path, member="other.csv")


def test_byte_order_mark_windows_lines_and_blank_lines(tmp_path: Path) -> None:
    path = _written(tmp_path / "bom.csv", b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode() + b"\r\n\r\n")
    assert [values["id"] for _, values in _rows(path)] == ["1", "2", "3"]


def test_undecodable_bytes_are_replaced_and_counted(tmp_path: Path) -> None:
    path = _written(tmp_path / "latin.csv", b"id,note,pay\n1,caf\xe9,10\n2,fine,20\n")
    with PublishedTable(path, ("id", "note")) as table:
        rows = list(table)
    assert rows[0][1]["note"] == "caf\ufffd"
    assert table.repaired == {"line with undecodable bytes": 1}
    assert not table.dropped


def test_a_broken_row_costs_itself_alone(tmp_path: Path) -> None:
    content = (
        'id,note,pay\n1,a,10\n2,b\n3,"never closed,30\n4,d,40,50\n5,e,50\n6,"f",60\n7,5" pipe,70\n8,h,80\n'
    )
    with PublishedTable(_written(tmp_path / "b.csv", content), ("id", "pay")) as table:
        rows = list(table)
    assert [values["id"] for _, values in rows] == ["1", "5", "6", "7", "8"]
    assert [number for number, _ in rows] == [1, 5, 6, 7, 8]
    assert table.rows_in == 8
    assert table.dropped == {BROKEN: 3}


def test_a_field_over_the_parsers_limit_is_a_broken_row(tmp_path: Path) -> None:
    content = f"id,note,pay\n1,{'x' * 200_000},10\n2,b,20\n"
    with PublishedTable(_written(tmp_path / "long.csv", content), ("id",)) as table:
        assert [values["id"] for _, values in table] == ["2"]
    assert table.dropped == {BROKEN: 1}


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_an_endless_line_is_refused(tmp_path: Path, pack: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LINE_LIMIT", 1024 * 1024)
    content = b"id,note,pay\n1,a,10\n" + b"x" * (3 * 1024 * 1024)
    path = _written(tmp_path / "endless.csv", pack(content))  # type: ignore[operator]
    with pytest.raises(PaylensError, match="line 3 is longer than 1 MB") as caught:
        _rows(path)
    assert "\n" not in str(caught.value)


def test_a_truncated_gzip_is_one_line(tmp_path: Path) -> None:
    whole = gzip.compress(
        ("id,note,pay\n" + "".join(f"{i},{i * 7919 % 977},1\n" for i in range(50_000))).encode()
    )
    path = _written(tmp_path / "cut.csv.gz", whole[: len(whole) // 2])
    with pytest.raises(PaylensError, match="cut short or damaged after line"):
        _rows(path)
    damaged = bytearray(whole)
    damaged[len(whole) // 2] ^= 0xFF
    with pytest.raises(PaylensError, match="cut short or damaged after line"):
        _rows(_written(tmp_path / "damaged.csv.gz", bytes(damaged)))


def test_damaged_zip_missing_empty_and_folder(tmp_path: Path) -> None:
    for path, message in (
        (_written(tmp_path / "damaged.zip", b"PK\x03\x04 and no more"), "archive cannot be opened"),
        (tmp_path / "missing.csv", "no such file"),
        (_written(tmp_path / "empty.csv", b""), "the file is empty"),
        (tmp_path, "directory"),
    ):
        with pytest.raises(PaylensError, match=message) as caught:
            _rows(path)
        assert str(path) in str(caught.value)
    with pytest.raises(PaylensError, match="no such file"):
        file_sha256(tmp_path / "missing.csv")


def test_missing_columns_are_named(tmp_path: Path) -> None:
    path = _written(tmp_path / "other.csv", "id,name\n1,a\n")
    with pytest.raises(PaylensError, match="it lacks the columns pay") as caught:
        _rows(path)
    assert str(path) in str(caught.value)
    needed = [f"Q{i}" for i in range(9)]
    with pytest.raises(PaylensError, match="Q0, Q1, Q2, Q3, Q4 and 4 more"), PublishedTable(path, needed):
        pass


def test_sha256_is_of_the_file_as_published(tmp_path: Path) -> None:
    content = gzip.compress(TEXT.encode())
    path = _written(tmp_path / "a.csv.gz", content)
    assert file_sha256(path) == hashlib.sha256(content).hexdigest()


@given(st.lists(st.tuples(st.text(max_size=8), st.text(max_size=8)), max_size=12))
def test_what_csv_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]
) -> None:
    quoted = [
        ",".join('"' + field.replace('"', '""').replace("\r", " ") + '"' for field in row) for row in rows
    ]
    path = tmp_path_factory.mktemp("csv") / "any.csv"
    path.write_text("a,b\n" + "".join(line + "\n" for line in quoted), encoding="utf-8", newline="")
    with PublishedTable(path, ("a", "b")) as table:
        found = [(values["a"], values["b"]) for _, values in table]
    assert found == [(a.replace("\r", " "), b.replace("\r", " ")) for a, b in rows]


@pytest.mark.parametrize(
    ("text", "interval"),
    [
        ("7", (7.0, 7.0)),
        ("4.5", (4.5, 4.5)),
        ("4 to 5 years", (4.0, 5.0)),
        ("1-3 years", (1.0, 3.0)),
        ("Less than a year", (0.0, 1.0)),
        ("Less than 1 year", (0.0, 1.0)),
        ("< 1 years", (0.0, 1.0)),
        ("Under 1 year", (0.0, 1.0)),
        ("20+ years", (20.0, None)),
        ("20 or more years", (20.0, None)),
        ("More than 50 years", (50.0, None)),
        ("I never did", (0.0, 0.0)),
        ("300", (None, None)),
        ("-5", (None, None)),
        ("no idea", (None, None)),
        ("NA", (None, None)),
        (None, (None, None)),
    ],
)
def test_years(text: str | None, interval: tuple[float | None, float | None]) -> None:
    assert reading.years(text, ("I never did",)) == interval


@pytest.mark.parametrize(
    ("text", "interval"),
    [
        ("$0-999", (0.0, 1000.0)),
        ("1,000-1,999", (1000.0, 2000.0)),
        ("$500,000-999,999", (500_000.0, 1_000_000.0)),
        (">$1,000,000", (1_000_000.0, None)),
        ("> $500,000", (500_000.0, None)),
        ("9,999-5,000", None),
        ("plenty", None),
    ],
)
def test_brackets(text: str, interval: tuple[float, float | None] | None) -> None:
    assert reading.bracket(text) == interval


def test_amounts_and_choices() -> None:
    numbers = [
        reading.amount(text) for text in ("12e4", "120,000", " 7.5 ", "NA", "", "-3", "inf", "lots", None)
    ]
    assert numbers == [120_000.0, 120_000.0, 7.5, None, None, None, None, None, None]
    assert reading.choices("SQL; C++;NA;") == ["SQL", "C++"]
    assert reading.choices("NA") == []


def test_a_column_that_is_not_of_the_schema_is_refused() -> None:
    with pytest.raises(KeyError, match="wage"):
        reading.Observations(source="kaggle").add({"wage": 1.0})


def test_descriptions_are_complete() -> None:
    for id in ("kaggle", "stackoverflow", "levels_fyi", "aijobs", "us_lca"):
        about = describe(id)
        assert about.id == id
        assert about.files
        assert all(len(file.sha256) == 64 for file in about.files)
        assert all((about.title, about.publisher, about.licence, about.citation))
        assert {"page", "question", "respondents", "notes", "asks"} <= about.rest.keys()
        assert "pay" in about.asked(about.files[0].vintage or 0).fields
    assert {id for id in ("kaggle", "levels_fyi") if not describe(id).licence_open} == {
        "kaggle",
        "levels_fyi",
    }
    with pytest.raises(PaylensError, match="not a known source"):
        describe("invented")


def test_the_vintage_is_in_the_name_or_the_folder() -> None:
    assert reading.vintage_of(Path("2023/results.csv"), ("2022", "2023")) == 2023
    assert reading.vintage_of(Path("2022/survey-2023.zip"), ("2022", "2023")) == 2023
    assert reading.vintage_of(Path("a/kaggle_survey_2022_responses.csv"), ("2022", "2023")) == 2022
    with pytest.raises(PaylensError, match="which year is it of"):
        reading.vintage_of(Path("a/results_1999.csv"), ("2022", "2023"))
