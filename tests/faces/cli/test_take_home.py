"""`paylens take-home`: its readable form word for word, its JSON, its errors."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from typer.testing import CliRunner

from paylens.advice.take_home import take_home
from paylens.faces.cli import app
from paylens.faces.cli.take_home import lines

Compare = Callable[[str, list[str]], None]


def test_the_readable_form(same_as_golden: Compare) -> None:
    same_as_golden("take_home", lines(take_home(90_000, "London", as_of="2025-11")))


def test_equity_and_savings_are_shown(same_as_golden: Compare) -> None:
    same_as_golden("take_home_equity", lines(take_home(150_000, "Singapore", as_of="2026-11", equity=40_000)))


def test_a_place_without_law(same_as_golden: Compare) -> None:
    same_as_golden("take_home_unavailable", lines(take_home(90_000, "Tokyo", as_of="2026-11")))


@pytest.mark.parametrize("place", ["London", "New York", "Zurich", "Bangalore", "Tokyo", "Paris"])
def test_lines_fit_a_terminal(place: str) -> None:
    assert max(map(len, lines(take_home(123_456, place, as_of="2026-11", equity=7_000)))) <= 80


def test_the_command_gives_json() -> None:
    words = ["take-home", "--gross", "90000", "--location", "London", "--as-of", "2025-11", "--json"]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0
    answer = json.loads(result.stdout)
    assert answer["net"] == pytest.approx(62_757.40)
    assert "not tax advice" in answer["notes"][-1]


def test_the_month_is_this_one_unless_given() -> None:
    result = CliRunner().invoke(app, ["take-home", "--gross", "90000", "--location", "London"])
    assert result.exit_code == 0
    assert "not tax advice" in result.stdout
