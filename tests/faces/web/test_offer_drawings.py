"""Offers, negotiations, careers and forecasts drawn: what is drawn is what was answered, and no line crosses a name."""

from __future__ import annotations

import re
from typing import Any

import pytest

for part in ("jinja2", "markupsafe", "vl_convert"):
    pytest.importorskip(part, reason=f"{part} is not here: pip install 'paylens[serve]'")

from hypothesis import assume, given
from hypothesis import strategies as st

from paylens import charts
from paylens.contract.errors import PaylensError
from paylens.engine import open as open_engine
from paylens.faces.web.drawing import drawn

ENGINE = open_engine()
FILE: dict[str, Any] = {
    "me": {"role": "ML engineer", "years_experience": 6},
    "offer": [
        {"name": "Northwind <b>", "location": "Berlin", "base": 95000, "bonus": 0.1, "benefits": {"health": 4000}},
        {"name": "Contoso", "location": "Berlin", "base": 88000, "equity": {"kind": "rsu", "grant_value": 60000}},
    ],
}  # fmt: skip
COMPARED = ENGINE.compare_offers(FILE, as_of="2026-11", paths=2000)
ASKED = ENGINE.negotiate(FILE, as_of="2026-11", paths=2000)
CAREER = ENGINE.career(
    role="data scientist", location="Berlin", years_experience=3, path="master", as_of="2026-11"
)


def money(amount: float) -> str:
    return f"€{amount:,.0f}"


SPECS = {
    "years": lambda w: charts.years(COMPARED, "", money=money, width=w),
    "difference": lambda w: charts.difference(COMPARED["comparisons"][0], "", money=money, width=w),
    "tornado": lambda w: charts.tornado(COMPARED, "", money=money, width=w),
    "negotiation": lambda w: charts.negotiation(ASKED, "", money=money, width=w),
    "gains": lambda w: charts.gains(CAREER, "", money=money, width=w),
    "fan": lambda w: charts.fan(CAREER, "", money=money, width=w),
}


@pytest.mark.parametrize("name", SPECS)
@pytest.mark.parametrize("width", [336, 712])
def test_a_drawing_has_the_styles_colours_and_its_width(name: str, width: int) -> None:
    svg = drawn(SPECS[name](width), "what it shows")
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b|rgb\(|=\"(?:white|black)\"", svg), (
        "a colour that the dark does not turn"
    )
    assert "style=" not in svg
    assert "<b>" not in svg
    assert float(re.search(r'width="([\d.]+)"', svg)[1]) <= width + 12  # type: ignore[index]


def values(spec: dict[str, Any], layer: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = spec["layer"][layer]["data"]["values"]
    return found


def test_bars_are_the_answers_years() -> None:
    bars = values(SPECS["years"](712), 0)
    first = COMPARED["offers"][0]["years"][0]
    assert bars[0]["start"] == 0.0
    assert bars[0]["end"] == pytest.approx(first["cash"])
    assert bars[1]["end"] == pytest.approx(first["cash"] + first["sure"])


def test_dots_are_on_the_side_of_who_leads() -> None:
    comparison = COMPARED["comparisons"][0]
    dots = next(
        v
        for layer in SPECS["difference"](712)["layer"]
        if len(v := layer["data"]["values"]) == len(comparison["quantiles"])
    )
    ahead = sum(v > 0 for v in comparison["quantiles"].values())
    assert sum(d["x"] > 0 for d in dots) == ahead
    assert {d["colour"] for d in dots if d["x"] > 0} == {charts.frame.ACCENT}


def test_what_is_sure_is_not_drawn_as_chance() -> None:
    sure = {**FILE, "offer": [FILE["offer"][0], {"name": "C", "location": "Berlin", "base": 80000}]}
    comparison = ENGINE.compare_offers(sure, as_of="2026-11", paths=200)["comparisons"][0]
    with pytest.raises(PaylensError, match="nothing to draw"):
        charts.difference(comparison, "")


def test_one_offer_has_no_tornado() -> None:
    one = ENGINE.compare_offers({**FILE, "offer": FILE["offer"][:1]}, as_of="2026-11", paths=200)
    with pytest.raises(PaylensError, match="nothing to draw"):
        charts.tornado(one, "")


@given(
    st.lists(st.integers(60_000, 200_000), min_size=6, max_size=6), st.sampled_from([336, 640, 712]),
)  # fmt: skip
def test_no_line_of_a_negotiation_crosses_a_label(amounts: list[int], width: int) -> None:
    offer, ask, target, walk, low, high = amounts
    assume(low < high)
    answer = {
        "offer": {"base": offer}, "ask": {"base": ask}, "target": {"base": target}, "walk_away": {"base": walk}, "band": {"low": low, "high": high},
    }  # fmt: skip
    try:
        spec = charts.negotiation(answer, "", money=money, width=width)
    except PaylensError:
        return
    marks = spec["layer"][2]["data"]["values"]
    assert sorted(m["x"] for m in marks) == sorted({float(a) for a in (offer, ask, target, walk)})
    for m in marks:
        assert m["from"] >= 0
        assert m["to"] <= width
        for other in marks:
            if other is m:
                continue
            assert not (m["from"] < other["at"] < m["to"] and other["top"] < m["amount_y"]), (
                "a line through a label"
            )
            apart = (
                other["to"] <= m["from"]
                or m["to"] <= other["from"]
                or abs(other["name_y"] - m["name_y"]) >= 30
            )
            assert apart, "two labels on each other"
