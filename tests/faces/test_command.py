"""The command from outside: what it prints, what it refuses, and that nothing is half-written."""

from __future__ import annotations

import csv
import gzip
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from paylens.release import default_path


def run(*args: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "paylens", *args], capture_output=True, text=True, check=False,
        env={**os.environ, "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8", **(env or {})},
    )  # fmt: skip


ASK = ("estimate", "--role", "ML engineer", "--as-of", "2026-11")


def test_json_has_the_documented_shape() -> None:
    done = run(
        *ASK, "--years", "4", "--location", "Berlin", "--skill", "pytorch", "--skill", "aws", "--education", "master",
        "--industry", "finance", "--company-size", "500", "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert {
        "role", "place", "pay", "currency", "period", "as_of", "percentiles", "quantiles", "total", "baseline", "factors", "ageing",
        "evidence", "confidence", "ignored", "fx", "release",
    } <= answer.keys()  # fmt: skip
    assert answer["role"]["matched"] == "machine-learning-engineer"
    assert (answer["currency"], answer["pay"], answer["period"]) == ("EUR", "cash", "year")
    assert next(iter(answer["quantiles"])) == "0.05"
    assert {"factor", "given", "multiplier", "low", "high"} <= answer["factors"][0].keys()
    assert {
        "source",
        "cohort",
        "n",
        "p25",
        "p50",
        "p75",
        "vintage",
        "pooled",
        "measured",
        "licence",
        "note",
    } <= answer["evidence"][0].keys()


@pytest.mark.parametrize("place", ["Berlin", "Zurich", "Singapore", None])
def test_the_readable_answer_fits_eighty_columns(place: str | None) -> None:
    done = run(*ASK, *(("--location", place) if place else ()))
    assert done.returncode == 0, done.stderr
    assert max(len(line) for line in done.stdout.splitlines()) <= 80
    assert "the middle is" in " ".join(done.stdout.split())
    if place in ("Zurich", "Singapore"):
        assert done.stdout.startswith("Modelled from")


def test_a_plain_terminal_gets_ascii() -> None:
    done = run(*ASK, env={"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0, done.stderr
    assert done.stdout.isascii()


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("estimate", "--role", "xyzzy"), "role"), (("estimate", "--role", "ML engineer", "--location", "Atlantiss"), "location"),
        (("estimate", "--role", "ML engineer", "--currency", "XXQ"), "currency"),
        (("estimate", "--role", "ML engineer", "--years", "-1"), "years"), (("estimate", "--role", "ML engineer", "--years", "300"), "years"),
        (("estimate", "--role", "ML engineer", "--years", "four"), "years"),
        (("estimate", "--role", "ML engineer", "--as-of", "2026-19"), "2026-19"), (("estimate",), "role"),
        (("estimate", "--rolle", "x"), "--rolle"), (("estimate", "--role", "x", "--release", "/nowhere"), "/nowhere"),
        (("build", "--data", "/nowhere", "--to", "/tmp/never"), "/nowhere"), (("release", "verify", "/nowhere"), "/nowhere"),
    ],
)  # fmt: skip
def test_bad_input_is_one_line_and_exit_code_two(args: tuple[str, ...], words: str) -> None:
    done = run(*args)
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1
    assert words in done.stderr


def test_a_changed_release_is_refused(tmp_path: Path) -> None:
    copy = Path(shutil.copytree(default_path(), tmp_path / "r"))
    with (copy / "reference.parquet").open("r+b") as file:
        file.seek(1000)
        byte = file.read(1)
        file.seek(1000)
        file.write(bytes([byte[0] ^ 1]))
    done = run(*ASK, "--release", str(copy))
    assert done.returncode == 2
    assert "refused" in done.stderr


def test_many_profiles_keep_order_and_report_bad_rows(tmp_path: Path) -> None:
    people = tmp_path / "people.jsonl"
    lines = [
        '{"role": "ML engineer", "location": "Berlin"}',
        '{"role": "zzzz qqq"}',
        "not json",
        '{"role": "data scientist", "years_experience": 3}',
        "[1]",
    ]
    people.write_text("\n".join(lines) + "\n")
    done = run("estimate", "--from", str(people), "--to", str(tmp_path / "out.jsonl"), "--as-of", "2026-11")
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert len(found) == 5
    assert found[0]["currency"] == "EUR"
    assert found[1]["row"] == 2
    assert found[1]["error"]["field"] == "role"
    assert found[2]["error"]
    assert found[3]["role"]["matched"] == "data-scientist"
    assert "2 answered, 3 with errors" in done.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out.jsonl", "people.jsonl"]


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_flat_files(tmp_path: Path, ending: str) -> None:
    people = tmp_path / "people.csv"
    people.write_text(
        "role,location,skills,years_experience\nML engineer,Berlin,pytorch;aws,4\nML engineer,Nowhereville,,\n"
    )
    out = tmp_path / f"out{ending}"
    assert run("estimate", "--from", str(people), "--to", str(out), "--as-of", "2026-11").returncode == 0
    if ending == ".csv":
        with out.open() as lines:
            rows = list(csv.DictReader(lines))
        assert float(rows[0]["p10"]) < float(rows[0]["p50"]) == float(rows[0]["q50"])
        assert rows[1]["p50"] == ""
        assert "location" in rows[1]["error"]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.jsonl", b"", "empty"), ("a.csv", b"", "empty"), ("a.csv", b"name,age\nx,1\n", "role"),
        ("a.jsonl.gz", gzip.compress(b'{"role": "ML engineer"}\n' * 999, mtime=0)[:40], "gzip"), ("a.parquet", b"PAR1nonsense", "Parquet"),
        ("a.txt", b"x", "a.txt"),
    ],
)  # fmt: skip
def test_broken_files_are_refused_and_nothing_is_written(
    tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    (tmp_path / name).write_bytes(content)
    done = run("estimate", "--from", str(tmp_path / name), "--to", str(tmp_path / "out.jsonl"))
    assert done.returncode == 2, done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert words in done.stderr
    assert [p.name for p in tmp_path.iterdir()] == [name]


def test_a_very_long_line_is_one_bad_row(tmp_path: Path) -> None:
    people = tmp_path / "people.jsonl"
    with people.open("wb") as out:
        out.write(b'{"role": "')
        for _ in range(64):
            out.write(b"x" * (1 << 20))
        out.write(b'"}\n{"role": "ML engineer"}\n')
    done = run("estimate", "--from", str(people), "--to", str(tmp_path / "out.jsonl"))
    assert done.returncode == 0, done.stderr
    first, second = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert "longer" in first["error"]["message"]
    assert second["role"]["matched"] == "machine-learning-engineer"


def test_a_full_disk_is_said(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    (tmp_path / "p.jsonl").write_text('{"role": "ML engineer"}\n')
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "paylens", *ASK, "--json"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert "no space" in done.stderr


@pytest.mark.parametrize("args", [("score",), ("sources",), ("release", "verify")])
def test_what_stands_behind_it(args: tuple[str, ...]) -> None:
    done = run(*args)
    assert done.returncode == 0, done.stderr
    assert max(len(line) for line in done.stdout.splitlines()) <= 80
    assert isinstance(json.loads(run(*args, "--json").stdout), dict)


@pytest.mark.parametrize("command", ["estimate", "score", "sources", "build"])
def test_help_has_an_example(command: str) -> None:
    done = run(command, "--help")
    assert done.returncode == 0
    assert "Example" in done.stdout
