"""`paylens offer compare` from outside."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


_GRANT = (
    "[[offer]]\nname = 'x'\nbase = 1\ncurrency = 'EUR'\n[offer.equity]\nkind = 'rsu'\ngrant_value = 100000\n"
)


def run(*args: str, **env: str) -> subprocess.CompletedProcess[str]:
    return paylens("offer", *args, **env)


def paylens(*args: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "paylens", *args], capture_output=True, text=True, check=False,
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
        ("[[offer]]\nname = 'x'\nbase = 1\n[[offer]]\nname = 'X'\nbase = 2", "offer 'X' name: two offers have this name"),
        (_GRANT + "vesting = [0.3, 0.3, 0.3]", "offer 'x' equity.vesting: sums to 0.9, not 1"),
        (_GRANT + "cliff_months = 60", "offer 'x' equity.cliff_months: 60 months are longer than the grant's 4 years"),
        ("[[offer]]\nname = 'x'\nbase = -90000\ncurrency = 'EUR'", "offer 'x' base: must be 0 or more, not -90000"),
        ("[[offer]]\nname = 'x'\nbase = nan\ncurrency = 'EUR'", "offer 'x' base: must be a finite number, not nan"),
        ("[[offer]]\nname = 'x'\nbase = '90k'\ncurrency = 'EUR'", "offer 'x' base: must be a number, not '90k'"),
    ],
)  # fmt: skip
def test_bad_input_is_one_line_and_exit_code_two(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "offers.toml"
    file.write_text(f"me.role = 'ML engineer'\n{text}")
    one_line(run("compare", str(file), "--as-of", "2026-11"), words)


def test_a_scanned_pdf_has_no_text_to_read(tmp_path: Path) -> None:
    scan = tmp_path / "scan.pdf"
    # One empty page, as a scanner without text recognition leaves it.
    parts = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
    ]
    body = "".join(f"{n} 0 obj\n{part}\nendobj\n" for n, part in enumerate(parts, start=1))
    scan.write_text(f"%PDF-1.4\n{body}trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n0\n%%EOF\n")
    here = importlib.util.find_spec("pypdf") is not None
    one_line(
        run("read", str(scan)), "no text" if here else "pypdf is not installed; this needs the extra 'report'"
    )


def one_line(done: subprocess.CompletedProcess[str], words: str) -> None:
    assert done.returncode == 2, done.stdout
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
