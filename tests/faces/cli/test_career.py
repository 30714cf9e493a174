"""`paylens career` as people meet it: the terminal, charts, and what goes wrong."""

from __future__ import annotations

import copy
import importlib.util
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from paylens.charts import fan, gains, picture
from paylens.contract.errors import PaylensError
from paylens.faces import cli
from paylens.faces.cli.draw_career import fan_rows, scale_of, whisker
from paylens.faces.cli.render_career import lines

# An answer kept as it once was, so that no figure of a release is in a golden file.
KEPT: dict[str, Any] = json.loads(Path(__file__).with_name("career.json").read_text(encoding="utf-8"))
ASK = (
    "--role",
    "data scientist",
    "--years",
    "3",
    "--education",
    "bachelor",
    "--location",
    "Berlin",
    "--as-of",
    "2026-11",
)


def run(*args: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "paylens", "career", *args], capture_output=True, text=True, check=False,
        env={**os.environ, "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8", "LANG": "en_US.UTF-8", "LC_ALL": "", **env},
    )  # fmt: skip


@pytest.fixture
def foreseen(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """The one line that a failing command says."""

    def fails(*args: str) -> str:
        monkeypatch.setattr(sys, "argv", ["paylens", "career", *args])
        with pytest.raises(SystemExit) as end:
            cli.main()
        out, err = capsys.readouterr()
        assert (end.value.code, out) == (2, "")
        assert len(err.strip().splitlines()) == 1
        return err

    return fails


@pytest.fixture
def unicode(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("output", "draw_career"):
        monkeypatch.setattr(f"paylens.faces.cli.{module}.wide", lambda: True)


@pytest.mark.usefixtures("unicode")
def test_the_terminal(same_as_golden: Callable[[str, list[str]], None]) -> None:
    shown = lines(KEPT | {"premiums": None})
    assert max(map(len, shown)) <= 80
    same_as_golden("career", shown)


@pytest.mark.usefixtures("unicode")
def test_the_table_of_premiums_stands_alone(same_as_golden: Callable[[str, list[str]], None]) -> None:
    shown = lines(KEPT)
    assert max(map(len, shown)) <= 80
    same_as_golden("premiums", shown)


@pytest.mark.usefixtures("unicode")
def test_what_is_not_clear_shows_no_amount() -> None:
    answer = copy.deepcopy(KEPT) | {"premiums": None}
    answer["moves"][0] |= {"clear": False}
    (line,) = [x for x in lines(answer) if x.startswith(answer["moves"][0]["label"][:20])]
    assert "not clear" in line
    assert "%" not in line


def test_a_terminal_without_more_letters_gets_plain_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("output", "draw_career"):
        monkeypatch.setattr(f"paylens.faces.cli.{module}.wide", lambda: False)
    drawn = "\n".join(fan_rows(KEPT["path"]["years"], 40))
    assert drawn.isascii()
    assert whisker(-1.0, 0.5, 2.0, scale_of([-1.0, 2.0], 13)).isascii()


@pytest.mark.usefixtures("unicode")
def test_a_whisker_lies_between_its_ends_and_shows_nothing_at_zero() -> None:
    scale = scale_of([-10.0, 30.0], 41)
    assert whisker(10.0, 20.0, 30.0, scale) == " " * 10 + "┆" + " " * 9 + "─" * 10 + "●" + "─" * 10
    assert whisker(-10.0, 0.0, 10.0, scale)[10] == "●"


@pytest.mark.usefixtures("unicode")
def test_years_without_pay_and_amounts_without_room_are_drawn() -> None:
    answer = copy.deepcopy(KEPT) | {"premiums": None}
    for year in answer["path"]["years"]:
        year |= dict.fromkeys(("p10", "p25", "p50", "p75", "p90", "p50_today"), 0.0)
    answer["currency"] = "ISK"
    for year in answer["comparison"]["years"]:
        year |= {"a": {"gross": 0.0, "kept": 5.4e8}, "so_far": {"p10": -1.6e9, "p50": -1e9, "p90": 1.2e9}}
    assert max(map(len, lines(answer))) <= 80


def test_charts_hold_the_answers_figures() -> None:
    ranked = [r for r in KEPT["moves"] if r["rank"] is not None]
    drawn = gains(KEPT, KEPT["headline"])
    (dots,) = [x for x in drawn["layer"] if x["mark"]["type"] == "point"]
    assert [r["middle"] for r in dots["data"]["values"]] == [
        (r["kept"] or r["gross"])["middle"] for r in ranked
    ]
    ahead = fan(KEPT, KEPT["headline"])
    line = next(x for x in ahead["layer"] if x["mark"]["type"] == "line")
    assert [r["p50"] for r in line["data"]["values"]] == [y["p50"] for y in KEPT["path"]["years"]]
    with pytest.raises(PaylensError, match="no move"):
        gains(KEPT | {"moves": []}, "")
    if importlib.util.find_spec("vl_convert") is not None:
        for spec in (drawn, ahead):
            assert b"<svg" in picture(spec, "svg")[:200]


def test_the_first_line_and_the_object_say_the_same_in_two_seconds() -> None:
    before = os.times()
    shown = run(*ASK, "--path", "doctorate")
    after = os.times()
    assert shown.returncode == 0, shown.stderr
    # The processor's time: a busy machine makes nothing slower but the clock.
    assert after.children_user - before.children_user + after.children_system - before.children_system < 2
    answer = json.loads(run(*ASK, "--path", "doctorate", "--json").stdout)
    first = " ".join(shown.stdout.split("\n\n")[0].split())
    assert first == answer["headline"]
    assert max(map(len, shown.stdout.splitlines())) <= 80
    assert f"{answer['comparison']['chance'] * 100:.0f} of 100 futures" in " ".join(shown.stdout.split())


def test_efforts_of_a_file_are_used_and_written_beside_the_figure(tmp_path: Path) -> None:
    path = tmp_path / "efforts.toml"
    path.write_text(
        "[degree.master]\nmonths = 12\npay_forgone = 0.25\nfinish = 1\n[skill]\nmonths = 2\n",
        encoding="utf-8",
    )
    done = run(*ASK, "--efforts", str(path), "--moves", "degree,skill", "--json")
    assert done.returncode == 0, done.stderr
    moves = {r["move"]: r["effort"] for r in json.loads(done.stdout)["moves"]}
    assert moves["degree:master"]["months"] == 12
    assert moves["degree:master"]["source"]["months"] == "given"
    assert {e["months"] for m, e in moves.items() if m.startswith("skill:")} == {2}


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--path", "bachelor"], "path: a bachelor's degree adds nothing"), (["--path", "place:Berlin"], "where you are already"),
        (["--moves", "dance"], "is not a kind of move"), (["--horizon", "50"], "horizon: must be from 1 to 10 years, not 50"),
        (["--efforts", "nowhere.toml"], "no such file"), (["--chart", "gains.gif"], "must end in .svg, .png"),
        (["--premiums", "--premium-place", "Atlantys"], "Atlantys"), (["--with", "bachelor"], "held already"), (["--top", "0"], "top"),
    ],
)  # fmt: skip
def test_bad_input_is_one_line_and_exit_code_two(
    foreseen: Callable[..., str], args: list[str], words: str
) -> None:
    assert words in foreseen(*ASK, *args)


def test_an_effort_of_negative_months_is_named(foreseen: Callable[..., str], tmp_path: Path) -> None:
    for text, words in (
        ("[degree.master]\nmonths = -3\n", "efforts.degree:master.months: must be from 0 to 180 months, not -3"),
        ("degree = 3\n", "must be a table"), ("[degree\n", "can't be read as TOML"),
    ):  # fmt: skip
        path = tmp_path / "efforts.toml"
        path.write_text(text, encoding="utf-8")
        assert words in foreseen(*ASK, "--efforts", str(path))


def test_a_chart_is_written(tmp_path: Path) -> None:
    if importlib.util.find_spec("vl_convert") is None:
        pytest.skip("vl-convert is not here: pip install 'paylens[report]'")
    for more, word in (([], "kept a year"), (["--path", "master"], "before tax")):
        path = tmp_path / "career.svg"
        done = run(*ASK, *more, "--chart", str(path))
        assert done.returncode == 0, done.stderr
        assert re.search(word, path.read_text(encoding="utf-8"))
