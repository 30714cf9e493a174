"""The nine cells of the published guide beside ours."""

from __future__ import annotations

import pytest

import paylens
from paylens.advice.guide import GUIDE, nine_cells


@pytest.fixture(scope="module")
def cells() -> list[dict[str, object]]:
    return nine_cells(paylens.open().reference, "2026-10")


def test_every_cell_says_where_it_lies_and_why(cells: list[dict[str, object]]) -> None:
    assert [(c["place"], c["level"]) for c in cells] == list(GUIDE)
    for c in cells:
        low, high = (1000 * v for v in GUIDE[c["place"], c["level"]])  # type: ignore[index]
        expected = "below" if c["p50"] < low else "above" if c["p50"] > high else "inside"  # type: ignore[operator]
        assert c["position"] == expected
        assert c["p25"] < c["p50"] < c["p75"]  # type: ignore[operator]
        assert "ours rests on" in str(c["why"])


@pytest.mark.parametrize("figure", ["p50", "p50_by_title"])
def test_pay_rises_with_level_in_every_place(cells: list[dict[str, object]], figure: str) -> None:
    for place in {c["place"] for c in cells}:
        ladder = [c[figure] for c in cells if c["place"] == place]
        assert ladder == sorted(ladder)  # type: ignore[type-var]


def test_the_card_carries_them() -> None:
    assert len(paylens.open().score()["guide"]) == len(GUIDE)
