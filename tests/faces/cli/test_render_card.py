"""The score card as it is printed."""

from __future__ import annotations

import copy
from typing import Any

import pytest

import paylens
from paylens.faces.cli.render_card import lines


@pytest.fixture(scope="module")
def card() -> dict[str, Any]:
    return paylens.open().score()


def row(card: dict[str, Any], start: str) -> str:
    return next(line for line in lines(card) if line.strip().startswith(start))


def test_fits_and_has_every_score(card: dict[str, Any]) -> None:
    printed = lines(card)
    assert max(map(len, printed)) <= 80
    for part in (
        "1 As reported",
        "2 The answer",
        "3 Forward",
        "4 A source left out",
        "5 Known truths",
        "6 What must",
        "7 Cohorts",
    ):
        assert any(line.startswith(part) for line in printed), part
    assert sum("United States, " in line for line in printed) >= 3


def test_a_loss_over_the_peers_is_red(card: dict[str, Any]) -> None:
    worse = copy.deepcopy(card)
    for ratio, mark in ((1.2, "RED"), (0.9, "ok")):
        worse["as_reported"]["kaggle"]["all"]["ratio"] = ratio
        assert row(worse, "kaggle, all roles").endswith(mark)
    worse["as_reported"]["kaggle"]["all"] |= {"n": 100, "ratio": 1.2}
    assert not row(worse, "kaggle, all roles").endswith("RED")


def test_the_mean_is_held_against_its_own_bound(card: dict[str, Any]) -> None:
    better = copy.deepcopy(card)
    for source in better["as_reported"].values():
        for part in ("all", "ml"):
            if part in source:
                source[part] |= {"ratio": 0.97, "ratio_cohort": 0.8}
    assert row(better, "mean of the").endswith("ok")
    better["as_reported"]["aijobs"]["all"]["ratio"] = 1.5
    assert row(better, "mean of the").endswith("RED")


def test_cohorts_that_lose_by_pooling_or_miss_their_range_are_red(card: dict[str, Any]) -> None:
    assert row(card, "of 10-29 reports").endswith("ok")
    for name, value in (("pooled", -9.0), ("inside", 0.7)):
        worse = copy.deepcopy(card)
        next(size for size in worse["pooled"] if size["from"] == 10)[name] = value
        assert row(worse, "of 10-29 reports").endswith("RED")


def test_placebos_that_fail_too_often_are_red(card: dict[str, Any]) -> None:
    found = {"moves": 500, "clear": 300, "pooled": 200, "sources_disagree": 70, "placebos": 1800}
    for passed, mark in ((0.9, "ok"), (0.6, "RED"), (None, "")):
        told = {**card, "premiums": found | {"placebo_passed": passed}}
        assert max(map(len, lines(told))) <= 80
        line = row(told, "placebos whose")
        assert line.endswith(mark) and ("RED" in line) == (mark == "RED")
