"""Offers compared as people read them: golden files of the three examples, and what each block promises."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from paylens.engine import open as open_engine
from paylens.faces.cli.render_offer import lines, render

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"
NAMES = ("options-or-shares", "three-cities", "back-loaded")
Compare = Callable[[str, list[str]], None]


@pytest.fixture(scope="module")
def answers() -> dict[str, dict[str, Any]]:
    """The examples' answers, without the market: that is the release's, and changes with it."""
    engine = open_engine()
    out = {}
    for name in NAMES:
        found = engine.compare_offers(EXAMPLES / f"{name}.toml", as_of="2026-11")
        for offer in found["offers"]:
            offer["market"] = None
        out[name] = found | {"release": "a release"}
    return out


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("paylens.faces.cli.output.wide", lambda: True)
    monkeypatch.setattr("paylens.faces.cli.draw_offer.wide", lambda: True)


@pytest.mark.parametrize("name", NAMES)
def test_an_example(name: str, answers: dict[str, Any], same_as_golden: Compare) -> None:
    shown = lines(answers[name])
    assert max(map(len, shown)) <= 80
    same_as_golden(f"offer_{name.replace('-', '_')}", shown)


@pytest.mark.parametrize(
    ("chance", "words"),
    [
        (0.813, "in 81 of 100 futures"),
        (0.9961, "in more than 99 of 100 futures"),
        (1.0, "in every future simulated"),
    ],
)
def test_the_first_line_is_the_answer_in_words(chance: float, words: str, answers: dict[str, Any]) -> None:
    first = answers["options-or-shares"]["comparisons"][0]
    a = answers["options-or-shares"] | {"comparisons": [first | {"chance": chance}]}
    shown = " ".join(lines(a)[:2])
    assert shown == f"Northwind is worth more {words}, by $271,000 over four years in the middle one."


def test_a_tie_is_said() -> None:
    same = {"base": 1e5, "location": "Berlin"}
    answer = open_engine().compare_offers(
        {"offer": [{**same, "name": "a"}, {**same, "name": "b"}]}, as_of="2026-11"
    )
    assert lines(answer)[0] == "a and b are worth the same over four years."
    assert "Market: not known, since no role is given in [me] or the offers." in lines(answer)


def test_one_offer() -> None:
    answer = open_engine().compare_offers(
        {"offer": [{"name": "a", "base": 1e5, "currency": "EUR"}]}, as_of="2026-11", years=1
    )
    assert lines(answer)[0] == "a is worth €97,600 over one year in the middle one of 100 futures."


def test_amounts_of_many_letters_fit_too() -> None:
    equity = {"kind": "rsu", "grant_value": 9e9, "company": "early"}
    offers = [
        {
            "name": f"{n} of a long name indeed",
            "base": 2.4e9,
            "bonus": 0.1,
            "location": "Jakarta",
            "equity": equity,
        }
        for n in "ab"
    ]
    offers[1]["base"] = 2.1e9
    answer = open_engine().compare_offers(
        {"me": {"role": "ML engineer"}, "offer": offers}, as_of="2026-11", currency="IDR", paths=400
    )
    assert max(map(len, lines(answer))) <= 80


def test_a_terminal_with_ascii_alone(
    answers: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("paylens.faces.cli.output.wide", lambda: False)
    monkeypatch.setattr("paylens.faces.cli.draw_offer.wide", lambda: False)
    render(answers["three-cities"])
    shown = capsys.readouterr().out
    assert shown.isascii()
    assert "####" in shown
