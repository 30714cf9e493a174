"""`paylens offer compare` from outside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


def run(*args: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "paylens", "offer", *args], capture_output=True, text=True, check=False,
        env={**os.environ, "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8", "LANG": "en_US.UTF-8", "LC_ALL": "", **env},
    )  # fmt: skip


def test_the_readable_answer_and_the_object_say_the_same() -> None:
    asked = (
        "compare",
        str(EXAMPLES / "back-loaded.toml"),
        "--as-of",
        "2026-11",
        "--paths",
        "2000",
        "--seed",
        "3",
    )
    shown, found = run(*asked), run(*asked, "--json")
    assert (shown.returncode, found.returncode) == (0, 0), shown.stderr + found.stderr
    answer = json.loads(found.stdout)
    assert (answer["paths"], answer["seed"], answer["as_of"], answer["years"]) == (2000, 3, "2026-11", 4)
    first = answer["comparisons"][0]
    assert shown.stdout.startswith(
        f"{first['a']} is worth more in {round(100 * first['chance'])} of 100 futures"
    )
    assert max(len(line) for line in shown.stdout.splitlines()) <= 80
    assert "Of 100 like you, below" in shown.stdout


def test_alone_it_shows_its_help() -> None:
    done = run()
    assert done.returncode == 0
    assert "compare" in done.stdout


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[offer]]\nname = 'x'\nbase = 1\ncurrency = 'EUR'\nbonuss = 1", "offer 'x' bonuss: 'bonuss' is not a known field here (nearest: bonus"),
        ("[[offer]]\nname = 'x'\nbase = 1\ncurrency = 'ERU'", "offer 'x' currency: no exchange rate is published for ERU"),
        ("[[offer]\n", "can't be read as TOML"),
    ],
)  # fmt: skip
def test_bad_input_is_one_line_and_exit_code_two(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "offers.toml"
    file.write_text(text)
    done = run("compare", str(file), "--as-of", "2026-11")
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1
    assert words in done.stderr


def test_a_letter_is_read_and_compared_without_touching_the_file(tmp_path: Path) -> None:
    letter, other, offers = tmp_path / "letter.txt", tmp_path / "other.txt", tmp_path / "offers.toml"
    letter.write_text(
        "Quillon Labs is pleased to offer you the role of Data Scientist in Denver, Colorado. Your base salary will be "
        "$150,000 a year with a 10% target bonus. You will be granted RSUs worth $60,000 in total, vesting over four years."
    )
    other.write_text(
        "Offer from Tidewater Ltd: ML engineer in London, base £90k, 25 days holiday.\n", encoding="utf-8"
    )
    read = run("read", str(letter), str(other), "--to", str(offers))
    assert read.returncode == 0, read.stderr
    done = run("compare", str(offers), "--as-of", "2026-11", "--paths", "2000")
    assert done.returncode == 0, done.stderr
    assert (
        done.stdout.startswith("Quillon Labs is worth more than Tidewater Ltd")
        or "Quillon Labs is worth more" in done.stdout
    )
    assert "after tax" in done.stdout
    assert "not tax advice" in " ".join(done.stdout.split())
    assert "grant value 60,000: the whole grant" in " ".join(done.stdout.split())
