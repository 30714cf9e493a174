"""`paylens forecast` as people meet it: in the terminal, as JSON and a chart, and what goes wrong."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from paylens import charts
from paylens.engine import open as open_engine
from paylens.faces.cli.render_forecast import lines, since_lines

MONTH = "2026-11"
# An answer kept as it once was, so that no figure of a release is in a golden file.
KEPT: dict[str, Any] = json.loads(Path(__file__).with_name("forecast.json").read_text(encoding="utf-8"))
Compare = Callable[[str, list[str]], None]


def run(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "paylens", *args], capture_output=True, text=True, check=False
    )


def test_it_reads_like_this(same_as_golden: Compare) -> None:
    same_as_golden("forecast", lines(KEPT))


def test_no_line_is_wider_than_a_terminal() -> None:
    assert max(map(len, lines(KEPT))) <= 80


@pytest.mark.parametrize("place", ["US", "Singapore", "Switzerland", "World", "Cuba"])
def test_every_kind_of_answer_fits_and_can_be_drawn(forecast_release: Path, place: str) -> None:
    answer = open_engine(forecast_release).forecast(
        role="data scientist", location=place, as_of=MONTH, real=place != "Cuba", technology=0.1
    )
    shown = lines(answer.to_dict())
    assert max(map(len, shown)) <= 80
    assert "With the scenarios given" in shown
    spec = charts.forecast(answer)
    if importlib.util.find_spec("vl_convert"):
        assert charts.picture(spec, "svg").startswith(b"<svg")


def test_a_comparison_of_releases_fits(
    forecast_release: Path, tmp_path: Path, release_with: Callable[..., None]
) -> None:
    release_with(forecast_release, tmp_path / "old", {}, month="2026-05")
    shown = since_lines(open_engine(forecast_release).forecast(since=tmp_path / "old"))
    assert max(map(len, shown)) <= 80
    assert any("Watched medians" in line for line in shown)


def test_the_command_gives_json(forecast_release: Path) -> None:
    options = (
        "--role",
        "ML engineer",
        "--location",
        "Germany",
        "--horizon",
        "3",
        "--demand",
        "-0.2",
        "--as-of",
        MONTH,
    )
    done = run("forecast", *options, "--release", str(forecast_release), "--json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["horizon"] == 3
    assert answer["shifted"] is not None


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--role", "ML engineer", "--horizon", "50"), "horizon"),
        (("--role", "ML engineer", "--horizon", "0"), "horizon"),
        (("--role", "ML engineer", "--horizon", "2.5"), "horizon"),
        (("--role", "ML engineer", "--weather", "0.1"), "--weather"),
        (("--role", "ML engineer", "--demand", "less"), "demand"),
        (("--since", "no/such/release"), "since"),
        (("--since", ".", "--horizon", "3"), "--horizon"),
        (("--since", ".", "--location", "Berlin"), "--role"),
        ((), "role"),
    ],
)  # fmt: skip
def test_what_goes_wrong_is_one_line(forecast_release: Path, options: tuple[str, ...], said: str) -> None:
    done = run("forecast", *options, "--release", str(forecast_release))
    assert done.returncode == 2, done.stdout
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
