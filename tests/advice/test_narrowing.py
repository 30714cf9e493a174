"""What would narrow an answer: asked fact by fact, and the same as asking each value by hand."""

from __future__ import annotations

from statistics import median

import pytest

import paylens.engine
from paylens.advice.narrowing import spread
from paylens.contract.errors import InputError

ENGINE = paylens.engine.open()
ASK = {"role": "ML engineer", "location": "Germany", "as_of": "2026-11"}


def test_it_is_what_asking_each_value_says() -> None:
    rows = {r["fact"]: r for r in ENGINE.narrowing(ASK)}
    whole = ENGINE.estimate(ASK)
    found = [ENGINE.estimate(ASK, remote=v) for v in ("onsite", "hybrid", "remote")]
    assert rows["remote"]["values"] == 3
    shares = [1 - spread(a.percentiles) / spread(whole.percentiles) for a in found]
    assert rows["remote"]["narrower"] == pytest.approx(median(shares), abs=1e-9)
    assert rows["remote"]["low"] == pytest.approx(min(a.percentiles["p50"] for a in found))
    assert rows["remote"]["high"] == pytest.approx(max(a.percentiles["p50"] for a in found))


def test_what_was_given_is_not_asked_for_and_the_most_telling_comes_first() -> None:
    rows = ENGINE.narrowing(ASK)
    assert "location" not in [r["fact"] for r in rows]
    assert [r["narrower"] for r in rows] == sorted((r["narrower"] for r in rows), reverse=True)
    assert "years_experience" not in [r["fact"] for r in ENGINE.narrowing(ASK | {"years_experience": 4})]
    assert ENGINE.narrowing({"role": "ML engineer", "as_of": "2026-11"})[0]["fact"] == "location"


def test_amounts_are_in_the_answers_currency() -> None:
    euros = {r["fact"]: r for r in ENGINE.narrowing(ASK)}
    dollars = {r["fact"]: r for r in ENGINE.narrowing(ASK | {"currency": "USD"})}
    rate = ENGINE.estimate(ASK, currency="USD").percentiles["p50"] / ENGINE.estimate(ASK).percentiles["p50"]
    for fact, row in euros.items():
        assert dollars[fact]["low"] == pytest.approx(row["low"] * rate, rel=1e-6)
        assert row["low"] <= row["high"]


def test_a_bad_question_is_an_input_error() -> None:
    with pytest.raises(InputError, match="location"):
        ENGINE.narrowing({"role": "ML engineer", "location": "Berlim"})
