"""Many profiles from file to file, with an invented engine: order, bad rows, and files that are wrong or cut off."""

from __future__ import annotations

import csv
import errno
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from paylens.advice.many import COLUMNS, flat_answer
from paylens.contract.errors import InputError, PaylensError
from paylens.faces.cli import batch, batch_files


class Invented:
    """Answers every profile whose role is not 'bad' with 1,000 times its years."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self.answer = answer
        self.asked: list[dict[str, Any]] = []

    def estimate_many(self, profiles: Any) -> Any:
        if isinstance(profiles, pa.Table):
            rows = self._answers(profiles.to_pylist())
            return pa.Table.from_pylist(
                [flat_answer(i, a) for i, a in enumerate(rows, 1)], schema=batch.SCHEMA
            )
        return self._answers(profiles)

    def _answers(self, profiles: list[dict[str, Any]]) -> list[dict[str, Any]]:
        self.asked += profiles
        return [self._one(row, p) for row, p in enumerate(profiles, 1)]

    def _one(self, row: int, profile: dict[str, Any]) -> dict[str, Any]:
        if profile.get("role") in (None, "bad") or "rolle" in profile:
            return {"row": row, "error": InputError("role", None, "is bad", ["good"]).problem()}
        middle = 1000.0 * float(profile.get("years_experience") or 0)
        return {**self.answer, "percentiles": {**self.answer["percentiles"], "p50": middle}}


@pytest.fixture
def engine(answer: dict[str, Any]) -> Invented:
    return Invented(answer)


def middles(path: Path) -> list[float | None]:
    if path.suffix == ".jsonl":
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        return [row["percentiles"]["p50"] if "error" not in row else None for row in rows]
    if path.suffix == ".csv":
        with path.open(newline="", encoding="utf-8") as lines:
            return [float(row["p50"]) if row["p50"] else None for row in csv.DictReader(lines)]
    return [row["p50"] for row in pq.read_table(path).to_pylist()]


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    if path.name.removesuffix(".gz").endswith(".jsonl"):
        content = "".join(json.dumps(row) + "\n" for row in rows).encode()
    elif path.name.removesuffix(".gz").endswith(".csv"):
        head = list(dict.fromkeys(name for row in rows for name in row))
        body = [head, *([str(row.get(name, "")) for name in head] for row in rows)]
        content = "".join(",".join(line) + "\r\n" for line in body).encode()
    else:
        pq.write_table(pa.Table.from_pylist(rows), path)
        return path
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


ROWS = [{"role": "bad" if i % 5 == 3 else "good", "years_experience": float(i)} for i in range(23)]
EXPECTED = [None if i % 5 == 3 else 1000.0 * i for i in range(23)]


@pytest.mark.parametrize("to", ["out.jsonl", "out.csv", "out.parquet"])
@pytest.mark.parametrize("source", ["in.jsonl", "in.csv", "in.parquet", "in.jsonl.gz", "in.csv.gz"])
@pytest.mark.parametrize("at_once", [5, 8192])
def test_one_row_out_for_each_row_in_in_order(
    tmp_path: Path, engine: Any, monkeypatch: pytest.MonkeyPatch, source: str, to: str, at_once: int
) -> None:
    monkeypatch.setattr(batch, "_MOST_ROWS", at_once)
    out = tmp_path / to
    assert batch.run(engine, write(tmp_path / source, ROWS), out, {}) == 0
    assert middles(out) == EXPECTED
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([source, to])


def test_a_bad_row_says_its_row_field_and_candidates(tmp_path: Path, engine: Any) -> None:
    source = tmp_path / "in.jsonl"
    source.write_bytes(
        b'{"role": "good"}\n\nnot json\n{"role": "bad"}\n[1]\n"\xff"\n{"role": "\\ud800"}\n{"rolle": 1}'
    )
    assert batch.run(engine, source, tmp_path / "out.jsonl", {}) == 0
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [row.get("row") for row in rows] == [None, 2, 3, 4, 5, 6, 7]
    assert rows[2]["error"] == {"field": "role", "message": "is bad", "candidates": ["good"]}
    messages = [row["error"]["message"] for row in rows[1:]]
    for part, message in zip(("not JSON", "bad", "object", "UTF-8", "half a", "bad"), messages, strict=True):
        assert part in message


def test_flat_rows_keep_their_errors_and_numbers(tmp_path: Path, engine: Any) -> None:
    source = tmp_path / "in.jsonl"
    # Kinds that make no column, an unknown field, and no profile at all: each row still has its answer.
    source.write_text(
        '{"role": "good", "years_experience": 1}\n{"role": "good", "years_experience": "2"}\n[]\n{"rolle": 1}\n'
    )
    batch.run(engine, source, tmp_path / "out.csv", {})
    with (tmp_path / "out.csv").open() as lines:
        rows = list(csv.DictReader(lines))
    assert tuple(rows[0]) == COLUMNS
    assert [row["row"] for row in rows] == ["1", "2", "3", "4"]
    assert [row["p50"] for row in rows] == ["1000.0", "2000.0", "", ""]
    assert "object" in rows[2]["error"]
    assert "did you mean good" in rows[3]["error"]


def test_no_row_answered_is_exit_code_two(
    tmp_path: Path, engine: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write(tmp_path / "in.jsonl", [{"role": "bad"}] * 3)
    assert batch.run(engine, source, tmp_path / "out.jsonl", {}) == 2
    assert "0 answered, 3 with errors" in capsys.readouterr().err


def test_options_are_for_rows_that_do_not_say_otherwise(tmp_path: Path, engine: Any) -> None:
    source = write(tmp_path / "in.jsonl", [{"role": "good"}, {"role": "good", "as_of": "2025-01"}])
    batch.run(engine, source, tmp_path / "out.jsonl", {"as_of": "2026-11"})
    assert [p["as_of"] for p in engine.asked] == ["2026-11", "2025-01"]


def test_a_role_for_all_makes_the_column_needless(tmp_path: Path, engine: Any) -> None:
    (tmp_path / "in.csv").write_text("years_experience\n3\n")
    assert batch.run(engine, tmp_path / "in.csv", tmp_path / "out.csv", {"role": "good"}) == 0
    assert middles(tmp_path / "out.csv") == [3000.0]


CSV = 'role,location\ngood,Berlin\ngood\n\n"go\nod",x\n\xff,x\ngood,"Seattle, WA"\n'


def test_csv_as_spreadsheets_write_it(tmp_path: Path, engine: Any) -> None:
    (tmp_path / "in.csv").write_bytes(b"\xef\xbb\xbf" + CSV.encode("latin-1").replace(b"\n", b"\r\n"))
    batch.run(engine, tmp_path / "in.csv", tmp_path / "out.jsonl", {})
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert ["error" in row for row in rows] == [False, True, False, True, False]
    assert "1 values where the header has 2" in rows[1]["error"]["message"]
    assert "UTF-8" in rows[3]["error"]["message"]
    assert engine.asked[1]["role"] == "go\r\nod"
    assert engine.asked[2]["location"] == "Seattle, WA"


@pytest.mark.parametrize("name", ["in.jsonl", "in.csv"])
def test_a_line_too_long_is_one_bad_row_and_is_not_held(
    tmp_path: Path, engine: Any, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(batch_files, "_LONGEST_LINE", 1000)
    source = write(tmp_path / name, [{"role": "good"}, {"role": "x" * 50_000}, {"role": "good"}])
    batch.run(engine, source, tmp_path / "out.jsonl", {})
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert ["error" in row for row in rows] == [False, True, False]
    assert "longer" in rows[1]["error"]["message"]


def test_an_open_quote_does_not_hold_the_rest_of_the_file(tmp_path: Path, engine: Any) -> None:
    (tmp_path / "in.csv").write_text('role\ngood\n"' + "good\n" * 100_000)
    batch.run(engine, tmp_path / "in.csv", tmp_path / "out.jsonl", {})
    rows = (tmp_path / "out.jsonl").read_text().splitlines()
    assert "error" not in json.loads(rows[0])
    assert "not a row of CSV" in json.loads(rows[1])["error"]["message"]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.jsonl", b"", "holds no profile"),
        ("a.jsonl", b"\n  \n", "holds no profile"),
        ("a.csv", b"role,location\n", "holds no profile"),
        ("a.csv", b"name;age\nx;1\n", "no column 'role'"),
        ("a.csv", b"role,locaton\nx,y\n", "location"),
        ("a.csv", b"role,role\nx,y\n", "twice"),
        ("a.csv", "role\n".encode("utf-16"), "no header"),
        ("a.jsonl.gz", gzip.compress(b'{"role": "good"}\n' * 9999)[:-20], "cut-off gzip"),
        ("a.csv.gz", b"role\nx\n", "gzip"),
        ("a.parquet", b"PAR1nonsense", "not a readable Parquet"),
        ("a.txt", b"x", "endings"),
        ("a.parquet.gz", b"x", "endings"),
    ],
)
def test_files_that_are_wrong_are_refused_and_nothing_is_written(
    tmp_path: Path, engine: Any, name: str, content: bytes, words: str
) -> None:
    (tmp_path / name).write_bytes(content)
    (tmp_path / "out.jsonl").write_text("as it was")
    with pytest.raises(PaylensError, match=words):
        batch.run(engine, tmp_path / name, tmp_path / "out.jsonl", {})
    assert sorted(p.name for p in tmp_path.iterdir()) == [name, "out.jsonl"]
    assert (tmp_path / "out.jsonl").read_text() == "as it was"


@pytest.mark.parametrize(
    ("source", "to", "words"),
    [
        ("in.jsonl", "no/out.jsonl", "no such folder"),
        ("none.jsonl", "out.jsonl", "no such file"),
        ("in.jsonl", "in.jsonl", "reads"),
        ("in.jsonl", "out.csv.gz", "endings"),
        ("folder.csv", "out.csv", "is a directory"),
        ("in.jsonl", "folder.csv", "is a directory"),
    ],
)
def test_paths_that_are_wrong_are_refused(
    tmp_path: Path, engine: Any, source: str, to: str, words: str
) -> None:
    write(tmp_path / "in.jsonl", ROWS)
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(PaylensError, match=words):
        batch.run(engine, tmp_path / source, tmp_path / to, {})
    assert sorted(p.name for p in tmp_path.iterdir()) == ["folder.csv", "in.jsonl"]


@pytest.mark.parametrize("to", ["out.jsonl", "out.csv", "out.parquet"])
@pytest.mark.parametrize("room", [0, 2000])
def test_a_full_disk_leaves_nothing_behind(
    tmp_path: Path, engine: Any, monkeypatch: pytest.MonkeyPatch, to: str, room: int
) -> None:
    monkeypatch.setattr(batch_files.os, "fdopen", _small_disk(batch_files.os.fdopen, room))
    source = write(tmp_path / "in.jsonl", ROWS)
    with pytest.raises(PaylensError, match="no space left on device; nothing was written"):
        batch.run(engine, source, tmp_path / to, {})
    assert [p.name for p in tmp_path.iterdir()] == ["in.jsonl"]


def _small_disk(opened: Callable[..., Any], room: int) -> Callable[..., Any]:
    """Files that hold `room` bytes and then fail as a full disk does."""

    def fdopen(*args: Any) -> Any:
        file = opened(*args)
        write, held = file.write, 0

        def guarded(data: Any) -> int:
            nonlocal held
            held += len(data)
            if held > room:
                raise OSError(errno.ENOSPC, "No space left on device")
            return int(write(data))

        return _Guarded(file, guarded)

    return fdopen


class _Guarded:
    def __init__(self, file: Any, write: Callable[[Any], int]) -> None:
        self._file, self.write = file, write

    def __enter__(self) -> _Guarded:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def test_the_new_file_may_be_read_by_others_as_any_new_file(tmp_path: Path, engine: Any) -> None:
    (tmp_path / "like").touch()
    batch.run(engine, write(tmp_path / "in.jsonl", ROWS), tmp_path / "out.jsonl", {})
    assert (tmp_path / "out.jsonl").stat().st_mode == (tmp_path / "like").stat().st_mode
