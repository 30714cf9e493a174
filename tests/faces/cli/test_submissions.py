"""`paylens submissions`, from keys to a source, as somebody types it."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from paylens.submissions.desk import open_desk, today
from paylens.submissions.export import last_release


def run(*words: str, cwd: Path, text: str = "", status: int = 0, **env: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "paylens", "submissions", *words],
        cwd=cwd, input=text, capture_output=True, text=True, check=False, timeout=60,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": ":".join(sys.path), "LANG": "C.UTF-8", **env},
    )  # fmt: skip
    assert done.returncode == status, done.stdout + done.stderr
    if status:
        assert done.stdout == ""
        assert done.stderr.count("\n") == 1
        return done.stderr
    return done.stdout


def test_from_keys_to_a_source(tmp_path: Path) -> None:
    day = last_release(today())
    month = f"{day.year - (day.month == 1)}-{(day.month - 2) % 12 + 1:02}"
    run("keys", "make", "keys/", cwd=tmp_path)
    made = run(
        "init",
        "desk/",
        "--database",
        "db.sqlite",
        "--public",
        "keys/public.toml",
        "--invited",
        "--batch",
        "5",
        cwd=tmp_path,
    )
    assert "paylens serve --collect desk" in made
    codes = run("invite", "desk/", "--codes", "7", cwd=tmp_path).split()
    assert len(set(codes)) == 7
    desk = open_desk(tmp_path / "desk")
    told = {"role": "ML engineer", "location": "Berlin", "month": month}
    receipts = [desk.submit({**told, "base": 80_000 + n}, code=code).token for n, code in enumerate(codes)]
    desk.close()
    assert json.loads(run("status", "desk/", "--json", cwd=tmp_path))["waiting"] == 7
    assert run("flush", "desk/", cwd=tmp_path) == "7 reports were written.\n"
    run("delete", "desk/", text=receipts[3] + "\n", cwd=tmp_path)
    assert "no report" in run("delete", "desk/", text=receipts[3], cwd=tmp_path, status=2)
    assert run("clean", "desk/", cwd=tmp_path) == "Cleaned.\n"
    backup = run("backup", "desk/", "--to", "backups/", cwd=tmp_path).strip()
    about = ["--name", "ml-meetup", "--title", "ML meet-up", "--licence", "CC-BY-4.0"]
    for database, to in (("db.sqlite", "one/"), (backup, "two/")):
        shown = run("export", "--database", database, "--keys", "keys/", "--to", to, *about, cwd=tmp_path)
        assert shown.startswith("6 reports of months before")
    assert (tmp_path / "one" / "reports.csv").read_bytes() == (tmp_path / "two" / "reports.csv").read_bytes()
    rows = list(csv.DictReader((tmp_path / "one" / "reports.csv").read_text().splitlines()))
    assert sorted(row["base"] for row in rows) == ["80000", "80001", "80002", "80004", "80005", "80006"]
    assert tomllib.loads((tmp_path / "one" / "community.toml").read_text())["released"] == day
    shown = run(
        "review",
        "--keys",
        "keys/",
        "--drop",
        rows[0]["report"][:8],
        cwd=tmp_path,
        PAYLENS_DATABASE="db.sqlite",
    )
    assert "6 reports, 0 held back" in shown
    shown = run(
        "export", "--database", "db.sqlite", "--keys", "keys/", "--to", "three/", *about, cwd=tmp_path
    )
    assert "1 left out: dropped" in shown
    assert "12 halves are sealed anew under keys of generation 2" in run(
        "rotate", "--database", "db.sqlite", "--keys", "keys/", cwd=tmp_path
    )
    assert "removed" in run("rotate", "--database", "db.sqlite", "--keys", "keys/", "--finish", cwd=tmp_path)
    assert "0 reports were put back" in run("restore", "desk/", backup, cwd=tmp_path)
    assert "already" in run(
        "export", "--database", "db.sqlite", "--keys", "keys/", "--to", "one/", *about, cwd=tmp_path, status=2
    )


def test_keys_under_a_passphrase_shared_by_three(tmp_path: Path) -> None:
    run("keys", "make", "keys/", "--passphrase", cwd=tmp_path, PAYLENS_PASSPHRASE="a long one")
    shares = run(
        "keys",
        "split",
        "keys/pay-1.key",
        "--shares",
        "3",
        "--to",
        "shares/",
        cwd=tmp_path,
        PAYLENS_PASSPHRASE="a long one",
    ).split()
    assert "passphrase" in run(
        "keys",
        "split",
        "keys/pay-1.key",
        "--shares",
        "3",
        "--to",
        "s/",
        cwd=tmp_path,
        PAYLENS_PASSPHRASE="no",
        status=2,
    )
    run("keys", "join", *shares, "--keys", "joined/", cwd=tmp_path)
    assert "shares" in run("keys", "join", *shares[:2], "--keys", "other/", cwd=tmp_path, status=2)
    assert (tmp_path / "joined" / "pay-1.key").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["status", "nowhere/"], "no desk"), (["review", "--database", "nowhere.sqlite", "--keys", "."], "no database"),
        (["init", "desk/", "--database", "x.sqlite", "--public", "nowhere.toml"], "nowhere.toml"),
        (["restore", "desk/", "nowhere.sqlite"], "nowhere.sqlite"),
        (["export", "--database", "x", "--keys", "k", "--to", "t", "--name", "n", "--title", "t", "--licence", "l", "--released", "soon"], "--released"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_line(tmp_path: Path, words: list[str], said: str) -> None:
    assert said in run(*words, cwd=tmp_path, status=2)
