"""`paylens offer read` from outside: files and standard input in, an offer file or JSON out, nothing half-written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

LETTER = """Quillon Labs is pleased to offer you the role of Data Scientist in Denver, Colorado. Your base salary will
be $150,000 a year with a 10% target bonus. RSUs: $60k.
"""
OTHER = "Offer from Tidewater Ltd: ML engineer in London, base £90k, 25 days holiday.\n"


def run(*args: str, given: bytes | None = None) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "paylens", "offer", *args], input=given, capture_output=True, check=False,
        env={**os.environ, "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    path = tmp_path / "letter.txt"
    path.write_text(LETTER)
    return path


def test_a_letter_becomes_an_offer_with_its_own_words(letter: Path) -> None:
    done = run("read", str(letter))
    assert done.returncode == 0, done.stderr
    (offer,) = tomllib.loads(done.stdout)["offer"]
    assert offer == {
        "name": "Quillon Labs", "employer": "Quillon Labs", "role": "Data Scientist", "location": "Denver, Colorado",
        "currency": "USD", "base": 150_000, "bonus": 0.1, "equity": {"kind": "rsu"},
    }  # fmt: skip
    assert "$150,000 a year" in done.stdout
    assert "# grant_value = ?" in done.stdout
    assert "grant_value = 240000" in done.stdout


def test_standard_input_and_json(letter: Path) -> None:
    done = run("read", "-", "--json", given=LETTER.encode())
    assert done.returncode == 0, done.stderr
    (one,) = json.loads(done.stdout)["letters"]
    assert one.keys() == {"file", "name", "language", "offer", "fields", "range", "questions", "unplaced"}
    assert one["file"] == "-"
    assert one["offer"]["base"] == 150_000
    (question,) = one["questions"]
    assert question.keys() == {"field", "question", "candidates", "words"}
    assert [c["value"] for c in question["candidates"]] == [60_000, 240_000]
    assert all(field.keys() == {"field", "value", "words", "how"} for field in one["fields"])


def test_several_letters_make_one_file_and_more_are_added(letter: Path, tmp_path: Path) -> None:
    other, to = tmp_path / "other.txt", tmp_path / "offers.toml"
    other.write_text(OTHER)
    done = run("read", str(letter), str(other), "--to", str(to))
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert "2 offers" in done.stderr
    to.write_text(to.read_text().replace("base = 90000", "base = 91000"))
    assert run("read", str(letter), "--to", str(to), "--append").returncode == 0
    offers = tomllib.loads(to.read_text())["offer"]
    assert [o["name"] for o in offers] == ["Quillon Labs", "Tidewater Ltd", "Quillon Labs 2"]
    assert offers[1]["base"] == 91_000
    assert run("read", str(other), "--to", str(to)).returncode == 0
    assert len(tomllib.loads(to.read_text())["offer"]) == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == ["letter.txt", "offers.toml", "other.txt"]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.txt", b"", "empty"), ("a.txt", b" \n", "empty"), ("a.docx", b"PK\x03\x04...", "Word"), ("a.rtf", b"{\\rtf1", "rich text"),
        ("a.txt", b"Gehalt \xa3 5", "UTF-8"), ("a.txt", b"x" * 1_000_001, "longer"), ("a.txt", b"x" * 20_000_001, "larger"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_one_line(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(content)
    to = tmp_path / "offers.toml"
    done = run("read", str(tmp_path / name), "--to", str(to))
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.strip().splitlines()) == 1
    assert words in done.stderr
    assert not to.exists()


def test_other_wrong_usage(letter: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text("[[offer]\n")
    for args, words in [
        (("read", "/nowhere.txt"), "/nowhere.txt"), (("read",), "letters"), (("read", str(letter), "--append"), "--to"),
        (("read", str(letter), "--append", "--to", str(broken)), "not an offer file"),
        (("read", str(letter), "--to", str(tmp_path / "no" / "o.toml")), "no such file"),
        (("read", *[str(letter)] * 11), "at most 10"),
    ]:  # fmt: skip
        done = run(*args)
        assert done.returncode == 2, done.stderr
        assert len(done.stderr.strip().splitlines()) == 1
        assert words in done.stderr
    assert broken.read_text() == "[[offer]\n"


def test_windows_and_utf16_files_are_read(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    for content in (LETTER.replace("\n", "\r\n").encode("utf-8-sig"), LETTER.encode("utf-16")):
        path.write_bytes(content)
        done = run("read", str(path))
        assert done.returncode == 0, done.stderr
        assert tomllib.loads(done.stdout)["offer"][0]["base"] == 150_000
